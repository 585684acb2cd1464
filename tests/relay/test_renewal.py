# SPDX-License-Identifier: Apache-2.0
"""Certificates and settings that change while the relay runs: at a signal, or found out by itself."""
import hashlib
import json
import os
import shutil
import ssl
import time
import urllib.request

from certs import Authority
from door import ROUTE, Raw, certificate, wait_until
from relay import Relay
from sink import Sink


def test_reload_and_renewed_certificate(folder):
    """SIGHUP: the one who is in stays; the next one meets the new settings."""
    config = certificate(folder) + ROUTE
    r = Relay(folder, config)
    port = r.port
    with Raw(port) as c:
        assert not any(x.startswith("STARTTLS") for x in c.hello())
        c.envelope()
        r.write(config + 'listen "127.0.0.1:0" { security = "starttls" }\n', listen=False)
        r.signal(1)
        wait_until(lambda: "read again" in r.said())
        assert c.say("DATA")[0] == 354
        assert "2.0.0 queued as" in c.say("Subject: x\r\n\r\nx\r\n.")[1]
    with Raw(port) as c:
        assert "STARTTLS" in c.hello()
    r.conf.write_text("nonsense {")
    os.rename(r.data / "log/conversation.log", r.data / "log/conversation.log.1")
    r.signal(1)
    wait_until(lambda: "postrider.conf:1" in r.said())
    wait_until(lambda: (r.data / "log/conversation.log").exists())
    with Raw(port) as c:
        assert "STARTTLS" in c.hello()
    assert r.stop() == 0


def test_renewed_authorities_of_the_system(folder):
    """SIGHUP: a bundle of the system that holds none any more keeps the former, and is told."""
    one = Authority(folder)
    sink = Sink(certificate=one.certificate("127.0.0.1"), extensions=["AUTH PLAIN"])
    (folder / "password").write_text("s3cret\n")
    bundle = folder / "bundle.pem"
    shutil.copy(one.file, bundle)
    r = Relay(folder, f'route "out" {{ smarthost = "127.0.0.1:{sink.port}" security = "starttls" user = "me" '
              f'password-file = "{folder}/password" }}\n', env={"SSL_CERT_FILE": str(bundle), "SSL_CERT_DIR": str(folder / "none")})
    r.submit()
    assert sink.wait(1)
    bundle.write_text("half of it")
    r.signal(1)
    wait_until(lambda: "read again" in r.said(), 20, r.said)
    assert "no certificate in PEM form found; those read before go on" in r.said(), r.said()
    r.submit()
    assert sink.wait(2)
    assert r.stop() == 0


def test_what_counts_from_a_start(folder):
    """A reload takes up all but some settings: those are named, as long as the file has them otherwise."""
    r = Relay(folder, ROUTE)
    r.write(ROUTE + 'user = "nobody"\nkeep { budget = "20G" history = "80d" }\n')
    r.signal(1)
    wait_until(lambda: "counts from the next one" in r.said())
    assert "restart postrider): user, keep { budget }\n" in r.said(), r.said()
    r.write(ROUTE)
    r.signal(1)
    wait_until(lambda: r.said().count("read again") == 2)
    assert r.submit() and r.said().count("counts from the next one") == 1, r.said()
    assert r.stop() == 0


def fingerprint(r):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Raw(r.port, greeting=False) as c:
        c.tls(context)
        assert c.reply()[0] == 220
        return hashlib.sha256(c.socket.getpeercert(True)).digest()


def test_renewed_certificate(folder):
    """Other files in the same place: used soon, without a signal; half of them is not believed."""
    r = Relay(folder, certificate(folder) + ROUTE + 'listen "127.0.0.1:0" { security = "tls" }\n', listen=False)
    first = fingerprint(r)
    (folder / "cert.pem").write_text("half of it")
    wait_until(lambda: "cert.pem" in r.said(), 15)
    assert fingerprint(r) == first
    certificate(folder)
    wait_until(lambda: fingerprint(r) != first, 15)
    assert r.stop() == 0


