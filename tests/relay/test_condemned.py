# SPDX-License-Identifier: Apache-2.0
"""What one refusal condemns: a mailbox, a token, a host, a provider; and how it is told."""
import re
import time

from certs import Authority
from door import wait_until
from names import Names
from ports import free_port
from relay import Relay
from signin import SignIn
from sink import Sink
from test_fairness import direct

BUSY = "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend later."


def one_domain(address):
    return Names({("d.example", "MX"): ["10 mx.d.example"], ("mx.d.example", "A"): [address]})


def only(relay, message, state):
    return relay.trail(message, {state})["recipients"][0]


def stays_open(folder, address, settings, reply):
    """A busy mailbox, and its neighbour just behind it."""
    sink = Sink(address=address, says={"RCPT busy@d.example": reply})
    relay = Relay(folder, settings(sink))
    only(relay, relay.submit(rcpts=["busy@d.example"]), "delayed")
    begin = time.monotonic()
    relay.submit(rcpts=["other@d.example"])
    assert sink.wait(1, 8), relay.run("queue", "list").stdout
    assert time.monotonic() - begin < 8


def test_a_busy_mailbox_by_mx(folder):
    stays_open(folder, "127.0.0.141", lambda sink: direct(sink, one_domain(sink.address)), BUSY)


def test_a_busy_mailbox_by_smarthost(folder):
    stays_open(folder, "127.0.0.142", lambda sink: f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n',
               "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded")


def test_a_token_refused_before_its_time(folder):
    """A fresh one is fetched at once, and once only."""
    ca = Authority(folder)
    login = ["235 2.7.0 ok", "535 5.7.8 token expired", "235 2.7.0 ok", "535 5.7.8 no"]
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=("AUTH XOAUTH2",), says={"AUTH": login, "DOT": "250 2.0.0 ok"})
    service = SignIn(200, b'{"access_token": "ey-the-token", "expires_in": 3600}')
    relay = Relay(folder, service.smarthost(folder, ca, sink))
    relay.submit()
    assert sink.wait(1), relay.log_lines("conversation.log")
    time.sleep(3)  # its connection is over: the next mail logs in anew
    relay.submit()
    assert sink.wait(2), relay.log_lines("queue.log")
    assert len(service.asked) == 2, service.asked
    late = [x for x in relay.log_lines("queue.log") if x.get("state") == "delayed"]
    assert not late, late
    time.sleep(3)
    only(relay, relay.submit(), "delayed")
    logins = [x for x in sink.lines if x.startswith("AUTH")]
    assert len(logins) == 5 and len(service.asked) == 3, (logins, service.asked)


class Refusing(Sink):
    """Thinks about each login, so that many are under way together."""

    def reply_to(self, verb, line):
        if verb != "AUTH":
            return super().reply_to(verb, line)
        time.sleep(2)
        return "535 5.7.8 no"


def test_a_token_that_never_served(folder):
    """Many sessions show the same new one: none of them asks for another, since that would be no better."""
    ca = Authority(folder)
    sink = Refusing(certificate=ca.certificate("127.0.0.1"), extensions=("AUTH XOAUTH2",))
    service = SignIn(200, b'{"access_token": "ey-the-token", "expires_in": 3600}')
    relay = Relay(folder, service.smarthost(folder, ca, sink))
    for _ in range(4):
        relay.submit()
    wait_until(lambda: any(x.get("state") == "delayed" for x in relay.log_lines("queue.log")))
    time.sleep(3)
    logins = [x for x in sink.lines if x.startswith("AUTH")]
    assert 1 < len(logins) <= 4 and len(service.asked) == 1, (logins, service.asked)


def test_the_recipients_server_takes_no_connection(folder):
    """Nobody here has typed that server's name or port: no word of settings."""
    names = Names({("d.example", "MX"): ["10 mx.d.example"], ("mx.d.example", "A"): ["127.0.0.143"], ("bare.example", "TXT"): ["x"]})
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ via = "mx" port = {free_port()} }}\n')
    message = relay.submit(rcpts=["x@d.example"])
    assert only(relay, message, "delayed")["finding"] == "rs-destination-not-responding"
    said = relay.run("trace", message).stdout
    assert not re.search(r"\b587\b|settings|submission|Outgoing", said), said
    message = relay.submit(rcpts=["x@bare.example"])
    assert only(relay, message, "refused")["finding"] == "mx-none-implicit-a"
    said = relay.run("trace", message).stdout
    assert not re.search(r"587|Outgoing|submission", said), said


def test_one_rate_for_a_provider(folder):
    """Each tenant's MX name is its own, and the limits are of them all."""
    sink = Sink(address="127.0.0.144")
    tenants = [f"d{i}-example.mail.protection.outlook.com" for i in range(4)]
    names = Names({**{(f"d{i}.example", "MX"): [f"10 {x}"] for i, x in enumerate(tenants)}, **{(x, "A"): [sink.address] for x in tenants}})
    relay = Relay(folder, direct(sink, names, 'connections = 1 rate = "4/1m"'))
    for i in range(4):
        relay.submit(rcpts=[f"x@d{i}.example"])
    assert sink.wait(1)
    time.sleep(4)
    assert len(sink.messages) == 1, sink.lines


def test_a_tenant_that_is_away_is_no_crowd(folder):
    """Another of its provider's hosts takes mail meanwhile: that says nothing of this one."""
    sink = Sink(address="127.0.0.145", delay=0.05)
    busy, away = "a-example.mail.protection.outlook.com", "b-example.mail.protection.outlook.com"
    names = Names({("a.example", "MX"): [f"10 {busy}"], ("b.example", "MX"): [f"10 {away}"], (busy, "A"): [sink.address],
                   (away, "A"): ["127.0.0.146"]})
    relay = Relay(folder, direct(sink, names))
    relay.submit(rcpts=["x@a.example"])
    assert sink.wait(1)
    for _ in range(20):
        relay.submit(rcpts=["x@a.example"])
    message = relay.submit(rcpts=["x@b.example"])
    assert only(relay, message, "delayed")["finding"] == "rs-destination-not-responding"
    wait_until(lambda: len(sink.messages) == 21)
