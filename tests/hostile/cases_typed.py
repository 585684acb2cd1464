# SPDX-License-Identifier: Apache-2.0
"""What cannot be right as typed: status 2 and the mend, and nothing is contacted."""
import os
import re

from dns import Dns
from harm import Server
from judge import leaks, steers
from smtp import Smtp
from world import HOST, USER, run, zone


def typed(name, *words, status=(2,), says=None, files=None, env=None):
    """Nothing may be contacted; the mend is on stderr or in the answer."""
    def body(world):
        for path, text in (files or {}).items():
            world.path(path).write_bytes(text)
        with Dns(zone()) as dns, Server(Smtp(world.tls)) as server:
            filled = [str(w).replace("{port}", str(server.port)).replace("{dir}", str(world.dir)) for w in words]
            common = ["--resolver", f"127.0.0.1:{dns.port}", "--ca-file", str(world.path("ca.pem")), "--timeout", "5"]
            for option in ("--resolver", "--ca-file", "--timeout"):
                if option in filled:
                    at = common.index(option)
                    del common[at:at + 2]
            ran = run(world, [world.program, "check", *filled, *common], **({"env": {**os.environ, **env}} if env else {}))
            said = ran.out.decode(errors="replace") + ran.err
            if ran.status not in status:
                return f"status {ran.status}, not {status}: {said[-600:]}"
            if dns.asked or server.accepted:
                return f"{dns.asked} questions and {server.accepted} connections, where nothing may be contacted"
            if not said.strip() or "Sanitizer" in said or "runtime error" in said:
                return f"says: {said[-600:]}"
            if says and not re.search(says, said, re.I):
                return f"does not say {says}: {said[-600:]}"
            return leaks("the answer", said.encode()) or steers("text", ran.out) or steers("text", ran.err.encode())
    return "typed/" + name, body


def all_cases():
    at = HOST + ":{port}"
    yield typed("no-target", says="an address, a server")
    yield typed("two-targets", at, "other.example")
    yield typed("unknown-option", at, "--sceurity", "tls", says="security|--help")
    yield typed("unknown-value", at, "--security", "ssk", says="starttls")
    yield typed("unknown-step", at, "--until", "enveloppe", says="envelope")
    yield typed("unknown-mechanism", at, "--auth", "plian", says="plain")
    yield typed("unknown-format", at, "--format", "pdf", says="html|json")
    yield typed("missing-value", at, "--user")
    yield typed("port-0", HOST + ":0", says="port|1.*65535")
    yield typed("port-65536", HOST + ":65536", says="65535|port")
    yield typed("port-minus", HOST + ":-25", says="port")
    yield typed("port-word", HOST + ":smtp2x", says="port")
    yield typed("port-empty", HOST + ":", says="port")
    yield typed("both-families", at, "-4", "-6", says="-4|-6")
    yield typed("timeout-0", at, "--timeout", "0", says="timeout")
    yield typed("timeout-word", at, "--timeout", "soon", says="timeout|second")
    yield typed("timeout-huge", at, "--timeout", "99999999999999999999", says="timeout|second")
    yield typed("resolver-odd", at, "--resolver", "not an address", says="resolver")
    yield typed("resolver-port", at, "--resolver", "127.0.0.1:0", says="resolver|port")
    yield typed("bind-odd", at, "--bind", "300.1.1.1", says="bind|address")
    yield typed("sending-ip-odd", at, "--sending-ip", "1.2.3", says="address|sending")
    yield typed("from-odd", at, "--from", "no at sign", says="address|from|@")
    yield typed("to-odd", at, "--from", USER, "--to", "a@b@c d", says="address|to|@")
    yield typed("user-line-end", at, "--user", "a\r\nRCPT TO:<x@y.example>", "--password-file", "{dir}/password")
    yield typed("password-missing", at, "--user", USER, "--password-file", "{dir}/not-there", says="not-there")
    yield typed("password-folder", at, "--user", USER, "--password-file", "{dir}")
    yield typed("password-binary", at, "--user", USER, "--password-file", "{dir}/binary",
                files={"binary": bytes(range(256)) * 10})
    yield typed("password-huge", at, "--user", USER, "--password-file", "/dev/zero")
    yield typed("ca-missing", at, "--ca-file", "{dir}/no.pem", says="no.pem")
    yield typed("ca-rubbish", at, "--ca-file", "{dir}/rubbish.pem", files={"rubbish.pem": b"rubbish\n" * 9}, says="rubbish")
    yield typed("attach-missing", at, "--from", USER, "--to", USER, "--attach", "{dir}/no.pdf", says="no.pdf")
    yield typed("message-missing", at, "--message", "{dir}/no.eml", says="no.eml")
    yield typed("save-no-folder", at, "--save", "{dir}/no/where", says="where", status=(2, 3))
    yield typed("evidence-missing", "--evidence", "{dir}/no.json", says="no.json")
    yield typed("evidence-rubbish", "--evidence", "{dir}/rubbish.json", files={"rubbish.json": b"{]"}, says="rubbish.json")
    yield typed("evidence-zero", "--evidence", "/dev/zero")
    yield typed("profile-unknown", "profile:nowhere", says="profile|config")
    yield typed("config-missing", at, "--config", "{dir}/no.conf", says="no.conf")
    yield typed("config-rubbish", at, "--config", "{dir}/rubbish.conf", files={"rubbish.conf": b"profile {{{\n\0\xff"},
                says="rubbish.conf")
    yield typed("token-url-odd", at, "--user", USER, "--oauth-client-id", "x", "--oauth-client-secret-file", "{dir}/secret",
                "--oauth-token-url", "file:///etc/passwd", says="https|url")
    for word, host in {"space": "mail hostile.example", "newline": "mail.hostile\n.example", "nul-like": "mail\x01.example",
                       "escape": "\x1b[31mmail.example", "empty-label": "mail..example", "long-label": "x" * 64 + ".example",
                       "long-name": ".".join(["abcdefgh"] * 40), "bad-utf8": os.fsdecode(b"mail\xff\xfe.example"),
                       "bidi": "mail\u202e.example", "slash": "mail/../example", "semicolon": "mail.example;id",
                       "bracket": "[::1", "bad-v6": "[12345::]:25", "url": "https://mail.hostile.example/owa",
                       "empty": "", "dot": ".", "dash": "-mail.example", "percent": "mail%00.example",
                       "no-domain": "clerk@", "two-at": "a@b@hostile.example"}.items():
        yield typed("host-" + word, "--", host) if host.startswith("-") else typed("host-" + word, host)
