# SPDX-License-Identifier: Apache-2.0
"""TLS-Required: No (RFC 8689, 5): such a mail goes though the domain's DANE or MTA-STS fails, others do not;
and no login ever goes to a server that proves nothing."""
import time

import milter
from certs import Authority, tlsa
from door import wait_until
from names import Names
from relay import MAIL, Relay
from sink import Sink
from test_dane import WRONG, chained, dane_zone
from test_deliver import only, states
from test_deliver_tls import mx_relay, policy_server, requiretls_relay, smarthost, sts, sts_zone, submit_requiretls, zone

WAIVED = "TLS-Required: No\r\n" + MAIL
SAYS = "TLS-Required: No"


def went(relay, proof=None):
    x = only(states(relay, wanted=["handed-over"]))
    assert x.get("tls_proof") == proof and SAYS in x["why"], x
    assert SAYS in relay.run("trace", "b@example.net").stdout


def test_records_that_do_not_fit(folder):
    """TLS is taken where it is offered, and the field stays in the mail."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.90", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, dane_zone(sink, [WRONG]), sink)
    relay.submit(WAIVED)
    assert sink.wait(1) and sink.messages[0]["tls"], relay.log_lines("queue.log")
    assert SAYS in str(sink.messages[0])
    went(relay, "unproven")


def test_records_and_no_encryption(folder):
    sink = Sink(address="127.0.0.91")
    relay = mx_relay(folder, dane_zone(sink, [WRONG]), sink)
    relay.submit(WAIVED)
    assert sink.wait(1) and not sink.messages[0]["tls"]
    went(relay)


def test_a_policy_that_does_not_list_the_host(folder):
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce", "other.example.net"), "127.0.0.92")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("elsewhere.test"))
    relay = mx_relay(folder, Names(sts_zone("127.0.0.92")), sink, f'ca-file = "{ca.file}"\n')
    relay.submit(WAIVED)
    went(relay, "unproven")


def test_it_opens_the_way_for_no_other(folder):
    """Neither in its session, nor by what was looked up for it; and a session that is proven serves it, too."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.93", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, dane_zone(sink, [WRONG]), sink)
    relay.submit(WAIVED)
    assert sink.wait(1)
    relay.submit(MAIL + "another\r\n")
    last = states(relay, n=2, wanted=["handed-over", "delayed"]).values()
    assert [x["finding"] for x in last if x["state"] == "delayed"] == ["dp-dane-mismatch"] and len(sink.messages) == 1, last


def test_the_last_ones_tls_is_no_others(folder):
    """What comes behind it, and finds no host it may go to, says nothing of the connection that was there."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.98", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, dane_zone(sink, "SERVFAIL"), sink)
    relay.submit(WAIVED)
    assert sink.wait(1)
    relay.submit(MAIL + "another\r\n")
    last = states(relay, n=2, wanted=["handed-over", "delayed"]).values()
    x = [x for x in last if x["state"] == "delayed"][0]
    assert x["finding"] == "dns-servfail" and not {"host", "tls", "tls_proof"} & {k for k, v in x.items() if v}, x


def test_it_does_not_fail_with_others(folder):
    """It waits while the destination is down, for a reason that is none for it: nobody says that it failed."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.99", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, dane_zone(sink, [WRONG]), sink, 'retry { first = "1s" most = "1s" }\n')

    def delayed(message):
        return [x for x in relay.log_lines("queue.log") if x.get("id") == message and x.get("state") == "delayed"]
    ordinary = relay.submit()
    wait_until(lambda: delayed(ordinary))
    time.sleep(3)  # the lane pauses for 11 s at least; that one comes first behind it
    waived = relay.submit(WAIVED)
    wait_until(lambda: len(delayed(ordinary)) > 1, 30)
    time.sleep(1)
    assert not delayed(waived), delayed(waived)


def test_along_in_a_proven_session(folder):
    ca = Authority(folder)
    certificate = chained(folder, ca, "mx.example.net")
    sink = Sink(address="127.0.0.94", certificate=certificate)
    relay = mx_relay(folder, dane_zone(sink, [tlsa(certificate[0])]), sink)
    relay.submit()
    assert sink.wait(1)
    relay.submit(WAIVED)
    last = states(relay, n=2, wanted=["handed-over"] * 2).values()
    assert [x["tls_proof"] for x in last] == ["dane"] * 2 or any(SAYS in x.get("why", "") for x in last), last


