# SPDX-License-Identifier: Apache-2.0
"""What other relays learned the hard way, and no other file here tests."""
import concurrent.futures
import datetime
import os
import signal
import smtplib
import socket
import subprocess
import time

from certs import Authority
from door import resident, wait_until
from milter import Milter
from relay import MAIL, PROGRAM, Relay
from sink import Sink, decoded
from test_trouble import disk, send

RETRY = 'retry { first = "1s" factor = 1 most = "1s" }\n'


def out(sink, more=""):
    return f'route "out" {{ smarthost = "{sink.where}" security = "none" {more} }}\n'


def only(trail):
    assert len(trail["recipients"]) == 1, trail
    return trail["recipients"][0]


def killed(relay):
    relay.kill()
    relay.start()


def test_what_is_steered_is_on_disk(folder):
    """A change of schedule that was confirmed survives a kill (KumoMTA#570, Stalwart)."""
    sink = Sink(says={"RCPT": "451 4.3.0 not yet"})
    r = Relay(folder, out(sink) + 'retry { first = "1h" }\n')
    held, later = r.submit(), r.submit(rcpts=["c@example.net"])
    for x in (held, later):
        r.trail(x, {"delayed"})
    before = only(r.trail(later, {"delayed"}))
    r.run("queue", "hold", held, "--reason", "wrong price", check=0)
    killed(r)
    assert "wrong price" in str(r.trail(held, {"held"})["trail"][-1]), held
    after = only(r.trail(later, {"delayed"}))
    assert after == before and after["tries"] == 1, (before, after)
    sink.says = {}
    r.run("queue", "release", held, check=0)
    r.run("queue", "retry", later, check=0)
    killed(r)
    for x in (held, later):
        r.trail(x, {"handed-over"})
    assert r.stop() == 0


def test_without_a_route_it_expires(folder):
    """No mail stays for ever because what it referred to was taken away (Postal#1021, KumoMTA#539)."""
    sink = Sink(says={"RCPT b@example.net": "451 4.3.0 not yet"}, extensions=["8BITMIME"])
    config = RETRY.replace("}", 'expire = "3s" }') + 'route "rest" { recipients = { "*@example.com" } smarthost = "%s" ' \
        'security = "none" }\n' % sink.where
    r = Relay(folder, config + out(sink))
    message = r.submit()
    r.trail(message, {"delayed"})
    r.write(config)
    r.signal(1)
    gone = r.trail(message, {"expired"}, seconds=20)
    assert "no route" in str(gone["trail"]), gone
    assert sink.wait(1) and sink.messages[0]["sender"] == "" and sink.messages[0]["rcpts"] == ["app@example.com"]
    assert r.stop() == 0


