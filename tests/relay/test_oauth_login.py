# SPDX-License-Identifier: Apache-2.0
"""Logins by access token: XOAUTH2 and OAUTHBEARER against an identity provider that says what each token is worth."""
import base64
import json
import smtplib
import socket
import struct
import threading
import time

from certs import Authority
from door import ROUTE, Raw, account, trusting, wait_until
from identity import IdentityProvider
from relay import Relay
from test_clients import MAIL, QUEUED, need, run

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLXRoZS1hcHA"
APP = {"username": "app@example.com", "scope": "openid smtp", "token_type": "Bearer"}


def begin(folder, tokens=None, more="", extra="", security="none", provider=None):
    """An identity provider and a relay that asks it."""
    authority = Authority(folder)
    certificate, key = authority.certificate("127.0.0.1")
    idp = provider or IdentityProvider((certificate, key), tokens if tokens is not None else {TOKEN: APP})
    (folder / "secret").write_text("s3cret\n")
    relay = Relay(folder, f'ca-file = "{authority.file}"\ncertificate {{ file = "{certificate}"  key = "{key}" }}\n' + ROUTE +
                  f'identity-provider {{ introspection = "{idp.url}"  client-id = "relay"  '
                  f'client-secret-file = "{folder}/secret"  scope = "smtp"  {more} }}\n'
                  'account "app@example.com" { senders = { "*@example.com" } }\n' + extra +
                  f'listen "127.0.0.1:0" {{ security = "{security}"  login = "required" }}\n', listen=False)
    return idp, relay


def bearer(token, user="app@example.com"):
    return base64.b64encode(f"n,a={user},\1host=relay.test\1port=587\1auth=Bearer {token}\1\1".encode()).decode()


def xoauth2(token, user="app@example.com"):
    return base64.b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode()).decode()


def refused(c, word, acknowledge):
    """The dialogue of a refusal; returns the challenge's JSON and the last reply."""
    code, text = c.say(word)
    assert code == 334, (code, text)
    last = c.say(acknowledge)
    assert last[0] == 535 and last[1].startswith("5.7.8 "), last
    return json.loads(base64.b64decode(text)), last[1]


def try_it(relay, word):
    with Raw(relay.port) as c:
        c.hello()
        return c.say(word)


def test_programs(folder):
    """curl, msmtp and smtplib hand in a mail each; before TLS nothing is offered."""
    idp, relay = begin(folder, security="starttls")
    (folder / "mail").write_bytes(MAIL.encode())
    with Raw(relay.port, "127.0.0.1") as c:
        assert c.hello()
    for program in ("curl", "msmtp"):
        need(program)
    for option in ("XOAUTH2", "OAUTHBEARER"):
        # curl takes OAUTHBEARER where it is offered
        status, said = run("curl", "-sv", "--ssl-reqd", "--cacert", f"{folder}/ca.pem", "--mail-from", "app@example.com", "--mail-rcpt", "b@example.net", "-u", "app@example.com",
                           "--oauth2-bearer", TOKEN, "-T", f"{folder}/mail", f"smtp://127.0.0.1:{relay.port}")
        assert status == 0 and "AUTH OAUTHBEARER" in said and QUEUED.search(said), said
        (folder / "mail").write_bytes(MAIL.encode() + option.encode())
        status, said = run("msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={relay.port}", "--tls=on",
                           "--tls-starttls=on", f"--tls-trust-file={folder}/ca.pem", f"--auth={option.lower()}",
                           "--user=app@example.com", f"--passwordeval=echo {TOKEN}", "--from=app@example.com", "-v",
                           "b@example.net", stdin=MAIL + option)
        assert status == 0 and QUEUED.search(said), said
    with smtplib.SMTP("127.0.0.1", relay.port, local_hostname="client.test", timeout=20) as c:
        c.starttls(context=trusting(folder, "ca"))
        c.ehlo()
        assert c.esmtp_features["auth"].split() == ["XOAUTH2", "OAUTHBEARER"], c.esmtp_features  # the account has no password
        assert c.auth("XOAUTH2", lambda challenge=None: f"user=app@example.com\1auth=Bearer {TOKEN}\1\1")[0] == 235
        assert c.mail("other@example.org")[0] == 550  # the account's senders
        assert c.sendmail("app@example.com", ["b@example.net"], MAIL.replace("17", "18").encode()) == {}
    with smtplib.SMTP("127.0.0.1", relay.port, local_hostname="client.test", timeout=20) as c:
        c.starttls(context=trusting(folder, "ca"))
        c.ehlo()
        try:
            c.auth("XOAUTH2", lambda challenge=None: "user=app@example.com\1auth=Bearer wrong\1\1" if challenge is None else "")
            raise AssertionError("a wrong token came through")
        except smtplib.SMTPAuthenticationError as e:
            assert e.smtp_code == 535 and b"5.7.8" in e.smtp_error, e
    assert idp.asked == [TOKEN, "wrong"]  # each once, whoever showed it
    for path in [folder / "serve.log", *(relay.data / "log").iterdir()]:
        text = path.read_text()
        assert TOKEN not in text and xoauth2(TOKEN)[40:] not in text and "s3cret" not in text, path
    assert not any(TOKEN.encode() in x.read_bytes() for x in relay.data.rglob("*") if x.is_file())
    assert relay.stop() == 0


