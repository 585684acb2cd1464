# SPDX-License-Identifier: Apache-2.0
"""Names by real servers: NSD holds a pretend root, Unbound resolves and validates from it.

`Dns(lines)` changes the root zone: "NAME TYPE RDATA" replaces what NAME has of
TYPE, "NAME TYPE" removes it.  signed.example is a zone of its own, signed by
ldns-signzone(1); the trust anchor of its key is Unbound's only one."""
import os
import pathlib
import shutil

import nsd
from world import MAIL, NAMES, OFFICE, OTHER, RESOLVER, run

SOA = "SOA a.root. host.root. 1 3600 600 86400 60"
ROOT_ZONE = f"""
. {SOA}
. NS a.root.
a.root. A {NAMES}
acme.example. MX 10 mail.acme.example.
acme.example. TXT "v=spf1 mx -all"
_dmarc.acme.example. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.example"
mail.acme.example. A {MAIL}
pc7.acme.example. A {OFFICE}
other.example. MX 10 mx.other.example.
other.example. TXT "v=spf1 mx -all"
_dmarc.other.example. TXT "v=DMARC1; p=reject"
mx.other.example. A {OTHER}
partner.example. MX 10 mx.other.example.
7.100.51.198.in-addr.arpa. PTR pc7.acme.example.
25.2.0.192.in-addr.arpa. PTR mail.acme.example.
26.2.0.192.in-addr.arpa. PTR mx.other.example.
signed.example. NS a.root.
"""
SIGNED_ZONE = f"""
signed.example. {SOA}
signed.example. NS a.root.
signed.example. MX 10 mail.signed.example.
signed.example. TXT "v=spf1 mx -all"
_dmarc.signed.example. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@signed.example"
mail.signed.example. A {MAIL}
"""
UNBOUND_CONF = """server:
  interface: {resolver}
  access-control: 0.0.0.0/0 {access}
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  num-threads: 1
  do-ip6: no
  ede: yes
  root-hints: "{dir}/hints"
  trust-anchor-file: "{anchor}"
  module-config: "validator iterator"
  local-zone: "2.0.192.in-addr.arpa." nodefault
  local-zone: "100.51.198.in-addr.arpa." nodefault
  {more}
remote-control:
  control-enable: no
"""


def merged(text, lines):
    rows = [line.split(None, 2) for line in text.splitlines() if line.strip()]
    gone = {tuple(line.split(None, 2)[:2]) for line in lines}
    rows = [r for r in rows if tuple(r[:2]) not in gone]
    rows += [r for r in (line.split(None, 2) for line in lines) if len(r) == 3]
    return "$TTL 60\n" + "".join(f"{r[0]} 60 IN {r[1]} {r[2]}\n" for r in rows)


def make(folder):
    """The key of signed.example, and its trust anchor: anchor.ds (once for all cases)."""
    base = run("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", "signed.example", cwd=folder).strip()
    for ending in ("key", "private"):
        os.rename(f"{folder}/{base}.{ending}", f"{folder}/signed.{ending}")
    shutil.copy(f"{folder}/signed.key", f"{folder}/anchor.key")


class Dns:
    """resolver: what Unbound does with the office: allow, refuse, deny (no answer)."""

    def __init__(self, *lines, signed=(), expired=False, access="allow", more=""):
        self.lines, self.signed, self.expired = lines, signed, expired
        self.access, self.more = access, more

    def start(self, world):
        folder = world.owned("dns", "root")
        signed = [line.format(**world.notes) for line in self.signed]
        world.write("dns/root.zone", merged(ROOT_ZONE, self.lines))
        world.write("dns/plain.zone", merged(SIGNED_ZONE, signed))
        times = ["-i", "20240101", "-e", "20240201"] if self.expired else []
        run("ldns-signzone", "-n", "-o", "signed.example", *times, "-f", f"{folder}/signed.zone",
            f"{folder}/plain.zone", f"{world.shared}/signed", cwd=folder)
        world.write("dns/hints", f". NS a.root.\na.root. A {NAMES}\n")
        names = world.write("dns/nsd.conf", nsd.conf(NAMES, folder, {".": "root.zone", "signed.example": "signed.zone"}))
        unbound = world.write("dns/unbound.conf", UNBOUND_CONF.format(
            dir=folder, resolver=RESOLVER, access=self.access, more=self.more, anchor=world.shared / "anchor.key"))
        world.start("nsd", ["nsd", "-d", "-c", str(names)])
        world.wait_port(NAMES, 53, udp=True)
        world.start("unbound", ["unbound", "-d", "-c", str(unbound)])
        world.wait_port(RESOLVER, 53, udp=True)
        world.wait_port(RESOLVER, 53)


def missing():
    return [p for p in ("nsd", "unbound", "ldns-signzone") if not shutil.which(p, path=pathlib.os.environ["PATH"])]
