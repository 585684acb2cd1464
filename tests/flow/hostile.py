#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers that mean ill and users that mistype:  tests/flow/hostile.py PROGRAM [PATTERN...] [-j N]

Whatever is at the other end: a check ends within --timeout (and a second), with
status 0 or 1 and one valid document that says what went wrong, in bounded
memory; nothing it writes holds a secret or steers a terminal or a page.  What
cannot be right as typed ends with status 2 and the mend, and nothing is contacted.
Runs in a network of its own (loopback only) where namespaces are permitted.
Ends with `N passed, N failed[, N skipped]`."""
import argparse
import base64
import concurrent.futures
import contextlib
import fnmatch
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import hostile_servers as hs  # noqa: E402

TIMEOUT, GRACE, MEMORY_MB = 6, 1.0, 60
SANITIZER_GRACE = 3.0
HOST, DOMAIN, LOCALHOST = "mail.hostile.example", "hostile.example", b"\x7f\0\0\x01"
USER, PASSWORD, TOKEN = "clerk@hostile.example", "Quetzal-7!sRain\u00e9", "eyTOKEN.aVerySecretPart.8c1f0e77b2d94c6d"
CLIENT_SECRET = "clientSecret~4Qx9.zzTop"
ADDRESS = [(HOST, hs.A), (DOMAIN, hs.A), ("mta-sts." + DOMAIN, hs.A), ("login." + DOMAIN, hs.A)]
# What would steer a terminal, a page or the reading order: C0 but line ends and tabs, C1, bidi.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class World:
    """Certificates, secrets' files, and the program."""

    def __init__(self, program, folder):
        self.program, self.dir = program, folder
        self.sanitized = b"__asan_init" in pathlib.Path(program).read_bytes()
        self.make_certificates()
        for name, text in (("password", PASSWORD), ("token", TOKEN), ("secret", CLIENT_SECRET)):
            self.path(name).write_text(text, encoding="utf-8")
        self.tls = hs.server_context(self.path("cert.pem"))

    def path(self, name):
        return self.dir / name

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, cwd=self.dir, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def make_certificates(self):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", "/CN=Hostile Test Root", "-keyout", "ca.key", "-out", "ca.pem")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + HOST,
                     "-keyout", "cert.key", "-out", "cert.csr")
        names = ",".join("DNS:" + n for n in (HOST, "mta-sts." + DOMAIN, "login." + DOMAIN))
        self.path("ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        self.openssl("x509", "-req", "-in", "cert.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "20", "-extfile", "ext", "-out", "leaf.pem")
        leaf, key, ca = (self.path(n).read_text() for n in ("leaf.pem", "cert.key", "ca.pem"))
        self.path("cert.pem").write_text(leaf + key)
        # 10 MB of certificates: what a Certificate message can hold is 16 MB.
        der = len(base64.b64decode("".join(ca.splitlines()[1:-1])))
        self.path("huge.pem").write_text(leaf + ca * ((10 << 20) // der))

    def base(self, dns, port, *more, login=True, security="starttls"):
        words = [self.program, "check", f"{HOST}:{port}", "--security", security, "--resolver", f"127.0.0.1:{dns.port}",
                 "--ca-file", str(self.path("ca.pem")), "--timeout", str(TIMEOUT)]
        if login:
            words += ["--user", USER, "--password-file", str(self.path("password"))]
        return words + list(more)


class Ran:
    def __init__(self, status, seconds, peak_mb, out, err):
        self.status, self.seconds, self.peak_mb, self.out, self.err = status, seconds, peak_mb, out, err


def wait_watching(pid):
    """Status and peak MB.  ru_maxrss counts what the forked interpreter had before exec; VmHWM does not."""
    peak = 0
    while True:
        with contextlib.suppress(OSError):
            text = pathlib.Path(f"/proc/{pid}/status").read_text()
            if "Name:\tpostrider" in text:
                peak = max(peak, int(re.search(r"VmHWM:\s*(\d+)", text + "VmHWM: 0").group(1)) / 1024)
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status, peak
        time.sleep(0.005)


def run(world, command, limit=TIMEOUT + 15, after=None, **more):
    """after(process): called when it has started, in this thread."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:exitcode=99:allocator_may_return_null=1",
               "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99", "LC_ALL": "C.UTF-8"}
        began = time.monotonic()
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, **{"stdout": out, "stderr": err, "env": env, **more})
        timer = threading.Timer(limit, p.kill)
        timer.start()
        if after:
            after(p)
        status, peak = wait_watching(p.pid)
        p.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        return Ran(p.returncode, seconds, 0 if world.sanitized else peak, out.read(), err.read().decode(errors="replace"))


def forms_of(secret):
    """Plain, base64 at each alignment (without the edges), percent-encoded, hex."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield urllib.parse.quote(secret, safe="").encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[4 if shift else 0:][:len(raw) * 4 // 3 - 4]


NEEDLES = [(s, f) for s in (PASSWORD, TOKEN, CLIENT_SECRET) for f in dict.fromkeys(forms_of(s))]


def leaks(what, data):
    for secret, form in NEEDLES:
        if form in data:
            return f"{what} holds {secret[:6]}... as {form.decode(errors='replace')}"
    return None


def steers(what, data):
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        return f"{what} is not UTF-8: {e}"
    found = STEERS.search(text)
    if found:
        return f"{what} holds {found.group()!r} in {text[max(0, found.start() - 40):found.end() + 10]!r}"
    if what == "html" and re.search(r"<script>alert|<img src=x|href=.javascript", text):
        return "html holds a server's markup"
    return None


def judge_forms(world, saved):
    """The kept evidence, shown in each form."""
    for form in ("json", "text", "html", "markdown"):
        shown = run(world, [world.program, "check", "--evidence", str(saved), "--format", form, "--verbose", "--no-color"])
        if shown.status not in (0, 1):
            return f"--evidence --format {form} ended with {shown.status}: {shown.err[:400]}"
        wrong = leaks(form, shown.out + shown.err.encode()) or steers(form, shown.out)
        if wrong:
            return wrong
    return leaks("the kept evidence", saved.read_bytes())


def judge_run(world, ran, timeout):
    grace = SANITIZER_GRACE if world.sanitized else GRACE
    if ran.status not in (0, 1):
        return f"status {ran.status}: {ran.err[-1500:]}"
    if ran.seconds > timeout + grace:
        return f"took {ran.seconds:.1f} s of {timeout} s"
    if ran.peak_mb > MEMORY_MB:
        return f"peak memory {ran.peak_mb:.0f} MB"
    return leaks("stdout", ran.out) or leaks("stderr", ran.err.encode())


def told(document, healthy):
    """A finding that warns, or a verdict that does not claim health."""
    if healthy:
        return None
    if document["verdict"] in ("failing", "unknown") or any(f["severity"] != "note" for f in document["findings"]):
        return None
    return f"nothing is said about it: {document['verdict']}, {document['summary']}"


def judged(world, name, command, timeout=TIMEOUT, healthy=False):
    saved = world.path(name.replace("/", "_") + ".evidence")
    ran = run(world, command + ["--json", "--save", str(saved)], limit=timeout + 15)
    wrong = judge_run(world, ran, timeout)
    if wrong:
        return wrong
    try:
        document = json.loads(ran.out)
    except ValueError as e:
        return f"no JSON: {e}"
    wrong = told(document, healthy) or judge_forms(world, saved)
    saved.unlink()
    return wrong


# ---- servers that mean ill: a case is a name and a function of the world that gives the reason or None

def zone(**more):
    z = {(n, t): [LOCALHOST] for n, t in ADDRESS}
    z.update({(n.replace("__", "."), t): v for (n, t), v in more.items()})
    return z


def smtp_case(name, smtp, *args, healthy=False, login=True, security="starttls"):
    def body(world):
        with hs.Dns(zone()) as dns, hs.Server(smtp(world)) as server:
            return judged(world, name, world.base(dns, server.port, *args, login=login, security=security),
                          healthy=healthy)
    return name, body


MAIL = ("--from", USER, "--to", "someone@" + DOMAIN)
ILL = {"silence": hs.silence, "eof": hs.close, "reset": hs.reset, "endless-line": hs.endless_line,
       "endless-reply": hs.endless_reply, "no-line-end": hs.no_end_of_line, "byte-a-second": hs.drip,
       "garbage": hs.garbage, "421": hs.go_away, "nuls": hs.nuls, "300-replies": hs.many_replies, "odd-codes": hs.odd_code,
       "half-closed": hs.half_closed, "steering": hs.steering}


def step_cases():
    for step in hs.STEPS:
        args = MAIL + (("--until", "message") if step in ("data", "dot") else ())
        for word, bad in ILL.items():
            # Odd but with a good code: to name it is allowed, not demanded.
            healthy = word in ("nuls", "300-replies")
            if step == "handshake" and word in ("nuls", "300-replies", "steering"):
                continue
            yield smtp_case(f"{step}/{word}", lambda w, s=step, b=bad: hs.Smtp(w.tls, s, b), *args, healthy=healthy)


def tls_cases():
    for word, bad in (("byte-a-second", hs.tls_drip), ("16-mb-message", hs.tls_records_for_ever),
                      ("empty-records", hs.tls_empty_records), ("warnings", hs.tls_warnings)):
        yield smtp_case(f"tls/{word}", lambda w, b=bad: hs.Smtp(w.tls, "handshake", hs.on_handshake(b)))
        yield smtp_case(f"tls-first/{word}", lambda w, b=bad: hs.Smtp(w.tls, "handshake", hs.on_handshake(b),
                                                                      implicit=True), security="tls")
    yield smtp_case("tls/10-mb-chain", lambda w: hs.Smtp(hs.server_context(w.path("cert.pem"), None)
                                                         if not w.path("huge.pem").exists() else huge_context(w)))


def huge_context(world):
    import ssl
    x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    x.load_cert_chain(world.path("huge.pem"), world.path("cert.key"))
    return x


def ehlo_cases():
    giant = tuple(f"X-KEYWORD-{i} " + "parameter " * 20 for i in range(2000))
    many = tuple(f"X{i}" for i in range(250))
    mechanisms = " ".join(f"MECH-{i}" for i in range(5000))
    yield smtp_case("ehlo/giant", lambda w: hs.Smtp(w.tls, keywords=giant))
    yield smtp_case("ehlo/250-keywords", lambda w: hs.Smtp(w.tls, keywords=many), healthy=True)
    yield smtp_case("ehlo/5000-mechanisms", lambda w: hs.Smtp(w.tls, mechanisms=mechanisms))
    yield smtp_case("ehlo/size-overflow", lambda w: hs.Smtp(w.tls, keywords=("SIZE 99999999999999999999999999",)),
                    *MAIL, healthy=True)


ECHOES = {
    "plain": lambda got, plain: b"535 5.7.8 bad password " + plain.replace(b"\0", b" ") + b"\r\n",
    "base64": lambda got, plain: b"535 5.7.8 bad response " + b" ".join(got) + b"\r\n",
    "lines": lambda got, plain: b"535-5.7.8 you sent\r\n535-" + plain.replace(b"\0", b"\r\n535-") + b"\r\n535 5.7.8 no\r\n",
    "accepted": lambda got, plain: b"235 2.7.0 welcome " + plain.replace(b"\0", b"/") + b"\r\n",
    "no-code": lambda got, plain: plain.replace(b"\0", b"\n") + b"\r\n",
    "quoted": lambda got, plain: b'454 4.7.0 cannot check "' + plain + b'" now [' + b"".join(got) + b"]\r\n",
}


def secret_cases():
    for word, how in ECHOES.items():
        for mechanism in ("PLAIN", "LOGIN"):
            yield smtp_case(f"secret/{mechanism.lower()}-{word}",
                            lambda w, m=mechanism, h=how: hs.Smtp(w.tls, mechanisms=m, auth=hs.echo_secret(h)),
                            healthy=word == "accepted")
        yield token_case(f"secret/xoauth2-{word}", how, healthy=word == "accepted")
    yield smtp_case("secret/challenges", lambda w: hs.Smtp(w.tls, auth=hs.challenges_for_ever))
    yield smtp_case("secret/challenges-login", lambda w: hs.Smtp(w.tls, mechanisms="LOGIN", auth=hs.challenges_for_ever))
    yield smtp_case("secret/challenges-scram", lambda w: hs.Smtp(w.tls, mechanisms="SCRAM-SHA-256 CRAM-MD5",
                                                                 auth=hs.challenges_for_ever))


def token_case(name, how, healthy):
    def body(world):
        with hs.Dns(zone()) as dns, hs.Server(hs.Smtp(world.tls, mechanisms="XOAUTH2", auth=hs.echo_secret(how))) as s:
            command = world.base(dns, s.port, "--user", USER, "--oauth-token-file", str(world.path("token")), login=False)
            return judged(world, name, command, healthy=healthy)
    return name, body


DNS_ILL = {"garbage": hs.dns_garbage, "half-garbage": hs.dns_half_garbage, "pointer-loop": hs.dns_pointer_loop,
           "alias-loop": hs.dns_alias_loop, "flood": hs.dns_flood, "truncated-then-silent": hs.dns_truncated_then_drip}


def dns_case(name, bad, target=None, extra=(), healthy=False):
    """bad: the zone's names that go wrong (None: all)."""
    def body(world):
        names, how, records = bad
        z = zone()
        z.update(records)
        dns_bad = {n: how for n in names} if names else {}
        with hs.Dns(z, dns_bad, None if names else how) as dns, hs.Server(hs.Smtp(world.tls)) as server:
            command = world.base(dns, server.port, *extra)
            if target:
                command[2] = target
            return judged(world, name, command, healthy=healthy)
    return name, body


def dns_cases():
    for word, how in DNS_ILL.items():
        yield dns_case(f"dns/{word}", (None, how, {}))
        yield dns_case(f"dns/{word}-policy", ([DOMAIN, "_dmarc." + DOMAIN, "_mta-sts." + DOMAIN], how, {}), extra=MAIL, healthy=True)
        yield dns_case(f"dns/{word}-domain", ([DOMAIN], how, {}), target=DOMAIN)
    huge = {(DOMAIN, hs.TXT): [hs.txt("v=spf1 " + "include:a.example " * 1500)] * 2,
            ("_dmarc." + DOMAIN, hs.TXT): [hs.txt("v=DMARC1; p=none; " + "rua=mailto:x@y.example, " * 2500)]}
    yield dns_case("dns/huge-txt", ([], None, huge), extra=MAIL)
    steering = {(DOMAIN, hs.TXT): [hs.txt("v=spf1 " + hs.STEERING + " -all")],
                ("_dmarc." + DOMAIN, hs.TXT): [hs.txt("v=DMARC1; p=" + hs.STEERING)]}
    yield dns_case("dns/steering-txt", ([], None, steering), extra=MAIL)
    many = {(DOMAIN, hs.MX): [b"\0\x0a" + hs.dns_name(f"m{i}.{DOMAIN}") for i in range(1000)]}
    yield dns_case("dns/1000-mx", ([], None, many), target=DOMAIN)
    addresses = {(HOST, hs.A): [bytes([127, 9, i >> 8, i & 255]) for i in range(2000)]}
    yield dns_case("dns/2000-addresses", ([], None, addresses))


HTTP_ILL = {"endless-body": hs.http_endless_body, "endless-headers": hs.http_endless_headers,
            "endless-chunks": hs.http_endless_chunks, "byte-a-second": hs.http_drip, "redirects": hs.http_redirects,
            "garbage": hs.http_garbage, "silence": lambda c: hs.silence(c, None), "eof": lambda c: None,
            "steering": hs.http_says("{\"error\": \"invalid_client\", \"error_description\": \"" +
                                     hs.STEERING.replace("\\", "").replace("\x1b", "\\u001b").replace("\x07", "\\u0007")
                                     .replace("\x08", "\\b") + "\"}", status="401 Unauthorized"),
            "secret": hs.http_says(json.dumps({"error": "invalid_client", "error_description":
                                               f"secret {CLIENT_SECRET} is not it"}),
                                   status="401 Unauthorized"),
            "deep-json": hs.http_says("[" * 200000), "huge-token": hs.http_says(json.dumps(
                {"access_token": "x" * 900000, "token_type": "Bearer", "expires_in": 3600})),
            "nul-token": hs.http_says('{"access_token": "a\\u0000b\\r\\nQUIT", "token_type": "Bearer"}')}


def oauth_case(name, bad):
    def body(world):
        smtp = hs.Smtp(world.tls, mechanisms="XOAUTH2")
        with hs.Dns(zone()) as dns, hs.Server(smtp) as s, hs.Server(hs.Https(world.tls, bad)) as web:
            command = world.base(dns, s.port, "--user", USER, "--oauth-client-id", "11111111-2222-3333-4444-555555555555",
                                 "--oauth-client-secret-file", str(world.path("secret")), "--oauth-scope", "smtp",
                                 "--oauth-token-url", f"https://login.{DOMAIN}:{web.port}/token", login=False)
            return judged(world, name, command)
    return name, body


STS_PORT = threading.Lock()  # 443: one at a time


def sts_case(name, bad):
    def body(world):
        records = {("_mta-sts." + DOMAIN, hs.TXT): [hs.txt("v=STSv1; id=1;")]}
        z = zone()
        z.update(records)
        with STS_PORT, hs.Dns(z) as dns, hs.Server(hs.Smtp(world.tls)) as s, \
                hs.Server(hs.Https(world.tls, bad), 443):
            return judged(world, name, world.base(dns, s.port, *MAIL))
    return name, body


def http_cases(private):
    for word, bad in HTTP_ILL.items():
        yield oauth_case(f"oauth/{word}", bad)
        if private and word not in ("secret", "huge-token", "nul-token", "deep-json"):
            yield sts_case(f"mta-sts/{word}", bad)


# ---- what cannot be right as typed

def typed(name, *words, status=(2,), says=None, files=None, env=None):
    """Nothing may be contacted; the mend is on stderr or in the answer."""
    def body(world):
        for path, text in (files or {}).items():
            world.path(path).write_bytes(text)
        with hs.Dns(zone()) as dns, hs.Server(hs.Smtp(world.tls)) as server:
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


def typed_cases():
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


# ---- the terminal's side

def interrupted(sig, moment):
    """The signal comes when the server has seen the moment, however long the machine took to get there."""
    def body(world):
        seen, poked = {"connected": threading.Event(), "silent": threading.Event()}, []

        def silent(c, step):
            seen["silent"].set()
            return hs.silence(c, step)

        smtp = hs.Smtp(world.tls, "ehlo2", silent)

        def talk(c):
            seen["connected"].set()
            smtp(c)

        def poke(p):
            seen[moment].wait(TIMEOUT)
            poked.append(time.monotonic())
            p.send_signal(sig)

        with hs.Dns(zone()) as dns, hs.Server(talk) as server:
            saved = world.path(f"interrupted{sig}{moment}.json")
            ran = run(world, world.base(dns, server.port, "--timeout", "30", "--json", "--save", str(saved)), after=poke)
            took = time.monotonic() - poked[0]
            if ran.status not in (1, 130, 143):
                return f"status {ran.status}: {ran.err[-500:]}"
            if took > (3 if world.sanitized else 1.5):
                return f"took {took:.1f} s to end"
            document = json.loads(ran.out)
            if document["verdict"] == "ok" or not document["facts"]:
                return f"the document says {document['verdict']}, with {len(document['facts'])} facts"
            return leaks("stdout", ran.out) or leaks("evidence", saved.read_bytes())
    return body


def output_case(stdout=None, save=None, closed=False):
    def body(world):
        with hs.Dns(zone()) as dns, hs.Server(hs.Smtp(world.tls)) as server, contextlib.ExitStack() as stack:
            more = {}
            command = world.base(dns, server.port, "--json")
            if save:
                command += ["--save", save]
            if stdout:
                more["stdout"] = stack.enter_context(open(stdout, "wb"))
            if closed:
                command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
            ran = run(world, command, **more)
            if ran.status != 3:
                return f"status {ran.status}, not 3: {ran.err[-500:]}"
            if not ran.err.strip():
                return "nothing is said on stderr"
            if save and not json.loads(ran.out)["findings"] is not None:
                return "the answer is missing"
            return leaks("stderr", ran.err.encode())
    return body


def few_files(world):
    """Descriptors run out: an answer or status 3, no crash."""
    with hs.Dns(zone()) as dns, hs.Server(hs.Smtp(world.tls)) as server:
        command = ["sh", "-c", 'ulimit -n "$1"; shift; exec "$@"', "sh", None, *world.base(dns, server.port, "--json")]
        for n in (4, 6, 8, 10, 12, 14, 16):
            command[4] = str(n)
            ran = run(world, command)
            if ran.status not in (0, 1, 3, 127) or ran.seconds > TIMEOUT + GRACE + 2:
                return f"with {n} descriptors: status {ran.status} after {ran.seconds:.1f} s: {ran.err[-500:]}"
    return None


def terminal_cases():
    for moment in ("connected", "silent"):
        yield f"ends/interrupt-{moment}", interrupted(signal.SIGINT, moment)
        yield f"ends/terminate-{moment}", interrupted(signal.SIGTERM, moment)
    yield "ends/stdout-full", output_case(stdout="/dev/full")
    yield "ends/stdout-closed", output_case(closed=True)
    yield "ends/save-full", output_case(save="/dev/full")
    yield "ends/few-descriptors", few_files


def all_cases(private):
    for group in (step_cases(), tls_cases(), ehlo_cases(), secret_cases(), dns_cases(), http_cases(private), typed_cases(),
                  terminal_cases()):
        yield from group


def in_own_network():
    """Starts itself again in a network with nothing but loopback, where that is permitted."""
    if os.environ.get("HOSTILE_PRIVATE"):
        return os.environ["HOSTILE_PRIVATE"] == "yes"
    probe = subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL, check=False)
    os.environ["HOSTILE_PRIVATE"] = "yes" if probe.returncode == 0 else "no"
    if probe.returncode == 0:
        script = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-rn", "sh", "-c", script, "sh", sys.executable, *sys.argv])
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("-j", "--jobs", type=int, default=8)
    o = parser.parse_args()
    private = in_own_network()
    if not shutil.which("openssl"):
        print("hostile: no openssl here\n0 passed, 0 failed, 1 skipped")
        return 0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.pop("POSTRIDER_PASSWORD", None)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.realpath(o.program), pathlib.Path(folder))
        chosen = [(n, b) for n, b in all_cases(private)
                  if not o.patterns or any(fnmatch.fnmatch(n, p) for p in o.patterns)]
        with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
            futures = {pool.submit(body, world): name for name, body in chosen}
            for f in concurrent.futures.as_completed(futures):
                try:
                    reason = f.result()
                except Exception as e:  # the case itself broke: that is a failure too
                    reason = f"{type(e).__name__}: {e}"
                passed += reason is None
                failed += reason is not None
                if reason:
                    print(f"FAIL {futures[f]}: {reason}", flush=True)
    skipped = "" if private else ", 1 skipped"
    print(f"{passed} passed, {failed} failed{skipped}", flush=True)
    os._exit(1 if failed or not passed else 0)  # server threads may still be flooding


if __name__ == "__main__":
    sys.exit(main())
