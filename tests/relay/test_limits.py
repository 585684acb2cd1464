# SPDX-License-Identifier: Apache-2.0
"""How much at once, and how fast: what a next server and a route allow, and whose turn it is."""
import smtplib
import time

from door import PASSWORD, account
from names import Names
from relay import MAIL, Relay
from sink import Sink
from test_deliver import smarthost


def test_limits(folder):
    sink = Sink(extensions=["PIPELINING", "LIMITS MAILMAX=100 RCPTMAX=4"])
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit(rcpts=[f"r{i}@example.net" for i in range(10)])
    assert sink.wait(3)
    assert [len(m["rcpts"]) for m in sink.messages] == [4, 4, 2]


def test_rate(folder):
    sink = Sink()
    relay = Relay(folder, smarthost(sink, 'rate = "2/1s"'))
    begin = time.monotonic()
    for _ in range(5):
        relay.submit()
    assert sink.wait(5, 10)
    assert 1.8 < time.monotonic() - begin < 5


def test_domains_of_one_host_share_its_limit(folder):
    sink = Sink(address="127.0.0.51", delay=0.05)
    names = Names({**{(f"d{i}.example", "MX"): ["10 mx.shared.example"] for i in range(12)},
                   ("mx.shared.example", "A"): ["127.0.0.51"]})
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" port = {sink.port} connections = 2 }}\n')
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1)
    for i in range(12):
        relay.submit(rcpts=[f"a@d{i}.example"])
    assert sink.wait(13, 20), len(sink.messages)
    assert sink.most_open <= 4, sink.most_open      # a closed one counts there until its QUIT was read


def submit_as(relay, user, sender):
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.login(user, PASSWORD)
        client.sendmail(sender, ["b@example.net"], MAIL)


def test_accounts_take_turns(folder):
    """A crowd of one account's messages does not stand before another's."""
    sink = Sink(delay=0.02)
    config = smarthost(sink, "connections = 1") + account("bulk") + account("desk")
    relay = Relay(folder, 'listen "127.0.0.1:0" { login = "offered" }\n' + config, listen=False)
    for _ in range(40):
        submit_as(relay, "bulk", "bulk@example.com")
    submit_as(relay, "desk", "desk@example.com")
    assert sink.wait(41, 30)
    place = [m["sender"] for m in sink.messages].index("desk@example.com")
    assert place < 38, place
