#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`postrider explain` as people and scripts use it:  explain.py PATH-OF-POSTRIDER [TEST ... | -TEST ...]

Arguments, standard input, files, folders, packed logs, a terminal, full disks, closed pipes, Ctrl-C, bytes that mean
ill.  The last line counts."""
import fcntl
import gzip
import html.parser
import json
import lzma
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAILS = ROOT / "tests/fixtures/bounces/heldout"
ENV = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8", "TZ": "UTC",
       **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
ITEM = {"input", "code", "enhanced", "provider", "id", "class", "title", "why", "actor", "fixes", "retry", "confidence",
        "instead"}
POSTRIDER = os.path.abspath(sys.argv[1])
TESTS = []


def test(f):
    TESTS.append(f)
    return f


def explain(*args, stdin=b"", env=None, cwd=None):
    p = subprocess.run([POSTRIDER, "explain", *map(str, args)], input=stdin, capture_output=True, env={**ENV, **(env or {})},
                       cwd=cwd, timeout=120, check=False)
    return p.returncode, p.stdout.decode("utf-8", "strict"), p.stderr.decode("utf-8", "strict")


def same(got, want, *shown):
    if got != want:
        raise AssertionError(f"{got!r}, not {want!r}\n" + "\n".join(map(str, shown)))


def holds(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"lacks {part!r}:\n{text}")


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError(f"holds {part!r}:\n{text}")


def document(*args, **kw):
    status, out, err = explain("--json", *args, **kw)
    same(err, "", out)
    return status, json.loads(out)


def log_lines(n, bad=7):
    """n messages of a Postfix log, one minute apart; every bad'th is refused."""
    for i in range(n):
        at = f"Nov {1 + i // 1440 % 20:2} {i // 60 % 24:02}:{i % 60:02}:00 mx postfix"
        q = f"{i:010X}"
        said = "dsn=2.0.0, status=sent (250 2.0.0 Ok)" if i % bad else \
            "dsn=5.1.1, status=bounced (host mx.b.example[192.0.2.2] said: 550 5.1.1 <x@b.example>: User unknown)"
        yield (f"{at}/qmgr[1]: {q}: from=<app@a.example>, size=471, nrcpt=1 (queue active)\n"
               f"{at}/smtp[2]: {q}: to=<u{i % 9}@b.example>, relay=mx.b.example[192.0.2.2]:25, delay=1, {said}\n"
               f"{at}/qmgr[1]: {q}: removed\n")


# What is given

@test
def one_argument():
    status, out, err = explain("550 5.1.1 User unknown")
    same((status, err), (1, ""))
    holds(out, "REFUSED  There is no such mailbox", "Why", "What to do", "  You", "Trying again", "How sure", "Proof",
          "550 5.1.1 User unknown", "Finding rcpt-user-unknown, class mailbox-unknown")


@test
def many_arguments_are_one_text():
    same(document("550", "5.1.1", "User", "unknown")[1]["input"], "550 5.1.1 User unknown")


@test
def standard_input():
    for args in ((), ("-",)):
        status, d = document(*args, stdin=b"452 4.2.2 Mailbox full\n")
        same((status, d["class"], d["code"]), (1, "mailbox-full", 452))


@test
def document_has_the_contract():
    for text in ("535 5.7.8 Authentication failed", "xyzzy plugh", "250 2.0.0 Ok: queued as 4AB", "connection timed out"):
        d = document(text)[1]
        same(ITEM - d.keys(), set(), text)
        same(d["retry"] in ("never", "later", "wait") and 0 <= d["confidence"] <= 1, True, d)
        same(d["actor"] in ("user", "it-provider", "mail-admin", "recipient", "nobody"), True, d)
        same(all(f["actor"] and f["text"] for f in d["fixes"]), True, d)


@test
def no_failure_is_no_failure():
    status, out, _ = explain("250 2.0.0 Ok: queued as 4ABCDEF")
    same(status, 0)
    holds(out, "NO FAILURE")
    lacks(out, "Trying again", "Nobody: wait")


@test
def who_tries_again():
    for code, again in (("451", True), ("550", False)):
        words = " ".join(explain(f"{code} Too busy")[1].split())
        same("no mail server tries again on its own" in words, not again, words)
        same("Mail servers try again on their own" in words, again, words)


@test
def nothing_to_explain():
    for args, stdin in ((("",), b""), ((), b""), ((), b" \n\r\n"), (("-",), b"")):
        status, out, err = explain(*args, stdin=stdin)
        same((status, out), (2, ""), args)
        holds(err, "nothing to explain")


@test
def file_that_is_not_there():
    for args in (("boune.eml",), ("/nowhere/mail.log",), ("./x",), ("--log", "mail"), ("--lines", "errors")):
        status, out, err = explain(*args)
        same((status, out), (2, ""), args)
        holds(err, "No such file")


