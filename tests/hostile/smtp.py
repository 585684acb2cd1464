# SPDX-License-Identifier: Apache-2.0
"""An SMTP server that is well behaved up to one step, and there does one bad thing."""
import base64
import os
import ssl
import time

from harm import flood


class Smtp:
    """talk() of an SMTP server: polite but for `bad` at `step`."""

    def __init__(self, tls, step=None, bad=None, keywords=("PIPELINING", "SIZE 10000000", "8BITMIME"),
                 mechanisms="PLAIN LOGIN", auth=None, implicit=False):
        self.tls, self.step, self.bad, self.keywords = tls, step, bad, keywords
        self.mechanisms, self.auth, self.implicit = mechanisms, auth, implicit

    def turn(self, c, step, words):
        """False: the connection is over."""
        if step == self.step and not self.bad(c, step):
            return False
        if step != self.step:
            c.sendall(words)
        return True

    def line(self, c):
        got = b""
        while not got.endswith(b"\n"):
            b = c.recv(1)
            if not b or len(got) > 100000:
                raise OSError("end")
            got += b
        return got.rstrip(b"\r\n")

    def shake(self, c):
        if self.step == "handshake":
            self.bad(c, "handshake")
            return None
        return self.tls.wrap_socket(c, server_side=True)

    def ehlo(self, c, secure):
        words = list(self.keywords) + (["AUTH " + self.mechanisms] if secure else ["STARTTLS"])
        text = "".join(f"250{'-' if w is not words[-1] else ' '}{w}\r\n" for w in ["hostile.example"] + words)
        return self.turn(c, "ehlo2" if secure else "ehlo", text.encode())

    def login(self, c, line):
        if self.auth:
            return self.auth(self, c, line)
        words = line.split()
        if words[1].upper() == b"LOGIN":
            for prompt in (b"Username:", b"Password:"):
                c.sendall(b"334 " + base64.b64encode(prompt) + b"\r\n")
                self.line(c)
        elif len(words) < 3:
            c.sendall(b"334 \r\n")
            self.line(c)
        return self.turn(c, "auth", b"235 2.7.0 ok\r\n")

    def body(self, c):
        if not self.turn(c, "data", b"354 go\r\n"):
            return False
        while self.line(c) != b".":
            pass
        return self.turn(c, "dot", b"250 2.0.0 taken\r\n")

    def answer(self, c, line, secure):
        verb = line.split(b" ")[0].split(b":")[0].upper()
        if verb in (b"EHLO", b"HELO"):
            return self.ehlo(c, secure)
        if verb == b"AUTH":
            return self.login(c, line)
        if verb == b"MAIL":
            return self.turn(c, "mail", b"250 ok\r\n")
        if verb == b"RCPT":
            return self.turn(c, "rcpt", b"250 ok\r\n")
        if verb == b"DATA":
            return self.body(c)
        if verb == b"QUIT":
            c.sendall(b"221 bye\r\n")
            return False
        c.sendall(b"250 ok\r\n")
        return True

    def __call__(self, c):
        secure = self.implicit
        if secure:
            c = self.shake(c)
        if not c or not self.turn(c, "banner", b"220 hostile.example ESMTP\r\n"):
            return
        while True:
            line = self.line(c)
            if line.upper() != b"STARTTLS":
                if not self.answer(c, line, secure):
                    return
                continue
            if not self.turn(c, "starttls", b"220 go\r\n"):
                return
            c = self.shake(c)
            secure = True
            if not c:
                return


def decoded(words):
    try:
        return b" ".join(base64.b64decode(w + b"=" * (-len(w) % 4)) for w in words)
    except ValueError:
        return b""


def echo_secret(how):
    """AUTH that says the secret back, in the form `how` gives it."""
    def auth(smtp, c, line):
        words = line.split()
        got = words[2:]
        if words[1].upper() == b"LOGIN":
            for prompt in (b"Username:", b"Password:"):
                c.sendall(b"334 " + base64.b64encode(prompt) + b"\r\n")
                got.append(smtp.line(c))
        elif not got:
            c.sendall(b"334 \r\n")
            got.append(smtp.line(c))
        c.sendall(how(got, decoded(got)))
        return True
    return auth


def challenges_for_ever(smtp, c, _line):
    while True:
        c.sendall(b"334 " + base64.b64encode(os.urandom(30)) + b"\r\n")
        smtp.line(c)


# TLS handshakes: the step is the handshake itself; what is done gets the bare socket after the 220.
def on_handshake(make):
    def act(c, _step):
        return make(c)
    return act


def tls_drip(c):
    c.recv(65536)
    for b in b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(range(120)):
        c.sendall(bytes([b]))
        time.sleep(1)


def tls_records_for_ever(c):
    """A handshake message of 16 MB that never ends, in records of 16 KB."""
    c.recv(65536)
    c.sendall(b"\x16\x03\x03\x00\x04\x0b\xff\xff\xff")
    flood(c, (b"\x16\x03\x03\x40\x00" + b"A" * 16384) * 4)


def tls_empty_records(c):
    c.recv(65536)
    flood(c, b"\x16\x03\x03\x00\x00" * 8000)


def tls_warnings(c):
    c.recv(65536)
    flood(c, b"\x15\x03\x03\x00\x02\x01\x5a" * 8000)


def server_context(cert, chain=None):
    x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    x.load_cert_chain(chain or cert, cert)
    return x