def test_never_before_tls(folder):
    """Off loopback (by this machine's own address) neither is it offered in clear nor taken."""
    address = own_address()
    if not address:
        return
    authority = Authority(folder)
    certificate, key = authority.certificate("127.0.0.1")
    (folder / "secret").write_text("x\n")
    relay = Relay(folder, f'certificate {{ file = "{certificate}"  key = "{key}" }}\n' + ROUTE +
                  f'identity-provider {{ introspection = "https://127.0.0.1:9/i"  client-id = "c"  client-secret-file = "{folder}/secret" }}\n'
                  'account "app@example.com" {}\nlisten "0.0.0.0:0" { security = "starttls"  login = "required" }\n', listen=False)
    with Raw(relay.port, address) as c:
        assert not any(x.startswith("AUTH") for x in c.hello())
        assert c.say("AUTH XOAUTH2 " + xoauth2(TOKEN))[0] == 530
        assert c.say("STARTTLS")[0] == 220
        c.tls()
        assert "AUTH XOAUTH2 OAUTHBEARER" in c.hello()
    assert relay.stop() == 0


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        address = s.getsockname()[0]
        return "" if address.startswith("127.") else address


def test_what_tokens_are_worth(folder):
    now = time.time()
    tokens = {
        "good": APP,
        "late": {**APP, "exp": now - 1},
        "early": {**APP, "nbf": now + 1000},
        "elsewhere": {**APP, "aud": ["imap"]},
        "here": {**APP, "aud": ["imap", "relay.test"], "exp": now + 100},
        "unscoped": {**APP, "scope": "openid smtp.read", "aud": "relay.test"},
        "bound": {**APP, "cnf": {"jkt": "x"}, "aud": "relay.test"},
        "refresh": {**APP, "token_type": "Refresh", "aud": "relay.test"},
        "nameless": {"scope": "smtp", "aud": "relay.test"},
        "stranger": {**APP, "username": "nobody@example.com", "aud": "relay.test"},
        "mapped": {**APP, "username": "Sub|17", "aud": "relay.test"},
        "almost": {**APP, "username": "sub|17", "aud": "relay.test"},
    }
    idp, relay = begin(folder, tokens, 'audience = { "relay.test" }',
                       extra='account "box@example.com" { token-user = "Sub|17" }\n')
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer("here"))[0] == 235
    assert try_it(relay, "AUTH OAUTHBEARER " + base64.b64encode(b"n,,\1auth=Bearer here\1\1").decode())[0] == 235  # no name said
    assert try_it(relay, "AUTH XOAUTH2 " + xoauth2("mapped", "box@example.com"))[0] == 235
    assert try_it(relay, "AUTH XOAUTH2 " + xoauth2("mapped", "Sub|17"))[0] == 235
    wrong = [("late", "invalid_token"), ("early", "invalid_token"), ("elsewhere", "insufficient_scope"),
             ("unscoped", "insufficient_scope"), ("bound", "invalid_token"), ("refresh", "invalid_token"),
             ("nameless", "invalid_token"), ("stranger", "invalid_token"), ("almost", "invalid_token"), ("unknown", "invalid_token")]
    for i, (token, status) in enumerate(wrong):
        with Raw(relay.port, source=f"127.1.0.{i + 2}") as c:  # an address each: ten failures bar one
            c.hello()
            said, _ = refused(c, "AUTH OAUTHBEARER " + bearer(token), "AQ==")
            assert said == {"status": status, "scope": "smtp"}, (token, said)
            assert c.say("MAIL FROM:<app@example.com>")[0] == 530
            # another's name with a good token; and the connection goes on
            said, text = refused(c, "AUTH XOAUTH2 " + xoauth2("here", "box@example.com"), "")
            assert said == {"status": "401", "schemes": "bearer", "scope": "smtp"} and "nobody who may send" in text, (said, text)
            assert c.say("AUTH OAUTHBEARER")[0] == 334  # no initial response
            assert c.say(bearer("here"))[0] == 235
    with Raw(relay.port) as c:
        c.hello()
        for word in (b"user=x", b"user=\1auth=Bearer a\1\1", b"user=x\1auth=Basic a\1\1", b"user=x\1auth=Bearer \1\1",
                     b"user=x\1auth=Bearer a b\1\1", b"user=x\1auth=Bearer a\1", b"", b"\0\1\1"):
            assert c.say(b"AUTH XOAUTH2 " + (base64.b64encode(word) or b"=") + b"\r\n")[0] == 501, word
        assert c.say("AUTH OAUTHBEARER " + bearer("unknown"))[0] == 334
        assert c.say("*")[0] == 501
    assert len(idp.asked) == len(set(idp.asked)) == len(tokens), idp.asked  # all but "good", and one unknown
    assert relay.stop() == 0


