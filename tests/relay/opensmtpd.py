# SPDX-License-Identifier: Apache-2.0
"""OpenSMTPD, unpacked from Debian's package, in a view of the file system of its own: its places are compiled in."""
import os
import pathlib
import subprocess

from ports import free_port, wait_port
from run import Skip
from servers import debs, need_root

HERE = pathlib.Path(__file__).resolve().parent

CONF = """{house}table grey {{ "grey@example.net" }}
table busy {{ "busy@example.net" }}
filter grey phase rcpt-to match rcpt-to <grey> reject "451 4.7.1 Greylisted, please try again later"
filter busy phase rcpt-to match rcpt-to <busy> disconnect "421 4.3.2 Too busy"
{slow}filter rules chain {{ {chain}grey, busy }}
smtp max-message-size "100K"
listen on 127.0.0.1 port {port} {secured}filter rules
action "keep" relay host smtp://{next}
{more}match from any for domain "example.net" action "keep"
match from any auth for any action "keep"
"""

# A filter in the form of smtpd-filters(7).
WAITS = """while IFS='|' read -r kind version time where phase session token rest; do
    case "$kind|$version" in
    "config|ready") printf 'register|filter|smtp-in|%s\\n' connect rcpt-to commit; echo 'register|ready' ;;
    filter*) sleep {seconds}; echo "filter-result|$session|$token|proceed" ;;
    esac
done
"""

HOUSE = """pki house cert "{chain}"
pki house key "{key}"
table people {{ clerk = "{hash}" }}
"""
PASSWORD = "correct horse"

USERS = ("opensmtpd", 31002), ("opensmtpq", 31003)

VIEW = """for x in /var/spool /var/lib /run; do mount -t tmpfs none $x; done
mkdir -m 711 /var/spool/smtpd; mkdir -p /var/lib/opensmtpd/empty
mount --bind {dir}/passwd /etc/passwd; mount --bind {dir}/group /etc/group
exec {place}/usr/sbin/smtpd -d -f {dir}/conf
"""


class OpenSmtpd:
    """Takes mail for example.net (grey@ and busy@ not now), 100 KB at most, and passes it on to `next`, where nobody
    is unless a test says so.  certificate (chain, key): STARTTLS is offered, and behind it a login as clerk with
    PASSWORD, who may send to anybody.  more: lines of its configuration.  slow: so many seconds before its greeting, the
    answer to each recipient, and the one to the dot."""

    def __init__(self, folder, next="127.0.0.1:1", more="", certificate=None, slow=0):
        need_root()
        try:
            place, env = debs.place(debs.fetch(HERE.parents[1] / "build" / "servers"), "opensmtpd")
        except debs.Missing as e:
            raise Skip("no OpenSMTPD") from e
        self.folder, self.port = pathlib.Path(folder) / "opensmtpd", free_port()
        self.folder.mkdir()
        house = self.keep(certificate, env) if certificate else ""
        (self.folder / "waits").write_text(WAITS.format(seconds=slow))
        waits = f'filter waits proc-exec "/bin/sh {self.folder}/waits"\n' if slow else ""
        (self.folder / "conf").write_text(CONF.format(port=self.port, next=next, more=more, house=house, slow=waits, chain="waits, " if slow else "",
                                                      secured="tls pki house auth-optional <people> " if house else ""))
        for name, form in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/bin/false\n"), ("group", "{0}:x:{1}:\n")):
            own = "".join(form.format(*user) for user in USERS)
            (self.folder / name).write_text(pathlib.Path("/etc", name).read_text() + own)
        self.process = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                                         "sh", "-ec", VIEW.format(dir=self.folder, place=place)],
                                        env={**os.environ, **env}, stdout=open(self.folder / "out", "wb"),
                                        stderr=subprocess.STDOUT)
        if not wait_port(self.port):
            raise AssertionError(self.log)

    def keep(self, certificate, env):
        """Its key, readable for root alone; the view's environment gives it to TLS (opensmtpd_key.c)."""
        key = self.folder / "house.key"
        key.write_text(pathlib.Path(certificate[1]).read_text())
        key.chmod(0o600)
        shim = self.folder / "key.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(shim), str(HERE / "opensmtpd_key.c"), "-lssl", "-lcrypto"], check=True)
        env.update(LD_PRELOAD=str(shim), OPENSMTPD_KEY=str(key))
        hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True)
        return HOUSE.format(chain=certificate[0], key=key, hash=hashed.stdout.strip())

    @property
    def log(self):
        return (self.folder / "out").read_text(errors="replace")

    @property
    def where(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()
