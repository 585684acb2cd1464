# SPDX-License-Identifier: Apache-2.0
"""OpenSMTPD and Haraka as next servers, nodemailer as a client."""
import contextlib
import json
import re
import smtplib
import subprocess
import time

import node
import opensmtpd
from certs import Authority
from door import PASSWORD, ROUTE, account, certificate, stored
from haraka import Haraka
from opensmtpd import OpenSmtpd
from relay import MAIL, Relay
from sink import Sink

RETRY = 'retry { first = "1s" most = "2s" }\n'
BIG = MAIL + ("x" * 70 + "\r\n") * 3000


def only(trail):
    assert len(trail["recipients"]) == 1, trail
    return trail["recipients"][0]


@contextlib.contextmanager
def behind(folder, server, more="", head=""):
    """The relay with a route in the clear for example.net."""
    relay = Relay(folder, head + RETRY + f'route "open" {{ recipients = {{ "*@example.net" }} smarthost = "{server.where}" '
                  f'security = "none" }}\n' + more)
    try:
        yield relay
    finally:
        relay.stop()
        server.stop()


def expect_too_big(relay):
    """What the next server said of its limit at its EHLO is known at our door."""
    with smtplib.SMTP("127.0.0.1", relay.port, local_hostname="client.test") as client:
        client.ehlo()
        client.mail("app@example.com")
        client.rcpt("b@example.net")
        code, text = client.data(BIG)
        assert code == 552 and b"the next server for <b@example.net> takes at most" in text, (code, text)


def expect_busy(relay, code=421):
    """It says so and hangs up.  Last: the lane rests then."""
    busy = only(relay.trail(relay.submit(rcpts=["busy@example.net"]), {"delayed"}))
    assert busy["code"] == code and busy["finding"] == "banner-421-busy", busy


def test_opensmtpd(folder):
    server = OpenSmtpd(folder)
    with behind(folder, server) as relay:
        plain = only(relay.trail(relay.submit(), {"handed-over"}))
        assert f"msgid={plain['remote_id']} " in server.log, (plain, server.log)
        grey = only(relay.trail(relay.submit(rcpts=["grey@example.net"]), {"delayed"}))
        assert grey["finding"] == "rcpt-greylisted" and grey["code"] == 451, grey
        expect_too_big(relay)
        expect_busy(relay)


def expect_sent(relay, recipient):
    x = only(relay.trail(relay.submit(mail=MAIL.replace("invoice", recipient), rcpts=[recipient]), {"handed-over"}))
    assert x["tls"].startswith("TLSv1"), x


def test_opensmtpd_login(folder):
    """Over STARTTLS whose certificate is checked, in both ways it offers; a wrong password, and a stranger's certificate."""
    authority = Authority(folder)
    server = OpenSmtpd(folder, certificate=authority.certificate("127.0.0.1"))
    (folder / "other").mkdir()
    stranger = OpenSmtpd(folder / "other", certificate=authority.certificate("elsewhere.test"))
    for name, word in (("password", opensmtpd.PASSWORD), ("wrong", "correct donkey")):
        (folder / name).write_text(word + "\n")
        (folder / name).chmod(0o600)

    def route(domain, more, to=server, password="password"):
        return f'route "{domain}" {{ recipients = {{ "*@{domain}.test" }} smarthost = "{to.where}" security = "starttls" ' \
               f'user = "clerk" password-file = "{folder}/{password}" {more} }}\n'
    relay = Relay(folder, f'ca-file = "{authority.file}"\n{RETRY}' + route("plain", 'auth = "plain"') + route("login", 'auth = "login"') +
                  route("wrong", "", password="wrong") + route("stranger", "", stranger))
    expect_sent(relay, "b@plain.test")
    expect_sent(relay, "b@login.test")
    assert server.log.count("authentication user=clerk result=ok") == 2, server.log
    late = only(relay.trail(relay.submit(rcpts=["b@wrong.test"]), {"delayed"}))
    assert late["code"] == 535 and late["finding"].startswith("auth-"), late
    alien = only(relay.trail(relay.submit(rcpts=["b@stranger.test"]), {"delayed"}))
    assert alien["finding"] in ("tls-cert-name-mismatch", "tls-cert-ip-mismatch"), alien
    assert "authentication" not in stranger.log and "AUTH" not in stranger.log, stranger.log
    relay.stop()
    server.stop()
    stranger.stop()


def haraka_behind(folder):
    """And one with STARTTLS and login for all else."""
    authority = Authority(folder)
    server = Haraka(folder, authority.certificate("127.0.0.1"))
    (folder / "password").write_text("correct horse\n")
    (folder / "password").chmod(0o600)
    login = f'route "login" {{ smarthost = "{server.where}" security = "starttls" user = "clerk@acme.example" ' \
            f'password-file = "{folder}/password" }}\n'
    return server, behind(folder, server, login, f'ca-file = "{authority.file}"\n')


