# SPDX-License-Identifier: Apache-2.0
"""REQUIRETLS out (RFC 8689): what nobody could find out, or what fails just now, waits and says who can mend
it; what a server lacks comes back."""
import smtplib
import ssl

from certs import Authority
from door import wait_until
from names import Deaf, Names
from relay import Relay
from sink import Sink
from test_dane import needs_anchor
from test_deliver import only, states
from test_deliver_tls import policy_server, requiretls_relay, sts, sts_zone, submit_requiretls, zone


def waits(relay, *words):
    """Delayed, with no finding in the way of its words, which `queue why` says, too."""
    x = only(states(relay, wanted=["delayed"]))
    assert not x.get("finding") and "code" not in x and "next" in x, x
    told = " ".join(relay.run("queue", "why", x["id"]).stdout.split())
    for word in words:
        assert word in x["why"] and word in told, (word, x["why"], told)
    return x["id"]


def again(relay, message):
    """Without what it remembers of the DNS."""
    relay.stop()
    relay.start()
    relay.run("queue", "retry", message, check=0)
    return only(states(relay, wanted=["handed-over"]))


def proven_sink(ca, address):
    sink = Sink(address=address, certificate=ca.certificate("mx.example.net"))
    sink.extensions.append("REQUIRETLS")
    return sink


def test_a_resolver_that_proves_nothing(folder):
    """Whether the domain is signed cannot be known by it: that is mended here, not there."""
    ca = Authority(folder)
    sink = proven_sink(ca, "127.0.0.80")
    names = Names(zone("127.0.0.80"))
    relay = requiretls_relay(folder, ca, names, sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    message = waits(relay, "REQUIRETLS", "nobody vouches for mx.example.net yet", "who runs this relay has to give it a resolver")
    assert not sink.messages
    names.secure = {"example.net", "mx.example.net"}
    again(relay, message)
    assert any(x.startswith("MAIL") and x.endswith(" REQUIRETLS") for x in sink.lines), sink.lines


def test_a_resolver_that_is_silent_to_keys(folder):
    """Others' mail goes on; who asked for a proof keeps waiting for it."""
    needs_anchor()
    ca = Authority(folder)
    sink = proven_sink(ca, "127.0.0.88")
    relay = requiretls_relay(folder, ca, Deaf(zone("127.0.0.88")), sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    waits(relay, "nobody vouches for mx.example.net yet", "silent to DNSKEY", "who runs this relay has to give it a resolver")
    assert not sink.messages


def test_a_policy_that_cannot_be_had(folder):
    ca = Authority(folder)
    sink = proven_sink(ca, "127.0.0.45")
    relay = requiretls_relay(folder, ca, Names(sts_zone("127.0.0.81")), sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    message = waits(relay, "https://mta-sts.example.net/.well-known/mta-sts.txt", "the recipient's administrator has to mend it")
    assert not sink.messages
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.81")
    assert again(relay, message)["tls_proof"] == "mta-sts"


def test_a_record_that_cannot_be_had(folder):
    ca = Authority(folder)
    sink = proven_sink(ca, "127.0.0.45")
    relay = requiretls_relay(folder, ca, Names({**sts_zone("127.0.0.82"), ("_mta-sts.example.net", "TXT"): "SERVFAIL"}), sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    waits(relay, "its MTA-STS record (_mta-sts.example.net) could not be looked up")


def test_encryption_that_fails_just_now(folder):
    """It is offered, so it may heal; others go on in clear."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.83", extensions=["PIPELINING", "STARTTLS"], says={"STARTTLS": "454 4.7.0 not now"})
    relay = requiretls_relay(folder, ca, Names(zone("127.0.0.83"), secure=["example.net", "mx.example.net"]), sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    waits(relay, "mx.example.net offers encryption, which failed just now")
    submit_requiretls(relay)
    assert sink.wait(1) and "REQUIRETLS" not in str(sink.lines[-4:])


def test_what_is_for_good(folder):
    """With its own number in the report to the sender (RFC 8689, 7)."""
    ca = Authority(folder)
    for name, certificate, extension, number, words in (
            ("not-offered", "mx.example.net", [], "5.7.30", "does not offer REQUIRETLS"),
            ("another", "other.test", ["REQUIRETLS"], "5.7.5", "cannot prove who it is"),
            ("in-clear", None, [], "5.7.10", "does not encrypt")):
        own = folder / name
        own.mkdir()
        sink = Sink(address="127.0.0.84", certificate=certificate and ca.certificate(certificate))
        sink.extensions.extend(extension)
        relay = requiretls_relay(own, ca, Names(zone("127.0.0.84"), secure=["example.net", "mx.example.net"]), sink.port)
        submit_requiretls(relay, "REQUIRETLS")
        x = only(states(relay, wanted=["refused"]))
        assert x["why"].startswith(number + " ") and words in x["why"], x
        wait_until(lambda: any(y.get("subject", "").startswith("Not delivered") for y in relay.log_lines("queue.log")) or
                   any(not y.get("sender") and y.get("recipient") == "app@example.com" for y in relay.log_lines("queue.log")))
        shown = relay.run("trace", "b@example.net").stdout
        assert number in shown, shown
        relay.stop()
        sink.close()


def test_one_host_may_heal(folder):
    """The second host refuses for good, the first one only for now: it waits."""
    ca = Authority(folder)
    first = Sink(address="127.0.0.85", extensions=["PIPELINING", "STARTTLS"], says={"STARTTLS": "454 4.7.0 not now"})
    second = Sink(address="127.0.0.86", port=first.port, certificate=ca.certificate("mx2.example.net"))
    names = Names({("example.net", "MX"): ["10 mx1.example.net", "20 mx2.example.net"], ("mx1.example.net", "A"): ["127.0.0.85"],
                   ("mx2.example.net", "A"): ["127.0.0.86"]}, secure=["example.net", "mx1.example.net", "mx2.example.net"])
    relay = requiretls_relay(folder, ca, names, first.port)
    submit_requiretls(relay, "REQUIRETLS")
    waits(relay, "mx1.example.net offers encryption, which failed just now")
    x = only(states(relay))
    assert x["host"] == "mx1.example.net" and not x.get("tls") and not x.get("tls_proof"), x  # not the second's
    assert not first.messages and not second.messages


def test_a_route_that_cannot_keep_it(folder):
    """Known before the 250: said to the one who asks, instead of a bounce at once."""
    ca, sink = Authority(folder), Sink()
    certificate = ca.certificate("127.0.0.1")
    relay = Relay(folder, f'certificate {{ file = "{certificate[0]}" key = "{certificate[1]}" }}\n'
                  'listen "127.0.0.1:0" { security = "starttls" }\n'
                  f'route "other" {{ recipients = {{ "*@other.example" }} smarthost = "{sink.where}" }}\n'
                  f'route "plain" {{ smarthost = "{sink.where}" security = "none" }}\n', listen=False)
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.starttls(context=ssl._create_unverified_context())
        client.ehlo("client.test")
        client.mail("app@example.com", ["REQUIRETLS"])
        code, text = client.rcpt("b@example.net")
        assert code == 550 and text.startswith(b"5.7.30 ") and b'route "plain"' in text, (code, text)
        assert client.rcpt("b@other.example")[0] == 250  # whether that one encrypts is not known yet
        client.rset()
        client.mail("app@example.com")
        assert client.rcpt("b@example.net")[0] == 250
    assert relay.stop() == 0
