# SPDX-License-Identifier: Apache-2.0
"""What goes wrong here, and what means ill: full disks, closed pipes, bytes that steer terminals and pages."""
import html.parser
import pathlib
import subprocess
import tempfile
import time

from made import log_lines, report
from program import ENV, POSTRIDER, explain, holds, lacks, same, test


@test
def full_disk_and_closed_pipe():
    with open("/dev/full", "w", encoding="ascii") as full:
        for args in (["550 no"], ["--json", "550 no"], ["--format", "html", "550 no"], ["--quiet", "550 no"]):
            p = subprocess.run([POSTRIDER, "explain", *args], stdout=full, stderr=subprocess.PIPE, env=ENV, check=False)
            same((p.returncode, p.stderr.count(b"\n")), (3, 1), args, p.stderr)
            holds(p.stderr.decode(), "No space left")
    p = subprocess.Popen([POSTRIDER, "explain", "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=ENV)
    p.stdout.close()
    try:
        for _ in range(400):
            p.stdin.write(b"550 5.1.1 no such user\n" * 1000)
        p.stdin.close()
    except BrokenPipeError:
        pass
    same(p.wait(timeout=60), 3)
    same(p.stderr.read(), b"")  # `| head` had what it wanted


@test
def unreadable_file():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a.bz2").write_bytes(b"BZh91AY&SY" + b"\0" * 50)
        status, _, err = explain(folder + "/a.bz2")
        same(status, 3)
        same(bool(err), True)


@test
def nothing_steers_the_terminal():
    ill = "550 5.1.1 \x1b[2J\x1b]0;owned\x07 User\u202e unknown \u009b31m \x08\x08 \r\n"
    for text in (ill.encode(), ill.encode("utf-16"), b"550 \xff\xfe\x80 User unknown\x9b2J", b"\x1bc550 no such user"):
        for args in ((), ("--lines",), ("--quiet",), ("--format", "markdown"), ("--format", "html"), ("--json",), ("--verbose",)):
            status, out, err = explain(*args, stdin=text)
            same(status in (0, 1), True, err)
            lacks(out + err, "\x1b", "\x07", "\u202e", "\u009b", "\x08")
    mail = report(("a\x1b[31m@b.example", "failed", "5.1.1", "550 \x1b]0;x\x07 User unknown \u202e"))
    for args in ((), ("--quiet",), ("--format", "html")):
        lacks(explain(*args, stdin=mail)[1], "\x1b", "\x07", "\u202e")
    log = "".join(log_lines(14)).replace("User unknown", "User \x1b[2J unknown\x07").encode()
    for args in ((), ("--all",), ("--quiet",), ("--format", "html"), ("--format", "markdown")):
        lacks(explain("--log", *args, stdin=log)[1], "\x1b", "\x07")


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        for name, value in attrs:
            self.seen.add(name)
            if name == "href" and not value.startswith("https://"):
                self.seen.add("bad-link")


@test
def page_runs_and_loads_nothing():
    ill = b"550 5.1.1 User unknown <script>alert(1)</script><img src=x onerror=alert(2)> \"onload='x' &lt;b&gt;"
    mail = report(("<script>@b.example", "failed", "5.1.1", "550 <img src=http://b.example/x> User unknown"))
    log = "".join(log_lines(14)).replace("User unknown", "<script>x</script> User unknown").encode()
    for args, text in (((), ill), ((), mail), (("--log",), log)):
        tags = Tags()
        tags.feed(explain("--format", "html", *args, stdin=text)[1])
        same(tags.seen & {"script", "img", "onerror", "onload", "iframe", "link", "bad-link"}, set())


@test
def secrets_are_not_repeated():
    text = "AUTH PLAIN AGNsZXJrQGFjbWUuZXhhbXBsZQBjb3JyZWN0IGhvcnNl\n535 5.7.8 Error: authentication failed\n"
    for args in ((), ("--json",), ("--verbose",), ("--format", "html"), ("--format", "markdown")):
        lacks(explain(*args, stdin=text.encode())[1], "AGNsZXJrQGFjbWUu")


@test
def long_input_is_quick():
    for text in (b"550 " + b"a" * 4_000_000, b"<" * 2_000_000, b"550-x\n" * 300_000, b"From: a\nTo: b\n\n" + b"=\n" * 1_000_000):
        began = time.monotonic()
        status, _, _ = explain("--json", stdin=text)
        same((status in (0, 1), time.monotonic() - began < 30), (True, True), text[:20])
    for line in (b'F {"log":' * 7000, b"<" * 60_000, b'"' * 60_000, b"&lt;" * 15_000, b"550 " * 15_000):
        began = time.monotonic()
        status, _, _ = explain("--log", stdin=(line + b"\n") * 64)
        same((status in (0, 1), time.monotonic() - began < 30), (True, True), line[:20])
