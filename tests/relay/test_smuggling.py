# SPDX-License-Identifier: Apache-2.0
"""SMTP smuggling: nothing but CR LF . CR LF ends a message, and no message with another line end is taken.

Every variant, in DATA and BDAT, in one piece and byte by byte; the relay must never see a second message."""
import base64
import itertools
import subprocess
import time

from door import PASSWORD, ROUTE, Raw, account, certificate, codes
from ports import free_port
from relay import PROGRAM, Relay
from sink import Sink
from web import Api

ENDS = {"CRLF": b"\r\n", "LF": b"\n", "CR": b"\r"}
HEAD = b"From: a@example.com\r\nSubject: outer\r\n\r\nouter"
INNER = b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nSubject: inner\r\n\r\ninner"
VARIANTS = {f"{a} . {b}": x + b"." + y for (a, x), (b, y) in itertools.product(ENDS.items(), ENDS.items())
            if (a, b) != ("CRLF", "CRLF")}
VARIANTS |= {
    "CR CR LF . CR CR LF": b"\r\r\n.\r\r\n",
    "CR CR LF . CR LF": b"\r\r\n.\r\n",
    "CR LF . CR CR LF": b"\r\n.\r\r\n",
    "LF CR . LF CR": b"\n\r.\n\r",
    "NUL before the dot": b"\r\n\0.\r\n",
    "NUL behind the dot": b"\r\n.\0\r\n",
    "NUL in the line end": b"\r\0\n.\r\0\n",
    "vertical tab": b"\r\x0b\n.\r\x0b\n",
    "U+2028": b"\xe2\x80\xa8.\xe2\x80\xa8\n",
}
FINE = {  # no bare line end: content, taken as it is
    "two dots": b"\r\n..\r\n", "dot and blank": b"\r\n. \r\n", "blank and dot": b"\r\n .\r\n", "dot and tab": b"\r\n.\t\r\n",
    "NEL": b"\xc2\x85.\xc2\x85",
}


def give(c, data, split):
    if not split:
        c.send(data)
        return
    try:
        for i in range(len(data)):
            c.send(data[i:i + 1])
    except (BrokenPipeError, ConnectionResetError):
        pass  # its goodbye came before our last byte; what it said is still to be read


def taken(relay):
    return sum(x.get("state") == "queued" for x in relay.log_lines("queue.log"))


def test_data(folder):
    """One answer to the whole of it: 550, and goodbye to whatever stands behind.  The second message never was."""
    r = Relay(folder, ROUTE)
    for name, variant in VARIANTS.items():
        for split in (False, True):
            with Raw(r.port) as c:
                c.hello()
                c.envelope()
                assert c.say("DATA")[0] == 354
                give(c, HEAD + variant + INNER + b"\r\n.\r\n", split)
                code, text = c.reply()
                assert code == 550 and "5.6.11" in text, (name, code, text)
                assert ("NUL" in text) == (name in ("NUL before the dot", "NUL behind the dot")), (name, text)
                assert codes(c.rest()) == [421], name
    r.stop()
    assert taken(r) == 0


def test_data_pipelined(folder):
    """The whole session in one piece, so that what would be smuggled is there already."""
    r = Relay(folder, ROUTE)
    begin = b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"
    for name, variant in VARIANTS.items():
        with Raw(r.port, greeting=False) as c:
            c.send(begin + HEAD + variant + INNER + b"\r\n.\r\nQUIT\r\n")
            got = codes(c.rest())
            assert got == [220, 250, 250, 250, 354, 550, 421], (name, got)
    r.stop()
    assert taken(r) == 0


def test_data_split_in_two_at_every_byte(folder):
    r = Relay(folder, ROUTE)
    begin = b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"
    for name in ("LF . LF", "LF . CRLF", "CRLF . LF", "CR . CR", "CR . LF", "NUL behind the dot"):
        data = b"x" + VARIANTS[name] + b"NOOP\r\n\r\n.\r\n"
        for cut in range(len(data)):
            with Raw(r.port, greeting=False) as c:
                c.send(begin + data[:cut])
                if cut % 4 == 0:
                    while not c.bytes.endswith(b">\r\n"):  # the 354 is here: the first part was read
                        c.bytes += c.socket.recv(4096)
                c.send(data[cut:] + b"QUIT\r\n")
                got = codes(c.rest())
                assert got == [220, 250, 250, 250, 354, 550, 421], (name, cut, got)
    r.stop()
    assert taken(r) == 0


