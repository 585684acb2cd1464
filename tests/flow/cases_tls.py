# SPDX-License-Identifier: Apache-2.0
"""Certificates and STARTTLS of a real Postfix."""
from case import AT_587, Case, LOGIN_587
from dovecot import Dovecot
from postfix import Postfix

CASES = [
    Case("tls-cert-expired", [Dovecot(), Postfix(cert="expired")], LOGIN_587, "tls-cert-expired",
         never=["tls-cert-not-yet-valid", "client-clock-wrong", "auth-bad-credentials"]),
    Case("tls-cert-self-signed", [Dovecot(), Postfix(cert="self-signed")], AT_587, "tls-cert-self-signed",
         never=["tls-cert-private-ca", "tls-cert-unknown-ca"]),
    Case("tls-cert-wrong-name", [Dovecot(), Postfix(cert="wrong-name")], AT_587, "tls-cert-name-mismatch"),
    Case("tls-cert-no-chain", [Dovecot(), Postfix(cert="no-chain")], AT_587, "tls-cert-chain-incomplete",
         never=["tls-cert-unknown-ca"]),
    Case("auth-wrong-password", [Dovecot(), Postfix()], LOGIN_587, "auth-bad-credentials", password="wrong"),
    Case("healthy-587", [Dovecot(), Postfix()], LOGIN_587),
]