def test_guesses_are_counted(folder):
    """Ten from one address, and no more is asked; leaving before the 535 helps nobody."""
    idp, relay = begin(folder)
    for i in range(10):
        with Raw(relay.port, source="127.1.0.9") as c:
            c.hello()
            assert c.say("AUTH OAUTHBEARER " + bearer(f"guess{i}"))[0] == 334
    with Raw(relay.port, source="127.1.0.9") as c:
        c.hello()
        code, text = c.say("AUTH OAUTHBEARER " + bearer(TOKEN))
        assert code == 454 and "Too many failed logins" in text, (code, text)
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 235
    assert len(idp.asked) == 11
    assert relay.stop() == 0


def test_who_leaves_is_counted(folder):
    """Who hangs up while it is asked has failed all the same; who hangs up before that is not asked about."""
    gate = threading.Event()

    def inactive():
        gate.wait(9)
        return 200, b'{"active":false}'
    idp, relay = begin(folder, {TOKEN: APP, **{f"guess{i}": inactive for i in range(10)}})

    def ask(token):
        c = Raw(relay.port, source="127.1.0.10")
        c.hello()
        c.send("AUTH OAUTHBEARER " + bearer(token) + "\r\n")
        return c

    def hang_up(c):
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.socket.close()
    for first, last in (0, 4), (4, 8), (8, 10):
        gate.clear()
        clients = [ask(f"guess{i}") for i in range(first, last)]
        wait_until(lambda n=last: len(idp.asked) == n)
        if last == 4:
            clients += [ask(f"more{i}") for i in range(5)]
        for c in clients:
            hang_up(c)
        with Raw(relay.port) as c:  # it has seen that
            c.hello()
        gate.set()
        wait_until(lambda: not idp.now)
    wait_until(lambda: "Too many failed logins" in barred(relay, "127.1.0.10"))
    assert sorted(idp.asked) == [f"guess{i}" for i in range(10)], idp.asked
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 235
    assert relay.stop() == 0


def barred(relay, source):
    with Raw(relay.port, source=source) as c:
        c.hello()
        return c.say("AUTH OAUTHBEARER")[1]


