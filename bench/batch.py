#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch with attachments of 20 KB, checked, composed and safe in the relay's queue: bench/batch.py PROGRAM [ROWS 100000]

The next server is away, so that nothing but the batch keeps the machine busy.  The bar: 5000 mails a second from
start to end, the check included, and memory that does not grow with the rows but for what tells them apart."""
import csv
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BAR, FILES, FILE_BYTES = 5000, 2000, 20 * 1024
TEMPLATE = """From: Acme <clerk@acme.example>
To: {{name}} <{{email}}>
Subject: Invoice {{invoice}}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain; charset=utf-8

Dear {{name|customer}},

please find our invoice {{invoice}} over {{amount}} €.
--x
Content-Type: text/html; charset=utf-8

<html><body><p>Dear {{name|customer}},</p><p>please find our invoice {{invoice}} over {{amount}} €.</p></body></html>
--x--
"""


def prepare(folder, rows):
    (folder / "pdf").mkdir()
    for i in range(FILES):
        (folder / "pdf" / f"{i}.pdf").write_bytes(b"%PDF-1.7 " + os.urandom(FILE_BYTES - 9))
    with open(folder / "customers.csv", "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["email", "name", "invoice", "amount", "attachment"])
        out.writerows([f"customer{i}@example.com", f"Customer Müller {i}", f"2026-{i}", f"{i % 1000},00", f"pdf/{i % FILES}.pdf"]
                      for i in range(rows))
    (folder / "invoice.eml").write_text(TEMPLATE)
    (folder / "postrider.conf").write_text(f'hostname = "relay.test"\ndata = "{folder}/data"\nlisten "127.0.0.1:2597" {{ security = "none" }}\n'
                                           'route "out" { smarthost = "127.0.0.1:9" security = "none" }\n')


def start_relay(program, folder):
    relay = subprocess.Popen([program, "serve", "--config", folder / "postrider.conf"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while "ready on" not in relay.stdout.readline():
        if relay.poll() is not None:
            sys.exit("the relay does not start")
    return relay


def usage(pid):
    """Seconds of CPU, and memory of its own (without files it looks at) in MB."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    own = re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(own) / 1024


def measure(program, rows):
    with tempfile.TemporaryDirectory(prefix="batch-", dir=os.environ.get("BENCH_DIR", "/var/tmp"), ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        prepare(folder, rows)
        relay = start_relay(program, folder)
        begin = time.monotonic()
        sender = subprocess.Popen([program, "send", "--config", folder / "postrider.conf", "--merge", folder / "customers.csv",
                                   "--template", folder / "invoice.eml"], stdout=subprocess.DEVNULL)
        used = (0.0, 0.0)
        while sender.poll() is None:
            try:
                now = usage(sender.pid)
                used = (now[0], max(used[1], now[1]))
            except (AttributeError, OSError, IndexError):
                pass
            time.sleep(0.01)
        took = time.monotonic() - begin
        relay_used = usage(relay.pid)
        journal = sum(1 for _ in open(folder / "customers.results.journal")) - 1
        relay.send_signal(signal.SIGTERM)
        relay.wait(30)
        shutil.rmtree(folder / "data", ignore_errors=True)
    assert journal == rows, (journal, rows)
    return rows / took, used, relay_used


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    small = measure(program, rows // 10)
    rate, sender, relay = measure(program, rows)
    growth = (sender[1] - small[1][1]) * 1024 * 1024 / (rows - rows // 10)
    print(f"a batch of {rows} mails with 20 KB each: {rate:.0f} a second (bar {BAR}){'' if rate >= BAR else '  MISSED'}")
    print(f"  the sender: {sender[0] / rows * 1e6:.0f} us of CPU a mail, {sender[1]:.1f} MB peak ({small[1][1]:.1f} MB for a tenth: "
          f"{growth:.0f} bytes a mail); the relay: {relay[0] / rows * 1e6:.0f} us, {relay[1]:.1f} MB")
    return 0 if rate >= BAR and growth < 200 else 1


if __name__ == "__main__":
    sys.exit(main())
