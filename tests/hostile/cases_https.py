# SPDX-License-Identifier: Apache-2.0
"""Token endpoints and policy servers that mean ill.  443 is needed for the latter: a private network only."""
import json
import threading

import https
from dns import TXT, Dns, txt
from harm import STEERING, Server, silence
from judge import judged
from smtp import Smtp
from world import CLIENT_SECRET, DOMAIN, MAIL, USER, zone

ILL = {"endless-body": https.endless_body, "endless-headers": https.endless_headers,
       "endless-chunks": https.endless_chunks, "byte-a-second": https.drip, "redirects": https.redirects,
       "garbage": https.garbage, "silence": lambda c: silence(c, None), "eof": lambda c: None,
       "steering": https.refuses(STEERING), "secret": https.refuses(f"secret {CLIENT_SECRET} is not it"),
       "deep-json": https.says("[" * 200000), "huge-token": https.says(json.dumps(
           {"access_token": "x" * 900000, "token_type": "Bearer", "expires_in": 3600})),
       "nul-token": https.says('{"access_token": "a\\u0000b\\r\\nQUIT", "token_type": "Bearer"}')}


def oauth_case(name, bad):
    def body(world):
        talk = Smtp(world.tls, mechanisms="XOAUTH2")
        with Dns(zone()) as dns, Server(talk) as s, Server(https.Https(world.tls, bad)) as web:
            command = world.base(dns, s.port, "--user", USER, "--oauth-client-id", "11111111-2222-3333-4444-555555555555",
                                 "--oauth-client-secret-file", str(world.path("secret")), "--oauth-scope", "smtp",
                                 "--oauth-token-url", f"https://login.{DOMAIN}:{web.port}/token", login=False)
            return judged(world, name, command)
    return name, body


STS_PORT = threading.Lock()  # 443: one at a time


def sts_case(name, bad):
    def body(world):
        records = {("_mta-sts." + DOMAIN, TXT): [txt("v=STSv1; id=1;")]}
        with STS_PORT, Dns(zone(records)) as dns, Server(Smtp(world.tls)) as s, \
                Server(https.Https(world.tls, bad), 443):
            return judged(world, name, world.base(dns, s.port, *MAIL))
    return name, body


def all_cases(private):
    for word, bad in ILL.items():
        yield oauth_case(f"oauth/{word}", bad)
        if private and word not in ("secret", "huge-token", "nul-token", "deep-json"):
            yield sts_case(f"mta-sts/{word}", bad)