def test_a_renewal_that_fails(folder):
    """Each thing that is wrong is told once, seen where operators look, and gone when it is mended."""
    http = f'listen "127.0.0.1:0" {{ security = "tls" }}\nhttp {{ listen = "127.0.0.1:0" open = "read" }}\n'
    r = Relay(folder, certificate(folder) + ROUTE + http, listen=False)
    first = fingerprint(r)

    def asked(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{r.ports[-1]}{path}", timeout=10) as answer:
            return answer.read().decode()

    def fails():
        return "\npostrider_certificate_renewal_failing 1\n" in asked("/metrics")

    def health():
        return [(x["trouble"], x["warn"]) for x in json.loads(asked("/api/v1/health"))["expiring"]]

    def told():
        return [x for x in r.said().splitlines() if "the certificate before it goes on" in x]

    assert not fails()
    wait_until(lambda: health() == [(None, False)], 20, health)
    os.rename(folder / "cert.pem", folder / "aside.pem")
    wait_until(fails)
    assert "No such file" in told()[-1] and "put it there" in told()[-1], told()
    time.sleep(4.5)
    assert len(told()) == 1, told()
    wait_until(lambda: health()[0][1] and "No such file" in health()[0][0], 20, health)
    certificate(folder, "other")
    os.rename(folder / "aside.pem", folder / "cert.pem")
    wait_until(lambda: not fails())
    assert fingerprint(r) == first and len(told()) == 1
    wait_until(lambda: health() == [(None, False)], 20, health)
    os.rename(folder / "other.pem", folder / "cert.pem")
    wait_until(fails)
    assert "another certificate" in told()[-1] and len(told()) == 2, told()
    assert fingerprint(r) == first
    os.rename(folder / "other.key", folder / "cert.key")
    wait_until(lambda: not fails())
    assert fingerprint(r) != first
    assert r.stop() == 0


def test_renewed_authorities(folder):
    """SIGHUP: the file's new content counts, and another file; a broken one keeps the former, and is told."""
    names = ["one", "two", "three"]
    for name in names:
        (folder / name).mkdir()
    one, two, three = (Authority(folder / name) for name in names)
    sinks = [Sink(certificate=ca.certificate("127.0.0.1"), extensions=["AUTH PLAIN"]) for ca in (one, two, three)]
    trusted = folder / "trusted.pem"
    (folder / "password").write_text("s3cret\n")

    def config(file=trusted):
        routes = "".join(f'route "r{i}" {{ recipients = {{ "@r{i}.example" }} smarthost = "127.0.0.1:{s.port}" '
                         f'security = "starttls" user = "me" password-file = "{folder}/password" }}\n' for i, s in enumerate(sinks))
        return f'ca-file = "{file}"\n{routes}'

    def reload():
        before = r.said().count("read again")
        r.signal(1)
        wait_until(lambda: r.said().count("read again") > before, 20, r.said)

    shutil.copy(one.file, trusted)
    r = Relay(folder, config())
    r.submit(rcpts=["x@r0.example"])
    assert sinks[0].wait(1)
    shutil.copy(two.file, trusted)
    reload()
    r.submit(rcpts=["y@r1.example"])
    assert sinks[1].wait(1)
    trusted.write_text("half of it")
    reload()
    assert "trusted.pem: no certificate or crl found; those read before go on" in r.said()
    r.submit(rcpts=["z@r1.example"])
    assert sinks[1].wait(2)
    r.write(config(three.file))
    reload()
    r.submit(rcpts=["y@r2.example"])
    assert sinks[2].wait(1)
    r.write(config(folder / "gone.pem"))
    r.signal(1)
    wait_until(lambda: "gone.pem" in r.said(), 20, r.said)
    r.submit(rcpts=["z@r2.example"])
    assert sinks[2].wait(2)
    assert r.stop() == 0