def test_what_a_filter_makes_of_the_field(folder):
    """The header that goes out decides: one that it adds counts, one that it takes away does not."""
    ca = Authority(folder)
    for i, (mail, change, state) in enumerate(((MAIL, b"hTLS-Required\0No\0", "handed-over"),
                                               (WAIVED, b"m\0\0\0\1TLS-Required\0\0", "delayed"))):
        own = folder / str(i)
        own.mkdir()
        filter_ = milter.Milter({"E": [change, b"c"]})
        sink = Sink(address=f"127.0.0.{120 + i}", certificate=ca.certificate("mx.example.net"))
        relay = mx_relay(own, dane_zone(sink, [WRONG]), sink, f'filter "test" {{ milter = "{filter_.where}" }}\n')
        relay.submit(mail)
        assert only(states(relay, wanted=[state]))["state"] == state
        assert len(sink.messages) == (state == "handed-over")
        relay.stop()


def test_a_proven_session_ends_under_it(folder):
    """What it went along in is over: the next one is opened as it asks, and needs no proof."""
    ca = Authority(folder)
    certificate = chained(folder, ca, "mx.example.net")
    sink = Sink(address="127.0.0.144", certificate=certificate)
    relay = mx_relay(folder, dane_zone(sink, [tlsa(certificate[0])]), sink)
    relay.submit()
    assert sink.wait(1)
    sink.extensions.remove("STARTTLS")
    sink.says["MAIL"] = ["", "250 2.1.0 Ok"]
    relay.submit(WAIVED)
    assert sink.wait(2), relay.log_lines("queue.log")
    last = states(relay, n=2, wanted=["handed-over"] * 2).values()
    assert any(SAYS in x.get("why", "") for x in last), last
    assert not [x for x in relay.log_lines("queue.log") if x.get("state") == "delayed"]


def test_what_does_not_count(folder):
    """Another value, the field twice, or one in the body."""
    ca = Authority(folder)
    for name, mail in (("yes", WAIVED.replace(SAYS, "TLS-Required: Yes")), ("twice", "TLS-Required: No\r\n" + WAIVED),
                       ("body", MAIL + "\r\n" + SAYS + "\r\n")):
        own = folder / name
        own.mkdir()
        sink = Sink(address="127.0.0.95", certificate=ca.certificate("mx.example.net"))
        relay = mx_relay(own, dane_zone(sink, [WRONG]), sink)
        relay.submit(mail)
        x = only(states(relay, wanted=["delayed"]))
        assert x["finding"] == "dp-dane-mismatch" and not sink.messages, (name, x)
        relay.stop()
        sink.close()


def test_requiretls_wins(folder):
    ca = Authority(folder)
    sink = Sink(address="127.0.0.96", certificate=ca.certificate("other.test"))
    sink.extensions.append("REQUIRETLS")
    relay = requiretls_relay(folder, ca, Names(zone("127.0.0.96"), secure=["example.net", "mx.example.net"]), sink.port)
    submit_requiretls(relay, "REQUIRETLS", mail=WAIVED)
    x = only(states(relay, wanted=["refused"]))
    assert "cannot prove who it is" in x["why"] and not sink.messages, x


def test_what_the_configuration_asks_stays(folder):
    sink = Sink(address="127.0.0.97")
    names = Names(zone("127.0.0.97"))
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" tls = "required" port = {sink.port} }}\n')
    relay.submit(WAIVED)
    assert only(states(relay, wanted=["delayed"]))["finding"] == "starttls-not-offered" and not sink.messages


def test_no_password_to_a_stranger(folder):
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("elsewhere.test"), extensions=["PIPELINING", "AUTH LOGIN PLAIN"])
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + smarthost(folder, sink, "127.0.0.1"))
    relay.submit(WAIVED)
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"].startswith("tls-cert-") and not any(line.startswith("AUTH") for line in sink.lines), x
    assert not sink.messages
