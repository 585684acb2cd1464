# SPDX-License-Identifier: Apache-2.0
"""What a real Postfix refuses of sender, recipients and message."""
import policy_server
from case import AT_25, Case, LOGIN_587, MAIL_587
from dns import Dns
from dovecot import Dovecot
from postfix import Postfix
from world import OFFICE

LISTED = Dns("7.100.51.198.bl.example. A 127.0.0.2", '7.100.51.198.bl.example. TXT "listed, see https://bl.example/7"')
RELAY = "192.0.2.27"
AT_RELAY = Dns(f"relay.acme.example. A {RELAY}")
RELAY_CHECK = ["relay.acme.example:25", "--from", "clerk@acme.example", "--to", "ann@partner.example"]
FROM = "clerk@acme.example"


def to(*recipients, sender=FROM):
    return [*LOGIN_587, "--from", sender, *(x for r in recipients for x in ("--to", r))]


def send(*more, sender=FROM):
    return [*LOGIN_587, "--from", sender, "--to", "ann@partner.example", "--until", "message", *more]


def files(**contents):
    def write(world):
        for name, data in contents.items():
            (world.dir / name.replace("_", ".")).write_bytes(data)
    return write


def recipients(text):
    return Postfix({"smtpd_recipient_restrictions": f"check_recipient_access inline:{{ {{ ann@partner.example = {text} }} }}"})


BARE_LF = b"From: clerk@acme.example\r\nTo: ann@partner.example\r\nSubject: bare\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n" \
          b"Message-ID: <1@acme.example>\r\n\r\none line\nanother line\r\n"

