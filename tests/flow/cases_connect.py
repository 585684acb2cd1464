# SPDX-License-Identifier: Apache-2.0
"""Ways not to arrive: closed and filtered ports, crowded and wary servers."""
import sys

from case import AT_25, AT_587, Case, LOGIN_587
from dns import Dns
from dovecot import Dovecot
from postfix import Postfix
from world import MAIL, MAIL6, OTHER, run

HOLD = """
import socket, sys, time
held = [socket.create_connection(("192.0.2.25", int(sys.argv[1])), 10) for _ in range(int(sys.argv[2]))]
[h.recv(100) for h in held]
open(sys.argv[3], "w").close()
time.sleep(0 if sys.argv[4] == "once" else 300)
"""


def hold(port, count, how="keep"):
    """Somebody else at the office is connected already (keep), or was just now (once)."""
    def start(world):
        world.start("holder", world.office_command([sys.executable, "-c", HOLD, str(port), str(count), f"{world.dir}/held", how]))
        world.wait_path(world.dir / "held")
    return start


def nft(*rules):
    def apply(world):
        run("nft", "add", "table", "inet", "pf")
        run("nft", "add", "chain", "inet", "pf", "in", "{ type filter hook input priority 0; }")
        for rule in rules:
            run("nft", *f"add rule inet pf in {rule}".split())
    return apply


def office_route(kind):
    def apply(world):
        world.at_office("ip", "route", "add", kind, f"{MAIL}/32")
    return apply


def screened(**main):
    return Postfix({"postscreen_greet_wait": "2s", "postscreen_cache_map": "", **main}, postscreen=True,
                   files={"deny": "198.51.100.0/24 reject\n"})


# Servers of the world that a check may knock at, to tell this network from that server.
WORLD = ("gmail-smtp-in.l.google.com.", "mx1.mail.icloud.com.")
ONLY_25 = {"587": None, "465": None}
WITH_V6 = Dns(f"mail.acme.example. AAAA {MAIL6}")

CASES = [
    Case("port-closed", [Dovecot(), Postfix(ports={"587": None})], LOGIN_587, "tcp-refused",
         never=["server-down", "tcp-timeout-drop"]),
    Case("all-ports-closed", [], LOGIN_587, "tcp-refused", never=["tcp-timeout-drop", "dns-servfail"]),
    Case("port-typo", [Dovecot(), Postfix()], ["mail.acme.example:578"], "cfg-port-typo", never=["server-down"]),
    Case("port-dropped", [Dovecot(), Postfix()], LOGIN_587, "tcp-timeout-drop", before=nft("tcp dport 587 drop"),
         never=["tcp-refused", "server-down"]),
    Case("port-25-dropped", [Dns(*(f"{name} A {OTHER}" for name in WORLD)), Postfix(), Postfix(address=OTHER, name="other", ports=ONLY_25), Dovecot()], AT_25,
         "tcp-port25-blocked-isp", before=nft("tcp dport 25 drop")),
    Case("port-rejected", [Dovecot(), Postfix()], LOGIN_587, "tcp-prohibited-local",
         before=office_route("prohibit")),
    Case("host-unreachable", [Dovecot(), Postfix()], LOGIN_587, "tcp-unreachable-icmp", before=office_route("unreachable"),
         never=["tcp-timeout-drop", "socket-error-offline"]),
    Case("icmp-admin-prohibited", [Dovecot(), Postfix()], LOGIN_587, "tcp-unreachable-icmp",
         before=nft("tcp dport 587 reject with icmpx type admin-prohibited")),
    Case("reset-after-connect", [Dovecot(), Postfix()], LOGIN_587, "tcp-open-then-reset",
         before=nft("tcp dport 587 tcp flags & (syn|ack) == ack reject with tcp reset")),
    Case("smtpd-stuck", [Dovecot(), Postfix({"default_process_limit": "1"})], LOGIN_587, "banner-never",
         before=hold(587, 1), never=["tcp-timeout-drop"]),
    Case("too-many-connections", [Dovecot(), Postfix({"smtpd_client_connection_count_limit": "1"})], AT_587,
         "banner-421-rate-per-ip", before=hold(587, 1), never=["banner-421-busy"]),
    Case("too-many-per-minute", [Dovecot(), Postfix({"smtpd_client_connection_rate_limit": "2"})], AT_587,
         "banner-421-rate-per-ip", before=hold(587, 3, "once")),
    Case("postscreen-denied", [screened(postscreen_access_list="cidr:%DIR%/deny", postscreen_denylist_action="enforce")], AT_25,
         "banner-554-refused", never=["rs-temporary-failure"]),
    Case("postscreen-drop", [screened(postscreen_access_list="cidr:%DIR%/deny", postscreen_denylist_action="drop")], AT_25,
         "banner-554-refused"),
    Case("postscreen-blocklist", [Dns("7.100.51.198.bl.example. A 127.0.0.2"),
                                  screened(postscreen_dnsbl_sites="bl.example", postscreen_dnsbl_action="drop")], AT_25,
         "banner-554-refused"),
    Case("ipv6-broken", [WITH_V6, Dovecot(), Postfix()], LOGIN_587, warns=["tcp-ipv6-broken"], verdict="warning",
         before=lambda world: world.at_office("ip", "-6", "route", "add", "unreachable", f"{MAIL6}/128")),
]
