# SPDX-License-Identifier: Apache-2.0
"""Postfix, as Debian ships it, with a configuration and a queue of its own and no service but those of the case.

Without changes it is a healthy server: port 25 takes mail for acme.example,
587 (STARTTLS) and 465 (TLS) ask for a login, which Dovecot judges."""
import os
import pathlib
import shutil

from world import MAIL

MAIN = {
    "compatibility_level": "3.6",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": "mail.acme.example",
    "mydomain": "acme.example",
    "mydestination": "acme.example",
    "mynetworks": "127.0.0.0/8",
    "inet_protocols": "ipv4",
    "local_recipient_maps": "inline:{ clerk=x boss=x }",
    "local_transport": "discard:",
    "default_transport": "discard:",
    "relay_transport": "discard:",
    "alias_maps": "",
    "smtpd_banner": "$myhostname ESMTP",
    "smtpd_tls_security_level": "may",
    "smtpd_tls_auth_only": "yes",
    "smtpd_sasl_type": "dovecot",
    "smtpd_sasl_path": "inet:127.0.0.1:12345",
    "smtpd_relay_restrictions": "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
    "smtpd_error_sleep_time": "0",
    "smtpd_sender_login_maps": "inline:{ clerk@acme.example=clerk@acme.example boss@acme.example=boss@acme.example }",
}
LOGIN = {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_security_level": "encrypt"}
SERVICES = {"25": {}, "587": LOGIN, "465": {**LOGIN, "smtpd_tls_wrappermode": "yes"}}
MASTER = """cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """main: changes to main.cf; ports: {port: changes to its service, None to leave it out};
    postscreen: in front of port 25; files: {name: text} written beside main.cf; wait: ports to wait for.
    In values %DIR% is its folder and %SHARED% that of the certificates."""

    def __init__(self, main=None, ports=None, cert="good", postscreen=False, address=MAIL, files=None, wait=None, name="postfix"):
        self.main, self.ports, self.cert, self.postscreen = main or {}, ports or {}, cert, postscreen
        self.address, self.files, self.wait, self.name = address, files or {}, wait, name

    def services(self):
        out = {}
        for port in {**SERVICES, **self.ports}:
            if self.ports.get(port, {}) is not None:
                out[port] = {**SERVICES.get(port, {}), **self.ports.get(port, {})}
        return out

    def master(self):
        lines = [MASTER]
        for port, options in self.services().items():
            where = f"{self.address}:{port}" if self.address else port
            name, program = f"{where} inet n - n - -", "smtpd"
            if port == "25" and self.postscreen:
                name, program = f"{self.address}:25 inet n - n - 1", "postscreen"
                lines.append("smtpd pass - - n - - smtpd\n")
            extra = "".join(f"\n  -o {{ {k} = {v} }}" for k, v in options.items())
            lines.append(f"{name} {program}{extra}\n")
        return "".join(lines)

    def start(self, world):
        folder = world.owned(self.name, "root")
        queue = world.owned(f"{self.name}-q", "root")
        world.owned(f"{self.name}/data", "postfix", 0o700)
        main = {**MAIN, "queue_directory": queue, "data_directory": folder / "data", "meta_directory": "/etc/postfix",
                "maillog_file": folder / "log", "maillog_file_prefixes": world.dir,
                "smtpd_tls_chain_files": world.shared / f"{self.cert}.pem", **self.main}
        for name, text in self.files.items():
            world.write(f"{self.name}/{name}", text)
        world.write(f"{self.name}/main.cf", "".join(
            f"{k} = {str(v).replace('%DIR%', str(folder)).replace('%SHARED%', str(world.shared))}\n" for k, v in main.items() if v is not None))
        world.write(f"{self.name}/master.cf", self.master())
        self._queue(queue)
        world.start(self.name, ["postfix", "-c", str(folder), "start-fg"])
        for port in self.wait if self.wait is not None else self.services():
            world.wait_port(self.address, int(port))

    @staticmethod
    def _queue(queue):
        """The folders postfix-script(1) would make, at once and quietly."""
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
                     "saved", "trace"):
            (queue / name).mkdir(mode=0o700)
            shutil.chown(queue / name, "postfix", "root")
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            (queue / name).mkdir()
            shutil.chown(queue / name, "postfix", "postdrop")
            os.chmod(queue / name, mode)
        (queue / "pid").mkdir(mode=0o755)


def missing():
    return [] if pathlib.Path("/usr/lib/postfix/sbin/master").exists() else ["postfix"]
