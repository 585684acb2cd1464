# SPDX-License-Identifier: Apache-2.0
"""Set-ups with nothing wrong: no failure may be named."""
import policy_server
from case import AT_25, Case, LOGIN_465, LOGIN_587, MAIL_587
from cases_auth import submission
from cases_connect import screened
from dns import Dns
from dovecot import Dovecot
from postfix import Postfix
from world import MAIL6

CASES = [
    Case("healthy-587", [Dovecot(), Postfix()], LOGIN_587),
    Case("healthy-587-envelope", [Dovecot(), Postfix()], MAIL_587),
    Case("healthy-587-message", [Dovecot(), Postfix()], [*MAIL_587, "--until", "message"]),
    Case("healthy-587-rsa", [Dovecot(), Postfix(cert="rsa")], LOGIN_587),
    Case("healthy-465", [Dovecot(), Postfix()], LOGIN_465),
    Case("healthy-25", [Postfix()], AT_25),
    Case("healthy-address", [Dovecot(), Postfix(), Dns("_submission._tcp.acme.example. SRV 0 1 587 mail.acme.example.")],
         ["clerk@acme.example", "--user", "clerk@acme.example", "--password-file", "{password}"]),
    Case("healthy-both-families", [Dns(f"mail.acme.example. AAAA {MAIL6}"), Dovecot(),
                                   Postfix({"inet_protocols": "all"}, address="", wait=[])], LOGIN_587,
         before=lambda world: world.wait_port(MAIL6, 587)),
    Case("healthy-cram-md5", [Dovecot(mechanisms="cram-md5"), Postfix()], LOGIN_587),
    Case("healthy-scram", [Dovecot(mechanisms="scram-sha-256 scram-sha-1"), Postfix()], LOGIN_587),
    Case("healthy-strict-postfix", [Dovecot(), Postfix({
        "smtpd_helo_required": "yes",
        "smtpd_helo_restrictions": "reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname",
        "smtpd_sender_restrictions": "reject_sender_login_mismatch, reject_unknown_sender_domain",
        "smtpd_client_restrictions": "reject_unknown_client_hostname",
        "smtpd_data_restrictions": "reject_unauth_pipelining",
        "strict_rfc821_envelopes": "yes", "disable_vrfy_command": "yes"})], [*MAIL_587, "--until", "message"]),
    Case("healthy-tls-1.3-only", [Dovecot(), Postfix({"smtpd_tls_mandatory_protocols": ">=TLSv1.3",
                                                      "smtpd_tls_protocols": ">=TLSv1.3"})], LOGIN_587),
    Case("healthy-postscreen", [screened(postscreen_greet_action="enforce")], AT_25),
    Case("healthy-greylist-passed", [policy_server.Policy(known=True), Postfix({"smtpd_recipient_restrictions":
         "permit_mynetworks, reject_unauth_destination, check_policy_service inet:127.0.0.1:10031"})], AT_25),
    Case("healthy-dovecot", submission(), MAIL_587),
]
