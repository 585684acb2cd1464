#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make bench: what is measured of a check, of explain, of the relay and of a batch, each beside its bar.  bench/run.sh PROGRAM [RUNS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
runs=${2:-9}
link=$(dirname "$program")/bench/bench_link
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/scenarios"
cp -r "$here/../lab/setups" "$dir/setups"
cp "$here/path.lab" "$dir/scenarios/path.lab"
status=0
lab() { "$program" lab run path --dir "$dir" -- "$@"; }

echo "== a whole check over a path with 50 ms round trip"
lab python3 "$here/path.py" far "$program" "$link" '{dir}' '{password}' "$runs" || status=1
echo
echo "== a mail log of 2 million messages"
python3 "$here/log.py" "$program" --messages 2000000 || status=1
echo
echo "== start and memory"
lab python3 "$here/start.py" "$program" '{password}' '{ca}' '{resolver}' "$runs" || status=1
echo
echo "== the relay beside Postfix, from client to next server"
if [ -d "$here/../../shared/bench" ] && [ "$(id -u)" = 0 ]; then
	python3 "$here/relay.py" "$program" || status=1
else
	echo "left out: it wants root, and the peers' scripts beside the project"
fi
echo
echo "== the 250 at half of full load; a million messages waiting"
python3 "$here/latency.py" "$program" "$(dirname "$program")/bench/bench_web" || status=1
python3 "$here/queued.py" "$program" "$(dirname "$program")/bench/bench_store" || status=1
echo
echo "== the page: a search among a million trails, and the first view"
PAGE_TRAILS=1000000 "$here/../tests/page/run.sh" "$program" search_among test_first || status=1
echo
echo "== the relay killed under load"
python3 "$here/crash.py" "$program" 20 || status=1
echo
echo "== a batch of 100,000 mails with attachments"
python3 "$here/batch.py" "$program" 100000 || status=1
echo
echo "== a batch whose sender and relay are killed"
python3 "$here/batch_kill.py" "$program" 100 || status=1
echo
echo "== the HTTP API under load"
python3 "$here/web.py" "$program" "$(dirname "$program")/bench/bench_web" || status=1
exit $status