def test_haraka(folder):
    server, place = haraka_behind(folder)
    with place as relay:
        plain = only(relay.trail(relay.submit(mail=MAIL + ".dots\r\n..more\r\n"), {"handed-over"}))
        taken = server.taken[0]
        assert plain["remote_id"] == taken["uuid"], (plain, taken)
        assert taken["body"].endswith("Hello.\r\n.dots\r\n..more\r\n") and not taken["user"], taken
        safe = only(relay.trail(relay.submit(sender="clerk@acme.example", rcpts=["c@elsewhere.test"]), {"handed-over"}))
        assert safe["tls"].startswith("TLSv1") and {t["user"] for t in server.taken} == {"", "clerk@acme.example"}, server.taken
        grey = relay.trail(relay.submit(rcpts=["grey@example.net"]), {"handed-over"}, seconds=20)
        assert any(e["state"] == "delayed" and e.get("finding") == "rcpt-greylisted" for e in grey["trail"]), grey
        gone = only(relay.trail(relay.submit(rcpts=["nobody@example.net"]), {"refused"}))
        assert gone["finding"] == "rcpt-user-unknown", gone
        expect_too_big(relay)
        expect_busy(relay, 450)


def expect_patience(folder, server, rcpts, seconds, taken):
    """All pauses are waited for, nothing goes out twice, and mail on another way is handed over meanwhile."""
    sink = Sink()
    with behind(folder, server, f'route "else" {{ smarthost = "{sink.where}" security = "none" }}\n') as relay:
        begin = time.monotonic()
        message = relay.submit(rcpts=rcpts)
        relay.trail(relay.submit(mail=MAIL + "else\r\n", rcpts=["b@elsewhere.test"]), {"handed-over"})
        assert not taken() and time.monotonic() - begin < seconds
        trail = relay.trail(message, {"handed-over"}, seconds=20)
        assert time.monotonic() - begin >= seconds
        assert [r["remote_id"] for r in trail["recipients"]] == taken() * len(rcpts), (trail, taken())
        assert not any(e["state"] in ("delayed", "in-doubt") for e in trail["trail"]), trail


def test_opensmtpd_is_slow(folder):
    """A filter of its own waits before the greeting, a recipient's answer, and the answer to the dot."""
    server = OpenSmtpd(folder, slow=0.7)
    expect_patience(folder, server, ["b@example.net"], 2.1, lambda: re.findall(r"msgid=(\w+) size=", server.log))


def test_haraka_is_slow(folder):
    """A plugin waits in the same places, and what it says comes in pieces of nine bytes."""
    server = Haraka(folder, slow=0.5)
    expect_patience(folder, server, ["b@example.net", "c@example.net"], 2, lambda: [t["uuid"] for t in server.taken])


def hand_in(options, *mails):
    """One answer a mail, in the order they came."""
    node.modules()
    words = json.dumps({"options": options, "mails": mails})
    done = subprocess.run(["node", str(node.SOURCE / "hand_in.js")], input=words, capture_output=True, text=True, timeout=40,
                          env={"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_PATH": str(node.modules())}, check=False)
    assert len(done.stdout.splitlines()) == len(mails), done.stdout + done.stderr
    return [json.loads(x) for x in done.stdout.splitlines()]


def test_nodemailer(folder):
    r = Relay(folder, certificate(folder) + ROUTE + account(more='senders = { "*@example.com" }  max-size = "100K"') +
              'listen "127.0.0.1:0" { security = "starttls"  login = "required" }\n'
              'listen "127.0.0.2:0" { security = "tls"  login = "required" }\n', listen=False)
    ca = {"ca": (folder / "cert.pem").read_text()}
    auth = {"user": "app@example.com", "pass": PASSWORD}
    safe = {"host": "127.0.0.1", "port": r.ports[0], "requireTLS": True, "tls": ca, "auth": auth}
    mail = {"from": "Büro <app@example.com>", "to": ["b@example.net", "Ü <c@example.net>"], "subject": "Rechnung für Müller",
            "text": ".\n.. dots\nGrüße\n", "html": "<p>Grüße</p>",
            "attachments": [{"filename": "Rechnung März.pdf", "content": "JVBERi0xLjQK" * 400, "encoding": "base64"}],
            "dsn": {"id": "QQ+1=4", "return": "headers", "notify": ["failure", "delay"], "recipient": "app@example.com"}}
    done, = hand_in(safe, mail)
    assert re.match(r"250 2\.0\.0 queued as \w+ \(durable\)", done.get("response", "")), done
    assert done["accepted"] == ["b@example.net", "c@example.net"]
    trail = r.trail(done["response"].split()[4], {"delayed"})
    assert trail["subject"] == "Rechnung für Müller" and len(trail["recipients"]) == 2, trail
    pool = {"host": "127.0.0.2", "port": r.ports[1], "secure": True, "tls": ca, "auth": auth, "pool": True, "maxConnections": 2}
    pool_mails = [{"from": "app@example.com", "to": "b@example.net", "subject": f"pool {i}", "text": f"number {i} of many"}
                  for i in range(30)]
    done = hand_in(pool, *pool_mails)
    assert all("queued as" in d.get("response", "") for d in done), done
    assert all(stored(r, *(f"number {i} of many".encode() for i in range(30))))
    late, = hand_in({**safe, "auth": {**auth, "pass": "wrong"}}, mail)
    assert late["code"] == "EAUTH" and late["responseCode"] == 535, late
    alien, = hand_in(safe, {**mail, "from": "ceo@elsewhere.test"})
    assert alien["responseCode"] in (550, 553) and "MAIL FROM" in alien["command"], alien
    big, = hand_in(safe, {**mail, "attachments": [{"filename": "x", "content": "x" * 200000}]})
    assert big["responseCode"] == 552, big
    assert r.stop() == 0
