# SPDX-License-Identifier: Apache-2.0
"""net/maildrop against a real mailbox: both protocols, both kinds of TLS, and what it must never do."""
import subprocess

from dovecots import PASSWORD, Dovecot
from relay import PROGRAM
from run import Skip

MAIL = "From: a@b.example\r\nMessage-ID: <{n}@b.example>\r\nSubject: {n}\r\n\r\n{body}\r\n"
TOOL = PROGRAM.parent / "tests/flow/maildrop_ask"


def ask(box, protocol, security, what, *more, host="127.0.0.1", password=PASSWORD, ca=None):
    if not TOOL.exists():
        raise Skip("maildrop_ask was not built")
    port = box.ports[protocol + ("s" if security == "tls" else "")]
    done = subprocess.run([TOOL, protocol, security, host, str(port), box.user, password, ca or box.ca, what, *more],
                          capture_output=True, text=True, timeout=60)
    lines = done.stdout.replace("\r\n", "\n").splitlines()
    return lines[-1].strip(), lines[:-1]


def filled(folder):
    box = Dovecot(folder)
    for n in ("one", "two", "three"):
        box.deliver(MAIL.format(n=n, body="x" * (5 if n != "two" else 5000)))
    return box


def test_look_fetch_put_away(folder):
    box = filled(folder)
    for protocol in ("imap", "pop3"):
        for security in ("tls", "starttls", "clear"):
            said, lines = ask(box, protocol, security, "list")
            assert said == "ok" and len(lines) == 3, (protocol, security, said, lines)
            assert [int(x.split()[1]) > 5000 for x in lines] == [False, True, False], lines
            assert all(x.endswith("new") for x in lines) or protocol == "pop3"
    said, lines = ask(box, "imap", "tls", "list", "<two@b.example>")
    assert said == "ok" and len(lines) == 1, lines
    uids = {x.split()[0] for x in ask(box, "pop3", "tls", "list")[1]}
    assert len(uids) == 3 and not any(x.isdigit() for x in uids), uids
    said, lines = ask(box, "pop3", "tls", "fetch")
    assert said == "ok" and "Subject: three" in lines and "x" * 5000 in lines, (said, lines)
    said, lines = ask(box, "imap", "tls", "fetch", "60")
    assert said.endswith("ok") and "Message-ID: <two@b.example>" in lines and "Subject: three" not in lines, (said, lines)
    said, _ = ask(box, "imap", "starttls", "move", "Gone.Far")
    assert said == "ok" and not box.mails(), said
    assert len(box.mails("Gone.Far")) == 3
    for protocol in ("imap", "pop3"):
        box.deliver(MAIL.format(n="four", body=""))
        assert ask(box, protocol, "tls", "delete")[0] == "ok"
        assert not box.mails(), protocol
    box.stop()


def test_what_goes_wrong(folder):
    box = filled(folder)
    for protocol in ("imap", "pop3"):
        said, _ = ask(box, protocol, "tls", "list", password="wrong")
        assert said.startswith("login"), said
        said, _ = ask(box, protocol, "tls", "list", ca="/etc/ssl/certs/ca-certificates.crt")
        assert said.startswith("certificate"), said
        said, _ = ask(box, protocol, "tls", "list", host="127.0.0.2")
        assert said.split()[0] in ("certificate", "connect"), said
        said, _ = ask(box, protocol, "clear", "list", host="192.0.2.1")
        assert said.startswith("tls nothing goes in clear"), said
    assert "192.0.2.1" not in box.log()
    box.stop()


def test_no_starttls_no_password(folder):
    """A server (or who sits in between) that hides STARTTLS gets no password."""
    box = Dovecot(folder, ssl="no")
    for protocol in ("imap", "pop3"):
        said, _ = ask(box, protocol, "starttls", "list")
        assert said.startswith("tls"), said
        assert "Login: user" not in box.log()
    box.stop()
