# SPDX-License-Identifier: Apache-2.0
"""Mail servers that mean ill: at each step, in TLS, in their offers, with a secret they were told."""
import ssl

import harm
import smtp
from dns import Dns
from harm import Server
from judge import judged
from world import MAIL, USER, zone


def smtp_case(name, talk, *args, healthy=False, login=True, security="starttls"):
    def body(world):
        with Dns(zone()) as dns, Server(talk(world)) as server:
            return judged(world, name, world.base(dns, server.port, *args, login=login, security=security),
                          healthy=healthy)
    return name, body


ILL = {"silence": harm.silence, "eof": harm.close, "reset": harm.reset, "endless-line": harm.endless_line,
       "endless-reply": harm.endless_reply, "no-line-end": harm.no_end_of_line, "byte-a-second": harm.drip,
       "garbage": harm.garbage, "421": harm.go_away, "nuls": harm.nuls, "300-replies": harm.many_replies, "odd-codes": harm.odd_code,
       "half-closed": harm.half_closed, "steering": harm.steering}


def step_cases():
    for step in harm.STEPS:
        args = MAIL + (("--until", "message") if step in ("data", "dot") else ())
        for word, bad in ILL.items():
            # Odd but with a good code: to name it is allowed, not demanded.
            healthy = word in ("nuls", "300-replies")
            if step == "handshake" and word in ("nuls", "300-replies", "steering"):
                continue
            yield smtp_case(f"{step}/{word}", lambda w, s=step, b=bad: smtp.Smtp(w.tls, s, b), *args, healthy=healthy)


def tls_cases():
    for word, bad in (("byte-a-second", smtp.tls_drip), ("16-mb-message", smtp.tls_records_for_ever),
                      ("empty-records", smtp.tls_empty_records), ("warnings", smtp.tls_warnings)):
        yield smtp_case(f"tls/{word}", lambda w, b=bad: smtp.Smtp(w.tls, "handshake", smtp.on_handshake(b)))
        yield smtp_case(f"tls-first/{word}", lambda w, b=bad: smtp.Smtp(w.tls, "handshake", smtp.on_handshake(b),
                                                                      implicit=True), security="tls")
    yield smtp_case("tls/10-mb-chain", lambda w: smtp.Smtp(smtp.server_context(w.path("cert.pem"), None)
                                                         if not w.path("huge.pem").exists() else huge_context(w)))


def huge_context(world):
    x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    x.load_cert_chain(world.path("huge.pem"), world.path("cert.key"))
    return x


def ehlo_cases():
    giant = tuple(f"X-KEYWORD-{i} " + "parameter " * 20 for i in range(2000))
    many = tuple(f"X{i}" for i in range(250))
    mechanisms = " ".join(f"MECH-{i}" for i in range(5000))
    yield smtp_case("ehlo/giant", lambda w: smtp.Smtp(w.tls, keywords=giant))
    yield smtp_case("ehlo/250-keywords", lambda w: smtp.Smtp(w.tls, keywords=many), healthy=True)
    yield smtp_case("ehlo/5000-mechanisms", lambda w: smtp.Smtp(w.tls, mechanisms=mechanisms))
    yield smtp_case("ehlo/size-overflow", lambda w: smtp.Smtp(w.tls, keywords=("SIZE 99999999999999999999999999",)),
                    *MAIL, healthy=True)


ECHOES = {
    "plain": lambda got, plain: b"535 5.7.8 bad password " + plain.replace(b"\0", b" ") + b"\r\n",
    "base64": lambda got, plain: b"535 5.7.8 bad response " + b" ".join(got) + b"\r\n",
    "lines": lambda got, plain: b"535-5.7.8 you sent\r\n535-" + plain.replace(b"\0", b"\r\n535-") + b"\r\n535 5.7.8 no\r\n",
    "accepted": lambda got, plain: b"235 2.7.0 welcome " + plain.replace(b"\0", b"/") + b"\r\n",
    "no-code": lambda got, plain: plain.replace(b"\0", b"\n") + b"\r\n",
    "quoted": lambda got, plain: b'454 4.7.0 cannot check "' + plain + b'" now [' + b"".join(got) + b"]\r\n",
}


def secret_cases():
    for word, how in ECHOES.items():
        for mechanism in ("PLAIN", "LOGIN"):
            yield smtp_case(f"secret/{mechanism.lower()}-{word}",
                            lambda w, m=mechanism, h=how: smtp.Smtp(w.tls, mechanisms=m, auth=smtp.echo_secret(h)),
                            healthy=word == "accepted")
        yield token_case(f"secret/xoauth2-{word}", how, healthy=word == "accepted")
    yield smtp_case("secret/challenges", lambda w: smtp.Smtp(w.tls, auth=smtp.challenges_for_ever))
    yield smtp_case("secret/challenges-login", lambda w: smtp.Smtp(w.tls, mechanisms="LOGIN", auth=smtp.challenges_for_ever))
    yield smtp_case("secret/challenges-scram", lambda w: smtp.Smtp(w.tls, mechanisms="SCRAM-SHA-256 CRAM-MD5",
                                                                 auth=smtp.challenges_for_ever))


def token_case(name, how, healthy):
    def body(world):
        with Dns(zone()) as dns, Server(smtp.Smtp(world.tls, mechanisms="XOAUTH2", auth=smtp.echo_secret(how))) as s:
            command = world.base(dns, s.port, "--user", USER, "--oauth-token-file", str(world.path("token")), login=False)
            return judged(world, name, command, healthy=healthy)
    return name, body


def all_cases():
    for group in (step_cases(), tls_cases(), ehlo_cases(), secret_cases()):
        yield from group