def test_kept_and_forgotten(folder):
    """An answer is believed as long as said, never past the token's end; other settings ask again."""
    claims = {"end": {**APP, "exp": time.time() + 3}}
    idp, relay = begin(folder, {TOKEN: APP, "end": lambda: {**claims["end"]}}, 'keep = "10m"')
    for _ in range(3):
        assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 235
        assert try_it(relay, "AUTH OAUTHBEARER " + bearer("end"))[0] == 235
    assert idp.asked == [TOKEN, "end"]
    time.sleep(max(0, claims["end"]["exp"] - time.time()) + 0.1)
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer("end"))[0] == 334
    assert idp.asked == [TOKEN, "end", "end"]
    relay.conf.write_text(relay.conf.read_text().replace('scope = "smtp"', 'scope = "smtp mail"'))
    relay.signal(1)
    wait_until(lambda: "read again" in relay.said())
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 334
    relay.conf.write_text(relay.conf.read_text().replace('login = "required"', 'login = "required"  auth = { "plain" }').replace(
        'account "app', account("pw@example.com") + 'account "app'))
    relay.signal(1)
    wait_until(lambda: relay.said().count("read again") == 2)
    with Raw(relay.port) as c:
        assert "AUTH PLAIN" in c.hello()
        assert c.say("AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 504
    assert relay.stop() == 0


def test_provider_in_trouble(folder):
    """Could not be tested is not refused: 454, whatever is the matter; the log says it, once, with the mend."""
    tokens = {"busy": (503, b""), "page": (200, b"<html>"), "list": (200, b'[{"active":true}]'),
              "twice": (200, b'{"active":false,"active":true}'), "text": (200, b'{"active":"true"}'),
              "deep": (200, b'{"active":true,"x":' + b"[" * 60000 + b"]" * 60000 + b"}"),
              "big": (200, b'{"active":true,"username":"app@example.com","scope":"smtp","x":"' + b"a" * 70000 + b'"}'), TOKEN: APP}
    idp, relay = begin(folder, tokens)
    for token in list(tokens)[:-1]:
        code, text = try_it(relay, "AUTH OAUTHBEARER " + bearer(token))
        assert code == 454 and text.startswith("4.7.0 The access token could not be tested"), (token, code, text)
    (folder / "secret").write_text("changed\n")
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 454
    assert "HTTP 401" in relay.said() and "client-secret-file" in relay.said()
    (folder / "secret").write_text("s3cret\n")
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 235
    idp.server.shutdown()
    idp.server.server_close()
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer("new"))[0] == 454
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 235  # known
    assert relay.stop() == 0
    other = folder / "other"
    other.mkdir()
    stranger = IdentityProvider(Authority(other).certificate("127.0.0.1"), {TOKEN: APP})
    _, relay = begin(folder, provider=stranger)  # whose certificate nobody here trusts
    assert try_it(relay, "AUTH OAUTHBEARER " + bearer(TOKEN))[0] == 454
    assert not stranger.asked and "certificate" in relay.said()
    assert relay.stop() == 0


def test_slow_provider_delays_nobody_else(folder):
    """Thirty clients with two tokens and twenty with their own wait; others log in and send meanwhile."""
    idp, relay = begin(folder, {f"t{i}": APP for i in range(22)}, extra=account("pw@example.com"))
    idp.wait = 0.5
    results = []

    def ask(token):
        results.append(try_it(relay, "AUTH OAUTHBEARER " + bearer(token))[0])
    threads = [threading.Thread(target=ask, args=(f"t{i}",)) for i in range(8)]
    threads += [threading.Thread(target=ask, args=(f"t{i % 2}",)) for i in range(20)]
    for t in threads:
        t.start()
    wait_until(lambda: len(idp.asked) >= 4)
    plain = base64.b64encode(b"\0pw@example.com\0correct horse").decode()
    with Raw(relay.port) as c:
        c.hello()
        assert c.say("AUTH PLAIN " + plain)[0] == 235
        c.envelope()
        assert c.say("DATA")[0] == 354
        assert c.say("Subject: x\r\n\r\nx\r\n.")[0] == 250
    assert len(results) < 28 and idp.now, results
    with Raw(relay.port) as c:  # it goes while it is asked for
        c.hello()
        c.send("AUTH OAUTHBEARER " + bearer("t21") + "\r\n")
    for t in threads:
        t.join()
    assert results == [235] * 28, results
    assert idp.most <= 4 and len(idp.asked) == len(set(idp.asked)), (idp.most, idp.asked)
    idp.wait = 30
    with Raw(relay.port) as c:
        c.hello()
        c.send("AUTH OAUTHBEARER " + bearer("late") + "\r\n")
        wait_until(lambda: "late" in idp.asked)
        begun = time.monotonic()
        assert relay.stop() == 0 and time.monotonic() - begun < 5  # with a question under way
        assert "421 4.3.2" in (relay.data / "log/conversation.log").read_text()
