# SPDX-License-Identifier: Apache-2.0
"""Certificates, STARTTLS and mistaken connection modes, at a real Postfix."""
from case import AT_587, Case, LOGIN_465, LOGIN_587
from dovecot import Dovecot
from postfix import Postfix

# What OpenSSL allows is the library's matter, not Postfix's: an old server has an old library.
OLD_OPENSSL = """openssl_conf = old
[old]
ssl_conf = old_ssl
[old_ssl]
system_default = old_system
[old_system]
CipherString = ALL:@SECLEVEL=0
MinProtocol = TLSv1
"""


def old(protocols=">=TLSv1", cert="good"):
    return Postfix({"import_environment": "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME "
                                          "OPENSSL_CONF=%DIR%/openssl.cnf",
                    "smtpd_tls_mandatory_protocols": protocols, "smtpd_tls_protocols": protocols},
                   cert=cert, files={"openssl.cnf": OLD_OPENSSL})


PLAIN_465 = {"465": {"smtpd_tls_wrappermode": "no", "smtpd_tls_security_level": "may"}}
TLS_587 = {"587": {"smtpd_tls_wrappermode": "yes"}}
TLS = ["--security", "tls"]
STARTTLS = ["--security", "starttls"]

CASES = [
    Case("tls-cert-expired", [Dovecot(), Postfix(cert="expired")], LOGIN_587, "tls-cert-expired",
         never=["tls-cert-not-yet-valid", "client-clock-wrong", "auth-bad-credentials"]),
    Case("tls-cert-expired-465", [Dovecot(), Postfix(cert="expired")], LOGIN_465, "tls-cert-expired"),
    Case("tls-cert-not-yet-valid", [Dovecot(), Postfix(cert="future")], LOGIN_587, "tls-cert-not-yet-valid",
         never=["tls-cert-expired"]),
    Case("tls-cert-self-signed", [Dovecot(), Postfix(cert="self-signed")], AT_587, "tls-cert-self-signed",
         never=["tls-cert-private-ca", "tls-cert-unknown-ca"]),
    Case("tls-cert-wrong-name", [Dovecot(), Postfix(cert="wrong-name")], AT_587, "tls-cert-name-mismatch",
         never=["tls-cert-ip-mismatch"]),
    Case("tls-cert-no-chain", [Dovecot(), Postfix(cert="no-chain")], AT_587, "tls-cert-chain-incomplete",
         never=["tls-cert-unknown-ca"]),
    Case("tls-cert-private-ca", [Dovecot(), Postfix(cert="private")], AT_587, "tls-cert-private-ca",
         never=["tls-cert-self-signed", "tls-cert-av-intercepted"]),
    Case("tls-cert-unknown-ca", [Dovecot(), Postfix(cert="unknown-ca")], AT_587, "tls-cert-unknown-ca",
         never=["tls-cert-chain-incomplete"]),
    Case("tls-cert-wrong-purpose", [Dovecot(), Postfix(cert="client-only")], AT_587, "tls-cert-wrong-purpose"),
    Case("tls-cert-weak-key", [Dovecot(), old(cert="weak-key")], AT_587, "tls-cert-weak-key"),
    Case("tls-cert-weak-signature", [Dovecot(), old(cert="weak-digest")], AT_587, "tls-cert-weak-signature"),
    Case("tls-cert-by-number", [Dovecot(), Postfix()], ["192.0.2.25:587"], "cfg-host-is-ip",
         never=["tls-cert-name-mismatch"]),
    Case("tls-1.0-only", [Dovecot(), old(protocols="TLSv1")], AT_587, "tls-server-too-old",
         never=["tls-no-shared-cipher", "starttls-220-then-eof"]),
    Case("tls-no-shared-cipher", [Dovecot(), Postfix({"tls_high_cipherlist": "aNULL", "smtpd_tls_mandatory_ciphers": "high",
                                  "smtpd_tls_mandatory_protocols": "TLSv1.2"})], AT_587, "tls-no-shared-cipher",
         never=["tls-server-too-old"]),
    Case("tls-client-certificate", [Dovecot(), Postfix(ports={"587": {"smtpd_tls_req_ccert": "yes"}})], AT_587,
         "tls-client-cert-required"),
    Case("starttls-key-unreadable", [Dovecot(), Postfix({"smtpd_tls_chain_files": None, "smtpd_tls_cert_file": "%SHARED%/good.chain",
                                                         "smtpd_tls_key_file": "%DIR%/no-such.key"})], LOGIN_587,
         "starttls-454", never=["starttls-not-offered", "tls-no-shared-cipher"]),
    Case("starttls-no-certificate", [Dovecot(), Postfix(cert="no-such-file")], LOGIN_587, "tls-no-shared-cipher",
         never=["starttls-not-offered", "tls-cert-unknown-ca"]),
    Case("starttls-off", [Dovecot(), Postfix(ports={"587": {"smtpd_tls_security_level": "none"}})],
         [*LOGIN_587, *STARTTLS], "starttls-not-offered"),
    Case("starttls-discarded", [Dovecot(), Postfix({"smtpd_discard_ehlo_keywords": "starttls, pipelining"})],
         [*LOGIN_587, *STARTTLS], "starttls-not-offered", never=["cfg-security-none-rejected"]),
    Case("tls-to-587", [Dovecot(), Postfix()], [*LOGIN_587, *TLS], "cfg-tls-to-plaintext-587",
         never=["tls-client-too-old", "cfg-tls-to-plaintext-25"]),
    Case("tls-to-25", [Postfix()], ["mail.acme.example:25", *TLS], "cfg-tls-to-plaintext-25"),
    Case("tls-to-2525", [Dovecot(), Postfix(ports={"2525": {}})], ["mail.acme.example:2525", *TLS],
         "cfg-tls-to-plaintext-2525"),
    Case("tls-465-without-wrappermode", [Dovecot(), Postfix(ports=PLAIN_465)], [*LOGIN_465, *TLS],
         "cfg-tls-to-plaintext-465", never=["cfg-tls-to-plaintext-587"]),
    Case("starttls-to-465", [Dovecot(), Postfix()], [*LOGIN_465, *STARTTLS], "cfg-plaintext-to-tls-465",
         never=["banner-never", "banner-delay"]),
    Case("plain-to-465", [Dovecot(), Postfix()], [*LOGIN_465, "--security", "none"], "cfg-plaintext-to-tls-465"),
    Case("wrappermode-on-587", [Dovecot(), Postfix(ports=TLS_587)], [*LOGIN_587, *STARTTLS],
         "cfg-plaintext-to-tls-other-port", never=["banner-never"]),
    Case("security-none-encrypt", [Dovecot(), Postfix()], [*LOGIN_587, "--security", "none"],
         "cfg-security-none-rejected", never=["auth-not-offered", "auth-required-530"]),
    Case("security-none-auth-only", [Dovecot(), Postfix(ports={"587": {"smtpd_tls_security_level": "may"}})],
         [*LOGIN_587, "--security", "none"], "cfg-security-none-rejected", never=["auth-not-offered"]),
]
