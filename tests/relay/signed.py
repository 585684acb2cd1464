# SPDX-License-Identifier: Apache-2.0
"""A signed zone by real servers: NSD holds it, Unbound on loopback proves it (AD)."""
import pathlib
import shutil
import socket
import subprocess
import sys
import time

from ports import free_port
from run import Skip

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import nsd  # noqa: E402

UNBOUND = """server:
  interface: 127.0.0.1@{port}
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: ""
  use-syslog: no
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  trust-anchor-file: "{dir}/anchor.key"
  local-zone: "test." transparent
remote-control:
  control-enable: no
"""
STUB = """stub-zone:
  name: {name}
  stub-addr: 127.0.0.1@{nsd}
"""
SOA = "$ORIGIN {name}.\n$TTL 60\n@ SOA ns host 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"


class Signed:
    """lines: the zone's records, names relative to it.  plain: other zones and their lines, without signatures."""

    def __init__(self, folder, name, lines, plain=None):
        for program in ("nsd", "unbound", "ldns-signzone"):
            if not shutil.which(program):
                raise Skip(f"no {program}")
        self.folder, self.name = pathlib.Path(folder) / "dns", name
        self.folder.mkdir()
        self.write("zone", name, lines)
        self.sign()
        zones = {name: "zone.signed", **{x: x for x in plain or {}}}
        for other, its in (plain or {}).items():
            self.write(other, other, its)
        ports = free_port(), free_port()
        (self.folder / "nsd.conf").write_text(nsd.conf(f"127.0.0.1@{ports[0]}", self.folder, zones))
        (self.folder / "unbound.conf").write_text(UNBOUND.format(port=ports[1], dir=self.folder) +
                                                  "".join(STUB.format(name=x, nsd=ports[0]) for x in zones))
        with open(self.folder / "out", "wb") as out:
            self.running = [subprocess.Popen([x, "-d", "-c", str(self.folder / f"{x}.conf")], stdout=out, stderr=out)
                            for x in ("nsd", "unbound")]
        self.where = f"127.0.0.1:{ports[1]}"
        for port in ports:
            self.wait(port)

    def write(self, file, name, lines):
        (self.folder / file).write_text(SOA.format(name=name) + "".join(f"{x}\n" for x in lines))

    def sign(self):
        def run(*words):
            return subprocess.run(words, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()
        key = run("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", self.name)
        run("ldns-signzone", "-f", "zone.signed", "zone", key)
        shutil.copy(self.folder / f"{key}.key", self.folder / "anchor.key")

    def wait(self, port, seconds=10):
        query = b"\0\1\1\0\0\1\0\0\0\0\0\0" + b"".join(bytes([len(x)]) + x.encode() for x in self.name.split(".")) + b"\0\0\6\0\1"
        end = time.monotonic() + seconds
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            while time.monotonic() < end:
                try:
                    s.sendto(query, ("127.0.0.1", port))
                    if s.recv(512)[3] & 15 == 0:
                        return
                except OSError:
                    time.sleep(0.05)
        raise AssertionError((self.folder / "out").read_text())

    def stop(self):
        for x in self.running:
            x.kill()
