#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proofs by DNSSEC against a real, signed zone: test_net_dnssec.py PATH-OF-DNS_ASK.

Skipped (77) where nsd or ldns's tools are missing."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import nsd

ZONE = """$ORIGIN example.
$TTL 300
@ IN SOA ns.example. host.example. 1 3600 600 86400 300
@ IN NS ns.example.
ns IN A 127.0.0.1
mx IN A 192.0.2.7
_25._tcp.mx IN TLSA 3 1 1 {digest}
forged IN A 192.0.2.8
alias IN CNAME mx
"""

DIGEST = "ab" * 32
SIGNED = [
    ("mx.example A", "ok secure 192.0.2.7"),
    ("_25._tcp.mx.example TLSA", "ok secure 3 1 1 " + DIGEST),
    ("alias.example A", "ok secure 192.0.2.7"),
    ("mx.example TXT", "nodata secure -"),
    ("nope.example A", "nxdomain secure -"),
    ("forged.example A", "bogus unproven -"),
]
# The same names from a server that has no signatures: no proof, and nothing called forged.
STRIPPED = [
    ("mx.example A", "ok unproven 192.0.2.7"),
    ("nope.example A", "nxdomain unproven -"),
]
# The same again with an anchor that is not the zone's key (any more): nothing can be said to be forged.
STALE = [
    ("mx.example A", "ok anchor 192.0.2.7"),
    ("forged.example A", "ok anchor 192.0.2.66"),
    ("nope.example A", "nxdomain anchor -"),
]
# The validator asks after us, and in vain; the anchor's key comes all the same: the proof is left open.
OPEN = [
    ("mx.example A", "ok open 192.0.2.7"),
    ("mx.example TXT", "nodata open -"),
    ("nope.example A", "nxdomain open -"),
    ("lame.example A", "servfail unproven -"),  # failed anyway
]
# Routers that give out no keys, each in its way: as where signatures are stripped.
KEYLESS = [("mx.example A", "ok unproven 192.0.2.7"), ("nope.example A", "nxdomain unproven -")]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*args, cwd):
    return subprocess.run(args, cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def make_zone(where):
    with open(where + "/zone", "w") as f:
        f.write(ZONE.format(digest=DIGEST))
    ksk = run("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", "example", cwd=where)
    zsk = run("ldns-keygen", "-a", "ECDSAP256SHA256", "example", cwd=where)
    run("ldns-signzone", "-f", "zone.signed", "zone", zsk, ksk, cwd=where)
    with open(where + "/zone.signed") as f:
        text = f.read()
    assert text.count("192.0.2.8") == 1
    with open(where + "/zone.signed", "w") as f:
        f.write(text.replace("192.0.2.8", "192.0.2.66"))
    return where + "/" + ksk + ".ds"


def serve(where, zone):
    port = free_port()
    with open(where + "/nsd.conf", "w") as f:
        f.write(nsd.conf(f"127.0.0.1@{port}", where, {"example": zone}))
    server = subprocess.Popen([shutil.which("nsd") or "/usr/sbin/nsd", "-d", "-c", where + "/nsd.conf"],
                              stderr=subprocess.DEVNULL)
    query = b"\0\1\0\0\0\1\0\0\0\0\0\0\7example\0\0\6\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.2)
        for _ in range(100):
            try:
                s.sendto(query, ("127.0.0.1", port))
                s.recv(512)
                return server, port
            except OSError:
                time.sleep(0.05)
    server.kill()
    sys.exit("nsd does not answer")


DNSKEY = 48
SILENT = -1


class Between(threading.Thread):
    """A resolver before the server: rcode(type, asked before) says which of its questions fail, or have no answer; 0: it does not."""

    def __init__(self, server, rcode):
        super().__init__(daemon=True)
        self.server, self.rcode, self.asked = server, rcode, set()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]
        self.start()

    def answer(self, question):
        end = question.index(b"\0", 12) + 5
        asked = question[12:end].lower()
        rcode = 2 if b"\4lame" in asked else self.rcode(asked[-3], asked in self.asked)
        self.asked.add(asked)
        if rcode == SILENT:
            return b""
        if rcode:
            return question[:2] + bytes([0x81, 0x80 | rcode]) + question[4:6] + bytes(6) + question[12:end]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(2)
            s.sendto(question, ("127.0.0.1", self.server))
            return s.recv(4096)

    def run(self):
        while True:
            question, peer = self.udp.recvfrom(4096)
            answer = self.answer(question)
            if answer:
                self.udp.sendto(answer, peer)


def check(program, where, zone, anchor, expected, rcode=None):
    server, port = serve(where, zone)
    if rcode:
        port = Between(port, rcode).port
    try:
        words = [w for question, _ in expected for w in question.split()]
        out = run(program, "127.0.0.1:%d" % port, anchor, *words, cwd=where).splitlines()
    finally:
        server.kill()
        server.wait()
    wanted = [question + " " + answer for question, answer in expected]
    for line, want in zip(out, wanted):
        print("ok  " if line == want else "BAD ", line)
    return out == wanted


def main():
    program = os.path.abspath(sys.argv[1])
    if not (shutil.which("nsd") or os.path.exists("/usr/sbin/nsd")) or not shutil.which("ldns-signzone"):
        sys.exit(77)
    with tempfile.TemporaryDirectory() as where:
        anchor = make_zone(where)
        good = check(program, where, "zone.signed", anchor, SIGNED)
        good &= check(program, where, "zone", anchor, STRIPPED)
        good &= check(program, where, "zone.signed", anchor, OPEN, lambda kind, again: 2 if again and kind != DNSKEY else 0)
        for rcode in (2, 3, 4, 5, SILENT):
            good &= check(program, where, "zone.signed", anchor, KEYLESS, lambda kind, again: rcode if kind == DNSKEY else 0)
        other = run("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", "example", cwd=where)
        good &= check(program, where, "zone.signed", where + "/" + other + ".ds", STALE)
    sys.exit(0 if good else 1)


main()
