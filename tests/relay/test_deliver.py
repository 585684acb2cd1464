# SPDX-License-Identifier: Apache-2.0
"""From the queue to the next server: one transaction after the other, and what each reply does."""
import json
import socket
import time

from names import Names
from relay import MAIL, Relay
from sink import Sink


def smarthost(sink, more=""):
    return f'route "out" {{ recipients = {{ "*" }} smarthost = "{sink.where}" security = "none" {more} }}\n'


def states(relay, seconds=10, n=1, wanted=None):
    """The last state of each recipient, from queue.log."""
    end = time.monotonic() + seconds
    while True:
        last = {}
        for x in relay.log_lines("queue.log"):
            if "state" in x and x.get("sender"):  # not our own reports
                last[(x["id"], x.get("recipient"))] = x
        found = sorted(x["state"] for x in last.values() if x.get("recipient"))
        if len(found) >= n and (wanted is None or found == sorted(wanted)):
            return last
        assert time.monotonic() < end, f"{found}, not {wanted}\n" + json.dumps(list(last.values()), indent=1)[-3000:] + relay.said()
        time.sleep(0.05)


def only(last):
    assert len(last) == 1, last
    return list(last.values())[0]


def test_handed_over(folder):
    sink = Sink()
    relay = Relay(folder, smarthost(sink))
    relay.submit()
    assert sink.wait(1)
    m = sink.messages[0]
    assert m["sender"] == "app@example.com" and m["rcpts"] == ["b@example.net"]
    assert m["data"].endswith(b"\r\n\r\nHello.\r\n"), m["data"]
    x = only(states(relay, wanted=["handed-over"]))
    assert x["remote_id"] == "SINK1" and x["host"] == "127.0.0.1", x
    assert relay.stop() == 0


def test_many_in_one_session(folder):
    sink = Sink()
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    for i in range(20):
        relay.submit()
    assert sink.wait(20)
    assert sink.most_open == 1 and sink.connections <= 2, (sink.connections, sink.most_open)
    states(relay, n=20, wanted=["handed-over"] * 20)


def test_recipients_share_a_transaction(folder):
    sink = Sink(says={"RCPT no@example.net": "550 5.1.1 no such user here", "RCPT later@example.net": "451 4.3.0 try again later"})
    relay = Relay(folder, smarthost(sink))
    relay.submit(rcpts=["a@example.net", "no@example.net", "b@example.org", "later@example.net"])
    assert sink.wait(1)
    assert sink.messages[0]["rcpts"] == ["a@example.net", "b@example.org"] and len(sink.messages) == 1
    last = states(relay, n=4, wanted=["delayed", "handed-over", "handed-over", "refused"])
    refused = next(x for x in last.values() if x["state"] == "refused")
    assert refused["recipient"] == "no@example.net" and "no such user" in refused["reply"], refused


def test_without_pipelining(folder):
    sink = Sink(extensions=["SIZE 1000000"], says={"RCPT no@example.net": "550 5.1.1 no such user here"})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit(rcpts=["no@example.net"])
    relay.submit(rcpts=["a@example.net", "no@example.net"])
    relay.submit(rcpts=["b@example.net"])
    states(relay, n=4, wanted=["handed-over", "handed-over", "refused", "refused"])
    assert [m["rcpts"] for m in sink.messages if m["sender"]] == [["a@example.net"], ["b@example.net"]]


def test_sender_refused_and_354_all_the_same(folder):
    """A server that says 354 though it took nobody gets an empty message, never the real one."""
    sink = Sink(says={"MAIL": ["550 5.7.1 sender not allowed", "250 ok"], "RCPT no@example.net": "550 5.1.1 no such user"})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit()
    states(relay, wanted=["refused"])
    relay.submit(rcpts=["no@example.net"])
    states(relay, n=2, wanted=["refused"] * 2)
    relay.submit()
    states(relay, n=3, wanted=["handed-over", "refused", "refused"])
    real = [m for m in sink.messages if m["sender"] and m["data"]]
    assert len(real) == 1 and real[0]["rcpts"] == ["b@example.net"] and b"Hello" in real[0]["data"], real


def test_lost_after_the_dot_is_in_doubt(folder):
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok: queued as X77"]})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "1s" }\n')
    relay.submit()
    states(relay, wanted=["in-doubt"])
    x = only(states(relay, seconds=30, wanted=["handed-over"]))
    assert x["remote_id"] == "X77", x


def test_lost_before_the_dot_is_delayed(folder):
    sink = Sink(says={"DATA": ""})
    relay = Relay(folder, smarthost(sink))
    relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] == "dialogue-cut", x


def test_a_stuck_server_delays_nobody_else(folder):
    good, stuck = Sink(), Sink(says={"CONNECT": None})
    relay = Relay(folder, f'route "stuck" {{ recipients = {{ "@stuck.example" }} smarthost = "{stuck.where}" security = "none" }}\n' + smarthost(good))
    for i in range(30):
        relay.submit(rcpts=["x@stuck.example"])
    for i in range(10):
        relay.submit()
    assert good.wait(10, 5)
    assert stuck.most_open <= 10
    begin = time.monotonic()
    relay.stop(20)
    assert time.monotonic() - begin < 15


def test_421_pauses_and_goes_on(folder):
    sink = Sink(says={"CONNECT": ["421 4.3.2 too busy, try again later", "220 sink.test ESMTP"]})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "1s" }\n')
    relay.submit()
    states(relay, wanted=["delayed"])
    assert sink.wait(1, 30)


def test_nobody_listens(folder):
    with socket.socket() as s:
        s.bind(("127.0.0.77", 0))
        port = s.getsockname()[1]
    relay = Relay(folder, f'route "out" {{ recipients = {{ "*" }} smarthost = "127.0.0.77:{port}" security = "none" }}\n')
    relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] == "tcp-refused", x


def test_mx(folder):
    """Best first, the next one when it fails, null MX and missing domains for good, ourselves never."""
    bad = Sink(address="127.0.0.41", says={"CONNECT": "421 4.3.2 not now"})
    good = Sink(address="127.0.0.42", port=bad.port)
    names = Names({("two.example", "MX"): ["20 b.two.example", "10 a.two.example"],
                   ("a.two.example", "A"): ["127.0.0.41"], ("b.two.example", "A"): ["127.0.0.42"],
                   ("null.example", "MX"): ["0 ."], ("plain.example", "A"): ["127.0.0.42"],
                   ("self.example", "MX"): ["10 relay.test", "20 b.two.example"], ("relay.test", "A"): ["127.0.0.41"],
                   ("fails.example", "MX"): "SERVFAIL"})
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" port = {bad.port} }}\n')
    for domain in ("two", "null", "plain", "self", "fails", "missing"):
        relay.submit(rcpts=[f"x@{domain}.example"])
    last = states(relay, n=6, wanted=["handed-over"] * 2 + ["refused"] * 3 + ["delayed"], seconds=20)
    by = {x["recipient"].split("@")[1].split(".")[0]: x for x in last.values()}
    assert by["two"]["host"] == "b.two.example" and by["plain"]["host"] == "plain.example", by
    assert by["null"]["finding"] == "mx-null" and by["missing"]["finding"] == "dns-nxdomain-recipient-domain", by
    assert by["self"]["finding"] == "mx-loops-to-self", by["self"]
    assert by["fails"]["state"] == "delayed" and by["fails"]["finding"] == "dns-servfail" and not by["fails"].get("reply"), by["fails"]
