# SPDX-License-Identifier: Apache-2.0
"""What is done to a client: a listener on loopback, and the ways to treat whoever connects.

A harm takes the socket and the step; true: go on as if nothing was.  A server ends when its `with` does."""
import random
import socket
import struct
import threading
import time

FLOOD_BYTES_MAX = 400 << 20  # a test that takes more than this has shown what it can take
STEPS = ["banner", "ehlo", "starttls", "handshake", "ehlo2", "auth", "mail", "rcpt", "data", "dot"]
CODES = {"banner": 220, "ehlo": 250, "starttls": 220, "ehlo2": 250, "auth": 235, "mail": 250, "rcpt": 250, "data": 354,
         "dot": 250}


class Server:
    """Listens on 127.0.0.1; talk(connection) runs in a thread for each."""

    def __init__(self, talk, port=0):
        self.talk, self.accepted, self.over = talk, 0, False
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.over:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def one(self, c):
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        c.settimeout(90)
        try:
            self.talk(c)
        except (OSError, ValueError, IndexError):
            pass
        finally:
            try:
                c.close()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


def silence(c, _step):
    while c.recv(65536):
        pass


def close(_c, _step):
    return False


def reset(c, _step):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def flood(c, piece):
    sent = 0
    while sent < FLOOD_BYTES_MAX:
        c.sendall(piece)
        sent += len(piece)
        if sent > 4 << 20:
            time.sleep(0.002)  # enough is shown; the other tests want the processor too


def endless_line(c, step):
    c.sendall(b"%d " % CODES.get(step, 250))
    flood(c, b"x" * 65536)


def endless_reply(c, step):
    flood(c, b"%d-and one more line\r\n" % CODES.get(step, 250) * 2000)


def no_end_of_line(c, _step):
    c.sendall(b"250")
    silence(c, None)


def drip(c, step):
    for b in b"%d and so on, a byte a second, for ever and ever and ever and ever\r\n" % CODES.get(step, 250) * 3:
        c.sendall(bytes([b]))
        time.sleep(1)


def garbage(c, _step):
    r = random.Random(7)
    for _ in range(200):
        c.sendall(bytes(r.randrange(256) for _ in range(500)))
    silence(c, None)


def go_away(c, _step):
    c.sendall(b"421 4.3.2 Go away\r\n")
    return False


def nuls(c, step):
    c.sendall(b"%d a\0b\0\0\x01\x7f\xff\xfe\r\n" % CODES.get(step, 250))
    return True


def many_replies(c, step):
    c.sendall(b"%d ok\r\n" % CODES.get(step, 250) * 300)
    return True


def odd_code(c, _step):
    c.sendall(b"999 nine\r\n000 zero\r\n25 two\r\n-1 minus\r\n")
    silence(c, None)


def half_closed(c, _step):
    c.shutdown(socket.SHUT_WR)
    silence(c, None)


STEERING = ("\x1b]0;title\x07\x1b[2J\x1b[31mred \u202egnp.exe\u2066 \x9b31m <script>alert(1)</script> "
            "<img src=x onerror=alert(2)> [click](javascript:alert(3)) `rm -rf` | \x08\x08 \u200b\ufeff ${HOME} $(id)")


def steering(c, step):
    c.sendall(b"5" + (b"%d" % CODES.get(step, 250))[1:] + b" 5.7.1 " + STEERING.encode("utf-8", "surrogatepass") + b"\r\n")
    return False
