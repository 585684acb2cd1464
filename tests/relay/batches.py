# SPDX-License-Identifier: Apache-2.0
"""A table and a template, sent as a batch through a relay."""
import collections
import csv
import email
import email.policy
import subprocess

from ports import free_port
from relay import PROGRAM, Relay

TEMPLATE = """From: Büro <clerk@acme.example>
To: {{name|}} <{{email}}>
Subject: Invoice {{invoice}} for {{name|you}}

Dear {{name|customer}},

please pay {{amount}} €.
"""


def serve(folder, sink, extra="", start=True):
    return Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\n'
                         f'route "out" {{ smarthost = "127.0.0.1:{sink.port}" security = "none" }}\n{extra}', listen=False, start=start)


def table(folder, rows, name="customers.csv", separator=","):
    path = folder / name
    with open(path, "w", newline="") as f:
        csv.writer(f, delimiter=separator).writerows([["email", "name", "invoice", "amount", "attachment"], *rows])
    (folder / "invoice.eml").write_text(TEMPLATE)
    return path


def invoices(folder, n):
    """n rows, each with a file of its own."""
    (folder / "pdf").mkdir(exist_ok=True)
    for i in range(n):
        (folder / "pdf" / f"{i}.pdf").write_bytes(b"%PDF-1.4 " + str(i).encode() * 500)
    return [[f"c{i}@example.com", f"Custømer {i}", f"2026-{i}", f"{i},00", f"pdf/{i}.pdf"] for i in range(n)]


def send(relay, path, *words, check=None):
    return relay.run("send", "--merge", str(path), "--template", str(path.parent / "invoice.eml"), *words, check=check)


def results(path):
    with open(path.with_suffix(".results.csv"), newline="") as f:
        return list(csv.DictReader(f))


def subjects(sink):
    """How often each invoice came."""
    heads = (email.message_from_bytes(m["data"].split(b"\r\n\r\n", 1)[0], policy=email.policy.default)
             for m in sink.messages if m["sender"])  # no reports
    return collections.Counter(str(head["Subject"]).split()[1] for head in heads)


def begin(relay, path):
    return subprocess.Popen([PROGRAM, "send", "--config", relay.conf, "--merge", path, "--template", path.parent / "invoice.eml"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
