# SPDX-License-Identifier: Apache-2.0
"""Exim, unpacked from Debian's package, with a configuration of its own (TLS is GnuTLS here)."""
import pathlib

import debs
from world import MAIL

CONF = """primary_hostname = mail.acme.example
exim_path = {exim}
exim_user = mail
exim_group = mail
never_users = root
spool_directory = {dir}
log_file_path = {dir}/log-%slog
pid_file_path = {dir}/pid
keep_environment =
daemon_smtp_ports = 25 : 587 : 465
tls_on_connect_ports = 465
local_interfaces = {address}
rfc1413_query_timeout = 0s
smtp_enforce_sync = true
tls_advertise_hosts = {starttls}
tls_certificate = {shared}/{cert}.chain
tls_privatekey = {shared}/{cert}.key
auth_advertise_hosts = {offer}
domainlist local_domains = acme.example
hostlist relay_from_hosts = 127.0.0.1
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
{main}
begin acl
acl_rcpt:
  {rcpt}
  accept authenticated = *
  require message = relay not permitted
          domains = +local_domains
  require verify = recipient
  accept
acl_data:
  {data}
  accept
{acls}
begin routers
local:
  driver = accept
  domains = +local_domains
  local_parts = clerk : boss : postmaster
  transport = nowhere
remote:
  driver = manualroute
  domains = ! +local_domains
  route_list = * 127.0.0.1
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = {login}
  server_set_id = $auth2
"""
LOGIN = "${if and{{eq{$auth2}{clerk@acme.example}}{eq{$auth3}{correct horse}}}}"


class Exim:
    """main: lines at the top; rcpt, data: statements before the healthy ones of these ACLs; acls: ACLs of
    one's own; login: what judges a password."""

    def __init__(self, main="", rcpt="", data="", acls="", login=LOGIN, cert="good", address=MAIL, starttls="*",
                 offer="${if eq{$tls_in_cipher}{}{}{*}}"):
        self.options = {"main": main, "rcpt": rcpt, "data": data, "acls": acls, "login": login, "cert": cert,
                        "address": address, "starttls": starttls, "offer": offer}

    def start(self, world):
        place, env = debs.place(world.tools, "exim")
        folder = world.owned("exim", "mail")
        exim = pathlib.Path(place) / "usr/sbin/exim4"
        # Exim looks for its own user when it starts.
        world.over("/etc/passwd", pathlib.Path("/etc/passwd").read_text() + "Debian-exim:x:31001:31001::/nonexistent:/bin/false\n")
        world.over("/etc/group", pathlib.Path("/etc/group").read_text() + "Debian-exim:x:31001:\n")
        conf = world.write("exim/conf", CONF.format(dir=folder, shared=world.shared, exim=exim, **self.options))
        for key in world.shared.glob("*.key"):
            key.chmod(0o644)
        world.start("exim", [str(exim), "-C", str(conf), "-bdf", "-q1h"], env)
        for port in (25, 587, 465):
            world.wait_port(self.options["address"], port)
