# SPDX-License-Identifier: Apache-2.0
"""What a client may make the relay write into its logs."""
import base64
import socket
import time

from door import ROUTE, Raw, account, wait_until
from relay import Relay

OURS = 'listen "127.0.0.1:0" { security = "none" }\nallow-from = { "127.0.0.9" }\n'
KB = 1024
WRONG = "AUTH PLAIN " + base64.b64encode(b"\0app@example.com\0wrong").decode()


def flood(port, lines=900, source="127.0.0.1"):
    with socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0)) as c:
        c.sendall(b"".join(b"EHLO " + b"x" * 200 + b"\r\n" for _ in range(lines)) + b"QUIT\r\n")
        while c.recv(65536):
            pass


def log_of(relay):
    return relay.data / "log/conversation.log"


def test_the_conversation_has_a_bound(folder):
    """keep { conversation }: from a start on, and from a reload on."""
    def bound(size):
        return OURS + ROUTE + f'keep {{ conversation = "{size}" }}\n'
    r = Relay(folder, bound("1M"), listen=False)
    old = log_of(r).with_name("conversation.log.old")
    for _ in range(3):
        flood(r.port, 1500, "127.0.0.9")
    wait_until(old.exists)
    r.write(bound("64M"), listen=False)
    r.signal(1)
    wait_until(lambda: "read again" in r.said())
    old.unlink()
    for _ in range(4):
        flood(r.port, 1500, "127.0.0.9")
    wait_until(lambda: log_of(r).stat().st_size > 1100 * KB)
    assert not old.exists() and r.stop() == 0
    for wrong in ("512K", "x", "0M"):
        r.write(bound(wrong), listen=False)
        assert "give a size such as 256M, from 1M to 1024G" in r.run("trace", check=2).stderr


def test_stranger(folder):
    """One session is logged as far as it helps; a friend's goes on, and a stranger that hangs up at once is seen."""
    r = Relay(folder, OURS + ROUTE, listen=False)
    flood(r.port)
    wait_until(lambda: "is not logged" in log_of(r).read_text())
    first = log_of(r).stat().st_size
    assert 64 * KB < first < 70 * KB, first
    with Raw(r.port) as c:
        assert c.say("RCPT TO:<late@example.net>")[0] == 503
    wait_until(lambda: "late@example.net" in log_of(r).read_text())
    with Raw(r.port, source="127.0.0.9") as c:
        for n in range(300):
            assert c.say(f"EHLO friend{n}.{'x' * 200}")[0] == 250
    wait_until(lambda: "EHLO friend299" in log_of(r).read_text())
    assert log_of(r).read_text().count("is not logged") == 1
    assert r.stop() == 0


def guess(port, noise):
    """One wrong password behind so much talk."""
    with Raw(port) as c:
        for _ in range(noise):
            assert c.say("EHLO " + "x" * 200)[0] == 250
        assert c.say(WRONG)[0] == 535


def test_guesses(folder):
    """Who says much first guesses no password unseen."""
    r = Relay(folder, OURS + ROUTE + account(), listen=False)
    guess(r.port, 120)
    wait_until(lambda: "535 5.7.8" in log_of(r).read_text())
    text = log_of(r).read_text()
    assert text.index("is not logged") < text.index("AUTH PLAIN [hidden]") < text.index("535 5.7.8"), text[-2000:]
    assert r.stop() == 0


def test_strangers_together(folder):
    """More than 4 MB at once stay out, whoever says them; a friend's talk and mail do not, nor a wrong password."""
    r = Relay(folder, OURS + ROUTE + account(), listen=False)
    began = time.monotonic()
    for _ in range(110):
        flood(r.port, 120)
    guess(r.port, 1)
    with Raw(r.port, source="127.0.0.9") as c:
        c.hello()
        c.envelope("app@example.com", "b@example.net")
        assert c.say("DATA")[0] == 354
        assert c.say(b"Subject: x\r\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")[0] == 250
    wait_until(lambda: "b@example.net" in log_of(r).read_text())
    wait_until(lambda: "535 5.7.8" in log_of(r).read_text())
    size = log_of(r).stat().st_size
    ms = 1000 * (time.monotonic() - began)
    assert 4000 * KB < size < 4096 * KB + 64 * ms + 64 * KB, (size, ms)  # what log_quota.h gives back in that time
    assert r.stop() == 0
