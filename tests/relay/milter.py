# SPDX-License-Identifier: Apache-2.0
"""A filter whose every answer a test decides, and real ones: rspamd, OpenDKIM."""
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import time

from ports import free_port, wait_port

CONTINUE = [b"c"]


class Milter:
    """says: command letter -> list of packets (letter and data), CONTINUE where nothing is said; None hangs
    up, "never" does not answer, "later" says CONTINUE after a second.  told: what came, (letter, data)."""

    def __init__(self, says=None, protocol=0, where=None):
        self.says, self.protocol, self.told = dict(says or {}), protocol, []
        if where:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(str(where))
            self.socket.listen(50)
            self.where = f"unix:{where}"
        else:
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=50)
            self.where = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    @staticmethod
    def _read(connection, n):
        data = b""
        while len(data) < n:
            more = connection.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _serve(self, connection):
        try:
            while True:
                length = struct.unpack(">I", self._read(connection, 4))[0]
                packet = self._read(connection, length)
                letter, data = packet[:1].decode(), packet[1:]
                self.told.append((letter, data))
                if letter == "Q":
                    return
                if letter == "D":
                    continue
                answer = [b"O" + struct.pack(">III", 6, 0xff, self.protocol)] if letter == "O" else \
                    self.says.get(letter, CONTINUE)
                if answer is None:
                    return
                if answer == "never":
                    time.sleep(60)
                if answer == "later":
                    time.sleep(1)
                    answer = CONTINUE
                if letter in "CHMRTLNB" and self.protocol & {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000,
                                                             "L": 0x80, "N": 0x40000, "B": 0x80000}[letter]:
                    continue
                connection.sendall(b"".join(struct.pack(">I", len(x)) + x for x in answer))
        except (OSError, EOFError):
            pass
        finally:
            connection.close()

    def letters(self):
        return "".join(x for x, _ in self.told if x != "D")

    def macros(self):
        found = {}
        for letter, data in self.told:
            if letter == "D":
                words = data[1:].split(b"\0")
                found.update(zip(words[::2], words[1::2]))
        return {k.decode(): v.decode() for k, v in found.items()}


def opendkim(folder, *options):
    """Returns (process, "127.0.0.1:PORT"), or None where it is not installed."""
    program = shutil.which("opendkim") or ("/usr/sbin/opendkim" if os.path.exists("/usr/sbin/opendkim") else None)
    if not program:
        return None
    port = free_port()
    conf = pathlib.Path(folder) / f"opendkim-{port}.conf"
    conf.write_text("RequireSafeKeys no\nSyslog no\nOn-Default accept\n" + "\n".join(options) + "\n")
    process = subprocess.Popen([program, "-f", "-x", str(conf), "-p", f"inet:{port}@127.0.0.1"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    assert wait_port(port), "opendkim does not listen"
    return process, f"127.0.0.1:{port}"


RSPAMD = """
options {{ url_tld = "{d}/tld"; pidfile = "{d}/pid"; filters = ""; temp_dir = "{d}"; gtube_patterns = "all"; hs_cache_dir = "{d}";
  dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }} control_socket = "{d}/control mode=0600"; local_addrs = []; }}
logging {{ type = "console"; level = "error"; }}
worker "rspamd_proxy" {{ bind_socket = "127.0.0.1:{port}"; milter = yes; timeout = 5s; count = 1;
  upstream "local" {{ default = yes; self_scan = yes; }} }}
actions {{ reject = 15; add_header = 6; }}
"""


def rspamd(folder, unpacked):
    """unpacked: the folder of its packages (tests/flow/debs.py).  (process, where), or None."""
    usr = pathlib.Path(unpacked) / "usr"
    if not (usr / "bin/rspamd").exists():
        return None
    own, port = pathlib.Path(folder) / "rspamd", free_port()
    own.mkdir()
    own.chmod(0o777)
    (own / "tld").write_text("com\nnet\norg\n")  # the whole list takes it long to compile
    (own / "rspamd.conf").write_text(RSPAMD.format(d=own, port=port))
    share = usr / "share/rspamd"
    variables = {"CONFDIR": usr.parent / "etc/rspamd", "LOCAL_CONFDIR": own, "RUNDIR": own, "DBDIR": own, "LOGDIR": own,
                 "SHAREDIR": share, "PLUGINSDIR": share / "plugins", "RULESDIR": share / "rules", "LUALIBDIR": share / "lualib",
                 "WWWDIR": share / "www"}
    env = {**os.environ, "LD_LIBRARY_PATH": f"{usr}/lib/x86_64-linux-gnu:{usr}/lib/rspamd"}
    process = subprocess.Popen([str(usr / "bin/rspamd"), "-i", "-f", "-c", str(own / "rspamd.conf"),
                                *[f"--var={k}={v}" for k, v in variables.items()]],
                               env=env, stdout=open(own / "log", "wb"), stderr=subprocess.STDOUT)
    assert wait_port(port, 30), "rspamd does not listen:\n" + (own / "log").read_text(errors="replace")[-1000:]
    return process, f"127.0.0.1:{port}"
