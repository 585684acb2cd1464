#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same bounce mails read by Postrider and by Sisimai (Debian: libsisimai-perl), side by side.

    sisimai.py BENCH_BOUNCES FOLDER [--seconds S] [--wrong]

Both are asked for the first failing recipient, its status and its class, and
judged by the same rules against FOLDER/labels.tsv.  Sisimai names reasons, not
classes: bench/sisimai-reasons.tsv lists for each reason every class that it could
mean, and any of them counts as right; of its several results the kindest counts.
Sisimai's own tests are the source of many of the labels, so its score here is no measure of how it does elsewhere.
Speed is processor time of one process that reads all mails again and again,
without its start.  Installs nothing; without Sisimai it says so and is skipped (77).
"""
import argparse
import csv
import subprocess
import sys
from pathlib import Path

READER = r'''
use strict; use warnings; use Sisimai;
my ($seconds, @files) = @ARGV;
local $SIG{__WARN__} = sub {};
binmode STDOUT, ':utf8';
for my $f (@files) {
    my $v = eval { Sisimai->make($f, delivered => 1) } || [];
    for my $e (@$v) {
        my $to = eval { $e->recipient->address } // '';
        print join("\t", 'R', $f, $to, $e->deliverystatus // '', $e->reason // ''), "\n";
    }
}
my ($n, @before) = (0, times);
do {
    for my $f (@files) { eval { Sisimai->make($f, delivered => 1) }; $n++ }
} while ((times)[0] + (times)[1] - $before[0] - $before[1] < $seconds);
printf "S\t%.1f\n", $n / ((times)[0] + (times)[1] - $before[0] - $before[1]);
'''


def labels(folder):
    with open(folder / "labels.tsv", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def reasons():
    with open(Path(__file__).with_name("sisimai-reasons.tsv"), encoding="utf-8") as f:
        rows = (line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#"))
        return {reason: set(classes.split()) for reason, classes in rows}


def status_right(label, got):
    """As in bench/bounces.c."""
    if label in ("-", got):
        return True
    return label[1:4] == ".0." and got[:1] in ("", label[0])


def recipient_right(label, got):
    return label.lower() == got.lower() or (label == "-" and got in ("", "-"))


def run_sisimai(folder, rows, seconds):
    files = [str(folder / r["file"]) for r in rows]
    run = subprocess.run(["perl", "-e", READER, str(seconds), *files], capture_output=True, text=True,
                         errors="replace", check=True)
    found, speed = {}, 0.0
    for line in run.stdout.splitlines():
        cells = line.split("\t")
        if cells[0] == "S":
            speed = float(cells[1])
        elif len(cells) == 5:
            found.setdefault(Path(cells[1]).name, []).append(cells[2:])
    return found, speed


def judge_sisimai(row, results, table):
    """The kindest of its results: (recipient, status, class)."""
    if row["class"] == "not-a-bounce":
        harmless = {"delivered", "feedback", "vacation"}
        good = not results or any(r[2] in harmless for r in results)
        named = not results or any(recipient_right(row["recipient"], r[0]) for r in results)
        return named, good, good
    best = (False, False, False)
    for to, status, reason in results:
        one = (recipient_right(row["recipient"], to), status_right(row["status"], status),
               row["class"] in table.get(reason, ()))
        best = max(best, one, key=lambda v: (sum(v), v))
    return best


def run_ours(bench, folder, seconds):
    run = subprocess.run([bench, folder, "--rows", "--speed", str(seconds)], capture_output=True, text=True,
                         errors="replace", check=False)
    found, speed = {}, 0.0
    for line in run.stdout.splitlines():
        cells = line.split("\t")
        if len(cells) == 4:
            found[cells[0]] = cells[1:]
        elif "mails a second" in line:
            speed = float(line.split()[0])
    return found, speed


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("bench")
    ap.add_argument("folder", type=Path)
    ap.add_argument("--seconds", type=float, default=3)
    ap.add_argument("--wrong", action="store_true")
    args = ap.parse_args()
    if subprocess.run(["perl", "-MSisimai", "-e", "1"], capture_output=True, check=False).returncode:
        print("sisimai: not installed (apt-get install libsisimai-perl); nothing compared")
        return 77
    if not (args.folder / "labels.tsv").exists():
        print(f"sisimai: no data at {args.folder}; nothing compared")
        return 77
    rows, table = labels(args.folder), reasons()
    theirs, their_speed = run_sisimai(args.folder, rows, args.seconds)
    ours, our_speed = run_ours(args.bench, args.folder, args.seconds)
    their_right, our_right = [0, 0, 0], [0, 0, 0]
    for row in rows:
        t = judge_sisimai(row, theirs.get(row["file"], []), table)
        to, status, klass = ours[row["file"]]
        o = (recipient_right(row["recipient"], to), status_right(row["status"], status), row["class"] == klass)
        their_right = [a + b for a, b in zip(their_right, t)]
        our_right = [a + b for a, b in zip(our_right, o)]
        if args.wrong and not all(t):
            print(row["file"], row["recipient"], row["status"], row["class"], "sisimai:", theirs.get(row["file"]))
    n = len(rows)
    print(f"{n} mails      recipient  status   class   mails a second")
    for name, right, speed in (("postrider", our_right, our_speed), ("sisimai", their_right, their_speed)):
        print(f"{name:<12}" + "".join(f"{100 * r / n:8.1f} %" for r in right) + f"{speed:14.0f}")
    if their_speed:
        print(f"postrider is {our_speed / their_speed:.0f} times as fast")
    return 0


if __name__ == "__main__":
    sys.exit(main())
