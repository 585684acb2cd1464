#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTP API under load: bench/web.py PROGRAM LOAD [--streams N] [--seconds S] [--only PART].

Trail queries by second of processor time, searches, 10,000 event streams while mail comes in, POST /messages
beside SMTP submission at equal durability, and mail while slow clients hold connections.  Each line has its bar;
ends with status 1 when one is missed."""
import argparse
import http.client
import json
import os
import pathlib
import random
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "relay"))
missed = []
PAIRS, FILES, P99_MS = 4, 65536, 50
FILES_OF_MAIL = 6144  # src/web/room.c leaves them to mail


def bar(what, value, least, unit, more="", most=None):
    fine = value <= most if most else value >= least
    if not fine:
        missed.append(what)
    print(f"  {what:58} {value:10.0f} {unit:9} (bar {most or least:.0f}) {'' if fine else 'MISSED'} {more}", flush=True)


def cpu_s(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


class Bench:
    def __init__(self, args, folder):
        from web import Api
        self.load, self.seconds, self.folder = args.load, args.seconds, folder
        # Nothing is sent on: what is measured is the API.
        self.api = Api(folder, 'allow-from = { "127.0.0.0/8" }\n'
                       'route "next" { smarthost = "127.0.0.1:9" security = "none" rate = "1/1d" }\n')
        self.pid = self.api.relay.process.pid

    def run(self, *words):
        return subprocess.run([self.load, *map(str, words)], text=True, capture_output=True, check=False).stdout.strip()

    def rate(self, *words):
        """(a second, a second of the relay's processor time, what was printed)"""
        before = cpu_s(self.pid)
        said = self.run(*words)
        used = cpu_s(self.pid) - before
        number = int(said.split()[0])
        assert said.endswith(" 0 wrong"), said
        return number / self.seconds, number / max(used, 0.01), said

    def paths(self, name, lines):
        file = self.folder / name
        file.write_text("\n".join(lines) + "\n")
        return file


def submission(b):
    port = b.api.relay.ports[0]
    for connections in (1, 16, 64):
        # In turns: what else the machine does hits both.
        pairs = [(b.rate("smtp", port, connections, b.seconds), b.rate("post", b.api.port, connections, b.seconds)) for _ in range(PAIRS)]
        smtp, post = (max(pair[i] for pair in pairs) for i in (0, 1))
        bar(f"POST /messages, {connections} connections", post[0], smtp[0] * 0.95, "mails/s", f"SMTP {smtp[0]:.0f}: {post[2]}")


def queries(b, ids):
    sample = random.sample(ids, min(len(ids), 20000))
    _, core, said = b.rate("get", b.api.port, 4, b.seconds, b.paths("trails", [f"/api/v1/messages/{i}" for i in sample]))
    bar("trails by id, a second of one core", core, 2000, "queries/s", said)
    found = [f"/api/v1/messages?recipient=n{random.randrange(len(ids))}@kunde.example&limit=10" for _ in range(20000)]
    _, core, said = b.rate("get", b.api.port, 4, b.seconds, b.paths("found", found))
    bar("searches by recipient, a second of one core", core, 2000, "queries/s", said)


def told_to_all(b, n, deaf):
    """20 mails by SMTP while n streams are open, of which `deaf` never read."""
    before = memory_mb(b.pid), descriptors(b.pid)
    process = subprocess.Popen([b.load, "streams", str(b.api.port), str(n), "25", str(deaf)], stdout=subprocess.PIPE, text=True)
    opened = process.stdout.readline().strip()
    used = cpu_s(b.pid)
    time.sleep(3)
    idle = (cpu_s(b.pid) - used) / 3
    each = (memory_mb(b.pid) - before[0]) * 1024 / n
    print(f"  {opened}: {(descriptors(b.pid) - before[1]) / n:.2f} descriptors and {each:.0f} KB each, idle {idle * 100:.0f} % of a core")
    beside(b, n)
    begin = time.monotonic()
    for k in range(20):
        b.api.relay.submit(f"From: a@example.com\r\nTo: s{k}@kunde.example\r\n\r\nx\r\n", rcpts=[f"s{k}@kunde.example"])
        time.sleep(0.1)
    sent = time.monotonic() - begin
    received, closed, least = (int(x) for x in re.findall(r"\d+", process.communicate(timeout=60)[0]))
    bar(f"{n} event streams: events of 20 mails, each of {n - deaf}", least, 20, "events", f"{received} in all; {closed} closed")
    bar("  meanwhile mail by SMTP", 20 / sent, 5, "mails/s", f"{deaf} streams never read")
    assert not closed


def p99_ms(said):
    return float(re.search(r"p99 ([\d.]+)", said).group(1))


def beside(b, n):
    """Other calls, as many as a few people make."""
    file = b.paths("beside", ["/api/v1/queue", "/api/v1/messages?recipient=n1@kunde.example&limit=10"])
    for what, words in (("GET", ("get", b.api.port, 2, 4, file, 200)), ("POST /messages", ("post", b.api.port, 2, 4, 20))):
        said = b.run(*words)
        assert said.endswith(" 0 wrong"), said
        bar(f"  {what} beside {n} streams: p99", p99_ms(said), None, "ms", said, most=P99_MS)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def slow(b):
    held = []
    for k in range(1000):
        s = socket.create_connection(("127.0.0.1", b.api.port))
        s.sendall(b"POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nFrom"[:20 + k % 80])
        held.append(s)
    rate, _, said = b.rate("post", b.api.port, 16, b.seconds)
    bar("POST /messages beside 1,000 slow clients", rate, 1000, "mails/s", said)
    for s in held:
        s.close()


def all_ids(b):
    ids, cursor = [], ""
    c = http.client.HTTPConnection("127.0.0.1", b.api.port)
    while cursor is not None and len(ids) < 200000:
        c.request("GET", f"/api/v1/messages?recipient=@kunde.example&limit=1000&cursor={cursor}")
        page = json.loads(c.getresponse().read())
        ids += [m["id"] for m in page["messages"]]
        cursor = page["cursor"]
    return ids


def files():
    """As many descriptors as may be had, for 10,000 streams at both ends."""
    for hard in (FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            return hard
        except (ValueError, OSError):
            pass
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("load")
    parser.add_argument("--streams", type=int, default=10000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", choices=("submission", "slow", "queries", "streams"))
    args = parser.parse_args()
    os.environ["POSTRIDER"] = args.program
    hard = files()
    with tempfile.TemporaryDirectory() as folder:
        b = Bench(args, pathlib.Path(folder))
        if args.only in (None, "submission"):
            submission(b)
        if args.only in (None, "slow"):
            slow(b)
        if args.only in (None, "queries"):
            b.run("post", b.api.port, 16, b.seconds)
            time.sleep(3)
            ids = all_ids(b)
            print(f"  {len(ids)} mails in the store, {memory_mb(b.pid):.0f} MB")
            queries(b, ids)
        if args.only in (None, "streams"):
            n = min(args.streams, max(hard // 4, hard - FILES_OF_MAIL) - 100)
            told_to_all(b, n, n // 10)
        b.api.stop()
    print("all bars are met" if not missed else f"missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
