# SPDX-License-Identifier: Apache-2.0
"""Clients that mean ill: memory stays bounded, the others are served as if nobody was there."""
import os
import random
import resource
import socket
import struct
import threading
import time

from door import ROUTE, Raw, account, certificate, codes, is_sanitized, resident, wait_until
from relay import Relay

MB = 1 << 20
AT_ONCE = 20 if is_sanitized() else 3  # seconds, on a busy machine; who waits for another waits for minutes


def quick(relay, port=None):
    """One message as anybody sends it; how long it took."""
    begin = time.monotonic()
    with Raw(port or relay.port) as c:
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        code, text = c.say(b"Subject: x\r\n\r\nx\r\n.\r\n")
        assert code == 250, text
        assert c.say("QUIT")[0] == 221
    return time.monotonic() - begin


def reset(c):
    c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.socket.close()


LINE_LONG, LINE_ENDLESS = 12288, 65536  # smtp/server.h: what a response may have, what is passed over of a line


def test_endless_lines(folder):
    """A line without end is told at once, whatever state it comes in, thrown away for a while, and let go."""
    r = Relay(folder, ROUTE + account() + 'listen "127.0.0.1:0" { security = "none"  login = "offered" }\n', listen=False)
    quick(r)
    before = resident(r)
    for begin in (b"", b"EHLO x\r\nAUTH LOGIN\r\n", b"EHLO x\r\nMAIL FROM:<", b"EHLO x\r\nNOOP ", b"EHLO x\r\nAUTH PLAIN "):
        for more, end in ((b"\r\nNOOP\r\nQUIT\r\n", [250, 221]), (b"A" * (LINE_ENDLESS + 1), [421])):
            with Raw(r.port) as c:
                c.send(begin + b"A" * (LINE_LONG + 1))
                while c.reply()[0] != 500:
                    continue
                c.send(more)
                assert codes(c.rest()) == end, begin
        assert resident(r) - before < 3 * MB, begin
    quick(r)
    assert r.stop() == 0


def test_a_refused_chunk_that_is_endless(folder):
    """It is read as far as the largest message, so that its sender hears why, and no farther."""
    r = Relay(folder, ROUTE + "max-size = 1000\n")
    for size, taken in ((1 << 20, True), ((1 << 63) - 1, False)):
        with Raw(r.port) as c:
            c.hello()
            c.send(f"BDAT {size} LAST\r\n")
            try:
                for _ in range(80 if not taken else 1):
                    c.send(bytes(1 << 20))
            except ConnectionError:
                assert not taken
            if taken:
                assert c.reply()[0] == 503 and c.say("NOOP")[0] == 250
            else:
                assert c.ended()
    quick(r)
    assert r.stop() == 0
    assert f"BDAT {(1 << 63) - 1} LAST" in (r.data / "log/conversation.log").read_text()


def test_header_without_end(folder):
    r = Relay(folder, ROUTE)
    quick(r)
    before = resident(r)
    with Raw(r.port) as c:
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        for i in range(300):
            c.send(b"X-%d: " % i + b"y" * 65000 + b"\r\n")
        code, text = c.say(b"\r\nbody\r\n.\r\n")
        assert code == 550 and "header" in text, (code, text)
    assert resident(r) - before < 4 * MB, resident(r) - before
    assert r.stop() == 0


def test_a_hundred_thousand_recipients(folder):
    """Pipelined without reading a single answer."""
    r = Relay(folder, ROUTE)
    quick(r)
    before = resident(r)
    with Raw(r.port, seconds=60) as c:
        c.hello()
        assert c.say("MAIL FROM:<a@example.com>")[0] == 250
        c.socket.setblocking(False)
        data = b"".join(b"RCPT TO:<r%06d@example.net>\r\n" % i for i in range(100000)) + b"DATA\r\n"
        sent, answers, most = 0, b"", 0
        end = time.monotonic() + 40
        while answers.count(b"\n") < 100001:
            assert time.monotonic() < end, (sent, answers.count(b"\n"))
            if sent < len(data):
                try:
                    sent += c.socket.send(data[sent:sent + 65536])
                    continue
                except BlockingIOError:
                    most = max(most, resident(r))
            try:
                answers += c.socket.recv(1 << 20)
            except BlockingIOError:
                time.sleep(0.001)
        c.socket.setblocking(True)
        got = codes(answers)
        assert got.count(250) == 1000 and got.count(452) == 99000 and got[-1] == 354, got[-5:]
        c.bytes = b""
        assert c.say(b"Subject: x\r\n\r\nx\r\n.\r\n")[0] == 250
    assert max(most, resident(r)) - before < 20 * MB, (most - before, resident(r) - before)
    assert r.stop() == 0


