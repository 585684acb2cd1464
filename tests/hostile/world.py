# SPDX-License-Identifier: Apache-2.0
"""The program under test, what it is given, and what it did."""
import base64
import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time

import dns
import smtp

TIMEOUT = 6
HOST, DOMAIN, LOCALHOST = "mail.hostile.example", "hostile.example", b"\x7f\0\0\x01"
USER, PASSWORD, TOKEN = "clerk@hostile.example", "Quetzal-7!sRain\u00e9", "eyTOKEN.aVerySecretPart.8c1f0e77b2d94c6d"
CLIENT_SECRET = "clientSecret~4Qx9.zzTop"
MAIL = ("--from", USER, "--to", "someone@" + DOMAIN)
ADDRESS = [(n, dns.A) for n in (HOST, DOMAIN, "mta-sts." + DOMAIN, "login." + DOMAIN)]


def zone(more=()):
    """The zone of a healthy set-up, and more: (name, type) -> list of rdata."""
    return {**{at: [LOCALHOST] for at in ADDRESS}, **dict(more)}


class World:
    """Certificates, secrets' files, and the program."""

    def __init__(self, program, folder):
        self.program, self.dir = program, folder
        self.sanitized = b"__asan_init" in pathlib.Path(program).read_bytes()
        self.make_certificates()
        for name, text in (("password", PASSWORD), ("token", TOKEN), ("secret", CLIENT_SECRET)):
            self.path(name).write_text(text, encoding="utf-8")
        self.tls = smtp.server_context(self.path("cert.pem"))

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
