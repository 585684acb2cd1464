# SPDX-License-Identifier: Apache-2.0
"""Real clients hand over mail: swaks, msmtp, curl and Python's smtplib, in every mode."""
import base64
import email
import hashlib
import hmac
import re
import os
import shutil
import socket
import smtplib
import subprocess

from door import PASSWORD, ROUTE, Raw, account, certificate, codes, stored, trusting, wait_until
from relay import Relay
from run import Skip

MAIL = "From: app@example.com\r\nTo: b@example.net\r\nSubject: r\xe9sum\xe9 17\r\n\r\n.a line with a dot\r\n\r\nb\u00e4se\r\n"
QUEUED = re.compile(r"2\.0\.0 queued as ([0-9a-z]+) \(durable\)")


def full(folder):
    return Relay(folder, certificate(folder) + ROUTE + account(more='senders = { "*@example.com" }') +
                 'listen "127.0.0.1:0" { security = "starttls"  login = "required" }\n'
                 'listen "127.0.0.2:0" { security = "tls"  login = "required" }\n'
                 'listen "127.0.0.3:0" { security = "none" }\n', listen=False)


def need(program):
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")


def run(*command, stdin=""):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=40, check=False)
    return done.returncode, done.stdout + done.stderr


def test_swaks_starttls_login(folder):
    need("swaks")
    r = full(folder)
    for how in ("PLAIN", "LOGIN"):
        status, said = run("swaks", "--server", "127.0.0.1", "--port", str(r.port), "--tls", "-f", "app@example.com", "-t",
                           "b@example.net", "--auth", how, "--auth-user", "app@example.com", "--auth-password", PASSWORD)
        assert status == 0 and QUEUED.search(said), said
    status, said = run("swaks", "--server", "127.0.0.2", "--port", str(r.ports[1]), "--tls-on-connect", "-f",
                       "app@example.com", "-t", "b@example.net", "--auth-user", "app@example.com", "--auth-password", PASSWORD)
    assert status == 0 and QUEUED.search(said), said
    status, said = run("swaks", "--server", "127.0.0.1", "--port", str(r.port), "--tls", "-f", "app@example.com", "-t",
                       "b@example.net", "--auth", "PLAIN", "--auth-user", "app@example.com", "--auth-password", "wrong")
    assert status != 0 and "535 5.7.8" in said, said
    assert r.stop() == 0


def test_swaks_pipeline(folder):
    need("swaks")
    r = full(folder)
    status, said = run("swaks", "--server", "127.0.0.3", "--port", str(r.ports[2]), "--pipeline", "-f", "app@example.com",
                       "-t", "b@example.net,c@example.net")
    assert status == 0 and QUEUED.search(said), said
    assert r.stop() == 0


def test_msmtp(folder):
    need("msmtp")
    r = full(folder)
    status, said = run("msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={r.port}", "--tls=on", "--tls-starttls=on",
                       f"--tls-trust-file={folder}/cert.pem", "--auth=plain", "--user=app@example.com",
                       f"--passwordeval=echo {PASSWORD}", "--from=app@example.com", "-v", "b@example.net", stdin=MAIL)
    assert status == 0 and QUEUED.search(said), said
    assert r.stop() == 0


def test_curl(folder):
    need("curl")
    r = full(folder)
    (folder / "mail").write_bytes(MAIL.encode())
    common = ["curl", "-sv", "--cacert", f"{folder}/cert.pem", "--mail-from", "app@example.com", "--mail-rcpt",
              "b@example.net", "-u", f"app@example.com:{PASSWORD}", "-T", f"{folder}/mail"]
    for url, more in ((f"smtp://127.0.0.1:{r.port}", ["--ssl-reqd"]), (f"smtps://localhost:{r.ports[1]}",
                      ["--connect-to", f"localhost:{r.ports[1]}:127.0.0.2:{r.ports[1]}"])):
        (folder / "mail").write_bytes(MAIL.encode() + url.encode())  # another message
        status, said = run(*common, *more, url)
        assert status == 0 and QUEUED.search(said), said
    assert r.stop() == 0


