# SPDX-License-Identifier: Apache-2.0
"""What tests of the relay's doors share: certificates, accounts, a client that says exactly what it is told."""
import functools
import re
import socket
import ssl
import subprocess
import time

from relay import PROGRAM

PASSWORD = "correct horse"
ROUTE = 'route "out" { recipients = { "*" }  smarthost = "127.0.0.1:9"  security = "none" }\n'


@functools.lru_cache(maxsize=None)
def password_hash():
    """sha512crypt with few rounds: the tests are not about its cost."""
    return subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True).stdout.strip()


def account(name="app@example.com", more=""):
    return f'account "{name}" {{ password-hash = "{password_hash()}" {more} }}\n'


def certificate(folder, name="cert"):
    """Writes NAME.pem and NAME.key; returns their configuration block."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "30", "-subj", "/CN=relay.test", "-addext", "subjectAltName=DNS:relay.test,DNS:localhost,IP:127.0.0.1,IP:127.0.0.2",
                    "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"], check=True, capture_output=True)
    return f'certificate {{ file = "{folder}/{name}.pem"  key = "{folder}/{name}.key" }}\n'


def trusting(folder, name="cert"):
    context = ssl.create_default_context(cafile=f"{folder}/{name}.pem")
    return context


def stored(relay, *parts):
    """Are these bytes in the store, as they are?"""
    blob = b"".join(x.read_bytes() for x in sorted(relay.data.rglob("*")) if x.is_file() and "log" not in x.parts)
    return [part in blob for part in parts]


class Raw:
    """A client that sends bytes.  say() waits for one reply and returns (code, text)."""

    def __init__(self, port, address="127.0.0.1", source=None, seconds=15, greeting=True):
        self.socket = socket.create_connection((address, port), timeout=seconds,
                                               source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""
        self.greeting = self.reply() if greeting else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def line(self):
        while b"\n" not in self.bytes:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError(self.bytes)
            self.bytes += piece
        line, self.bytes = self.bytes.split(b"\n", 1)
        return line.decode("utf-8", "replace").rstrip("\r")

    def reply(self):
        text = []
        while True:
            line = self.line()
            text.append(line[4:])
            if line[3:4] != "-":
                return int(line[:3]), "\n".join(text)

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def say(self, data):
        self.send(data if isinstance(data, bytes) else data.encode() + b"\r\n")
        return self.reply()

    def hello(self, name="client.test"):
        code, text = self.say(f"EHLO {name}")
        assert code == 250, text
        return text.split("\n")[1:]

    def envelope(self, sender="a@example.com", *rcpts):
        code, text = self.say(f"MAIL FROM:<{sender}>")
        assert code == 250, (code, text)
        for to in rcpts or ("b@example.net",):
            code, text = self.say(f"RCPT TO:<{to}>")
            assert code == 250, (code, text)

    def tls(self, context=None):
        if context is None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket, server_hostname="relay.test")
        self.bytes = b""

    def rest(self, seconds=5):
        """All until the server hangs up, or says nothing for so long."""
        self.socket.settimeout(seconds)
        try:
            while True:
                piece = self.socket.recv(65536)
                if not piece:
                    break
                self.bytes += piece
        except (TimeoutError, ConnectionResetError):
            pass
        return self.bytes

    def ended(self, seconds=5):
        self.socket.settimeout(seconds)
        try:
            while True:
                if not self.socket.recv(65536):
                    return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def codes(data):
    """The codes of all replies in these bytes."""
    return [int(x) for x in re.findall(rb"(?m)^(\d\d\d) ", data)]


@functools.lru_cache(maxsize=None)
def is_sanitized():
    return b"__asan_init" in PROGRAM.read_bytes()


def resident(relay):
    """Bytes of the relay's memory that are really there; 0 where a sanitizer keeps what was freed."""
    if is_sanitized():
        return 0
    for line in open(f"/proc/{relay.process.pid}/status", encoding="ascii"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def wait_until(what, seconds=10, why=""):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why or what
        time.sleep(0.02)


__all__ = ["PASSWORD", "ROUTE", "Raw", "Relay", "account", "certificate", "codes", "is_sanitized", "password_hash", "resident", "stored",
           "trusting", "wait_until"]