def greeting(port):
    """All that a client is told."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as c:
        return c.makefile("rb").read()


def held_too_long(folder, sink, later):
    """A relay whose route has `later` for its daily cap by now, and the id of a mail, never tried, that a person held for
    longer than its time and has just released."""
    way = f'route "out" {{ smarthost = "{sink.where}" security = "none" daily-cap = 1 }}\n'
    r = Relay(folder, way + 'retry { first = "1s" factor = 1 most = "1s" expire = "2s" }\n')
    r.trail(r.submit(rcpts=["early@example.net"]), {"handed-over"})
    held = r.submit(rcpts=["late@example.net"])
    r.trail(held, {"held"})
    r.run("queue", "hold", held, "--reason", "wrong prices", check=0)  # the cap's would come to an end by itself
    time.sleep(3.2)
    r.write(r.conf.read_text().split("\n", 3)[3].replace("daily-cap = 1", later))
    r.signal(signal.SIGHUP)
    wait_until(lambda: "read again" in r.said(), why=r.said)
    r.run("queue", "release", held, check=0)
    return r, held


def test_held_for_longer_than_its_time(folder):
    """It stays while a person holds it, and a server that takes nothing at the first try does not end it then."""
    sink = Sink(says={"RCPT": ["450 4.7.1 greylisted", "250 2.1.5 Ok"]})
    sink.says["RCPT early@example.net"] = "250 2.1.5 Ok"
    r, held = held_too_long(folder, sink, "")
    r.trail(held, {"handed-over"})
    assert [x.get("state") for x in r.log_lines("queue.log") if x.get("id") == held].count("delayed") == 1
    assert r.stop() == 0


def test_held_and_then_without_a_route(folder):
    """What was held for longer than its time and has no way any more comes to its end, and its sender is told."""
    sink = Sink()
    r, held = held_too_long(folder, sink, 'recipients = { "*@other.example", "app@example.com" }')
    r.trail(held, {"expired"})
    wait_until(lambda: any(m["sender"] == "" and m["rcpts"] == ["app@example.com"] for m in sink.messages), why=r.said)
    assert r.stop() == 0


def test_a_full_disk_is_no_damaged_store(folder):
    """A start without room takes nothing, loses nothing, and goes on by itself when there is room (NitroMTA 0.3.0)."""
    sink = Sink(says={"RCPT": "451 4.3.0 not yet"})
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with disk(folder) as data:
        r = Relay(folder, f'listen "127.0.0.1:{port}" {{ security = "none" }}\n' + out(sink) + RETRY, listen=False)
        waiting = r.submit()
        r.trail(waiting, {"delayed"})
        r.stop()
        for segment in r.data.glob("bodies/*.seg"):  # else a start has the room that it gives back here
            os.truncate(segment, -(-len(segment.read_bytes().rstrip(b"\0")) // 4096) * 4096)

        with open(data / "ballast", "wb") as f:
            os.posix_fallocate(f.fileno(), 0, os.statvfs(data).f_bavail * os.statvfs(data).f_frsize)

        def begin():
            r.log = open(folder / "serve.log", "wb")
            r.process = subprocess.Popen([str(PROGRAM), "serve", "--config", str(r.conf)], stdout=r.log, stderr=subprocess.STDOUT)
            wait_until(lambda: "goes on by itself" in r.said())
        begin()
        assert "free space" in r.said() and "nothing is lost" in r.said() and "ready" not in r.said(), r.said()
        assert greeting(port) == b"421 4.3.1 relay.test has no room on its disk: try again later\r\n"
        r.signal(1)  # is heeded when it is open
        assert r.stop() == 0
        begin()
        r.signal(1)
        assert greeting(port).startswith(b"421 4.3.1 ")
        os.unlink(data / "ballast")
        sink.says = {}
        wait_until(lambda: "read again" in r.said())
        assert "ready on" in r.said() and "damaged" not in r.said() and "anew" not in r.said(), r.said()
        assert r.said().count("No space left") == 1, r.said()
        r.ports = [port]
        r.trail(waiting, {"handed-over"}, seconds=20)
        assert send(r)[0] == 250
        assert r.stop() == 0


def test_a_session_does_not_last_for_ever(folder):
    """Providers cut long ones, in the midst of a message (Haraka#2321): after 200 mails we say goodbye."""
    sink = Sink()
    with disk(folder):  # without a real disk's flushes
        r = Relay(folder, out(sink, "connections = 1"))
        with concurrent.futures.ThreadPoolExecutor(8) as crowd:
            list(crowd.map(lambda i: r.submit(mail=MAIL + f"{i}\r\n"), range(205)))
        assert sink.wait(205, 30)
        assert 2 <= sink.connections <= 4 and "QUIT" in sink.lines, sink.connections
        assert sink.lines[:sink.lines.index("QUIT")].count("DATA") == 200
        assert r.stop() == 0


def test_a_hint_is_kept(folder):
    """The server's own time counts, not our schedule's (KumoMTA#593)."""
    sink = Sink(says={"RCPT": ["451 4.7.1 Greylisted, please try again in 4 seconds", "250 ok"]}, extensions=["8BITMIME"])
    r = Relay(folder, out(sink) + RETRY)
    begin = time.monotonic()
    r.submit()
    assert sink.wait(1, 15) and 3.5 < time.monotonic() - begin < 12
    assert r.stop() == 0


def test_words_are_words(folder):
    """Addresses for a shell, headers for an interpreter, replies that look like our files: all of it is text, before and
    after a restart (CVE-2020-7247, CVE-2020-8794, CVE-2026-34752)."""
    evil = '"$(touch shell);`touch tick`|touch pipe"@example.com'
    reply = '550-5.1.1 }\x01{"state":"handed-over","remote_id":"X"}\r\n550-5.1.1 R\x02\x7f\t%s%n \\u0000\\n\r\n550 5.1.1 ; DROP TABLE message;--'
    sink = Sink(says={"RCPT b@example.net": reply})
    r = Relay(folder, out(sink) + RETRY)
    head = "__proto__: x\r\nconstructor: y\r\nSubject: '; DROP TABLE message;--\r\n"
    with smtplib.SMTP("127.0.0.1", r.port) as c:
        c.ehlo()
        assert c.docmd("MAIL", f"FROM:<{evil}>")[0] == 250
        assert c.docmd("RCPT", "TO:<b@example.net>")[0] == 250
        assert c.docmd("RCPT", "TO:<\"$(touch more)\"@example.net>")[0] == 250
        code, text = c.data((head + MAIL.replace("Subject: invoice 17\r\n", "")).encode())
        assert code == 250, text
    message = text.split()[3].decode()
    trail = r.trail(message, {"handed-over", "refused"})
    assert sink.wait(2), r.said()  # the mail, and its report to the sender
    body = [m for m in sink.messages if m["sender"]][0]
    assert b"__proto__: x\r\nconstructor: y\r\n" in body["data"] and trail["subject"] == "'; DROP TABLE message;--", trail
    assert [m["rcpts"] for m in sink.messages if not m["sender"]] == [[evil]], sink.messages
    killed(r)
    again = r.trail(message, {"handed-over", "refused"})
    assert again["recipients"] == trail["recipients"] and len(again["trail"]) == len(trail["trail"])
    gone = [x for x in again["recipients"] if x.get("state") == "refused"][0]
    assert "remote_id" not in gone and "DROP TABLE" in gone["reply"] and "\x01" not in gone["reply"], gone
    assert not [x for x in folder.rglob("*") if x.name in ("shell", "tick", "pipe", "more")]
    assert r.stop() == 0


def test_lines_of_any_length(folder):
    """Through both doors and out again, coded and whole (OpenSMTPD 7.4 cut them)."""
    sink = Sink()
    r = Relay(folder, out(sink))
    lines = [c * n for n in (1, 2, 510, 511, 512, 998, 999, 1000, 1001, 2047, 2048, 2049, 4095, 4096, 4097, 8192, 16384, 65535, 65536,
                             65537, 100000) for c in (b"x", b".")]
    body = b"\r\n".join(lines) + b"\r\n"
    mail = MAIL.encode() + body
    r.submit(mail=mail)
    with smtplib.SMTP("127.0.0.1", r.port) as c:
        c.ehlo()
        for word in ("MAIL FROM:<a@example.com>", "RCPT TO:<b@example.net>"):
            assert c.docmd(word)[0] == 250
        mail = mail.replace(b"invoice 17", b"in chunks")
        for i in range(0, len(mail), 30011):
            piece = mail[i:i + 30011]
            c.send(b"BDAT %d%s\r\n" % (len(piece), b" LAST" if i + 30011 >= len(mail) else b"") + piece)
            assert c.getreply()[0] == 250
    assert sink.wait(2)
    assert all(decoded(m["data"]).endswith(body) for m in sink.messages)
    assert r.stop() == 0


def test_what_came_before_the_handshake(folder):
    """Plaintext that somebody put behind the next server's 220 is never taken for what it says under TLS."""
    authority = Authority(folder)
    sink = Sink(certificate=authority.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH PLAIN"],
                says={"STARTTLS": "220 2.0.0 go on\r\n250-injected.test\r\n250 AUTH LOGIN"})
    (folder / "password").write_text("s3cret\n")
    r = Relay(folder, f'ca-file = "{authority.file}"\n' + RETRY + f'route "out" {{ smarthost = "{sink.where}" security = "starttls" '
              f'user = "me" password-file = "{folder}/password" }}\n')
    late = only(r.trail(r.submit(), {"delayed"}))
    assert late["finding"] == "starttls-220-then-plaintext", late
    assert not sink.messages and not any(x.startswith("AUTH") for x in sink.lines), sink.lines
    r.stop()


def test_lines_of_any_length_through_a_filter(folder):
    """Neither what it is shown nor what it writes anew is cut (OpenSMTPD 7.4 cut lines at LINE_MAX there)."""
    lines = [c * n for n in (1, 998, 999, 1000, 1001, 2047, 2048, 2049, 4096, 65535, 65536, 100000) for c in (b"x", b".")]
    body = b"\r\n".join(lines) + b"\r\n"
    new = body.replace(b"x", b"y")
    pieces = [b"b" + new[i:i + 65535] for i in range(0, len(new), 65535)]
    for name, says, wanted in (("shown", [b"hX-Seen\0yes\0", b"c"], body), ("anew", [*pieces, b"c"], new)):
        (folder / name).mkdir()
        filter_, sink = Milter({"E": says}), Sink()
        r = Relay(folder / name, out(sink) + f'filter "test" {{ milter = "{filter_.where}" }}\n')
        r.submit(mail=MAIL.encode() + body)
        assert sink.wait(1) and decoded(sink.messages[0]["data"]).endswith(wanted), name
        assert b"".join(data for letter, data in filter_.told if letter == "B").endswith(body), name
        assert r.stop() == 0


def test_parts_within_parts(folder):
    """Thousands of levels, or of parts, take no memory and no stack with them (CVE-2026-26312): as mail that has to be
    written anew for a server without 8BITMIME, and as a report to a domain of ours."""
    sink = Sink(extensions=["PIPELINING"])
    r = Relay(folder, 'local-domains = { "bounces.example.com" }\n' + out(sink))
    level = "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    deep = "MIME-Version: 1.0\r\n" + "".join(level % (i, i) for i in range(20000)) + "Content-Type: text/plain\r\n\r\nGr\u00fc\u00dfe\r\n"
    letters = "MIME-Version: 1.0\r\n" + "Content-Type: message/rfc822\r\n\r\n" * 20000 + "Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n"
    wide = "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" + \
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; x@example.net\r\nStatus: 5.1.1\r\n\r\n" * 20000 + "--b--\r\n"
    before = resident(r)
    for i, mail in enumerate((deep, letters, wide)):
        text = f"From: a@example.com\r\nMessage-ID: <{i}@example.com>\r\n{mail}".encode()
        for sender, rcpt in (("app@example.com", "b@example.net"), ("", "x@bounces.example.com")):
            try:
                r.submit(mail=text, sender=sender, rcpts=[rcpt])
            except AssertionError as e:
                assert str(e.args[0])[:2] in ("(5", "(4"), e  # refused is well, too
    assert r.submit() and r.process.poll() is None, r.said()
    wait_until(lambda: any(m["data"].endswith(b"Hello.\r\n") for m in sink.messages), 20, r.said)
    assert resident(r) - before < 30e6, (before, resident(r))
    assert r.stop() == 0


def test_what_failed_together_comes_back_apart(folder):
    """No stampede at the end of a pause: destinations that went away at one moment are tried again at many (KumoMTA)."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        ways = "".join(f'route "r{i}" {{ recipients = {{ "*@d{i}.example" }} smarthost = "127.0.0.1:{s.getsockname()[1]}" '
                       'security = "none" }\n' for i in range(12))
        r = Relay(folder, ways + 'retry { first = "1h" }\n')
        r.submit(rcpts=[f"x@d{i}.example" for i in range(12)])

        def pauses():
            return [x["paused_until"] for x in r.json("queue", "list")["destinations"] if x.get("paused_until")]
        wait_until(lambda: len(pauses()) == 12, why=pauses)
        until = sorted(datetime.datetime.fromisoformat(x.replace("Z", "+00:00")).timestamp() for x in pauses())
        assert until[-1] - until[0] > 2 and len({round(x, 1) for x in until}) > 6, until
        assert r.stop() == 0