def test_bdat(folder):
    """A length says where a chunk ends: dots mean nothing, bare line ends are refused, cut anywhere."""
    r = Relay(folder, ROUTE)
    for name, variant in VARIANTS.items():
        data = HEAD + variant + INNER + b"\r\n"
        for cut in {0, len(HEAD), len(HEAD) + 1, len(HEAD) + 2, len(HEAD) + 3, len(data)}:
            with Raw(r.port) as c:
                c.hello()
                c.envelope()
                c.send(b"BDAT %d\r\n" % cut + data[:cut] + b"BDAT %d LAST\r\n" % (len(data) - cut) + data[cut:] + b"QUIT\r\n")
                got = codes(c.rest())
                assert got == [250, 550, 421], (name, cut, got)
    r.stop()
    assert taken(r) == 0


def test_end_cut_by_a_chunk(folder):
    """CR LF . CR LF across a chunk's end is content, and a real end behind a chunk is none."""
    r = Relay(folder, ROUTE)
    data = b"Subject: x\r\n\r\nx\r\n.\r\ny\r\n"
    for cut in range(1, len(data)):
        with Raw(r.port) as c:
            c.hello()
            c.envelope()
            c.send(b"BDAT %d\r\n" % cut + data[:cut] + b"BDAT %d LAST\r\n" % (len(data) - cut) + data[cut:] + b"QUIT\r\n")
            got = codes(c.rest())
            assert got == [250, 250, 221], (cut, got)
    assert r.stop() == 0
    assert taken(r) == len(data) - 1


def test_what_only_looks_like_it(folder):
    r = Relay(folder, ROUTE)
    for name, variant in FINE.items():
        for split in (False, True):
            with Raw(r.port) as c:
                c.hello()
                c.envelope()
                assert c.say("DATA")[0] == 354
                give(c, HEAD + variant + b"\r\n.\r\n", split)
                assert c.reply()[0] == 250, name
    assert r.stop() == 0
    assert taken(r) == 2 * len(FINE)


def test_bare_line_ends_in_commands(folder):
    """A command may not end in LF alone where a stranger could have written it: no two readings of one line."""
    r = Relay(folder, ROUTE)
    for data in (b"NOOP\rMAIL FROM:<evil@example.com>\r\n", b"NOOP\0\r\n", b"MAIL FROM:<a@example.com>\rRCPT TO:<b@c>\r\n"):
        with Raw(r.port) as c:
            c.hello()
            code, text = c.say(data)
            assert code in (500, 501), (data, code, text)
            assert c.say("DATA")[0] == 503
    with Raw(r.port) as c:
        c.hello()
        for data in (b"EHLO x\n", b"MAIL FROM:<a@example.com>\n", b"AUTH PLAIN AGEAYg==\n", b"RSET\n", b"QUIT\n"):
            code, text = c.say(data)
            assert code == 500 and "5.5.2" in text and "CR LF" in text, (data, code, text)
        assert c.say("RCPT TO:<b@example.net>")[0] == 503  # it had no effect
        c.envelope()
        code, text = c.say(b"BDAT 6 LAST\nQUIT\r\n")  # the chunk is no command
        assert code == 500 and "CR LF" in text, (code, text)
        assert c.say("NOOP")[0] == 250
        assert c.say("RSET")[0] == 250
        c.envelope()
        assert c.say(b"DATA\n")[0] == 500
        assert c.say("DATA")[0] == 354
        assert c.say(HEAD + b"\r\nx\r\n.\r\n")[0] == 250
    assert r.stop() == 0


def test_bare_line_ends_in_a_login(folder):
    r = Relay(folder, ROUTE + account() + 'listen "127.0.0.1:0" { security = "none"  login = "offered" }\n', listen=False)
    with Raw(r.port) as c:
        c.hello()
        token = base64.b64encode(f"\0app@example.com\0{PASSWORD}".encode())
        assert c.say("AUTH PLAIN")[0] == 334
        code, text = c.say(token + b"\n")
        assert code == 501 and "CR LF" in text, (code, text)
        assert c.say(b"AUTH PLAIN " + token + b"\r\n")[0] == 235
    assert r.stop() == 0


