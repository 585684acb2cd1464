# SPDX-License-Identifier: Apache-2.0
"""DANE out (RFC 7672): which TLSA records count, what becomes of those that cannot be used, and that nothing
is delivered unprotected where they could not be looked up."""
import hashlib
import pathlib
import subprocess
import time
import urllib.request

from certs import Authority, tlsa
from door import wait_until
from names import Deaf, Names, Signing
from relay import Relay
from run import Skip
from signed import Signed
from sink import Sink
from test_deliver import only, states
from test_deliver_tls import mx_relay, policy_server, requiretls_relay, sts, sts_zone, submit_requiretls, zone

WRONG = "3 1 1 " + "00" * 32


def der(certificate):
    return subprocess.run(["openssl", "x509", "-in", certificate, "-outform", "DER"], check=True, capture_output=True).stdout


def anchor_of(ca):
    """A `2 0 1` record for the authority itself."""
    return "2 0 1 " + hashlib.sha256(der(ca.file)).hexdigest()


def dane_zone(sink, records, more=None, insecure=()):
    """Everything vouched for but what is insecure."""
    all_of_it = {**zone(sink.address), (f"_{sink.port}._tcp.mx.example.net", "TLSA"): records, **(more or {})}
    return Names(all_of_it, secure={name for name, _ in all_of_it} - set(insecure))


def chained(folder, ca, *names, **options):
    """With the authority behind it, as a DANE-TA record needs it."""
    certificate, key = ca.certificate(*names, **options)
    chain = folder / f"chain-{names[0]}.pem"
    chain.write_text(open(certificate).read() + open(ca.file).read())
    return str(chain), key


def outcome(folder, name, certificate, records, more=None, insecure=(), config=""):
    """One mail by a server with that certificate (None: no TLS): ("handed-over", tls) or ("delayed", finding)."""
    own = folder / name
    own.mkdir()
    sink = Sink(address="127.0.0.61", certificate=certificate)
    names = dane_zone(sink, records, more(sink) if callable(more) else more, insecure)
    relay = mx_relay(own, names, sink, config)
    relay.submit()
    wait_until(lambda: {x["state"] for x in relay.log_lines("queue.log") if "state" in x} & {"handed-over", "delayed"}, 30)
    x = only(states(relay))
    relay.stop()
    names.close()
    sink.close()
    assert bool(sink.messages) == (x["state"] == "handed-over"), (name, x)
    return (x["state"], x.get("tls", "") if x["state"] == "handed-over" else x["finding"])


HANDED, MISMATCH = ("handed-over", "TLSv1.3"), ("delayed", "dp-dane-mismatch")


def test_which_records_count(folder):
    """Usable ones decide, whatever else stands there; with none of them TLS is enough, and needed."""
    ca = Authority(folder)
    own, other = chained(folder, ca, "mx.example.net"), chained(folder, ca, "other.test")
    right, stranger = tlsa(own[0]), tlsa(other[0])
    useless = ["0 0 1 " + "11" * 32, "1 1 1 " + "22" * 32, "3 7 1 " + "33" * 32, "3 1 9 44", "3 1 1 abcd", "3 0 0 30820000"]
    for name, certificate, records, want in (
            ("useless", own, useless, HANDED),
            ("useless-without-tls", None, useless, ("delayed", "dp-dane-starttls-missing")),
            ("mixed", own, useless + [right], HANDED),
            ("mixed-wrong", own, useless + [stranger], MISMATCH),
            ("rollover", own, [stranger, right], HANDED),
            ("anchor-or-key", own, [anchor_of(ca), stranger], HANDED),
            ("anchor-other-name", other, [anchor_of(ca)], MISMATCH),
            ("key-other-name", other, [stranger], HANDED)):
        assert outcome(folder, name, certificate, records) == want, name


