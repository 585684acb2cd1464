# SPDX-License-Identifier: Apache-2.0
"""Real next servers on loopback, each with a folder of its own: Postfix, Exim."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

from ports import free_port, wait_port
from run import Skip

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "flow"))
import debs     # noqa: E402
import exim     # noqa: E402
import postfix  # noqa: E402


def need_root():
    if os.geteuid():
        raise Skip("mail servers want root")


class Postfix:
    """main: changes to main.cf; services: more lines of master.cf.  Local mail is thrown away; the log tells of it."""

    def __init__(self, folder, services="", **main):
        need_root()
        if postfix.missing():
            raise Skip("no postfix")
        self.folder, self.port = pathlib.Path(folder) / "postfix", free_port()
        self.log = self.folder / "log"
        queue = self.folder / "queue"
        for path, user in ((self.folder, "root"), (queue, "root"), (self.folder / "data", "postfix")):
            path.mkdir(mode=0o755 if user == "root" else 0o700)
            shutil.chown(path, user, user)
        postfix.Postfix._queue(queue)
        settings = {**postfix.MAIN, "queue_directory": queue, "data_directory": self.folder / "data",
                    "meta_directory": "/etc/postfix", "maillog_file": self.log, "maillog_file_prefixes": self.folder.parent,
                    "mydestination": "example.net", "local_recipient_maps": "inline:{ b=x c=x }", "mynetworks": "192.0.2.0/24",
                    "smtpd_tls_security_level": "none", "smtpd_sasl_auth_enable": "no", **main}
        for name in ("smtpd_sasl_type", "smtpd_sasl_path", "smtpd_sender_login_maps"):
            if name not in main:
                settings.pop(name, None)
        (self.folder / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
        (self.folder / "master.cf").write_text(f"127.0.0.1:{self.port} inet n - n - - smtpd\n" + postfix.MASTER + services)
        subprocess.run(["postfix", "-c", str(self.folder), "start"], check=True, capture_output=True)
        if not wait_port(self.port):
            raise AssertionError(self.log.read_text())

    @property
    def where(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        subprocess.run(["postfix", "-c", str(self.folder), "stop"], capture_output=True, check=False)

    def says(self, words, seconds=10):
        """Waits until all the words stand in one line of its log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.log.read_text(errors="replace").splitlines() if self.log.exists() else []:
                if all(w in line for w in words):
                    return line
            time.sleep(0.1)
        raise AssertionError(f"{words} is not in:\n" + self.log.read_text(errors="replace"))


class Exim:
    """certificate: (chain, key); routers, transports: more of them, before the others.  Login PLAIN, after STARTTLS only, by clerk@acme.example with `correct horse`."""

    def __init__(self, folder, certificate, routers="", transports="", **options):
        need_root()
        tools = debs.fetch(HERE.parents[1] / "build" / "servers")
        try:
            place, env = debs.place(tools, "exim")
        except debs.Missing as e:
            raise Skip("no exim") from e
        self.folder, self.port = pathlib.Path(folder) / "exim", free_port()
        self.folder.mkdir()
        self.folder.chmod(0o777)
        program = pathlib.Path(place) / "usr/sbin/exim4"
        text = exim.CONF.format(**{"dir": self.folder, "shared": self.folder, "exim": program, "address": "127.0.0.1",
                                   "cert": "server", "main": "", "rcpt": "", "data": "", "acls": "", "login": exim.LOGIN,
                                   "starttls": "*", "offer": "${if eq{$tls_in_cipher}{}{}{*}}", **options})
        text = text.replace("daemon_smtp_ports = 25 : 587 : 465", f"daemon_smtp_ports = {self.port}").replace(
            "hostlist relay_from_hosts = 127.0.0.1", "hostlist relay_from_hosts = 192.0.2.1")
        text = text.replace("begin routers\n", f"begin routers\n{routers}").replace("begin transports\n",
                                                                                   f"begin transports\n{transports}")
        for source, name in zip(certificate, ("server.chain", "server.key")):
            shutil.copy(source, self.folder / name)
            (self.folder / name).chmod(0o644)
        (self.folder / "conf").write_text(text)
        # Exim looks for its own user when it starts: it sees a list of users of its own.
        for name, line in (("passwd", "Debian-exim:x:31001:31001::/nonexistent:/bin/false\n"), ("group", "Debian-exim:x:31001:\n")):
            (self.folder / name).write_text(pathlib.Path("/etc", name).read_text() + line)
        script = f"mount --bind {self.folder}/passwd /etc/passwd && mount --bind {self.folder}/group /etc/group && " \
                 f"exec {program} -C {self.folder}/conf -bdf -q1h"
        self.process = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
                                        env={**os.environ, **env}, stdout=open(self.folder / "out", "wb"), stderr=subprocess.STDOUT)
        if not wait_port(self.port):
            raise AssertionError((self.folder / "out").read_text() + "".join(p.read_text() for p in self.folder.glob("*log")))

    @property
    def where(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        self.process.terminate()
