# SPDX-License-Identifier: Apache-2.0
"""One connection carries the mail of many domains of the same hosts, and only of those that it serves."""
import smtplib
import time

from certs import Authority
from door import wait_until
from names import Names
from relay import MAIL, Relay
from sink import Sink
from test_deliver_tls import policy_server, sts
from test_fairness import direct, shared


def to_each(relay, domains, sender="app@example.com"):
    """A mail to each of these domains, one after the other."""
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=30) as client:
        for x in domains:
            client.sendmail(sender, [f"x@{x}"], MAIL)


def numbered(begin, end):
    return [f"d{i}.example" for i in range(begin, end)]


def marks(relay):
    return {x["recipient"]: x for x in relay.log_lines("queue.log") if x.get("state") == "handed-over"}


def connections_of(sink):
    """The recipients' domains of each connection, in their order: of a sink with one connection at a time."""
    out = []
    for line in sink.lines:
        if line.startswith("EHLO"):
            out.append([])
        if line.startswith("RCPT"):
            out[-1].append(line.split("@")[1].split(">")[0])
    return out


def test_many_domains_over_one_connection(folder):
    ca = Authority(folder)
    sink = Sink(address="127.0.0.110", certificate=ca.certificate("mx.shared.example"))
    relay = Relay(folder, direct(sink, shared(sink, 60), "connections = 1"))
    to_each(relay, numbered(0, 60))
    assert sink.wait(60, 30), len(sink.messages)
    assert sink.connections <= 2, sink.connections
    wait_until(lambda: len(marks(relay)) == 60)
    seen = {(x["host"], x["address"], x["tls"]) for x in marks(relay).values()}
    assert len(seen) == 1 and ("mx.shared.example", "127.0.0.110") == seen.pop()[:2], seen


def test_a_connection_that_waits_takes_another_domain(folder):
    """Its hosts are known only when they are looked up: what stands there is used all the same."""
    sink = Sink(address="127.0.0.111")
    relay = Relay(folder, direct(sink, shared(sink, 6), "connections = 20"))
    for i in range(6):
        relay.submit(rcpts=[f"x@d{i}.example"])
        assert sink.wait(i + 1), relay.log_lines("queue.log")
    assert sink.connections == 1, sink.connections
    assert sink.lines.count("QUIT") == 0, sink.lines


def test_at_a_rate_it_is_kept_for_the_next_slot(folder):
    sink = Sink(address="127.0.0.112")
    relay = Relay(folder, direct(sink, shared(sink, 8), 'rate = "4/1s" connections = 2'))
    begin = time.monotonic()
    to_each(relay, numbered(0, 8))
    assert sink.wait(8, 20), len(sink.messages)
    assert time.monotonic() - begin > 1.5 and sink.connections <= 2, (time.monotonic() - begin, sink.connections)


def test_at_a_rate_one_session_goes_on(folder):
    """No further one may be begun: the one that waits is called for each slot."""
    sink = Sink(address="127.0.0.125")
    relay = Relay(folder, direct(sink, shared(sink, 1), 'rate = "4/1s" connections = 1'))
    begin = time.monotonic()
    to_each(relay, ["d0.example"] * 12)
    assert sink.wait(12, 20), len(sink.messages)
    assert time.monotonic() - begin < 8 and sink.connections <= 2, (time.monotonic() - begin, sink.connections)


def test_a_tenants_connection_is_kept(folder):
    """Each one's hosts are its own, and there is room for both: none is closed for the other's mail."""
    busy = Sink(address="127.0.0.126", delay=0.1)
    idle = Sink(address="127.0.0.127", port=busy.port)
    tenants = [f"d{i}-example.mail.protection.outlook.com" for i in range(2)]
    names = Names({**{(f"d{i}.example", "MX"): [f"10 {x}"] for i, x in enumerate(tenants)},
                   (tenants[0], "A"): [busy.address], (tenants[1], "A"): [idle.address]})
    relay = Relay(folder, direct(busy, names, "connections = 6"))
    relay.submit(rcpts=["x@d1.example"])
    assert idle.wait(1)
    relay.submit(rcpts=["x@d0.example"])
    wait_until(lambda: busy.connections)  # its provider is known
    to_each(relay, ["d0.example"] * 2)
    wait_until(lambda: busy.connections == 3)
    assert "QUIT" not in idle.lines, (idle.lines, busy.lines)
    assert busy.wait(3), relay.log_lines("queue.log")


def test_a_connection_ends_after_its_messages(folder):
    """200 on one, whoever's they are."""
    sink = Sink(address="127.0.0.113")
    relay = Relay(folder, direct(sink, shared(sink, 50), "connections = 1"))
    for _ in range(5):
        to_each(relay, numbered(0, 50))
    assert sink.wait(250, 40), len(sink.messages)
    assert max(len(x) for x in connections_of(sink)) <= 200 and sink.connections <= 4, [len(x) for x in connections_of(sink)]


def test_a_dead_one_costs_no_other_domain(folder):
    """The server ends it between two domains: the second one's mail goes over a new one, and has not failed."""
    sink = Sink(address="127.0.0.114")
    relay = Relay(folder, direct(sink, shared(sink, 3)))
    sink.says["MAIL"] = ["250 2.1.0 Ok", "421 4.3.2 no more on this connection", "250 2.1.0 Ok"]
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1)
    relay.submit(rcpts=["x@d1.example"])
    assert sink.wait(2), relay.log_lines("queue.log")
    assert not [x for x in relay.log_lines("queue.log") if x.get("state") == "delayed"] and sink.connections == 2


