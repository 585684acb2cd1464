# SPDX-License-Identifier: Apache-2.0
"""Next servers that mean ill: each costs little memory, and mail for the others goes out as if they were not there."""
import socket
import struct
import threading
import time

from door import is_sanitized, resident, wait_until
from relay import MAIL, Relay
from sink import Sink

MB = 1 << 20
AT_ONCE = 20 if is_sanitized() else 5
GREETING = b"220 bad.test ESMTP\r\n"
HELLO = b"250-bad.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class Bad:
    """Each connection is talk(connection, server)'s; sent: how many bytes all of them got rid of."""

    def __init__(self, talk):
        self.talk, self.sent, self.connections = talk, 0, 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            self.talk(connection, self)
        except OSError:
            pass
        finally:
            connection.close()

    def say(self, connection, data):
        connection.sendall(data)
        self.sent += len(data)


def pour(piece):
    """A gigabyte of it, as fast as it is taken."""
    def talk(connection, server):
        server.say(connection, GREETING)
        connection.recv(4096)
        while server.sent < 1 << 30:
            server.say(connection, piece)
    return talk


def pour_at_the_dot(connection, server):
    server.say(connection, GREETING)
    got = b""
    while b"\r\n.\r\n" not in got:
        got = got[-10:] + connection.recv(65536)
        if b"EHLO" in got:
            server.say(connection, HELLO)
        elif got.endswith(b"DATA\r\n"):
            server.say(connection, b"250 ok\r\n250 ok\r\n354 go\r\n")
        got = got if b"\n" not in got[:-5] else got[-5:]
    while server.sent < 1 << 30:
        server.say(connection, b"250-" + b"y" * 60000 + b"\r\n")


def drip(connection, server):
    """A byte now and then: a loris."""
    for byte in GREETING + HELLO * 1000:
        server.say(connection, bytes([byte]))
        time.sleep(0.1)


def never_read(connection, server):
    """Says 354 to all and takes nothing of the message."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    server.say(connection, GREETING)
    connection.recv(4096)
    server.say(connection, HELLO)
    connection.recv(4096)
    server.say(connection, b"250 ok\r\n250 ok\r\n354 go\r\n")
    time.sleep(60)


def reset_somewhere(connection, server):
    """A byte further each time."""
    script = GREETING + HELLO + b"250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n"
    connection.settimeout(0.02)
    for byte in script[:server.connections * 3 % len(script)]:
        server.say(connection, bytes([byte]))
    try:
        connection.recv(4096)
    except TimeoutError:
        pass
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


ILL = {"line": pour(b"250-" + b"x" * 60000), "lines": pour(b"250-x\r\n" * 8000), "noise": pour(bytes(range(256)) * 200),
       "dot": pour_at_the_dot, "drip": drip, "deaf": never_read, "reset": reset_somewhere}


def test_all_at_once(folder):
    good = Sink()
    servers = {name: Bad(talk) for name, talk in ILL.items()}
    relay = Relay(folder, 'retry { first = "1s" most = "1s" }\n' + "".join(
        f'route "{name}" {{ recipients = {{ "*@{name}.test" }} smarthost = "127.0.0.1:{x.port}" security = "none" }}\n'
        for name, x in servers.items()) + f'route "good" {{ smarthost = "{good.where}" security = "none" }}\n')
    relay.submit()
    assert good.wait(1)
    before, big = resident(relay), MAIL + "y" * 998 + ("\r\n" + "z" * 998) * 2000 + "\r\n"
    for name in ILL:
        for i in range(10):
            relay.submit(mail=big if name == "deaf" else MAIL + f"{i}\r\n", rcpts=[f"x{i}@{name}.test"])
    wait_until(lambda: all(x.connections for x in servers.values()))
    for i in range(20):
        relay.submit(mail=MAIL + f"good {i}\r\n")
    assert good.wait(21, AT_ONCE), len(good.messages)
    for name in ("line", "lines", "noise", "reset"):
        wait_until(lambda: any(f"@{name}.test" in x.get("recipient", "") and x["state"] == "delayed"
                               for x in relay.log_lines("queue.log") if "state" in x), why=name)
    wait_until(lambda: any("@dot.test" in x.get("recipient", "") and x["state"] == "in-doubt"
                           for x in relay.log_lines("queue.log") if "state" in x), why="dot")
    for name in ("line", "lines", "noise", "dot"):
        assert servers[name].sent < 12 * MB * servers[name].connections, (name, servers[name].sent, servers[name].connections)
    assert resident(relay) - before < 32 * MB, (before, resident(relay))
    relay.kill()