def test_what_is_not_signed_counts_for_nothing(folder):
    """Neither records of an unsigned zone, nor those of a host that an unsigned domain names."""
    for name, insecure in (("records", "tlsa"), ("host", "mx.example.net"), ("domain", "example.net")):
        sink = Sink(address="127.0.0.62")
        unsigned = f"_{sink.port}._tcp.mx.example.net" if insecure == "tlsa" else insecure
        own = folder / name
        own.mkdir()
        relay = mx_relay(own, dane_zone(sink, [WRONG], insecure=[unsigned]), sink)
        relay.submit()
        assert sink.wait(1) and not sink.messages[0]["tls"], (name, relay.log_lines("queue.log"))
        relay.stop()


def test_records_that_cannot_be_looked_up(folder):
    """Nothing goes out unprotected where the way is signed; where it is not, nothing is held up."""
    for failure, finding in (("SERVFAIL", "dns-servfail"), ("REFUSED", "dns-refused"), ("TIMEOUT", "dns-timeout")):
        got = outcome(folder, failure, None, failure, insecure=())
        assert got == ("delayed", finding), (failure, got)
    assert outcome(folder, "unsigned-domain", None, "SERVFAIL", insecure=["example.net"])[0] == "handed-over"
    assert outcome(folder, "unsigned-host", None, "SERVFAIL", insecure=["mx.example.net"])[0] == "handed-over"


def needs_anchor():
    if not pathlib.Path("/usr/share/dns/root.key").exists():
        raise Skip("no trust anchor")


def test_a_proof_that_does_not_come(folder):
    """Be it of the hosts, of their addresses or of the records: that says not that they are unsigned."""
    needs_anchor()
    for name, open_names, what in (("mx", {"example.net"}, "example.net MX"), ("addresses", {"mx.example.net"}, "its addresses"),
                                   ("records", {"tlsa"}, "its TLSA records")):
        sink = Sink(address="127.0.0.67")
        own = folder / name
        own.mkdir()
        tlsa_name = f"_{sink.port}._tcp.mx.example.net"
        records = {**zone(sink.address), (tlsa_name, "TLSA"): [WRONG]}
        secure = {"example.net", "mx.example.net", tlsa_name} - {tlsa_name if x == "tlsa" else x for x in open_names}
        names = Signing(records, silenced=True, secure=secure)
        relay = mx_relay(own, names, sink)
        relay.submit()
        x = only(states(relay, wanted=["delayed"]))
        assert x["finding"] == "dns-servfail" and what in x["why"] and "proof by DNSSEC did not come" in x["why"], (name, x)
        relay.stop()
        names.close()
        assert not sink.messages, name
        sink.close()


def test_a_resolver_that_is_silent_to_keys(folder):
    """Nothing can be proven by it, of any domain: mail goes on as where signatures are stripped, and that is said."""
    needs_anchor()
    sink = Sink(address="127.0.0.89")
    records = {**zone(sink.address), ("_mta-sts.example.net", "TXT"): [], ("example.org", "MX"): ["10 mx.example.net"],
               (f"_{sink.port}._tcp.mx.example.net", "TLSA"): [WRONG]}
    names = Deaf(records)
    relay = mx_relay(folder, names, sink, 'http { listen = "127.0.0.1:0" open = "read" }\n')
    relay.submit()
    assert sink.wait(1, 12), relay.log_lines("queue.log")
    assert not sink.messages[0]["tls"]
    begin = time.monotonic()
    relay.submit(rcpts=["b@example.org"])
    assert sink.wait(2, 12) and time.monotonic() - begin < 3, "it was found out before"
    assert relay.said().count("cannot prove mail hosts by DNSSEC with the resolver") == 1, relay.said()
    assert "silent to DNSKEY" in relay.said() and "a local unbound" in relay.said()
    with urllib.request.urlopen(f"http://127.0.0.1:{relay.ports[-1]}/metrics", timeout=10) as answer:
        assert "\npostrider_dnssec_unprovable 1\n" in answer.read().decode()