def test_strangers_are_not_let_guess(folder):
    r = Relay(folder, ROUTE + 'allow-from = { "192.0.2.1" }\nlocal-domains = { "bounces.example.com" }\n')
    with Raw(r.port, greeting=False) as c:
        c.send(b"EHLO x\r\nMAIL FROM:<a@b>\r\n" + b"RCPT TO:<x@example.net>\r\n" * 50)
        got = codes(c.rest())
        assert got.count(550) == 20 and got[-1] == 421, got
    with Raw(r.port, greeting=False) as c:
        c.send(b"EHLO x\r\n" + b"NOOP\r\n" * 3000)
        got = codes(c.rest())
        assert got[-1] == 421 and len(got) < 1100, len(got)
    crowd = [Raw(r.port, source="127.0.0.9", greeting=False) for _ in range(105)]
    greetings = [c.reply()[0] for c in crowd]
    assert greetings.count(220) == 100 and greetings.count(421) == 5, greetings
    with Raw(r.port, source="127.0.0.10") as c:
        assert c.greeting[0] == 220
    for c in crowd:
        c.socket.close()
    wait_until(lambda: Raw(r.port, source="127.0.0.9").greeting[0] == 220)
    assert r.stop() == 0


def test_ten_thousand_idle(folder):
    """Each costs little, and the next client is served at once."""
    n, (soft, hard) = 10000, resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < n + 500:
        n = hard - 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, n + 400), hard))
    r = Relay(folder, ROUTE)
    for _ in range(5):
        quick(r)
    before = resident(r)
    crowd = []
    for i in range(n):
        crowd.append(socket.create_connection(("127.0.0.1", r.port), timeout=20, source_address=(f"127.0.1.{i % 8}", 0)))
    for s in crowd:
        s.sendall(b"EHLO x.example\r\n" if s.fileno() % 2 else b"EHLO x\r\nMAIL FROM:<a@example.com>\r\n")
    for s in crowd:
        s.recv(4096)
    each = (resident(r) - before) / n
    assert each < 12 * 1024, each
    assert min(quick(r) for _ in range(3)) < AT_ONCE
    for s in crowd:
        s.close()
    wait_until(lambda: quick(r) < AT_ONCE)
    assert r.stop() == 0


