# SPDX-License-Identifier: Apache-2.0
"""Dovecot as the place where passwords are checked (SASL for Postfix and Exim), and as a submission server."""
from world import MAIL

PASSWORD = "correct horse"
USERS = "clerk@acme.example:{PLAIN}correct horse\nboss@acme.example:{PLAIN}battery staple\n"
CONF = """protocols = {protocols}
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
default_internal_user = dovecot
default_login_user = dovenull
listen = {address}
hostname = mail.acme.example
ssl = {ssl}
ssl_cert = <{shared}/{cert}.chain
ssl_key = <{shared}/{cert}.key
disable_plaintext_auth = {plain_off}
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{dir}/mail/%u
passdb {{
  driver = passwd-file
  args = {dir}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={dir}/home/%u
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = 12345
  }}
  unix_listener exim {{
    mode = 0666
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {port}
    {inet_ssl}
  }}
}}
submission_relay_host = {relay}
submission_relay_port = 25
submission_relay_trusted = yes
{more}
"""


class Dovecot:
    """`users` replaces the password file; `submission` is the port to listen on."""

    def __init__(self, users=USERS, mechanisms="plain login", submission=0, relay="127.0.0.1", cert="good",
                 ssl="required", plain_off="yes", inet_ssl="", more=""):
        self.users, self.submission = users, submission
        self.options = {"mechanisms": mechanisms, "relay": relay, "cert": cert, "ssl": ssl, "plain_off": plain_off,
                        "inet_ssl": inet_ssl, "more": more}

    def start(self, world):
        folder = world.owned("dovecot", "root")
        for name in ("run", "state"):
            world.owned(f"dovecot/{name}", "root")
        world.owned("dovecot/mail", "mail")
        world.owned("dovecot/home", "mail")
        world.write("dovecot/users", self.users)
        conf = world.write("dovecot/dovecot.conf", CONF.format(
            dir=folder, shared=world.shared, address=MAIL, port=self.submission or 587,
            protocols="submission" if self.submission else "none", **self.options))
        world.start("dovecot", ["dovecot", "-F", "-c", str(conf)])
        world.wait_port("127.0.0.1", 12345)
        world.notes["exim_auth"] = f"{folder}/run/exim"
        if self.submission:
            world.wait_port(MAIL, self.submission)
