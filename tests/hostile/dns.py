# SPDX-License-Identifier: Apache-2.0
"""A DNS server whose answers go wrong for chosen names."""
import random
import socket
import struct
import threading
import time

from harm import Server

A, CNAME, MX, TXT, AAAA = 1, 5, 15, 16, 28


def wire_name(n):
    return b"".join(bytes([len(p)]) + p.encode() for p in n.rstrip(".").split(".") if p) + b"\0"


def question_of(packet):
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
        name, kind, question = question_of(packet)
        found = self.zone.get((name, kind), [])
        rcode = 0 if found or any(n == name for n, _ in self.zone) else 3
        body = b"".join(record(b"\xc0\x0c", kind, r) for r in found)
        whole = packet[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, len(found), 0, 0) + question + body
        if not stream and len(whole) > 1200:
            return packet[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + question
        return whole

    def handle(self, packet, send, stream):
        self.asked += 1
        name, _, _ = question_of(packet)
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


def garbage(_packet, send, _stream):
    r = random.Random(3)
    for n in (0, 1, 11, 12, 40, 511):
        send(bytes(r.randrange(256) for _ in range(n)))


def half_garbage(packet, send, _stream):
    """The right id and question, then rubbish where records should be."""
    _, _, question = question_of(packet)
    r = random.Random(5)
    send(packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 9000, 500, 77) + question + bytes(r.randrange(256) for _ in range(400)))


def pointer_loop(packet, send, _stream):
    _, _, question = question_of(packet)
    send(packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 2, 0, 0) + question +
         record(struct.pack("!H", 0xC000 | 12 + len(question)), CNAME, b"\xc0\x0c") * 2)


def alias_loop(packet, send, _stream):
    name, _, question = question_of(packet)
    send(packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 2, 0, 0) + question + record(b"\xc0\x0c", CNAME, wire_name("b." + name))
         + record(wire_name("b." + name), CNAME, wire_name(name)))


def flood(packet, send, _stream):
    """Replies to questions nobody asked, and never the right one."""
    own = struct.unpack("!H", packet[:2])[0]
    question = wire_name("nobody.asked") + struct.pack("!HH", A, 1)  # under the right id too: that is not enough
    for i in range(20000):
        send(struct.pack("!HHHHHH", (own + i) & 0xFFFF, 0x8180, 1, 1, 0, 0) + question + record(b"\xc0\x0c", A, b"\x7f\0\0\x01"))
        if i % 50 == 0:
            time.sleep(0.005)


def truncated_then_drip(packet, send, stream):
    _, _, question = question_of(packet)
    if not stream:
        send(packet[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + question)
        return
    time.sleep(60)
