# SPDX-License-Identifier: Apache-2.0
"""A real mailbox on loopback: Dovecot with IMAP and POP3, each in clear (with STARTTLS) and by TLS."""
import os
import pathlib
import shutil
import subprocess
import time

from certs import Authority
from ports import free_port, wait_port
from run import Skip

PASSWORD = "correct-horse"
CONF = """protocols = imap pop3
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
auth_verbose = yes
default_internal_user = dovecot
default_login_user = dovenull
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = {plain_off}
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{dir}/mail/%u
passdb {{
  driver = static
  args = {passdb}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={dir}/home/%u
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
{more}
"""


class Dovecot:
    """user: whose mails deliver() and mails() mean.  Its certificate is for 127.0.0.1 and localhost, or for names."""

    def __init__(self, folder, user="bounces@acme.example", names=("127.0.0.1", "localhost"), plain_off="no",
                 mechanisms="plain login", passdb=f"password={PASSWORD}", ssl="yes", more=""):
        if os.geteuid():
            raise Skip("mail servers want root")
        if not shutil.which("dovecot") or not pathlib.Path("/usr/lib/dovecot/pop3").exists():
            raise Skip("no dovecot with imap and pop3")
        self.user, self.folder = user, pathlib.Path(folder) / "dovecot"
        for name in ("", "run", "state", "mail", "home"):
            (self.folder / name).mkdir(mode=0o755)
        for name in ("mail", "home"):
            shutil.chown(self.folder / name, "mail", "mail")
        self.authority = Authority(self.folder)
        cert, key = self.authority.certificate(*names)
        self.ports = {name: free_port() for name in ("imap", "imaps", "pop3", "pop3s")}
        conf = self.folder / "dovecot.conf"
        conf.write_text(CONF.format(dir=self.folder, cert=cert, key=key, plain_off=plain_off, mechanisms=mechanisms,
                                    passdb=passdb, ssl=ssl, more=more, **self.ports))
        self.maildir = self.folder / "mail" / user
        self.counter = 0
        self.process = subprocess.Popen(["dovecot", "-F", "-c", str(conf)], stdout=open(self.folder / "out", "wb"),
                                        stderr=subprocess.STDOUT)
        if not all(wait_port(p) for name, p in self.ports.items() if ssl != "no" or not name.endswith("s")):
            raise AssertionError((self.folder / "out").read_text() + self.log())

    @property
    def ca(self):
        return self.authority.file

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def deliver(self, mail):
        """Into the inbox, as a delivery agent does."""
        for name in ("", "tmp", "new", "cur"):
            if not (self.maildir / name).exists():
                (self.maildir / name).mkdir(mode=0o700)
                shutil.chown(self.maildir / name, "mail", "mail")
        self.counter += 1
        name = f"{int(time.time())}.M{self.counter:06}P{os.getpid()}.test"
        path = self.maildir / "tmp" / name
        path.write_bytes(mail.encode() if isinstance(mail, str) else mail)
        shutil.chown(path, "mail", "mail")
        path.rename(self.maildir / "new" / name)

    def mails(self, folder=""):
        """(flags, bytes) of each mail in a folder."""
        place = self.maildir / (f".{folder}" if folder else "")
        return [(path.name.partition(":2,")[2], path.read_bytes()) for sub in ("new", "cur")
                for path in sorted((place / sub).glob("*"))]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