def test_an_anchor_that_does_not_fit(folder):
    """Our own fault, and a passing one: nothing goes out unproven, and nothing comes back."""
    needs_anchor()
    ca = Authority(folder)
    sink = Sink(address="127.0.0.68", certificate=ca.certificate("mx.example.net"))
    sink.extensions.append("REQUIRETLS")
    relay = requiretls_relay(folder, ca, Signing(zone(sink.address)), sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    x = only(states(relay, wanted=["delayed"]))
    assert not x.get("finding") and "this computer's clock is wrong" in x["why"] and not sink.messages, x


def test_an_alias_that_cannot_be_looked_up(folder):
    """Its own name may have records that count."""
    class Aliases(Names):
        def answer(self, question):
            said = super().answer(question)
            return said[:3] + b"\x82" + said[4:6] + bytes(6) + said[12:] if self.asked[-1] == ("mx.example.net", "CNAME") else said

    sink = Sink(address="127.0.0.69")
    names = Aliases({("example.net", "MX"): ["10 mx.example.net"], ("mx.example.net", "CNAME"): ["real.example.org"],
                     ("real.example.org", "A"): [sink.address]}, secure={"example.net"})
    relay = mx_relay(folder, names, sink)
    relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] == "dns-servfail" and "its alias" in x["why"] and not sink.messages, x


def test_one_host_with_records_and_one_without(folder):
    """Each host is judged by its own records: the second, which has none, takes what the first may not have."""
    ca = Authority(folder)
    first = Sink(address="127.0.0.63", certificate=ca.certificate("mx.example.net"))
    second = Sink(address="127.0.0.64", port=first.port)
    names = dane_zone(first, [WRONG], {("example.net", "MX"): ["10 mx.example.net", "20 plain.example.net"],
                                       ("plain.example.net", "A"): [second.address]}, insecure=["plain.example.net"])
    relay = mx_relay(folder, names, first)
    relay.submit()
    assert second.wait(1) and not first.messages
    x = only(states(relay, wanted=["handed-over"]))
    assert x["host"] == "plain.example.net" and not x.get("tls"), x


def test_unusable_records_leave_mta_sts_its_word(folder):
    """DANE goes before MTA-STS only where it can prove anything."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.65")
    config = f'ca-file = "{ca.file}"\n'
    more = {k: v for k, v in sts_zone("127.0.0.65").items() if "sts" in k[0]}
    stranger = ca.certificate("other.test")
    for name, records, want in (("useless", ["1 1 1 " + "22" * 32], ("delayed", "tls-cert-name-mismatch")),
                                ("usable", [tlsa(stranger[0])], HANDED)):
        assert outcome(folder, name, stranger, records, more, config=config) == want, name


def test_an_alias(folder):
    """Records stand where the alias leads (RFC 7672, 2.2.3), by real servers; the certificate is for that name."""
    ca = Authority(folder)
    good, bad = chained(folder, ca, "real.signed.test"), chained(folder, ca, "mx.signed.test")
    sink = Sink(address="127.0.0.66", certificate=good)
    names = Signed(folder, "signed.test", ["@ MX 10 mx", "mx CNAME real", "real A 127.0.0.66", f"_{sink.port}._tcp.real TLSA {anchor_of(ca)}",
                                           "away MX 10 out", "out CNAME real.plain.test.", f"_{sink.port}._tcp.out TLSA {WRONG}",
                                           "lost MX 10 gone", "gone CNAME real.plain.test."],
                   plain={"plain.test": ["real A 127.0.0.66"]})
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" port = {sink.port} }}\n')
    relay.trail(relay.submit(rcpts=["b@signed.test"]), {"handed-over"})
    assert sink.messages[0]["tls"] and sink.asked_for == ["real.signed.test"], sink.asked_for
    x = relay.trail(relay.submit(rcpts=["b@away.signed.test"]), {"delayed"})
    assert "dp-dane-mismatch" in str(x), x  # an alias in a signed zone, with records of its own
    relay.trail(relay.submit(rcpts=["b@lost.signed.test"]), {"handed-over"})
    sink.tls.load_cert_chain(*bad)  # from the next connection on
    relay.stop()
    relay.start()
    x = relay.trail(relay.submit(rcpts=["b@signed.test"]), {"delayed"})
    assert "the certificate is for another name" in str(x), x