@test
def names_and_addresses_are_no_files():
    for text in ("550 https://support.google.com/mail/?p=NoSuchUser no", "smtp.gmail.com", "554 blocked using zen.spamhaus.org"):
        same(document(text)[1]["input"], text)


@test
def hints():
    d = document("550 5.7.1 Not accepted", "--provider", "smtp.gmail.com", "--step", "rcpt", "--recipient", "a@b.example")[1]
    same((d["provider"], d["step"], d["recipient"]), ("google", "rcpt", "a@b.example"))
    status, _, err = explain("x", "--provider", "nobody")
    same(status, 2)
    holds(err, "--provider")


@test
def lines():
    text = b"550 5.1.1 unknown\n\n250 ok\r\n452 4.2.2 full"
    status, out, _ = explain("--lines", "--json", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    same(status, 1)
    same([(r["line"], r["class"]) for r in rows], [(1, "mailbox-unknown"), (3, "not-a-bounce"), (4, "mailbox-full")])
    same(explain("--lines", stdin=b"250 ok\n")[0], 0)


@test
def lines_without_end():
    """A line longer than any limit, and one of NULs, are lines all the same."""
    text = b"550 5.1.1 User unknown " + b"x" * 3_000_000 + b"\n" + b"\0" * 5000 + b"\n550 5.1.1 User unknown\n"
    status, out, _ = explain("--lines", "--json", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    same((status, rows[0]["class"], rows[-1]["class"]), (1, "mailbox-unknown", "mailbox-unknown"))


@test
def several_errors_in_one_text():
    d = document(stdin=b"RCPT TO:<a@b.example>\n452 4.2.2 <a@b.example> mailbox full\nRCPT TO:<c@b.example>\n"
                       b"550 5.1.1 <c@b.example> User unknown in virtual mailbox table\n")[1]
    same({d["class"], *(x["class"] for x in d["also"])}, {"mailbox-full", "mailbox-unknown"}, d)


@test
def quiet_is_one_line():
    status, out, _ = explain("--quiet", "550 5.1.1 User unknown")
    same((status, out), (1, "There is no such mailbox (you)\n"))


@test
def forms():
    for form, start in (("html", "<!doctype html>"), ("markdown", "# REFUSED: "), ("json", "{")):
        status, out, _ = explain("--format", form, "550 5.1.1 User unknown")
        same((status, out.startswith(start)), (1, True), out[:80])


# Mails

@test
def bounce_mail():
    status, d = document(MAILS / "gmail.eml")
    same(status, 1)
    same(ITEM - d.keys(), set())
    same({"message_id", "subject", "from"} - d["original"].keys(), set())
    same(bool(d["recipients"]), True, d)
    for r in d["recipients"]:
        same({"address", "action", "status", "remote", "class", "id"} - r.keys(), set())
    holds(explain(MAILS / "gmail.eml")[1], "was not delivered", d["recipients"][0]["address"])


@test
def mail_on_standard_input():
    a = document(MAILS / "gmail.eml")[1]
    b = document(stdin=(MAILS / "gmail.eml").read_bytes())[1]
    a.pop("input"), b.pop("input")
    same(a, b)


REPORT = """Return-Path: <>
From: MAILER-DAEMON@mx.example
To: app@a.example
Subject: Delivery report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

%s
--b
Content-Type: text/rfc822-headers

Message-ID: <one@a.example>
Subject: Invoice 4711
From: app@a.example

--b--
"""


def report(*recipients):
    return (REPORT % "\n\n".join(f"Final-Recipient: rfc822; {a}\nAction: {act}\nStatus: {st}\nRemote-MTA: dns; mx.b.example"
                                  f"\nDiagnostic-Code: smtp; {said}" for a, act, st, said in recipients)).encode()


@test
def same_cause_is_told_once():
    mail = report(*[(f"u{i}@b.example", "failed", "5.1.1", "550 5.1.1 User unknown") for i in range(30)],
                  ("full@b.example", "delayed", "4.2.2", "452 4.2.2 Mailbox full"),
                  ("well@b.example", "delivered", "2.0.0", "250 Ok"))
    status, out, _ = explain(stdin=mail)
    same(status, 1)
    same(out.count("Check the address letter by letter"), 1, out)
    holds(out, "Of 32 recipients", "30 did not get the mail", "Invoice 4711", "<one@a.example>", "full@b.example",
          "well@b.example", "and 20 more")
    d = document(stdin=mail)[1]
    same([r["class"] for r in d["recipients"]], ["mailbox-unknown"] * 30 + ["mailbox-full", "not-a-bounce"])
    same([r["action"] for r in d["recipients"][-2:]], ["delayed", "delivered"])
    same((d["original"]["message_id"], d["original"]["subject"]), ("<one@a.example>", "Invoice 4711"))
    same([x["class"] for x in d["also"]], ["mailbox-full"])


@test
def reports_of_success_and_mails_are_no_bounces():
    for mail, finding in ((report(("a@b.example", "delivered", "2.0.0", "250 Ok")), "report-delivered"),
                          (b"From: a@b.example\nTo: c@d.example\nSubject: Lunch\n\nAt noon?\n", "report-ordinary-mail"),
                          (b"From: a@b.example\nTo: c@d.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\n"
                           b"I am away until Monday.\n", "report-auto-reply")):
        status, d = document(stdin=mail)
        same((status, d["id"], d["class"], d["bounce"]), (0, finding, "not-a-bounce", False), mail)
        holds(explain(stdin=mail)[1], "NO FAILURE")


@test
def mbox_and_folders():
    mail = report(("a@b.example", "failed", "5.1.1", "550 5.1.1 User unknown"))
    with tempfile.TemporaryDirectory() as folder:
        box = pathlib.Path(folder, "box")
        box.write_bytes(b"".join(b"From MAILER-DAEMON Sat Nov 21 08:49:38 2026\n" + mail + b"\n" for _ in range(3)))
        status, out, _ = explain("--json", box)
        same((status, len(out.splitlines())), (1, 3), out)
        same({json.loads(line)["class"] for line in out.splitlines()}, {"mailbox-unknown"})
        for part in ("new", "cur", "tmp"):
            pathlib.Path(folder, "Mail", part).mkdir(parents=True)
            pathlib.Path(folder, "Mail", part, "1:2,S").write_bytes(mail)
        same(len(explain("--quiet", folder + "/Mail")[1].splitlines()), 2)
        pathlib.Path(folder, "none").mkdir()
        same(explain(folder + "/none")[0], 2)


# Logs

@test
def log_is_found_out():
    status, out, _ = explain(stdin="".join(log_lines(70)).encode())
    same(status, 1)
    holds(out, "Of 70 recipients, 10 refused", "There is no such mailbox", "Worst destinations", "b.example", "MEND FIRST",
          "11-01 00:00:00", "Counts")


@test
def log_as_json_lines():
    status, out, _ = explain("--log", "--json", stdin="".join(log_lines(70)).encode())
    rows = [json.loads(line) for line in out.splitlines()]
    same((status, len(rows)), (1, 11))
    same({r["state"] for r in rows[:-1]} | {r["class"] for r in rows[:-1]}, {"refused", "mailbox-unknown"})
    s = rows[-1]["summary"]
    same((s["states"]["refused"], s["states"]["handed-over"], s["classes"], s["complete"]),
         (10, 60, {"mailbox-unknown": 10}, True))
    same((s["mend_first"]["id"], s["destinations"][0]["name"]), ("rcpt-user-unknown", "b.example"))
    same(len(explain("--log", "--json", "--all", stdin="".join(log_lines(70)).encode())[1].splitlines()), 71)


@test
def log_without_failures():
    same(explain("--log", stdin="".join(log_lines(20, bad=99)).encode().replace(b"bounced", b"sent"))[0], 0)


@test
def packed_logs_and_several_files():
    text = "".join(log_lines(70)).encode()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a.log").write_bytes(text)
        pathlib.Path(folder, "a.log.gz").write_bytes(gzip.compress(text))
        pathlib.Path(folder, "a.log.xz").write_bytes(lzma.compress(text))
        names = ["a.log", "a.log.gz", "a.log.xz"]
        if subprocess.run(["sh", "-c", "command -v zstd"], capture_output=True, check=False).returncode == 0:
            subprocess.run(["zstd", "-q", "a.log"], cwd=folder, check=True)
            names.append("a.log.zst")
        plain = None
        for name in names:
            out = explain(name, cwd=folder)[1].split("\n", 1)[1]
            plain = plain or out
            same(out, plain, name)
        cut = pathlib.Path(folder, "cut.gz")
        cut.write_bytes(gzip.compress(text)[:-400])
        status, out, err = explain(cut)
        same(status, 3)
        holds(out, "recipients", "not read to its end")
        same(bool(err), True)
        both = "".join(log_lines(140)).splitlines(True)
        pathlib.Path(folder, "1").write_text("".join(both[:200]))
        pathlib.Path(folder, "2").write_text("".join(both[200:]))
        holds(explain("--log", "1", "2", cwd=folder)[1], "Of 140 recipients, 20 refused")


@test
def log_bounds():
    text = "".join(log_lines(3000)).encode()
    status, out, _ = explain("--log", "--json", "--recipient", "u3@b.example", "--zone", "utc", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    same({r["to"] for r in rows[:-1]}, {"u3@b.example"})
    out = explain("--log", "--json", "--since", rows[-1]["summary"]["last_seen"], "--zone", "utc", stdin=text)[1]
    same(json.loads(out.splitlines()[-1])["summary"]["recipients"], 1)


@test
def no_log_at_all():
    status, out, _ = explain("--log", stdin=b"Dear diary,\nnothing happened.\n")
    same(status, 1)
    holds(out, "Nothing in it looks like a line of a mail server's log")


@test
def memory_of_a_long_log():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "long.log")
        peaks = []
        for n in (20000, 120000):
            with open(path, "w", encoding="ascii") as f:
                f.writelines(log_lines(n))
            p = subprocess.Popen([POSTRIDER, "explain", "--quiet", path], stdout=subprocess.DEVNULL, env=ENV)
            peaks.append(os.wait4(p.pid, 0)[2].ru_maxrss)
        if "asan" not in POSTRIDER:
            same(peaks[1] < peaks[0] * 1.3 + 4096, True, peaks)


@test
def ctrl_c_tells_what_was_read():
    reader, writer = os.pipe()
    p = subprocess.Popen([POSTRIDER, "explain", "--log"], stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
    os.close(reader)
    os.write(writer, "".join(log_lines(200)).encode())
    while True:  # until all is taken: FIONREAD of the pipe
        if struct.unpack("i", fcntl.ioctl(writer, 0x541B, b"\0" * 4))[0] == 0:
            break
        time.sleep(0.01)
    time.sleep(0.2)
    p.send_signal(signal.SIGINT)
    out, _ = p.communicate(timeout=20)
    os.close(writer)
    same(p.returncode, 1)
    holds(out.decode(), "not read to its end", "recipients")


# Terminals

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


# What goes wrong here, and what means ill

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
    holds(p.stderr.read().decode(), "Broken pipe")


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


# The same words as check

def template(sentence):
    parts = re.split(r"\{[^}]*\}", " ".join(sentence.split()))
    return re.compile(".*?".join(map(re.escape, parts)) + r"\Z", re.S)


def catalogue():
    entries = {}
    for path in (ROOT / "catalog/findings").glob("*.toml"):
        entries.update(tomllib.loads(path.read_text()))
    return entries


def check_in_lab(scenario):
    p = subprocess.run([POSTRIDER, "lab", "run", scenario["name"], "--", POSTRIDER, "check", *scenario["check"], "--resolver",
                        "{resolver}", "--ca-file", "{ca}", "--json"], capture_output=True, stdin=subprocess.DEVNULL, env=ENV,
                       timeout=120, check=False)
    return json.loads(p.stdout[p.stdout.index(b"{"):])


def refusal_of(d):
    """The root failure and the refusing reply it rests on."""
    facts = {f["n"]: f for f in d["facts"]}
    root = next((f for f in d["findings"] if f["severity"] == "failure"), None)
    replies = [facts[e["fact"]] for e in root["evidence"] if facts[e["fact"]].get("code", 0) >= 400] if root else []
    return (root, replies[0]) if replies else (None, None)


@test
def same_words_as_check():
    scenarios = json.loads(subprocess.run([POSTRIDER, "lab", "list", "--json"], capture_output=True, check=True).stdout)["scenarios"]
    entries, agreed, other = catalogue(), 0, []
    for s in scenarios:
        if not s["must"] or not s["must"][0].startswith(("rcpt-", "mf-", "data-", "sender-")):
            continue
        d = check_in_lab(s)
        root, reply = refusal_of(d)
        if not root:
            continue
        x = document(f"{reply['code']} {reply['text']}", "--step", reply["step"], "--host", d["target"]["host"])[1]
        if x["id"] != root["id"]:
            other.append(f"  {s['name']}: check {root['id']}, explain {x['id']} ({x['confidence']})")
            continue
        agreed += 1
        e = entries[x["id"]]
        for key in ("class", "actor"):
            same(x[key], root[key], s["name"])
        same([f["actor"] for f in x["fixes"]], [f["actor"] for f in root["fixes"]], s["name"])
        for one in (x, root):
            for key in ("title", "why"):
                same(bool(template(e[key]).match(" ".join(one[key].split()))), True, s["name"], e[key], one[key])
            for fix, source in zip(one["fixes"], e["fix"]):
                same(bool(template(source["text"]).match(" ".join(fix["text"].split()))), True, source["text"], fix["text"])
    print(f"the reply alone leads to check's finding in {agreed} of {agreed + len(other)} scenarios; else check saw more:")
    print(*other, sep="\n")
    same(agreed >= 4 * len(other), True, f"{agreed} agreed", *other)


def main():
    wanted, failed = [a for a in sys.argv[2:] if not a.startswith("-")], 0
    tests = [t for t in TESTS if "-" + t.__name__ not in sys.argv and (not wanted or t.__name__ in wanted)]
    for t in tests:
        try:
            t()
        except Exception:
            failed += 1
            print(f"explain {t.__name__}: {traceback.format_exc(limit=-1)}"[:6000])
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
