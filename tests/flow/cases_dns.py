# SPDX-License-Identifier: Apache-2.0
"""Names: NSD's zones and Unbound's answers, and what a domain publishes."""
import tls
from case import AT_587, Case, LOGIN_587
from dns import Dns
from dovecot import Dovecot
from postfix import Postfix
from world import MAIL, OFFICE, OTHER

SIGNED = ["signed.example", "--trust-anchor", "{shared}/anchor.key"]
LOST = "lost.example. NS ns.lost.example."    # delegated to a server that is not there
LOST_GLUE = "ns.lost.example. A 192.0.2.99"
ACME = ["acme.example"]
PF_DOMAIN = {"mydestination": "acme.example, signed.example"}


def spf(text, *more):
    return Dns(f'acme.example. TXT "{text}"', *more)


def dane(name):
    """A TLSA record with the key of the certificate NAME."""
    class Signed(Dns):
        def start(self, world):
            world.notes["tlsa"] = tls.tlsa(world.shared, name)
            super().start(world)
    return Signed(signed=["_25._tcp.mail.signed.example. TLSA 3 1 1 {tlsa}"])


CASES = [
    Case("dns-typo", [Dns("smtp.acme.example. A 192.0.2.25")], ["smpt.acme.example:587"], "cfg-host-typo",
         never=["dns-servfail", "tcp-refused"]),
    Case("dns-no-address", [Dns('mail.acme.example. A', 'mail.acme.example. TXT "here"')], AT_587, "dns-nodata-address",
         never=["cfg-host-typo"]),
    Case("dns-servfail", [Dns(LOST, LOST_GLUE)], ["mail.lost.example:587"], "dns-servfail",
         never=["dns-dnssec-bogus", "cfg-host-typo"]),
    Case("dns-bogus", [Dns(expired=True)], ["mail.signed.example:587"], "dns-dnssec-bogus",
         never=["dns-servfail", "cfg-host-typo"]),
    Case("dns-refused", [Dns(access="refuse")], AT_587, "dns-refused", never=["dns-timeout", "dns-servfail"]),
    Case("dns-silent", [Dns(access="deny")], AT_587, "dns-timeout", never=["dns-refused", "cfg-host-typo"]),
    Case("dns-recipient-domain", [Dovecot(), Postfix()], [*LOGIN_587, "--from", "clerk@acme.example", "--to", "ann@partnr.example"],
         warns=["dns-nxdomain-recipient-domain"], verdict="warning"),
    Case("domain-null-mx", [Dns("acme.example. MX 0 .")], ACME, "mx-null", never=["mx-none-implicit-a"]),
    Case("domain-null-mx-and-more", [Dns("acme.example. MX 0 .", "acme.example. MX 10 mail.acme.example."), Postfix()], ACME,
         "mx-null-plus-others", never=["mx-null"]),
    Case("domain-mx-cname", [Dns("acme.example. MX 10 mx.acme.example.", "mx.acme.example. CNAME mail.acme.example."), Postfix()],
         ACME, warns=["mx-to-cname"], verdict="warning"),
    Case("domain-mx-number", [Dns("acme.example. MX 10 192.0.2.25.")], ACME, "mx-to-ip-literal", never=["mx-target-missing"]),
    Case("domain-mx-missing", [Dns("acme.example. MX 10 gone.acme.example.")], ACME, "mx-target-missing"),
    Case("domain-mx-loopback", [Dns("acme.example. MX 10 lo.acme.example.", "lo.acme.example. A 127.0.0.1")], ACME,
         "mx-to-loopback-or-private"),
    Case("domain-spf-none", [Dns("acme.example. TXT"), Postfix()], ACME, warns=["dp-spf-none"], verdict="warning"),
    Case("domain-spf-twice", [spf("v=spf1 mx -all", 'acme.example. TXT "v=spf1 ip4:192.0.2.1 -all"'), Postfix()], ACME,
         "dp-spf-multiple"),
    Case("domain-spf-syntax", [spf("v=spf1 ipv4:192.0.2.25 -all"), Postfix()], ACME, "dp-spf-syntax"),
    Case("domain-spf-loop", [spf("v=spf1 include:acme.example -all"), Postfix()], ACME, "dp-spf-loop",
         never=["dp-spf-too-many-lookups"]),
    Case("domain-spf-servfail", [spf("v=spf1 include:lost.example -all", LOST, LOST_GLUE), Postfix()], ACME,
         warns=["dns-spf-or-dkim-lookup-failed"], verdict="warning", never=["dp-spf-syntax", "dp-spf-none"]),
    Case("domain-spf-passes-all", [spf("v=spf1 +all"), Postfix()], ACME, warns=["dp-spf-passall"], verdict="warning"),
    Case("domain-spf-relay-missing", [Postfix()], [*ACME, "--sending-ip", OFFICE], "dp-spf-relay-not-included"),
    Case("domain-dmarc-none", [Dns("_dmarc.acme.example. TXT"), Postfix()], ACME, warns=["dp-dmarc-none"], verdict="warning"),
    Case("domain-dkim-missing", [Postfix()], [*ACME, "--dkim-selector", "s1"], "dp-dkim-key-missing"),
    Case("domain-blocklisted", [Dns("25.2.0.192.bl.example. A 127.0.0.2", "2.0.0.127.bl.example. A 127.0.0.2"), Postfix()],
         [*ACME, "--sending-ip", MAIL, "--dnsbl", "bl.example"], "dp-ip-blocklisted"),
    Case("domain-reverse-name-differs", [Dns("26.2.0.192.in-addr.arpa. PTR pool-26.isp.example."), Postfix()],
         [*ACME, "--sending-ip", OTHER], never=["dp-generic-ptr"], root="dp-spf-relay-not-included"),
    Case("domain-dane-mismatch", [dane("other"), Postfix(PF_DOMAIN)], SIGNED, "dp-dane-mismatch", never=["tls-cert-name-mismatch"]),
    Case("healthy-domain-dane", [dane("good"), Postfix(PF_DOMAIN)], SIGNED, never=["dp-dane-mismatch"]),
    Case("healthy-domain", [Postfix()], [*ACME, "--sending-ip", MAIL]),
]
