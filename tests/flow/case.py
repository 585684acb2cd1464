# SPDX-License-Identifier: Apache-2.0
"""What one case is: servers, the check's arguments, and what must and must not be named."""
from dataclasses import dataclass, field

USER = ["--user", "clerk@acme.example", "--password-file", "{password}"]
AT_587 = ["mail.acme.example:587"]
LOGIN_587 = ["mail.acme.example:587", *USER]
LOGIN_465 = ["mail.acme.example:465", *USER]
MAIL_587 = [*LOGIN_587, "--from", "clerk@acme.example", "--to", "ann@partner.example"]
AT_25 = ["mail.acme.example:25", "--from", "ann@partner.example", "--to", "clerk@acme.example"]


@dataclass
class Case:
    name: str
    servers: list                  # started in this order, after the names (dns.Dns, if not among them)
    check: list                    # arguments; {password} {dir} {shared} are filled in
    root: str = None               # the first failure; None: nothing may fail
    never: list = field(default_factory=list)    # must not stand among the failures
    verdict: str = None            # default: failing, with root; else not failing
    password: str = "correct horse"
    host: str = "pc7.acme.example"  # the office computer's own name
    before: object = None          # function of the world, called when all servers run
    timeout: int = 20
    warns: list = field(default_factory=list)    # findings that must be there, of any severity
    trust: str = "root"
    swallowed: str = None          # what is found where the server kept its last words to itself: checked again
