#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a store at work, then cuts its power: bench/store-cut.sh STORE_SOAK [KILLS] [CUTS]
# 0 lost and 0 unsaid is the bar.  Cuts need FUSE and $POWERCUT (see tests/flow/test_store_cut.py).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
for kind in "kill ${2:-300}" "power ${3:-100}"; do
	# shellcheck disable=SC2086
	python3 "$here/../tests/flow/test_store_cut.py" "$program" $kind >"$log" || status=1
	awk -v kind="${kind% *}" '
		/^round [0-9]+: [0-9]+ messages/ { rounds++; lost += $5; unsaid += $14; if ($3 > n) n = $3; again += $7 }
		END { printf "%s: %d rounds, up to %d messages, %d lost, %d unsaid, %d sent again after doubt was written\n",
		      kind, rounds, n, lost, unsaid, again }' "$log"
	grep -v '^round' "$log" || true
	grep -A3 -E ' [1-9][0-9]* (lost|unsaid)' "$log" || true
done
exit $status
