# SPDX-License-Identifier: Apache-2.0
"""A real Exim: its own wordings, its strictness about speaking out of turn, its greetings."""
from case import AT_25, AT_587, Case, LOGIN_465, LOGIN_587, MAIL_587
from cases_connect import hold
from dns import Dns
from exim import Exim

TO_PARTNER = ["mail.acme.example:587", "--from", "clerk@acme.example", "--to", "ann@partner.example"]
CPANEL = """smtp_banner = "$smtp_active_hostname ESMTP Exim \\n\\
  We do not authorize the use of this system to transport unsolicited, \\n\\
  and/or bulk e-mail."
"""
LISTED = Dns("7.100.51.198.bl.example. A 127.0.0.2")


def acl(step, statements):
    return {"main": f"acl_smtp_{step} = acl_own\n", "acls": f"acl_own:\n{statements}\n  accept\n"}


def deny(step, text):
    return acl(step, f"  deny message = {text}")


CASES = [
    Case("healthy-exim", [Exim()], MAIL_587),
    Case("healthy-exim-465", [Exim()], LOGIN_465),
    Case("healthy-exim-25", [Exim()], AT_25),
    Case("healthy-exim-long-greeting", [Exim(CPANEL)], LOGIN_587),
    Case("healthy-exim-message", [Exim()], [*MAIL_587, "--until", "message"]),
    Case("healthy-exim-slow", [Exim(**acl("connect", "  accept delay = 3s"))], LOGIN_587),
    Case("exim-relay-denied", [Exim()], TO_PARTNER, "rcpt-relay-denied", never=["rcpt-user-unknown"]),
    Case("exim-user-unknown", [Exim()], ["mail.acme.example:25", "--from", "ann@partner.example", "--to", "nobody@acme.example"],
         "rcpt-user-unknown", never=["rcpt-relay-denied"]),
    Case("exim-wrong-password", [Exim()], LOGIN_587, "auth-bad-credentials", password="wrong"),
    Case("exim-login-broken", [Exim(login="${lookup{$auth2}lsearch{/nonexistent/passwd}}")], LOGIN_587, "auth-temporary-454",
         never=["auth-bad-credentials"]),
    Case("exim-login-refused-disabled", [Exim(**deny("auth", "This account is disabled"))], LOGIN_587,
         "auth-account-locked-or-disabled"),
    Case("exim-certificate-missing", [Exim(cert="gone")], LOGIN_587, "starttls-454",
         never=["starttls-not-offered"]),
    Case("exim-certificate-expired", [Exim(cert="expired")], AT_587, "tls-cert-expired"),
    Case("exim-certificate-self-signed", [Exim(cert="self-signed")], AT_587, "tls-cert-self-signed"),
    Case("exim-no-starttls", [Exim(starttls="")], [*LOGIN_587, "--security", "starttls"], "starttls-not-offered"),
    Case("exim-no-login-here", [Exim(offer="")], LOGIN_587, "auth-not-offered"),
    Case("exim-refused-at-the-door", [Exim(**deny("connect", "No service for your network"))], AT_587, "banner-554-refused"),
    Case("exim-blocklist", [LISTED, Exim(rcpt="deny dnslists = bl.example\n       message = $sender_host_address is listed at "
                                              "$dnslist_domain; see https://bl.example/")], AT_25, "rcpt-dnsbl"),
    Case("exim-blocklist-at-the-door", [LISTED, Exim(**acl("connect", "  drop dnslists = bl.example\n       message = "
         "Rejected because $sender_host_address is in a blocklist at $dnslist_domain"))], LOGIN_587, "auth-dnsbl-blocks-login"),
    Case("exim-helo-refused", [Exim(**deny("helo", "Invalid HELO/EHLO: you are not fully qualified"))], [*AT_25, "--ehlo-name", "PC7"],
         "ehlo-name-not-fqdn"),
    Case("exim-too-many-per-host", [Exim("smtp_accept_max_per_host = 1\n")], AT_587, "banner-421-rate-per-ip", before=hold(587, 1)),
    Case("exim-too-many", [Exim("smtp_accept_max = 1\n")], AT_587, "banner-421-busy", before=hold(587, 1)),
    Case("exim-too-many-recipients", [Exim("recipients_max = 1\nrecipients_max_reject = true\n")],
         [*MAIL_587, "--to", "ben@partner.example"], "rcpt-too-many"),
    Case("exim-sender-unverified", [Exim(rcpt="require verify = sender")],
         ["mail.acme.example:25", "--from", "nobody@acme.example", "--to", "clerk@acme.example"], "mf-sender-refused", never=["dns-nxdomain-recipient-domain"]),
    Case("exim-greylisted", [Exim(rcpt="defer message = Greylisted, please try again later")], AT_25, warns=["rcpt-greylisted"],
         verdict="warning"),
    Case("exim-spam", [Exim(data="deny message = This message scored 12.3 spam points")], [*MAIL_587, "--until", "message"],
         "data-spam-rejected"),
    Case("exim-local-error", [Exim(rcpt="deny condition = ${lookup{x}lsearch{/nonexistent/list}}")], AT_25, "rs-temporary-failure"),
    Case("exim-tls-to-587", [Exim()], [*LOGIN_587, "--security", "tls"], "cfg-tls-to-plaintext-587"),
    Case("exim-plain-to-465", [Exim()], [*LOGIN_465, "--security", "starttls"], "cfg-plaintext-to-tls-465"),
    Case("exim-security-none", [Exim()], [*LOGIN_587, "--security", "none"], "cfg-security-none-rejected"),
]
