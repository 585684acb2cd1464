# SPDX-License-Identifier: Apache-2.0
"""Name servers that mean ill."""
import dns
from harm import STEERING, Server
from judge import judged
from smtp import Smtp
from world import DOMAIN, HOST, MAIL, zone

ILL = {"garbage": dns.garbage, "half-garbage": dns.half_garbage, "pointer-loop": dns.pointer_loop,
       "alias-loop": dns.alias_loop, "flood": dns.flood, "truncated-then-silent": dns.truncated_then_drip}


def dns_case(name, bad, target=None, extra=(), healthy=False):
    """bad: the zone's names that go wrong (None: all)."""
    def body(world):
        names, how, records = bad
        dns_bad = {n: how for n in names} if names else {}
        with dns.Dns(zone(records), dns_bad, None if names else how) as names_server, Server(Smtp(world.tls)) as server:
            command = world.base(names_server, server.port, *extra)
            if target:
                command[2] = target
            return judged(world, name, command, healthy=healthy)
    return name, body


def all_cases():
    for word, how in ILL.items():
        yield dns_case(f"dns/{word}", (None, how, {}))
        yield dns_case(f"dns/{word}-policy", ([DOMAIN, "_dmarc." + DOMAIN, "_mta-sts." + DOMAIN], how, {}), extra=MAIL, healthy=True)
        yield dns_case(f"dns/{word}-domain", ([DOMAIN], how, {}), target=DOMAIN)
    huge = {(DOMAIN, dns.TXT): [dns.txt("v=spf1 " + "include:a.example " * 1500)] * 2,
            ("_dmarc." + DOMAIN, dns.TXT): [dns.txt("v=DMARC1; p=none; " + "rua=mailto:x@y.example, " * 2500)]}
    yield dns_case("dns/huge-txt", ([], None, huge), extra=MAIL)
    steering = {(DOMAIN, dns.TXT): [dns.txt("v=spf1 " + STEERING + " -all")],
                ("_dmarc." + DOMAIN, dns.TXT): [dns.txt("v=DMARC1; p=" + STEERING)]}
    yield dns_case("dns/steering-txt", ([], None, steering), extra=MAIL)
    many = {(DOMAIN, dns.MX): [b"\0\x0a" + dns.wire_name(f"m{i}.{DOMAIN}") for i in range(1000)]}
    yield dns_case("dns/1000-mx", ([], None, many), target=DOMAIN)
    addresses = {(HOST, dns.A): [bytes([127, 9, i >> 8, i & 255]) for i in range(2000)]}
    yield dns_case("dns/2000-addresses", ([], None, addresses))
