#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long the 250 takes at half of full load: bench/latency.py PROGRAM LOAD [SECONDS 10]

Full load is what 20 sessions hand in, each as fast as it is answered, while the relay hands all of it on to
smtp-sink (Postfix).  Then the same at half of that rate; a mail's time counts from when it was due, from its MAIL
command to the 250 of its dot, which the disk has by then.  The bar: 99 of 100 within 25 ms.  Last, what the disk
alone takes for as many bytes a second, each group of 5 ms synced into a file that has its room: no relay can be
quicker, and a disk that stands still for 30 ms shows here.  So does what the host took of the processors."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

from stolen import Stolen

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "relay"))
SESSIONS, BAR_MS = 20, 25
MAIL_BYTES, GROUP_S, FILE_BYTES = 1900, 0.005, 64 << 20  # what a mail of LOAD becomes in a segment
ROUTE = 'route "sink" { smarthost = "127.0.0.1:%d" security = "none" connections = 20 }\nallow-from = { "127.0.0.0/8" }\n'


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def load(program, relay, seconds, *pace):
    words = [program, "smtp", relay.port, SESSIONS, seconds, *pace]
    said = subprocess.run([*map(str, words)], text=True, capture_output=True, check=True).stdout.strip()
    rate, p99 = re.search(r"(\d+)/s, .* p99 ([\d.]+) ms, 0 wrong", said).groups()
    return said, float(rate), float(p99)


def disk_alone(folder, rate, seconds):
    """Milliseconds of each sync, sorted."""
    group, took = os.urandom(max(1, round(rate * GROUP_S)) * MAIL_BYTES), []
    with open(pathlib.Path(folder, "alone"), "wb", buffering=0) as file:
        for _ in range(FILE_BYTES >> 20):
            file.write(bytes(1 << 20))
        os.fsync(file.fileno())
        begin = time.monotonic()
        for turn in range(round(seconds / GROUP_S)):
            due = begin + turn * GROUP_S
            time.sleep(max(0, due - time.monotonic()))
            os.pwrite(file.fileno(), group, turn * len(group) % (FILE_BYTES - len(group)))
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - due) * 1000)
    return sorted(took)


def main():
    program, seconds = sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10
    os.environ["POSTRIDER"] = str(pathlib.Path(sys.argv[1]).resolve())
    from relay import Relay
    port = free_port()
    sink = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "500"])
    try:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            relay = Relay(folder, ROUTE % port)
            full, rate, _ = load(program, relay, seconds)
            print(f"full load:    {full}", flush=True)
            time.sleep(3)
            with Stolen() as stolen:
                half, _, p99 = load(program, relay, seconds, rate / 2)
            print(f"half of that: {half}: bar p99 {BAR_MS} ms{'' if p99 < BAR_MS else '  MISSED'}")
            print(f"of the processors' time meanwhile {stolen.share:.1%} was taken by the host"
                  f"{'' if stolen.calm else ': run it again when it is calm'}")
            relay.stop(60)
            took = disk_alone(folder, rate / 2, seconds)
            print(f"the disk alone, as many bytes a second: p50 {took[len(took) // 2]:.1f} ms, p99 {took[len(took) * 99 // 100]:.1f} ms")
    finally:
        sink.kill()
    return p99 >= BAR_MS


if __name__ == "__main__":
    sys.exit(main())