def test_starttls_injection(folder):
    """What came in clear behind STARTTLS is thrown away: it is neither answered nor believed after TLS."""
    r = Relay(folder, certificate(folder) + ROUTE + 'listen "127.0.0.1:0" { security = "starttls" }\n', listen=False)
    for injected in (b"EHLO evil\r\nMAIL FROM:<evil@example.com>\r\n", b"RSET\r\n", b"x", b"EHLO evil\r\n" * 20):
        with Raw(r.port) as c:
            c.hello()
            c.send(b"STARTTLS\r\n" + injected)
            first = c.line()
            assert first.startswith("220 "), first
            assert c.bytes == b""
            try:
                c.tls()
            except OSError:
                continue  # the handshake met the injected bytes: that ends it, too
            code, text = c.say("MAIL FROM:<a@example.com>")
            assert code == 503, (code, text)
            assert c.hello()
            c.envelope()
            c.send("QUIT\r\n")
            assert codes(c.rest()) == [221]
    assert r.stop() == 0


def test_nothing_survives_starttls(folder):
    r = Relay(folder, certificate(folder) + ROUTE + 'listen "127.0.0.1:0" { security = "starttls" }\n', listen=False)
    with Raw(r.port) as c:
        c.hello("before.example")
        assert c.say("STARTTLS")[0] == 220
        c.tls()
        assert c.say("MAIL FROM:<a@example.com>")[0] == 503
        assert "STARTTLS" not in c.hello("after.example")
        assert c.say("STARTTLS")[0] in (503, 554)
    assert r.stop() == 0


def test_who_waits_at_a_false_end_is_told(folder):
    r = Relay(folder, ROUTE)
    clients = []
    for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r"):
        c = Raw(r.port, seconds=20)
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        c.send(HEAD + end)
        clients.append(c)
    begin = time.monotonic()
    for c in clients:
        code, text = c.reply()
        assert code == 550 and "CR LF" in text and time.monotonic() - begin < 15, (code, text)
        assert c.ended()
    assert r.stop() == 0
    assert taken(r) == 0


def test_through_no_other_way_in(folder):
    """By the API, a watched folder and sendmail: what comes in with bare line ends goes out without, as one message."""
    sink, drop = Sink(), folder / "drop"
    drop.mkdir()
    api = Api(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\npickup "{drop}" {{ sender = "app@example.com" }}\n'
              f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n', listen=False)
    (folder / "sendmail").symlink_to(PROGRAM)
    head = b"From: app@example.com\nTo: b@example.net\nSubject: outer\n\nouter"
    variants = {k: v for k, v in VARIANTS.items() if b"\0" not in v}
    for i, variant in enumerate(variants.values()):
        mail = head + b"%d" % i + variant + INNER.replace(b"\r\n", b"\n") + b"\n"
        status, _, said = api.raw("POST", "/api/v1/messages", mail, {"Content-Type": "message/rfc822"})
        assert status in (202, 400, 422), (variant, status, said)
        (drop / f".{i}").write_bytes(mail)
        (drop / f".{i}").rename(drop / f"{i}.eml")
        done = subprocess.run([folder / "sendmail", "-C", api.relay.conf, "-i", "-f", "app@example.com", "b@example.net"], input=mail,
                              capture_output=True, timeout=20, check=False)
        assert done.returncode in (0, 65), (variant, done)
    assert sink.wait(2 * len(variants), 20), len(sink.messages)
    for m in sink.messages:
        rest = m["raw"].replace(b"\r\n", b"")
        assert b"\n" not in rest and b"\r" not in rest and m["raw"].count(b"\r\n.\r\n") == 1, m["raw"]
        assert m["sender"] != "evil@example.com", m
    api.stop()


def test_browser(folder):
    """A web page elsewhere makes the browser of this machine post a dialogue to us."""
    relay = Relay(folder, ROUTE)
    mail = b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"
    for begin in (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        with Raw(relay.port) as client:
            client.send(begin + mail)
            said = []
            try:
                while True:
                    said.append(client.reply()[0])
            except (EOFError, ConnectionError):
                pass
            assert said[-1:] == [554] and 250 not in said, said
    assert not relay.log_lines("queue.log")
    assert relay.stop() == 0
