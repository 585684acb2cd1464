#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs each fuzz target:  run.sh [SECONDS [TARGET...]]     (make fuzz: 1800 seconds each, the bar); run.sh build
#
# Builds build-fuzz with clang once.  What a target learns is kept in
# build-fuzz/corpus/TARGET and used by the next run; a finding is left in
# build-fuzz/findings/ and named.  JOBS runs that many targets side by side.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-1800}
[ $# -eq 0 ] || shift
fuzz=${FUZZ:-build-fuzz}
jobs=${JOBS:-$(nproc)}
command -v clang >/dev/null || { echo "run.sh: clang is not installed (apt install clang libclang-rt-dev)" >&2; exit 3; }
[ -f "$fuzz/build.ninja" ] || CC=clang meson setup "$fuzz" -Dfuzz=true -Doptimization=1 >/dev/null
ninja -C "$fuzz" build.ninja >/dev/null && ninja -C "$fuzz" $(ninja -C "$fuzz" -t targets all | sed -n 's|^\(tests/fuzz/fuzz_[a-z_0-9]*\):.*|\1|p') >"$fuzz/build.log" ||
	{ tail -n 40 "$fuzz/build.log"; echo "0 passed, 1 failed"; exit 1; }
[ "$seconds" != build ] || exit 0
# A target that was renamed or removed leaves its old program behind: the list is the build's.
[ $# -gt 0 ] || set -- $(ninja -C "$fuzz" -t targets all | sed -n 's|^tests/fuzz/fuzz_\([a-z_0-9]*\):.*|\1|p')
[ $# -gt 0 ] || { echo "run.sh: no targets"; echo "0 passed, 1 failed"; exit 1; }
mkdir -p "$fuzz/findings" "$fuzz/logs"

# The largest input that is still fast; most parsers have smaller limits of their own.
cat >"$fuzz/one.sh" <<'ONE'
fuzz=$1 seconds=$2 name=$3
corpus=$fuzz/corpus/$name seeds=
mkdir -p "$corpus"
[ ! -d "tests/fuzz/seeds/$name" ] || seeds=tests/fuzz/seeds/$name
rm -f "$fuzz/logs/$name.ok"
if ASAN_OPTIONS=allocator_may_return_null=1 "$fuzz/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 \
	-rss_limit_mb=2048 -max_len=20000 -print_final_stats=1 -artifact_prefix="$fuzz/findings/$name-" \
	"$corpus" $seeds >"$fuzz/logs/$name.log" 2>&1
then : >"$fuzz/logs/$name.ok"; fi
ONE
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh "$fuzz/one.sh" "$fuzz" "$seconds"

passed=0 failed=0
for name in "$@"; do
	if [ -f "$fuzz/logs/$name.ok" ]; then
		passed=$((passed + 1))
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$fuzz/logs/$name.log")
		printf '%-14s %12s inputs in %s s\n' "$name" "$runs" "$seconds"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		grep -E 'ERROR|SUMMARY|runtime error|Test unit written|DEDUP|#[0-9] 0x.* in .*\.c:' "$fuzz/logs/$name.log" | head -20
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
