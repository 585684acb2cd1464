# SPDX-License-Identifier: Apache-2.0
"""A small world for one case: a server room and an office joined by one cable.

The process that calls `World` already sits alone in namespaces of its own
(network, mounts, processes, host name), made by run.py with unshare(1): it is
process 1 there, so whatever it starts ends with it.  The servers run in its
network namespace, the program in a second one behind a veth pair, so that
addresses, drops and reverse names are what they are between two machines."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROOM = "198.51.100.1"      # the server room's end of the cable
OFFICE = "198.51.100.7"    # the office's end: the client every server sees
MAIL = "192.0.2.25"        # mail.acme.example: submission and MX
MAIL6 = "2001:db8:1::25"
OTHER = "192.0.2.26"       # mx.other.example: somebody else's server
RESOLVER = "192.0.2.53"
NAMES = "192.0.2.54"       # the authoritative name server
ADDRESSES = (MAIL, OTHER, RESOLVER, NAMES, "192.0.2.27", "192.0.2.28")
START_LIMIT = 20.0


class Broken(Exception):
    """The world could not be built: no verdict on the program."""


def run(*command, **options):
    done = subprocess.run(command, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **options)
    if done.returncode:
        raise Broken(f"{' '.join(command)}: {done.stdout.strip()[-400:]}")
    return done.stdout


class World:
    def __init__(self, folder, shared, tools):
        self.dir = pathlib.Path(folder)
        self.shared = pathlib.Path(shared)     # certificates and signed zones, made once
        self.tools = pathlib.Path(tools)       # unpacked servers
        self.programs = []
        self.notes = {}                        # what servers know of each other ("auth": Dovecot's port)
        self.dir.chmod(0o755)
        self._network()

    def _network(self):
        self.office = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "room0", "type", "veth", "peer", "name", "office0")
        own = os.readlink("/proc/self/ns/net")
        self._until(lambda: os.readlink(f"/proc/{self.office.pid}/ns/net") != own, "the office's namespace")
        run("ip", "link", "set", "office0", "netns", str(self.office.pid))
        for line in (f"addr add {ROOM}/24 dev room0", "-6 addr add 2001:db8:2::1/64 dev room0 nodad",
                     *(f"addr add {a}/32 dev lo" for a in ADDRESSES), f"-6 addr add {MAIL6}/128 dev lo nodad",
                     "link set room0 up"):
            run("ip", *line.split())
        for line in ("link set lo up", f"addr add {OFFICE}/24 dev office0",
                     "-6 addr add 2001:db8:2::7/64 dev office0 nodad", "link set office0 up",
                     f"route add default via {ROOM}", "-6 route add default via 2001:db8:2::1"):
            self.at_office("ip", *line.split())

    def at_office(self, *command):
        return run("nsenter", f"--net=/proc/{self.office.pid}/ns/net", *command)

    def office_command(self, command):
        return ["nsenter", f"--net=/proc/{self.office.pid}/ns/net", *command]

    # Files
    def write(self, name, text, mode=0o644):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def over(self, target, text):
        """Puts a text where the system has a file, in this world only."""
        path = self.write("over" + target.replace("/", "-"), text)
        run("mount", "--bind", str(path), target)

    def owned(self, name, user, mode=0o755):
        path = self.dir / name
        path.mkdir(parents=True, exist_ok=True)
        shutil.chown(path, user, None)
        path.chmod(mode)
        return path

    # Programs
    def start(self, name, command, env=None):
        log = open(self.dir / f"{name}.out", "wb")
        self.programs.append((name, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                     start_new_session=True,
                                                     env={**os.environ, **(env or {})})))
        log.close()

    def stop(self, name):
        """Its children too."""
        program = next(p for n, p in self.programs if n == name)
        self.programs = [(n, p) for n, p in self.programs if n != name]
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def _until(self, holds, what):
        end = time.monotonic() + START_LIMIT
        while not holds():
            for name, program in self.programs:
                if program.poll() is not None:
                    raise Broken(f"{name} ended with {program.returncode}: {self.tail(name)}")
            if time.monotonic() > end:
                raise Broken(f"waited in vain for {what}")
            time.sleep(0.02)

    def wait_port(self, address, port, udp=False):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        table = f"/proc/self/net/{'udp' if udp else 'tcp'}{'6' if ':' in address else ''}"
        wanted = socket.inet_pton(family, address)
        groups = [wanted[i:i + 4][::-1].hex().upper() for i in range(0, len(wanted), 4)]
        exact, anybody = f"{''.join(groups)}:{port:04X}", f"{'0' * 8 * len(groups)}:{port:04X}"
        state = "07" if udp else "0A"

        def listening():
            rows = [line.split() for line in pathlib.Path(table).read_text().splitlines()[1:]]
            return any(r[1] in (exact, anybody) and r[3] == state for r in rows)
        self._until(listening, f"{address}:{port}")

    def wait_path(self, path):
        self._until(pathlib.Path(path).exists, str(path))

    def tail(self, name, size=600):
        path = self.dir / f"{name}.out"
        return path.read_text(errors="replace")[-size:].strip() if path.exists() else ""