def test_a_better_host_first(folder):
    """The same two hosts, and the domain ranks them the other way round."""
    first = Sink(address="127.0.0.115")
    backup = Sink(address="127.0.0.116", port=first.port)
    names = Names({("d0.example", "MX"): ["10 mx1.example", "20 mx2.example"],
                   ("d1.example", "MX"): ["20 mx1.example", "10 mx2.example"],
                   ("mx1.example", "A"): [first.address], ("mx2.example", "A"): [backup.address]})
    relay = Relay(folder, direct(first, names))
    relay.submit(rcpts=["x@d0.example"])
    assert first.wait(1)
    relay.submit(rcpts=["x@d1.example"])
    assert backup.wait(1) and len(first.messages) == 1, relay.log_lines("queue.log")
    wait_until(lambda: "x@d1.example" in marks(relay))
    assert marks(relay)["x@d1.example"]["host"] == "mx2.example", marks(relay)


def enforcing(folder, web, certificate, address):
    """d0.example asks nothing of TLS, example.net has a policy; one host, whose certificate the test chooses."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), web)
    sink = Sink(address=address, certificate=ca.certificate(certificate) if certificate else None)
    names = Names({("d0.example", "MX"): ["10 mx.example.net"], ("example.net", "MX"): ["10 mx.example.net"],
                   ("mx.example.net", "A"): [sink.address], ("_mta-sts.example.net", "TXT"): ["v=STSv1; id=1"],
                   ("mta-sts.example.net", "A"): [web]})
    return sink, Relay(folder, f'ca-file = "{ca.file}"\n' + direct(sink, names))


def delayed(relay, recipient):
    return [x for x in relay.log_lines("queue.log") if x.get("state") == "delayed" and x["recipient"] == recipient]


def test_a_policy_rides_on_no_unproven_connection(folder):
    """Encrypted, for a domain that asks no proof: a stranger's certificate is none to the next one's MTA-STS policy."""
    sink, relay = enforcing(folder, "127.0.0.117", "elsewhere.test", "127.0.0.118")
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1) and sink.messages[0]["tls"]
    relay.submit(rcpts=["x@example.net"])
    wait_until(lambda: delayed(relay, "x@example.net"), 10)
    assert delayed(relay, "x@example.net")[0]["finding"] == "tls-cert-name-mismatch", relay.log_lines("queue.log")
    assert sink.connections == 2 and len(sink.messages) == 1, sink.connections


def test_a_policy_rides_on_no_clear_connection(folder):
    sink, relay = enforcing(folder, "127.0.0.119", None, "127.0.0.120")
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1) and not sink.messages[0]["tls"]
    relay.submit(rcpts=["x@example.net"])
    wait_until(lambda: delayed(relay, "x@example.net"), 10)
    assert delayed(relay, "x@example.net")[0]["finding"] == "starttls-not-offered", relay.log_lines("queue.log")
    assert len(sink.messages) == 1


def test_a_policy_rides_on_a_proven_connection(folder):
    """Nobody had asked for the proof that its certificate gives."""
    sink, relay = enforcing(folder, "127.0.0.121", "mx.example.net", "127.0.0.122")
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1) and sink.messages[0]["tls"]
    relay.submit(rcpts=["x@example.net"])
    assert sink.wait(2), relay.log_lines("queue.log")
    assert sink.connections == 1, sink.connections


def test_dane_counts_for_who_is_signed(folder):
    """One domain is signed and its host has records that fit nothing: the other one's connection is none for it."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.123", certificate=ca.certificate("mx.example.net"))
    record = f"_{sink.port}._tcp.mx.example.net"
    names = Names({("d0.example", "MX"): ["10 mx.example.net"], ("example.net", "MX"): ["10 mx.example.net"],
                   ("mx.example.net", "A"): [sink.address], (record, "TLSA"): ["3 1 1 " + "00" * 32]},
                  secure=["example.net", "mx.example.net", record])
    relay = Relay(folder, direct(sink, names))
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1) and sink.messages[0]["tls"]
    relay.submit(rcpts=["x@example.net"])
    wait_until(lambda: delayed(relay, "x@example.net"), 10)
    assert delayed(relay, "x@example.net")[0]["finding"] == "dp-dane-mismatch" and len(sink.messages) == 1


def test_routes_share_no_connection(folder):
    """The same host by two routes: what one of them may do says nothing of the other."""
    sink = Sink(address="127.0.0.124")
    names = shared(sink, 2)
    relay = Relay(folder, f'resolver = "{names.where}"\n'
                  f'route "one" {{ recipients = {{ "*@d0.example" }} via = "mx" port = {sink.port} }}\n'
                  f'route "two" {{ recipients = {{ "*@d1.example" }} via = "mx" port = {sink.port} tls = "required" }}\n')
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1)
    relay.submit(rcpts=["x@d1.example"])
    wait_until(lambda: delayed(relay, "x@d1.example"), 10)
    assert delayed(relay, "x@d1.example")[0]["finding"] == "starttls-not-offered" and len(sink.messages) == 1
