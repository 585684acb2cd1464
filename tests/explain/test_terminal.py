# SPDX-License-Identifier: Apache-2.0
"""At a terminal: what to paste, colours, progress."""
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import threading
import time

from made import log_lines
from program import ENV, POSTRIDER, explain, holds, lacks, same, test


def on_terminal(args, typed=b"", out_too=False):
    """With a terminal on stdin and stderr: status, stdout, what was shown."""
    master, slave = pty.openpty()
    p = subprocess.Popen([POSTRIDER, "explain", *map(str, args)], stdin=slave, stdout=slave if out_too else subprocess.PIPE,
                         stderr=slave, env=ENV, start_new_session=True)
    os.close(slave)
    taken = []
    reader = threading.Thread(target=lambda: taken.append(p.stdout.read())) if not out_too else None
    if reader:
        reader.start()
    shown, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:
                break
        elif p.poll() is not None:
            break
        if typed and b"Ctrl-D" in shown:
            os.write(master, typed)
            typed = b""
    status = p.wait(timeout=10)
    if reader:
        reader.join()
    os.close(master)
    return status, (taken[0] if taken else b"").decode(), shown.decode("utf-8", "replace")


@test
def terminal_without_arguments_says_what_to_paste():
    status, out, shown = on_terminal([], b"550 5.1.1 User unknown\n\x04")
    same(status, 1)
    holds(shown, "Paste")
    holds(out, "There is no such mailbox")


@test
def colours_on_a_terminal_only():
    holds(on_terminal(["550 5.1.1 User unknown"], out_too=True)[2], "\x1b[1;31m")
    lacks(on_terminal(["550 5.1.1 User unknown", "--no-color"], out_too=True)[2], "\x1b[1;31m")
    lacks(explain("550 5.1.1 User unknown")[1], "\x1b")


@test
def progress_is_drawn_and_wiped():
    with tempfile.TemporaryDirectory() as folder:
        fifo = pathlib.Path(folder, "fifo")
        os.mkfifo(fifo)

        def feed():
            with open(fifo, "w", encoding="ascii") as f:
                for _ in range(12):
                    f.writelines(log_lines(300))
                    f.flush()
                    time.sleep(0.1)
        for args, drawn in ((["--log", fifo], True), (["--log", "--quiet", fifo], False)):
            feeder = threading.Thread(target=feed)
            feeder.start()
            status, out, shown = on_terminal(args)
            feeder.join()
            same((status, "lines/s" in shown), (1, drawn), repr(shown))
            if drawn:
                same(shown.rstrip("\r\n").endswith("\x1b[1A\x1b[2K\r") or shown.endswith("\x1b[2K\r"), True, repr(shown[-80:]))
            lacks(out, "lines/s")