def test_smtplib_everything(folder):
    r = full(folder)
    context = trusting(folder)
    with smtplib.SMTP("127.0.0.1", r.port, local_hostname="client.test", timeout=20) as c:
        c.ehlo()
        assert not c.has_extn("auth") or c.sock.getpeername()[0] == "127.0.0.1"
        c.starttls(context=context)
        c.ehlo()
        for extension in ("pipelining", "size", "8bitmime", "smtputf8", "chunking", "dsn", "enhancedstatuscodes", "auth",
                          "requiretls", "limits"):
            assert c.has_extn(extension), extension
        assert not c.has_extn("starttls")
        assert c.login("app@example.com", PASSWORD)[0] == 235
        # DSN parameters
        assert c.mail("app@example.com", ["RET=HDRS", "ENVID=QQ314159", "SIZE=1000", "BODY=8BITMIME"])[0] == 250
        assert c.rcpt("b@example.net", ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;b@example.net"])[0] == 250
        assert c.data(MAIL.encode())[0] == 250
        # SMTPUTF8
        assert c.mail("j\u00fcrgen@example.com", ["SMTPUTF8"])[0] == 250
        assert c.rcpt("b\u00e4r@example.net")[0] == 250
        code, text = c.data(MAIL.replace("17", "18").encode())
        assert code == 250 and QUEUED.search(text.decode()), text
    with smtplib.SMTP_SSL("127.0.0.2", r.ports[1], context=context, local_hostname="client.test") as c:
        c.login("app@example.com", PASSWORD)
        c.sendmail("app@example.com", ["b@example.net"], MAIL.replace("17", "19").encode())
    assert r.stop() == 0


def test_chunking(folder):
    r = Relay(folder, ROUTE)
    body = MAIL.encode()
    for size in (1, 7, len(body)):
        with Raw(r.port) as c:
            c.hello()
            c.envelope()
            pieces = [body[i:i + size] for i in range(0, len(body), size)]
            for piece in pieces[:-1]:
                code, text = c.say(b"BDAT %d\r\n" % len(piece) + piece)
                assert code == 250, text
            code, text = c.say(b"BDAT %d LAST\r\n" % len(pieces[-1]) + pieces[-1])
            assert code == 250 and QUEUED.search(text), text
            code, text = c.say(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nBDAT 0 LAST\r\n")
            assert code == 250
    assert stored(r, b"\r\n\r\n.a line with a dot\r\n\r\nb\xc3\xa4se\r\n") == [True]
    assert r.stop() == 0


def test_all_pipelined_at_every_cut(folder):
    """A whole session in one piece, and cut in two at every byte: each reply comes, each once."""
    r = Relay(folder, ROUTE)
    mail = b"From: a@example.com\r\nSubject: %d\r\n\r\n..stuffed\r\n.\r\n"
    session = (b"EHLO client.test\r\nMAIL FROM:<a@example.com> SIZE=100\r\nRCPT TO:<b@example.net>\r\n"
               b"RCPT TO:<c@example.net>\r\nDATA\r\n" + mail + b"RSET\r\nMAIL FROM:<a@example.com>\r\n"
               b"RCPT TO:<b@example.net>\r\nBDAT 9\r\nSubject: BDAT 5 LAST\r\nx\r\n\r\nNOOP\r\nQUIT\r\n")
    want = [220, 250, 250, 250, 250, 354, 250, 250, 250, 250, 250, 250, 250, 221]
    for cut in range(0, len(session), 3):
        data = session.replace(b"%d", b"%03d" % cut)
        with Raw(r.port, greeting=False) as c:
            c.send(data[:cut])
            if cut:
                c.socket.setsockopt(6, 1, 1)
            c.send(data[cut:])
            got = c.rest()
            assert codes(got) == want, (cut, got)
    assert r.stop() == 0


def test_half_closed(folder):
    """A client that says no more after its QUIT still gets every answer."""
    r = Relay(folder, ROUTE)
    with Raw(r.port, greeting=False) as c:
        c.send("EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: 1\r\n\r\n1\r\n.\r\nQUIT\r\n")
        c.socket.shutdown(1)
        got = c.rest()
        assert codes(got) == [220, 250, 250, 250, 354, 250, 221], got
    assert r.stop() == 0


def head(r, mail, rcpts=("b@example.net",), sender="app@example.com"):
    """The stored message's header."""
    with Raw(r.port) as c:
        c.hello()
        c.envelope(sender, *rcpts)
        assert c.say("DATA")[0] == 354
        code, text = c.say(mail.encode() + b"\r\n.\r\n")
        assert code == 250, text
        name = QUEUED.search(text).group(1)
    blob = b"".join(x.read_bytes() for x in sorted(r.data.rglob("*")) if x.is_file() and "log" not in x.parts)
    at = blob.index(b"\r\n\tid " + name.encode())
    begin = blob.rindex(b"Received: ", 0, at)
    return email.message_from_bytes(blob[begin:blob.index(b"THE END", at)]), name


def test_trace_fields(folder):
    r = Relay(folder, ROUTE)
    message, name = head(r, "Subject: bare\r\n\r\nTHE END")
    received = " ".join(message["Received"].split())
    assert re.match(r"from client.test \(\[127.0.0.1\]\) by relay.test with ESMTP id " + name +
                    r" for <b@example.net>; \w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$", received), received
    assert message["Date"] and message["From"] == "<app@example.com>"
    assert re.match(r"<[^@<> ]+@relay.test>$", message["Message-ID"])
    message, _ = head(r, "From: x@example.com\r\nDate: Sat, 1 Jan 2028 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nTHE END",
                      rcpts=("b@example.net", "c@example.net"))
    assert len(message.get_all("Date")) == len(message.get_all("Message-ID")) == len(message.get_all("From")) == 1
    assert " for " not in message["Received"]
    message, _ = head(r, "no header at all THE END")
    assert message.get_payload().strip() == "no header at all", message.as_string()
    message, _ = head(r, "no header either\r\nDate: today\r\n\r\nTHE END")  # no field, so what follows is none
    assert message["From"] == "<app@example.com>" and message["Date"] != "today", message.as_string()
    assert message.get_payload().splitlines()[:2] == ["no header either", "Date: today"], message.as_string()
    message, _ = head(r, "Bcc: secret@example.com\r\nFrom: x@example.com\r\nreturn-path: <x@y>\r\nresent-bcc: z@y,\r\n"
                      "\tz@x\r\nTo: b@example.net\r\n\r\nTHE END")
    assert message.keys() == ["Received", "Date", "Message-ID", "From", "To"], message.as_string()
    assert r.stop() == 0


def test_headers_that_would_be_refused_tomorrow(folder):
    r = Relay(folder, ROUTE + 'local-domains = { "bounces.example.com" }\n')
    cases = [("From: a@b\r\nFrom: c@d", 550, "From"), ("From: a@b\r\nMessage-ID: <1@x>\r\nmessage-id: <2@x>", 550, "Message-ID"),
             ("From: a@b\r\nSubject: 1\r\nSubject: 2", 550, "Subject"), ("Date: 1\r\nFrom: a@b\r\nDate: 2", 550, "Date"),
             ("From nobody Mon Jan  1 00:00:00 2026\r\nFrom: a@b\r\nSubject: x", 550, "mbox"),
             ("From:\r\nSubject: x", 550, "From field in the header of the message is empty"),
             ("From: \r\n \t\r\nSubject: x", 550, "empty"), ("From: <>\r\nSubject: x", 550, "empty"),
             ("From: Scanner", 250, "queued"), ("From: root (Cron Daemon)", 250, "queued"),  # they never log in
             ("From: Office Scanner", 250, "queued"), ("From: undisclosed:;", 250, "queued"),
             ("From: a@b\r\nTo: undisclosed-recipients:;", 250, "queued"), ("From: Acme, Inc. <a@b>", 250, "queued"),
             ("Subject: no From at all", 250, "queued"),
             ("From: a@b\r\nTo: x@y\r\nTo: z@y", 550, "more than one To field"),
             (" folded\r\nFrom: a@b\r\nSubject: x", 550, "leave that line out (folded)"),
             (">From x@y Mon Jan  1\r\nFrom: a@b\r\nSubject: x", 550, "no header field"),
             ("From: a@b\r\nTo: x@y\r\nX: 1\r\nX: 2", 250, "queued")]
    for head_, want, word in cases:
        with Raw(r.port) as c:
            c.hello()
            c.envelope()
            assert c.say("DATA")[0] == 354
            code, text = c.say(head_.encode() + b"\r\n\r\nSubject: in the body\r\n.\r\n")
            assert code == want and word in text, (head_, code, text)
    assert r.stop() == 0


def test_message_that_loops(folder):
    r = Relay(folder, ROUTE)
    with Raw(r.port) as c:
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        code, text = c.say(b"Received: from a by b; now\r\n" * 60 + b"From: a@b\r\n\r\nx\r\n.\r\n")
        assert code == 554 and "5.4.6" in text, text
    assert r.stop() == 0


def test_a_password_file_without_a_password(folder):
    """Empty and unreadable are two things to mend."""
    r = Relay(folder, ROUTE + f'account "file@example.com" {{ password-file = "{folder}/pw" }}\n'
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    token = base64.b64encode(f"\0file@example.com\0{PASSWORD}".encode()).decode()
    for text, words in (("", "its first line is empty"), (None, "No such file"), ("\n" + PASSWORD, "its first line is empty")):
        (folder / "pw").write_text(text) if text is not None else (folder / "pw").unlink()
        with Raw(r.port) as c:
            c.hello()
            assert c.say(f"AUTH PLAIN {token}")[0] == 535
        wait_until(lambda: words in r.said(), why=r.said)
        assert "temporarily" not in r.said(), r.said()
    assert r.stop() == 0


def test_logins_of_every_kind(folder):
    (folder / "pw").write_text(PASSWORD + "\n")
    r = Relay(folder, ROUTE + f'account "file@example.com" {{ password-file = "{folder}/pw" }}\n'
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n'
              'listen "127.0.0.2:0" { security = "none"  login = "required"  auth = { "cram-md5" } }\n', listen=False)
    with Raw(r.port) as c:
        offered = [x for x in c.hello() if x.startswith("AUTH")]
        assert offered == ["AUTH PLAIN LOGIN SCRAM-SHA-256"], offered
        token = base64.b64encode(f"\0file@example.com\0{PASSWORD}".encode()).decode()
        assert c.say(f"AUTH PLAIN {token}")[0] == 235
        assert c.say(f"AUTH PLAIN {token}")[0] == 503
    with Raw(r.port) as c:
        c.hello()
        assert c.say("AUTH PLAIN")[0] == 334
        assert c.say("*")[0] == 501
        assert c.say("AUTH LOGIN")[0] == 334
        assert c.say(base64.b64encode(b"file@example.com").decode())[0] == 334
        assert c.say(base64.b64encode(b"wrong").decode())[0] == 535
        assert c.say("AUTH CRAM-MD5")[0] == 504
        assert c.say("MAIL FROM:<a@example.com>")[0] == 530
    with smtplib.SMTP("127.0.0.2", r.ports[1], local_hostname="c.test") as c:
        c.ehlo()
        assert c.esmtp_features["auth"].strip() == "CRAM-MD5"
        assert c.login("file@example.com", PASSWORD)[0] == 235
    assert r.stop() == 0
    said = (r.data / "log/conversation.log").read_text()
    assert "AUTH PLAIN [hidden]" in said and token not in said and base64.b64encode(b"wrong").decode() not in said


def scram(c, user, password):
    """A login by SCRAM-SHA-256 (RFC 7677); returns the last reply's code."""
    def coded(data):
        return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()

    def mac(key, data):
        return hmac.new(key, data.encode() if isinstance(data, str) else data, "sha256").digest()
    bare = f"n={user},r=fyko+d2lbbFgONRv9qkxdawL"
    code, text = c.say("AUTH SCRAM-SHA-256 " + coded("n,," + bare))
    assert code == 334, (code, text)
    first = base64.b64decode(text).decode()
    nonce, salt, count = (x[2:] for x in first.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(count))
    client, final = mac(salted, "Client Key"), f"c=biws,r={nonce}"
    signed = f"{bare},{first},{final}"
    proof = bytes(a ^ b for a, b in zip(client, mac(hashlib.sha256(client).digest(), signed)))
    code, text = c.say(coded(f"{final},p={coded(proof)}"))
    if code != 334:
        return code
    assert base64.b64decode(text) == b"v=" + coded(mac(mac(salted, "Server Key"), signed)).encode()
    return c.say("")[0]


def test_scram(folder):
    (folder / "pw").write_text(PASSWORD + "\n")
    r = Relay(folder, ROUTE + f'account "file@example.com" {{ password-file = "{folder}/pw" }}\n'
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    for user, password, code in (("file@example.com", "wrong", 535), ("nobody@example.com", PASSWORD, 535),
                                 ("file@example.com", PASSWORD, 235)):
        with Raw(r.port) as c:
            c.hello()
            assert scram(c, user, password) == code, (user, password)
            assert c.say("MAIL FROM:<a@example.com>")[0] == (250 if code == 235 else 530)
    (folder / "pw").write_text("another\n")  # counts at once
    with Raw(r.port) as c:
        c.hello()
        assert scram(c, "file@example.com", "another") == 235
    assert PASSWORD not in (r.data / "log/conversation.log").read_text()
    assert r.stop() == 0


def test_ipv6(folder):
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6") or not open("/proc/net/if_inet6").read():
        raise Skip("this machine has no IPv6")
    r = Relay(folder, ROUTE + 'listen "[::1]:0" { security = "none" }\nlisten "[::]:0" { security = "none" }\n', listen=False)
    assert "[::1]:" in r.said()
    own, every = (int(x) for x in re.findall(r"\]:(\d+)", r.said()))
    with Raw(own, "::1") as c:
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        assert c.say("Subject: six\r\n\r\nx\r\n.")[0] == 250
    assert stored(r, b"([IPv6:::1])") == [True]
    with Raw(every, "::1") as c:
        c.hello()
        c.envelope()
    assert r.stop() == 0
