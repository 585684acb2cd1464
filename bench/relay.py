#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The relay beside its peers in the same run: bench/relay.py PROGRAM [ROUNDS 3]   (root, cgroups, ../shared/bench)

Postfix always, Exim and Haraka where ../shared/bench/setup.sh haraka has put them.  smtp-source -> relay -> smtp-sink, 10 KB, 20 sessions, on this disk, durable: a connection per message and
with reuse; then the syncs of a message at 100 sessions (counted by perf), and idle connections.  Medians of
each, and the ratios that the bars are about.  A round during which the host took processor time does not count; when
that leaves none in three times as many, all do, and it is said."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from stolen import CALM, Stolen

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE.parent.parent / "shared" / "bench"
# column of rb.py's line -> name
RATE, CPU, PEAK = 9, 11, 15
BARS = {("rate", 0): 6, ("rate", 1): 10, ("cpu", 0): 12, ("cpu", 1): 12}
LOAD = {"postrider": 20000, "postfix": 5000}
OTHERS = {"exim": ("exim4-daemon-light/usr/sbin/exim4", 500), "haraka": ("haraka/node_modules/Haraka", 2000)}


def run(*words):
    done = subprocess.run([sys.executable, *map(str, words)], cwd=PEERS, text=True, capture_output=True, timeout=300)
    lines = done.stdout.splitlines()
    if not lines:
        sys.exit(f"{words}: {done.stderr[-500:]}")
    return lines[-1].split("\t")


def started(pid_file, process):
    """The relay's pid, once its threads run; rb.py gives it 1.5 s before the load begins."""
    while process.poll() is None:
        if pid_file.exists() and (text := pid_file.read_text().strip()):
            if len(os.listdir(f"/proc/{text}/task")) > 2:
                return text
        time.sleep(0.02)
    sys.exit("the relay did not start")


def syncs(sessions, count, reuse):
    """fdatasync and fsync of one message, of the relay's process from its start to its end."""
    words = [sys.executable, "rb.py", "relay", "postrider", 10240, sessions, 1, count, reuse]
    pid_file = pathlib.Path("/var/tmp/relay-peers/postrider/pid")
    pid_file.unlink(missing_ok=True)
    load = subprocess.Popen([*map(str, words)], cwd=PEERS, stdout=subprocess.DEVNULL)
    pid = started(pid_file, load)
    with tempfile.NamedTemporaryFile("r") as out:
        counters = "syscalls:sys_enter_fdatasync,syscalls:sys_enter_fsync"
        perf = subprocess.Popen(["perf", "stat", "-x,", "-e", counters, "-p", pid, "-o", out.name])
        load.wait(300)
        perf.wait(60)
        return sum(int(line.split(",")[0]) for line in out if line[0].isdigit()) / count


def show_syncs():
    if not shutil.which("perf"):
        print("syncs of a message: left out, there is no perf here")
        return 0
    most = 0
    for reuse in (0, 1):
        each = syncs(100, 10000, reuse)
        print(f"syncs of a message at 100 sessions, {'used again' if reuse else 'a connection each'}: {each:.3f} (bar 0.1)")
        most = max(most, each)
    return most >= 0.1


def measured(load, rounds, reuse):
    """peer -> what each round gave."""
    calm, all_rounds = [], []
    while len(calm) < rounds and len(all_rounds) < 3 * rounds:
        with Stolen() as stolen:
            row = {peer: run("rb.py", "relay", peer, 10240, 20, 1, count, reuse) for peer, count in load.items()}
        all_rounds.append(row)
        if stolen.calm:
            calm.append(row)
    print(f"{len(calm)} of {len(all_rounds)} rounds count: the host took less than {CALM:.0%} of the processors' time"
          if calm else "no round was calm: all count, and say little")
    return {peer: [row[peer] for row in calm or all_rounds] for peer in load}


def main():
    if not PEERS.exists():
        sys.exit(f"no {PEERS}: nothing to run beside")
    os.environ["POSTRIDER"] = str(pathlib.Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    load = LOAD | {peer: count for peer, (where, count) in OTHERS.items()
                   if pathlib.Path("/var/tmp/relay-peers", where).exists()}
    for folder in ("q", "postfix"):
        pathlib.Path("/var/tmp/relay-peers", folder).mkdir(parents=True, exist_ok=True)
    missed = 0
    for reuse in (0, 1):
        rows = measured(load, rounds, reuse)
        rate, cpu, peak = ({p: statistics.median(float(r[c]) for r in rows[p]) for p in load} for c in (RATE, CPU, PEAK))
        print("a connection per message" if not reuse else "connections used again")
        for peer in load:
            print(f"  {peer:10} {rate[peer]:7.0f} messages/s end to end  {cpu[peer]:6.3f} ms of CPU each  {peak[peer]:6.1f} MB peak")
        for what, ratio in (("rate", rate["postrider"] / rate["postfix"]), ("cpu", cpu["postfix"] / cpu["postrider"])):
            bar = BARS[what, reuse]
            missed += ratio < bar
            print(f"  {what}: {ratio:.1f} times better (bar {bar}){'' if ratio >= bar else '  MISSED'}")
    missed += show_syncs()
    print(f"an idle connection: {run('5-idle.py', 'postrider', 5000)[-1]} KB (bar 12)")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
