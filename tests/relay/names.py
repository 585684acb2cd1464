# SPDX-License-Identifier: Apache-2.0
"""A resolver that answers what a test wants: {("example.com", "MX"): ["10 mx.example.com"]}; a text instead
of a list is a failure ("SERVFAIL", "REFUSED", "TIMEOUT").  Other names do not exist."""
import socket
import struct
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "TLSA": 52}
FAILURES = {"SERVFAIL": 2, "REFUSED": 5, "NXDOMAIN": 3}


def wire_name(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.strip(".").split(".") if x) + b"\0"


def wire_record(kind, text):
    if kind == "A":
        return socket.inet_aton(text)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, text)
    if kind == "MX":
        preference, host = text.split()
        return struct.pack(">H", int(preference)) + wire_name(host)
    if kind == "TXT":
        raw = text.encode()
        return b"".join(bytes([len(raw[i:i + 255])]) + raw[i:i + 255] for i in range(0, len(raw), 255))
    if kind == "TLSA":
        usage, selector, matching, data = text.split()
        return bytes([int(usage), int(selector), int(matching)]) + bytes.fromhex(data)
    return wire_name(text)


def root_keys():
    """A key of "." and a signature of it: neither is the real one."""
    key = struct.pack(">HBB", 257, 3, 8) + b"\3\1\0\1" + b"\x5a" * 128
    signature = struct.pack(">HBBIIIH", 48, 8, 0, 60, 0x7fffffff, 0, 4711) + b"\0" + b"\xa5" * 128
    return b"".join(b"\0" + struct.pack(">HHIH", kind, 1, 60, len(x)) + x for kind, x in ((48, key), (46, signature)))


class Names:
    """secure: names whose answers are said to be validated (AD)."""

    def __init__(self, records, address="127.0.0.1", secure=(), port=0):
        self.secure = {x.lower() for x in secure}
        self.records = {(n.lower(), t): v for (n, t), v in records.items()}
        self.asked = []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, port))
        self.where = "%s:%d" % self.udp.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.udp.close()

    def _serve(self):
        while True:
            try:
                question, peer = self.udp.recvfrom(4096)
                answer = self.answer(question)
                if answer:
                    self.udp.sendto(answer, peer)
            except OSError:
                return

    def answer(self, question):
        at, labels = 12, []
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        name, number = ".".join(labels).lower(), struct.unpack(">H", question[at + 1:at + 3])[0]
        kind = next((t for t, n in TYPES.items() if n == number), "?")
        self.asked.append((name, kind))
        asked = question[12:at + 5]
        found = self.records.get((name, kind))
        if found == "TIMEOUT":
            return None
        if isinstance(found, str):
            return question[:2] + struct.pack(">HHHHH", 0x8180 | FAILURES[found], 1, 0, 0, 0) + asked
        exists = any(n == name or n.endswith("." + name) for n, _ in self.records)
        alias = self.records.get((name, "CNAME")) if found is None else None
        rows = [(kind, x) for x in found or []] + [("CNAME", x) for x in alias or []]
        answers = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", TYPES[t], 1, 60, len(wire_record(t, x))) + wire_record(t, x)
                           for t, x in rows)
        rcode = 0 if exists else 3
        return question[:2] + struct.pack(">HHHHH", 0x8180 | rcode | (0x20 if name in self.secure else 0), 1, len(rows),
                                           0, 0) + asked + answers


class Deaf(Names):
    """Keeps silent to DNSKEY, as many routers do."""

    def answer(self, question):
        at = question.index(b"\0", 12)
        return None if question[at + 1:at + 3] == b"\0\x30" else super().answer(question)


class Signing(Names):
    """Hands out signatures, so that all can be asked to be proven, and nothing can: the validator, who asks
    after the relay's two questions, finds a root that is not its own; or, silenced, nothing at all."""

    def __init__(self, records, silenced=False, **options):
        self.silenced = silenced
        super().__init__(records, **options)

    def answer(self, question):
        at = question.index(b"\0", 12)
        if question[12:at + 3] == b"\0\0\x30":
            return question[:2] + struct.pack(">HHHHH", 0x8180, 1, 2, 0, 0) + question[12:17] + root_keys()
        answer = super().answer(question)
        if answer and self.silenced and self.asked.count(self.asked[-1]) > 2:
            return answer[:3] + bytes([answer[3] & 0xd0 | 2]) + answer[4:6] + bytes(6) + question[12:at + 5]
        return answer
