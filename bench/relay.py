#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The relay beside Postfix in the same run: bench/relay.py PROGRAM [ROUNDS 3]   (root, cgroups, ../shared/bench)

smtp-source -> relay -> smtp-sink, 10 KB, 20 sessions, on this disk, durable: a connection per message and
with reuse; then idle connections.  Medians of each, and the ratios that the bars are about."""
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE.parent.parent / "shared" / "bench"
# column of rb.py's line -> name
RATE, CPU, PEAK = 9, 11, 15
BARS = {("rate", 0): 6, ("rate", 1): 10, ("cpu", 0): 12, ("cpu", 1): 12}
LOAD = {"postrider": 20000, "postfix": 5000}


def run(*words):
    done = subprocess.run([sys.executable, *map(str, words)], cwd=PEERS, text=True, capture_output=True, timeout=300)
    lines = done.stdout.splitlines()
    if not lines:
        sys.exit(f"{words}: {done.stderr[-500:]}")
    return lines[-1].split("\t")


def main():
    if not PEERS.exists():
        sys.exit(f"no {PEERS}: nothing to run beside")
    os.environ["POSTRIDER"] = str(pathlib.Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for folder in ("q", "postfix"):
        pathlib.Path("/var/tmp/relay-peers", folder).mkdir(parents=True, exist_ok=True)
    missed = 0
    for reuse in (0, 1):
        rows = {peer: [] for peer in LOAD}
        for _ in range(rounds):
            for peer, count in LOAD.items():
                rows[peer].append(run("rb.py", "relay", peer, 10240, 20, 1, count, reuse))
        rate, cpu, peak = ({p: statistics.median(float(r[c]) for r in rows[p]) for p in LOAD} for c in (RATE, CPU, PEAK))
        print("a connection per message" if not reuse else "connections used again")
        for peer in LOAD:
            print(f"  {peer:10} {rate[peer]:7.0f} messages/s end to end  {cpu[peer]:6.3f} ms of CPU each  {peak[peer]:6.1f} MB peak")
        for what, ratio in (("rate", rate["postrider"] / rate["postfix"]), ("cpu", cpu["postfix"] / cpu["postrider"])):
            bar = BARS[what, reuse]
            missed += ratio < bar
            print(f"  {what}: {ratio:.1f} times better (bar {bar}){'' if ratio >= bar else '  MISSED'}")
    print(f"an idle connection: {run('5-idle.py', 'postrider', 5000)[-1]} KB (bar 12)")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