def test_slow_loris(folder):
    """Hundreds that say a byte at a time: nobody waits for them."""
    r = Relay(folder, ROUTE)
    crowd = []
    for i in range(300):
        c = Raw(r.port)
        crowd.append(c)
    begin = time.monotonic()
    times = []
    while time.monotonic() - begin < 3:
        for c in crowd:
            c.send(b"E")
        times.append(quick(r))
    assert sorted(times)[len(times) // 2] < AT_ONCE, times
    for c in crowd:
        c.socket.close()
    assert r.stop() == 0


def test_all_of_them_at_once(folder):
    """Endless lines, a hundred thousand recipients, lorises, the deaf and resets, beside people who hand in mail."""
    r = Relay(folder, ROUTE)
    quick(r)
    before, over = resident(r), threading.Event()

    def endless(c):
        c.send(b"MAIL FROM:<" if c.greeting else b"")
        while not over.is_set():
            c.send(b"A" * 65536)

    def recipients(c):
        c.hello()
        c.say("MAIL FROM:<a@example.com>")
        c.socket.setblocking(False)
        data = b"".join(b"RCPT TO:<r%06d@example.net>\r\n" % i for i in range(100000))
        while data and not over.is_set():
            try:
                data = data[c.socket.send(data[:65536]):]
                c.socket.recv(1 << 20)
            except BlockingIOError:
                time.sleep(0.002)

    def loris(c):
        while not over.is_set():
            c.send(b"E")
            time.sleep(0.05)

    def deaf(c):
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.socket.settimeout(0.1)
        while not over.is_set():
            c.send(b"EHLO x\r\n" * 8000)

    def resets(c):
        while not over.is_set():
            reset(c)
            c = Raw(r.port)
            c.send(b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nDATA\r\n")
            time.sleep(0.01)

    def play(what):
        try:
            what(Raw(r.port))
        except OSError:
            pass
    crowd = [threading.Thread(target=play, args=(what,)) for what in (endless, recipients, loris, deaf, resets) for _ in range(3)]
    for t in crowd:
        t.start()
    times = [quick(r) for _ in range(10)]
    used = resident(r) - before
    over.set()
    for t in crowd:
        t.join(10)
    assert sorted(times)[5] < AT_ONCE and used < 48 * MB, (times, used)
    assert quick(r) < AT_ONCE
    assert r.stop() == 0


def test_who_does_not_read(folder):
    """Commands without end whose answers nobody takes: they are not read any more, and nothing grows."""
    r = Relay(folder, ROUTE)
    quick(r)
    before = resident(r)
    crowd = []
    for _ in range(20):
        c = Raw(r.port)
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.socket.setblocking(False)
        crowd.append(c)
    for _ in range(60):
        for c in crowd:
            try:
                while True:
                    c.socket.send(b"EHLO x\r\n" * 8000)
            except BlockingIOError:
                pass
        time.sleep(0.02)
    assert quick(r) < AT_ONCE
    assert resident(r) - before < 32 * MB, resident(r) - before  # the log waits in 16 MB at most
    for c in crowd:  # they read at last: all answers are there
        c.socket.setblocking(True)
        c.socket.settimeout(10)
        assert c.socket.recv(65536).startswith(b"250-")
        reset(c)
    assert quick(r) < AT_ONCE
    assert r.stop() == 0


def test_resets_at_every_step(folder):
    r = Relay(folder, certificate(folder) + ROUTE + 'listen "127.0.0.1:0" { security = "starttls" }\n', listen=False)
    session = (b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"
               b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nBDAT 5\r\nab")
    quick(r)
    for cut in range(len(session)):
        c = Raw(r.port, greeting=cut % 2 == 0)
        c.send(session[:cut])
        if cut % 3 == 0:
            c.socket.settimeout(0.005)
            try:
                c.socket.recv(4096)
            except OSError:
                pass
        reset(c)
    for cut in range(40):
        c = Raw(r.port)
        c.hello()
        c.say("STARTTLS")
        c.send(os.urandom(cut) if cut % 2 else b"\x16\x03\x01\x02\x00\x01"[:cut % 7])
        reset(c)
    assert quick(r) < AT_ONCE
    r.stop()
    assert r.process.returncode == 0


def test_noise(folder):
    """Random bytes and random commands: it answers, hangs up or waits, and lives on."""
    dice = random.Random(17)
    words = [b"EHLO x\r\n", b"HELO\r\n", b"MAIL FROM:<a@b>\r\n", b"MAIL FROM:<>SIZE=\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n",
             b".\r\n", b"BDAT 10\r\n", b"BDAT 99999999999999999999\r\n", b"BDAT 18446744073709551615 LAST\r\n", b"BDAT -1\r\n",
             b"BDAT 3 LAST\r\nabc", b"RSET\r\n", b"AUTH PLAIN AGEAYg==\r\n", b"AUTH LOGIN\r\n", b"*\r\n", b"=\r\n", b"\r\n", b"\n",
             b"\r", b"\0", b"QUIT\r\n", b"VRFY root\r\n", b"EXPN x\r\n", b"HELP\r\n", b"NOOP\r\n", b"STARTTLS\r\n",
             b"\xff\xfe\xfd\r\n", b"MAIL FROM:<" + b"a" * 3000 + b">\r\n", b"RCPT TO:<\xc3\xa4@\xc3\xb6>\r\n"]
    r = Relay(folder, ROUTE + account() + 'listen "127.0.0.1:0" { security = "none"  login = "offered" }\n', listen=False)
    for _ in range(200):
        c = Raw(r.port, greeting=False)
        try:
            for _ in range(dice.randrange(1, 40)):
                c.send(dice.choice(words) if dice.random() < 0.9 else os.urandom(dice.randrange(1, 200)))
        except OSError:
            pass
        if dice.random() < 0.5:
            reset(c)
        else:
            c.socket.close()
    assert quick(r) < AT_ONCE
    assert r.stop() == 0


def test_early_talker_on_a_tls_port(folder):
    """Plain text where TLS is expected, and a handshake that never goes on."""
    r = Relay(folder, certificate(folder) + ROUTE + 'listen "127.0.0.1:0" { security = "tls" }\n'
              'listen "127.0.0.2:0" { security = "none" }\n', listen=False)
    with Raw(r.ports[0], greeting=False) as c:
        c.send(b"EHLO x\r\n")
        c.rest(3)
        assert b"220" not in c.bytes
    held = [Raw(r.ports[0], greeting=False) for _ in range(50)]
    with Raw(r.ports[0], greeting=False) as c:
        c.tls()
        assert c.reply()[0] == 220
        assert c.hello()
    for c in held:
        c.socket.close()
    assert r.stop() == 0


def test_no_descriptors_left(folder):
    """So many files may be open: clients don't take those the store needs; the next ones are told, or wait."""
    r = Relay(folder, ROUTE, prefix=["prlimit", "--nofile=200:200"])
    crowd = [Raw(r.port, greeting=False) for _ in range(170)]
    greetings = [c.reply()[0] for c in crowd]
    assert greetings[:150] == [220] * 150 and 421 in greetings, greetings
    crowd[0].hello()
    crowd[0].envelope()
    assert crowd[0].say("DATA")[0] == 354
    assert crowd[0].say(b"Subject: x\r\n\r\n" + b"y" * 200000 + b"\r\n.\r\n")[0] == 250
    crowd += [Raw(r.port, greeting=False) for _ in range(100)]  # and more than there are descriptors at all
    for c in crowd:
        c.socket.close()
    wait_until(lambda: Raw(r.port).greeting[0] == 220)
    assert quick(r) < AT_ONCE
    assert r.stop() == 0


def test_drain(folder):
    """SIGTERM: who is in the middle of a message gets the answer to it; who waits is told; then it ends."""
    r = Relay(folder, ROUTE)
    busy, idle = Raw(r.port), Raw(r.port)
    busy.hello()
    busy.envelope()
    assert busy.say("DATA")[0] == 354
    idle.hello()
    busy.send("Subject: x\r\n\r\nx\r\n")
    time.sleep(0.1)
    r.signal(15)
    assert idle.reply()[0] == 421
    code, text = busy.say(".")
    assert code == 250 and "durable" in text, (code, text)
    assert busy.reply()[0] == 421
    r.process.wait(10)
    assert r.process.returncode == 0
