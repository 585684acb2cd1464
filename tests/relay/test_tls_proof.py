# SPDX-License-Identifier: Apache-2.0
"""Whether the next server has proven who it is, and by what: on the trail, in its words and in the logs."""
import json

from certs import Authority, tlsa
from names import Names
from relay import Relay
from sink import Sink
from test_dane import chained, dane_zone
from test_deliver import only, states
from test_deliver_tls import (mx_relay, policy_server, requiretls_relay, smarthost, sts, sts_zone, submit_requiretls,
                              zone)

UNPROVEN = "encrypted, but the server was not proven"


def trace(relay, *options):
    return relay.run("trace", *options, "b@example.net").stdout


def told(relay, word, words, state="handed-over"):
    """The same in the log of all changes, of the end, in JSON and for people."""
    x = only(states(relay, wanted=[state]))
    assert (x["tls"], x["tls_proof"]) == ("TLSv1.3", word), x
    log = "failed.log" if state == "refused" else "handed-over.log"
    end = [x for x in relay.log_lines(log) if x.get("recipient") == "b@example.net"]
    assert [x["tls_proof"] for x in end] == [word], end
    shown = json.loads(trace(relay, "--json").splitlines()[0])
    assert shown["recipients"][0]["tls_proof"] == word and shown["trail"][-1]["tls_proof"] == word, shown
    text = " ".join(trace(relay).split())
    assert f"(TLSv1.3, {words})" in text, text


def test_dane(folder):
    ca = Authority(folder)
    certificate = chained(folder, ca, "mx.example.net")
    sink = Sink(address="127.0.0.70", certificate=certificate)
    relay = mx_relay(folder, dane_zone(sink, [tlsa(certificate[0])]), sink)
    relay.submit()
    told(relay, "dane", "the server was proven by DANE")


def test_records_that_prove_nothing(folder):
    """Those that cannot be used ask for TLS, and that is all there is."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.71", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, dane_zone(sink, ["1 1 1 " + "22" * 32]), sink)
    relay.submit()
    told(relay, "unproven", UNPROVEN)


def test_mta_sts(folder):
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.72")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, Names(sts_zone("127.0.0.72")), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    told(relay, "mta-sts", "the server was proven by its certificate, as MTA-STS asks")


def test_a_good_certificate_that_nobody_asked_for(folder):
    """The name came from an unsigned DNS: whose certificate it is says nothing."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, Names(zone()), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    told(relay, "unproven", UNPROVEN)


def test_a_smarthost(folder):
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH LOGIN PLAIN"])
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + smarthost(folder, sink, "127.0.0.1"))
    relay.submit()
    told(relay, "certificate", "the server was proven by its certificate")


def test_requiretls(folder):
    """A signed name and a certificate for it, which only such a message asks for."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.73", certificate=ca.certificate("mx.example.net"))
    sink.extensions.append("REQUIRETLS")
    relay = requiretls_relay(folder, ca, Names(zone("127.0.0.73"), secure=["example.net", "mx.example.net"]), sink.port)
    submit_requiretls(relay, "REQUIRETLS")
    told(relay, "certificate", "the server was proven by its certificate")


def test_a_refusal(folder):
    ca = Authority(folder)
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("elsewhere.test"), says={"RCPT": "550 5.1.1 no such user"})
    relay = mx_relay(folder, Names(zone()), sink)
    relay.submit()
    told(relay, "unproven", UNPROVEN, "refused")


def test_in_clear(folder):
    """Nothing is said of a proof where nothing was encrypted."""
    sink = Sink(address="127.0.0.45")
    relay = mx_relay(folder, Names(zone()), sink)
    relay.submit()
    x = only(states(relay, wanted=["handed-over"]))
    assert "tls" not in x and "tls_proof" not in x and "proven" not in trace(relay), x
    assert "it went in clear: the server offers no encryption" in " ".join(trace(relay).split())
