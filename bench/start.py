#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Start to first output and peak memory, in the lab's network:  start.py PROGRAM PASSWORD CA RESOLVER RUNS

First output is the first byte on a terminal (progress is drawn there) or in a
pipe, counted from fork.  Peak memory is the kernel's own figure (ru_maxrss)."""
import os
import pty
import select
import statistics
import sys
import tempfile
import time

FIRST_MS_BAR, EXPLAIN_MS_BAR, MEMORY_MB_BAR = 20, 15, 40


def run(command, terminal):
    """First byte after ms, end after ms, peak MB, exit status."""
    reader, writer = pty.openpty() if terminal else os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null if terminal else writer, 1)
        os.dup2(writer, 2)
        os.closerange(3, 64)
        os.environ["TERM"] = "xterm"
        os.execv(command[0], command)
    os.close(writer)
    first = None
    while True:
        select.select([reader], [], [])
        try:
            data = os.read(reader, 65536)
        except OSError:  # EIO: the terminal's other side is closed
            data = b""
        if not data:
            break
        first = first if first is not None else (time.monotonic() - began) * 1000
    os.close(reader)
    _, status, usage = os.wait4(pid, 0)
    return first, (time.monotonic() - began) * 1000, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main():
    program, password, ca, resolver, runs = sys.argv[1:]
    kept = os.path.join(tempfile.mkdtemp(dir=os.environ["POSTRIDER_LAB_DIR"]), "evidence.json")
    check = [program, "check", "mail.acme.example:587", "--user", "clerk@acme.example", "--password-file", password,
             "--from", "clerk@acme.example", "--to", "clara@recipient.example", "--resolver", resolver]
    lab_ca = ["--ca-file", ca]
    rows = [("check --help", [program, "check", "--help"], False),
            ("explain \"550 5.1.1 user unknown\"", [program, "explain", "550 5.1.1 user unknown"], False),
            ("check with login, on a terminal", check + lab_ca, True),
            ("  the same, the system's CAs", check, True),
            ("check with login, --json --save", check + lab_ca + ["--json", "--save", kept], False),
            ("check --evidence", [program, "check", "--evidence", kept], False)]
    print(f"{'':36}{'first output ms':>16}{'whole ms':>10}{'peak MB':>9}{'exit':>6}")
    missed = 0
    for name, command, terminal in rows:
        got = [run(command, terminal) for _ in range(int(runs))]
        first = statistics.median(g[0] for g in got)
        peak = max(g[2] for g in got)
        whole = statistics.median(g[1] for g in got)
        # A document is printed when all is known; what counts there is the whole time.
        counts = terminal or "--save" not in command
        missed += (name.startswith("explain") and whole > EXPLAIN_MS_BAR) or (counts and first > FIRST_MS_BAR) or peak > MEMORY_MB_BAR
        print(f"{name:36}{first:>16.1f}{whole:>10.1f}{peak:>9.1f}{got[0][3]:>6}")
    print(f"medians of {runs} (peak: the highest); bars: {FIRST_MS_BAR} ms, explain whole {EXPLAIN_MS_BAR} ms, {MEMORY_MB_BAR} MB: "
          f"{'missed' if missed else 'kept'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
