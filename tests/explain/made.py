# SPDX-License-Identifier: Apache-2.0
"""Logs and reports made for a test."""


def log_lines(n, bad=7):
    """n messages of a Postfix log, one minute apart; every bad'th is refused."""
    for i in range(n):
        at = f"Nov {1 + i // 1440 % 20:2} {i // 60 % 24:02}:{i % 60:02}:00 mx postfix"
        q = f"{i:010X}"
        said = "dsn=2.0.0, status=sent (250 2.0.0 Ok)" if i % bad else \
            "dsn=5.1.1, status=bounced (host mx.b.example[192.0.2.2] said: 550 5.1.1 <x@b.example>: User unknown)"
        yield (f"{at}/qmgr[1]: {q}: from=<app@a.example>, size=471, nrcpt=1 (queue active)\n"
               f"{at}/smtp[2]: {q}: to=<u{i % 9}@b.example>, relay=mx.b.example[192.0.2.2]:25, delay=1, {said}\n"
               f"{at}/qmgr[1]: {q}: removed\n")


REPORT = """Return-Path: <>
From: MAILER-DAEMON@mx.example
To: app@a.example
Subject: Delivery report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

%s
--b
Content-Type: text/rfc822-headers

Message-ID: <one@a.example>
Subject: Invoice 4711
From: app@a.example

--b--
"""


def report(*recipients):
    return (REPORT % "\n\n".join(f"Final-Recipient: rfc822; {a}\nAction: {act}\nStatus: {st}\nRemote-MTA: dns; mx.b.example"
                                  f"\nDiagnostic-Code: smtp; {said}" for a, act, st, said in recipients)).encode()
