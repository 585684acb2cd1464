# SPDX-License-Identifier: Apache-2.0
"""What a client may make the relay write into its logs."""
import socket

from door import ROUTE, Raw, wait_until
from relay import Relay

OURS = 'listen "127.0.0.1:0" { security = "none" }\nallow-from = { "127.0.0.9" }\n'
KB = 1024


def flood(port, lines=900):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as c:
        c.sendall(b"".join(b"EHLO " + b"x" * 200 + b"\r\n" for _ in range(lines)) + b"QUIT\r\n")
        while c.recv(65536):
            pass


def log_of(relay):
    return relay.data / "log/conversation.log"


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


def test_strangers_together(folder):
    """More than 4 MB at once stay out, whoever says them; what a friend says and hands in does not."""
    r = Relay(folder, OURS + ROUTE, listen=False)
    for _ in range(110):
        flood(r.port, 120)
    with Raw(r.port, source="127.0.0.9") as c:
        c.hello()
        c.envelope("app@example.com", "b@example.net")
        assert c.say("DATA")[0] == 354
        assert c.say(b"Subject: x\r\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")[0] == 250
    wait_until(lambda: "b@example.net" in log_of(r).read_text())
    size = log_of(r).stat().st_size
    assert 4000 * KB < size < 7000 * KB, size
    assert r.stop() == 0
