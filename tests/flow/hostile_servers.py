# SPDX-License-Identifier: Apache-2.0
"""Servers that mean ill, for hostile.py: SMTP, DNS and HTTP, one thread a connection.

An SMTP server here is well behaved up to one step, and there does one bad thing.
Everything listens on loopback; a server ends when its `with` does."""
import base64
import os
import random
import socket
import ssl
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


# What is done to a client.  Each takes the socket and the step; true: go on as if nothing was.
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


def on_handshake(make):
    """The step is the TLS handshake itself: make(c) gets the bare socket after the 220."""
    def act(c, _step):
        return make(c)
    return act


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


# TLS handshakes
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


# DNS
def dns_name(n):
    return b"".join(bytes([len(p)]) + p.encode() for p in n.rstrip(".").split(".") if p) + b"\0"


def dns_question(packet):
    """Its name, type and the bytes of the question."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += packet[at] + 1
    kind = struct.unpack("!H", packet[at + 1:at + 3])[0]
    return ".".join(labels), kind, packet[12:at + 5]


def record(owner, kind, rdata, ttl=60):
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(rdata)) + rdata


def txt(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data) or 1, 255))


A, CNAME, MX, TXT, AAAA = 1, 5, 15, 16, 28


class Dns:
    """UDP and TCP on one port of 127.0.0.1.  zone: (name, type) -> list of rdata;
    bad: name -> function(question packet, reply, stream) that answers itself."""

    def __init__(self, zone, bad=None, otherwise=None):
        self.zone, self.bad, self.otherwise, self.asked = zone, bad or {}, otherwise, 0
        self.udp = self.tcp = None
        while not self.udp:
            self.open_both()
        threading.Thread(target=self.datagrams, daemon=True).start()

    def open_both(self):
        """The port that TCP got may be in use for UDP just now: then another."""
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        try:
            self.port = udp.getsockname()[1]
            self.tcp = Server(self.stream, self.port)
            self.udp = udp
        except OSError:
            udp.close()

    def answer(self, packet, stream):
        name, kind, question = dns_question(packet)
        found = self.zone.get((name, kind), [])
        rcode = 0 if found or any(n == name for n, _ in self.zone) else 3
        body = b"".join(record(b"\xc0\x0c", kind, r) for r in found)
        whole = packet[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, len(found), 0, 0) + question + body
        if not stream and len(whole) > 1200:
            return packet[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + question
        return whole

    def handle(self, packet, send, stream):
        self.asked += 1
        name, _, _ = dns_question(packet)
        bad = self.bad.get(name, self.otherwise)
        if bad:
            bad(packet, send, stream)
        else:
            send(self.answer(packet, stream))

    def datagrams(self):
        while True:
            try:
                packet, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            threading.Thread(target=self.quietly, args=(packet, lambda b, p=peer: self.udp.sendto(b, p), False),
                             daemon=True).start()

    def quietly(self, packet, send, stream):
        try:
            self.handle(packet, send, stream)
        except (OSError, IndexError, struct.error):
            pass

    def stream(self, c):
        while True:
            head = c.recv(2, socket.MSG_WAITALL)
            if len(head) < 2:
                return
            packet = c.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            self.handle(packet, lambda b: c.sendall(struct.pack("!H", len(b)) + b), True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.udp.close()
        self.tcp.__exit__()


def dns_garbage(_packet, send, _stream):
    r = random.Random(3)
    for n in (0, 1, 11, 12, 40, 511):
        send(bytes(r.randrange(256) for _ in range(n)))


def dns_half_garbage(packet, send, _stream):
    """The right id and question, then rubbish where records should be."""
    _, _, question = dns_question(packet)
    r = random.Random(5)
    send(packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 9000, 500, 77) + question + bytes(r.randrange(256) for _ in range(400)))


def dns_pointer_loop(packet, send, _stream):
    _, _, question = dns_question(packet)
    send(packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 2, 0, 0) + question +
         record(struct.pack("!H", 0xC000 | 12 + len(question)), CNAME, b"\xc0\x0c") * 2)


def dns_alias_loop(packet, send, _stream):
    name, _, question = dns_question(packet)
    send(packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 2, 0, 0) + question + record(b"\xc0\x0c", CNAME, dns_name("b." + name))
         + record(dns_name("b." + name), CNAME, dns_name(name)))


def dns_flood(packet, send, _stream):
    """Replies to questions nobody asked, and never the right one."""
    own = struct.unpack("!H", packet[:2])[0]
    question = dns_name("nobody.asked") + struct.pack("!HH", A, 1)  # under the right id too: that is not enough
    for i in range(20000):
        send(struct.pack("!HHHHHH", (own + i) & 0xFFFF, 0x8180, 1, 1, 0, 0) + question + record(b"\xc0\x0c", A, b"\x7f\0\0\x01"))
        if i % 50 == 0:
            time.sleep(0.005)


def dns_truncated_then_drip(packet, send, stream):
    _, _, question = dns_question(packet)
    if not stream:
        send(packet[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + question)
        return
    time.sleep(60)


# HTTP
def http_head(c):
    got = b""
    while b"\r\n\r\n" not in got:
        b = c.recv(4096)
        if not b:
            raise OSError("end")
        got += b


class Https:
    """talk() of a web server: bad(c) after the request's head."""

    def __init__(self, tls, bad):
        self.tls, self.bad = tls, bad

    def __call__(self, c):
        s = self.tls.wrap_socket(c, server_side=True)
        http_head(s)
        self.bad(s)


def http_endless_body(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    flood(c, b"x" * 65536)


def http_endless_headers(c):
    c.sendall(b"HTTP/1.1 200 OK\r\n")
    flood(c, b"X-More: and more and more\r\n" * 1000)


def http_endless_chunks(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    flood(c, b"1000\r\n" + b"y" * 4096 + b"\r\n")


def http_drip(c):
    for b in b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"z" * 200:
        c.sendall(bytes([b]))
        time.sleep(1)


def http_redirects(c):
    c.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def http_garbage(c):
    c.sendall(os.urandom(5000))


def http_says(text, kind="application/json", status="200 OK"):
    def act(c):
        body = text.encode() if isinstance(text, str) else text
        c.sendall(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                  "Connection: close\r\n\r\n".encode() + body)
    return act


def server_context(cert, chain=None):
    x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    x.load_cert_chain(chain or cert, cert)
    return x