CASES = [
    Case("relay-denied", [AT_RELAY, Postfix(address=RELAY)], RELAY_CHECK, "rcpt-relay-denied",
         never=["rcpt-user-unknown", "auth-required-530"]),
    Case("relay-denied-wrong-port", [Dovecot(), Postfix()], ["mail.acme.example:25", "--from", FROM, "--to", "ann@partner.example"],
         "rcpt-relay-denied", never=["cfg-mx-used-as-submission"]),
    Case("relay-mx-as-submission", [Postfix(ports={"587": None, "465": None})], ["mail.acme.example:25", "--from", FROM, "--to", "ann@partner.example"],
         "cfg-mx-used-as-submission"),
    Case("user-unknown", [Postfix()], ["mail.acme.example:25", "--from", "ann@partner.example", "--to", "nobody@acme.example"],
         "rcpt-user-unknown", never=["rcpt-relay-denied"]),
    Case("user-unknown-one-of-two", [Dovecot(), Postfix()], to("boss@acme.example", "nobody@acme.example"),
         "rcpt-partial-failure", warns=["rcpt-user-unknown"]),
    Case("sender-not-owned", [Dovecot(), Postfix({"smtpd_sender_restrictions": "reject_sender_login_mismatch"})],
         to("ann@partner.example", sender="boss@acme.example"), "mf-sender-not-owned"),
    Case("helo-not-fqdn", [Postfix({"smtpd_helo_required": "yes", "smtpd_helo_restrictions": "reject_non_fqdn_helo_hostname"})],
         [*AT_25, "--ehlo-name", "PC7"], "ehlo-name-not-fqdn"),
    Case("helo-unknown", [Postfix({"smtpd_helo_restrictions": "reject_unknown_helo_hostname"})], AT_25,
         "ehlo-name-unresolvable", host="pc8.acme.example"),
    Case("sender-domain-missing", [Postfix({"smtpd_sender_restrictions": "reject_unknown_sender_domain"})],
         ["mail.acme.example:25", "--from", "x@nosuch.example", "--to", FROM], "mf-sender-domain-missing"),
    Case("recipient-domain-missing", [Dovecot(), Postfix({"smtpd_recipient_restrictions": "reject_unknown_recipient_domain"})],
         to("ann@partnr.example"), "dns-nxdomain-recipient-domain"),
    Case("recipient-null-mx", [Dns("partner.example. MX 0 ."), Dovecot(),
                               Postfix({"smtpd_recipient_restrictions": "reject_unknown_recipient_domain"})],
         MAIL_587, "mx-null"),
    Case("blocklist", [LISTED, Postfix({"smtpd_client_restrictions": "reject_rbl_client bl.example"})], AT_25, "rcpt-dnsbl"),
    Case("blocklist-at-login", [LISTED, Dovecot(), Postfix({"smtpd_client_restrictions": "reject_rbl_client bl.example",
                                                            "smtpd_delay_reject": "no"})],
         LOGIN_587, "auth-dnsbl-blocks-login", never=["banner-421-busy", "auth-bad-credentials"]),
    Case("reverse-name-missing", [Dns("7.100.51.198.in-addr.arpa. PTR"),
                                  Postfix({"smtpd_client_restrictions": "reject_unknown_reverse_client_hostname"})],
         AT_25, "rcpt-ptr-missing"),
    Case("reverse-name-not-confirmed", [Dns("pc7.acme.example. A"),
                                        Postfix({"smtpd_client_restrictions": "reject_unknown_client_hostname"})],
         AT_25, "rcpt-ptr-missing"),
    Case("size-limit", [Dovecot(), Postfix({"message_size_limit": "100000"})], [*MAIL_587, "--attach", "{dir}/plan.pdf"],
         "ehlo-size-smaller-than-message", before=files(plan_pdf=b"%PDF-1.4\n" + bytes(range(32, 120)) * 3000)),
    Case("bare-newline", [Dovecot(), Postfix({"smtpd_forbid_bare_newline": "reject", "smtpd_forbid_bare_newline_exclusions": ""})],
         send("--message", "{dir}/mail.eml"), warns=["data-bare-lf"], verdict="warning", before=files(mail_eml=BARE_LF)),
    Case("attachment-type", [Dovecot(), Postfix({"mime_header_checks": "regexp:%DIR%/mime"},
         files={"mime": "/name=[^>]*\\.(exe|js|vbs)/ REJECT 5.7.1 Attachments of type $1 are not accepted here\n"})],
         send("--attach", "{dir}/tool.exe"), "attach-type-blocked", before=files(tool_exe=b"MZ" + bytes(5000))),
    Case("subject-refused", [Dovecot(), Postfix({"header_checks": "regexp:%DIR%/head"},
         files={"head": "/^Subject:/ REJECT 5.7.1 Message rejected as spam\n"})],
         send(), "data-spam-rejected", never=["attach-type-blocked"]),
    Case("greylisted", [policy_server.Policy(), Postfix({"smtpd_recipient_restrictions":
                        "permit_mynetworks, reject_unauth_destination, check_policy_service inet:127.0.0.1:10031"})],
         AT_25, warns=["rcpt-greylisted"], verdict="warning"),
    Case("recipient-limit", [Dovecot(), Postfix({"smtpd_recipient_limit": "2"})],
         to("ann@partner.example", "ben@partner.example", "cas@partner.example"), "rcpt-too-many"),
    Case("disk-full", [Dovecot(), Postfix({"queue_minfree": str(10 ** 15), "message_size_limit": "10240"})], MAIL_587,
         "mf-server-disk-full"),
    Case("smtputf8-off", [Dovecot(), Postfix({"smtputf8_enable": "no"})], to("jörg@partner.example"),
         "ehlo-capability-smtputf8-missing"),
    Case("configuration-error", [Postfix({"smtpd_recipient_restrictions": "permit_mynetworks, reject_unauth_destinations"})],
         AT_25, "rs-config-invalid"),
    Case("null-sender-refused", [Postfix({"smtpd_sender_restrictions": "check_sender_access inline:{ {<> = REJECT} }"})],
         ["mail.acme.example:25", "--from", "<>", "--to", FROM], "mf-null-sender-refused"),
    Case("mailbox-full", [Dovecot(), recipients("452 4.2.2 The mailbox is over quota")], MAIL_587, "rcpt-mailbox-full"),
    Case("mailbox-disabled", [Dovecot(), recipients("550 5.2.1 This mailbox is disabled")], MAIL_587, "rcpt-mailbox-disabled"),
    Case("client-refused", [Postfix({"smtpd_client_restrictions": f"check_client_access inline:{{ {{ {OFFICE} = REJECT }} }}"})],
         AT_25, "rs-client-not-allowed"),
    Case("filter-map-missing", [Dovecot(), Postfix({"header_checks": "regexp:%DIR%/nothing-here"})], send(),
         "data-disk-or-queue-error"),
]
