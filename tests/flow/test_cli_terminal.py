#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What postrider does on a terminal, and what it leaves away off one: test_cli_terminal.py PATH-OF-POSTRIDER.

A closed port of loopback is all the network there is."""
import json
import os
import pty
import select
import socket
import subprocess
import sys
import tempfile
import time

ENV = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on_terminal(args, typed=(), env=ENV, out=subprocess.PIPE):
    """Runs with a terminal on stdin and stderr; types each line when the prompt it waits for has appeared."""
    master, slave = pty.openpty()
    p = subprocess.Popen(args, stdin=slave, stdout=out if out else slave, stderr=slave, env=env,
                         start_new_session=True, preexec_fn=lambda: __import__("fcntl").ioctl(0, 0x540E, 0))
    os.close(slave)
    shown, todo, searched, end = b"", list(typed), 0, time.monotonic() + 30
    while time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        elif p.poll() is not None:
            break
        if todo and (at := shown.find(todo[0][0], searched)) >= 0:
            searched = at + len(todo[0][0])
            os.write(master, todo.pop(0)[1] + b"\n")
    if p.poll() is None and todo:
        p.kill()
    stdout = p.stdout.read() if p.stdout else b""
    status = p.wait(timeout=5)
    os.close(master)
    assert not todo, (todo, shown)
    return status, stdout.decode(), shown.decode()


def expect(what, holds, *shown):
    if not holds:
        print(what, *shown, sep="\n")
        sys.exit(1)


def main(postrider):
    port = closed_port()
    check = [postrider, "check", f"127.0.0.1:{port}", "--timeout", "20", "--no-experiments"]

    status, out, err = on_terminal(check)
    expect("progress is drawn", "Connection" in err and "refused" in err, err)
    expect("and wiped off at the end", err.rstrip().endswith("\x1b[J"), repr(err))
    expect("stdout is no terminal: no colours", "\x1b" not in out and "✗ Connection" in out, out)
    expect("status", status == 1, status)

    shown = on_terminal(check, out=None)[2]
    expect("colours on a terminal", "\x1b[1;31m" in shown, repr(shown))
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        shown = on_terminal(check, env={**ENV, name: value}, out=None)[2]
        expect(f"no colours with {name}", "\x1b[1;31m" not in shown and "FAILING" in shown, repr(shown))
    shown = on_terminal(check + ["--no-color"], out=None)[2]
    expect("no colours with --no-color", "\x1b[1;31m" not in shown, repr(shown))
    expect("no progress with TERM=dumb", "\x1b" not in on_terminal(check, env={**ENV, "TERM": "dumb"})[2])
    expect("no progress with --quiet", "\x1b" not in on_terminal(check + ["--quiet"])[2])
    ascii_out = on_terminal(check, env={**ENV, "LC_ALL": "C"})[1]
    expect("ASCII where the locale says so", ascii_out.isascii() and "X Connection" in ascii_out, ascii_out)

    p = subprocess.run(check, stdin=subprocess.DEVNULL, capture_output=True, env=ENV)
    expect("nothing on stderr off a terminal", p.stderr == b"" and p.returncode == 1, p.stderr)
    p = subprocess.run(check + ["--guided"], stdin=subprocess.DEVNULL, capture_output=True, env=ENV)
    expect("no questions off a terminal", p.returncode == 2 and b"no terminal" in p.stderr, p.stderr)
    p = subprocess.run(check + ["--user", "u"], stdin=subprocess.DEVNULL, capture_output=True, env=ENV, timeout=30)
    expect("no prompt off a terminal", p.returncode == 1 and b"Password" not in p.stderr, p.stderr)

    with tempfile.TemporaryDirectory() as folder:
        kept = os.path.join(folder, "case.json")
        typed = [(b"Since when", b"2"), (b"Who is", b"9"), (b"Type a number", b"only me")]
        status, out, err = on_terminal(check + ["--guided", "--save", kept], typed + [(b"Where does", b"\x04")])
        answers = {f["question"]: f["answer"] for f in json.load(open(kept))["facts"] if f["kind"] == "answer"}
        expect("answers are kept as rules read them", answers == {"since-when": "since today", "who": "only me"},
               answers, err)

        status, out, err = on_terminal(check + ["--user", "u@example.com", "--save", kept],
                                       [(b"Password of u@example.com:", b"correct horse")])
        expect("the password is not shown", "correct horse" not in err + out, err)
        expect("nor kept", "correct horse" not in open(kept).read())
        expect("a password was had", '"secret-shape"' in open(kept).read())

        p = subprocess.run([postrider, "check", "--evidence", kept, "--json"], capture_output=True, env=ENV)
        expect("kept evidence is judged again", json.loads(p.stdout)["verdict"] == "failing", p.stdout, p.stderr)
        p = subprocess.run(check + ["--save", folder + "/none/case.json"], capture_output=True, env=ENV)
        expect("what cannot be kept is said first", p.returncode == 2 and p.stdout == b"", p.stdout)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
