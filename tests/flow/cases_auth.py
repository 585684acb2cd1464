# SPDX-License-Identifier: Apache-2.0
"""Logins: Postfix with Dovecot's SASL, and Dovecot's own submission server."""
import sys

from case import Case, LOGIN_587, MAIL_587
from dovecot import Dovecot
from postfix import Postfix

NO_LOGIN = {"587": {"smtpd_sasl_auth_enable": "no"}}

def as_user(name):
    return ["mail.acme.example:587", "--user", name, "--password-file", "{password}"]


def submission(**options):
    """Dovecot takes the mail on 587 and hands it to Postfix on 25, which trusts loopback."""
    return [Dovecot(submission=587, **options),
            Postfix({"inet_interfaces": "all"}, ports={"587": None, "465": None}, address="0.0.0.0")]


def dovecot_dies(world):
    """A first session makes smtpd learn the mechanisms; then Dovecot ends.  smtpd is used again."""
    world.at_office(sys.executable, "-c", FIRST_SESSION)
    world.stop("dovecot")


FIRST_SESSION = """
import smtplib, ssl
s = smtplib.SMTP("192.0.2.25", 587, timeout=10)
s.ehlo()
s.starttls(context=ssl._create_unverified_context())
s.ehlo()
s.quit()
"""
CASES = [
    Case("auth-wrong-password", [Dovecot(), Postfix()], LOGIN_587, "auth-bad-credentials", password="wrong",
         never=["auth-account-locked-or-disabled", "cfg-username-not-full-address"]),
    Case("auth-unknown-user", [Dovecot(), Postfix()], as_user("nobody@acme.example"), "auth-bad-credentials"),
    Case("auth-stray-space", [Dovecot(), Postfix()], LOGIN_587, "cfg-password-stray-space", password="correct horse "),
    Case("auth-user-without-domain", [Dovecot(), Postfix()], as_user("clerk"), "cfg-username-not-full-address"),
    Case("auth-off", [Dovecot(), Postfix(ports=NO_LOGIN)], LOGIN_587, "auth-not-offered",
         never=["cfg-security-none-rejected", "auth-bad-credentials"]),
    Case("auth-discarded", [Dovecot(), Postfix({"smtpd_discard_ehlo_keywords": "auth"})], LOGIN_587, "auth-not-offered"),
    Case("auth-other-mechanism", [Dovecot(mechanisms="cram-md5"), Postfix()], [*LOGIN_587, "--auth", "plain"],
         "auth-mechanism-mismatch", never=["auth-bad-credentials"]),
    Case("auth-dies-between", [Dovecot(), Postfix()], LOGIN_587, "auth-temporary-454", before=dovecot_dies,
         never=["auth-bad-credentials"]),
    Case("auth-dead", [Postfix()], LOGIN_587, "ehlo-421-after", never=["auth-bad-credentials", "auth-not-offered"]),
    Case("auth-no-login", [Dovecot(), Postfix({"smtpd_relay_restrictions": "permit_sasl_authenticated, reject"})],
         ["mail.acme.example:587", "--from", "clerk@acme.example", "--to", "ann@partner.example"], "auth-required-530"),
    Case("dovecot-wrong-password", submission(), LOGIN_587, "auth-bad-credentials", password="wrong"),
    Case("dovecot-security-none", submission(), [*LOGIN_587, "--security", "none"], "cfg-security-none-rejected"),
    Case("dovecot-certificate-expired", submission(cert="expired"), LOGIN_587, "tls-cert-expired"),
    # Its login process may end the TLS session before it has passed on the 421 of the process behind it.
    Case("dovecot-relay-down", [Dovecot(submission=587)], MAIL_587,
         warns=["rs-destination-not-responding"], verdict="warning", never=["auth-bad-credentials"],
         swallowed="dialogue-cut"),
]
