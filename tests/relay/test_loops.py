# SPDX-License-Identifier: Apache-2.0
"""Mail that leads back here: by an MX that is ourselves, or by a server that sends it to us again."""
import smtplib
import time

from names import Names
from ports import free_port
from relay import Relay
from sink import Sink
from test_deliver import only, smarthost, states

MAIL = "From: app@example.com\r\nTo: b@example.net\r\nMessage-ID: <17@example.com>\r\nSubject: invoice 17\r\n%s\r\nHello.\r\n"
OURS = ("Received: from app.example.com ([127.0.0.1])\r\n\tby relay.test with ESMTP\r\n"
        "\tid 1af4gtt3007br5gvym; Sun, 22 Nov 2026 12:00:00 +0000\r\n")


def direct(names, port):
    return f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" port = {port} }}\n'


def test_our_own_address_by_another_name(folder):
    """We listen everywhere: each address of this machine is ours, and nothing is handed over to ourselves."""
    port = free_port()
    names = Names({("w.example", "MX"): ["10 mx.w.example"], ("mx.w.example", "A"): ["127.0.0.1"],
                   ("nowhere.example", "MX"): ["10 mx.nowhere.example"], ("mx.nowhere.example", "A"): ["0.0.0.0"]})
    relay = Relay(folder, f'listen "0.0.0.0:{port}" {{ security = "none" }}\n' + direct(names, port), listen=False)
    relay.submit(rcpts=["x@w.example"])
    relay.submit(rcpts=["x@nowhere.example"])
    last = states(relay, n=2, wanted=["refused"] * 2)
    assert {x["finding"] for x in last.values()} == {"mx-loops-to-self"}, last


def test_what_comes_back_is_no_second_try(folder):
    """A filter behind us, or a loop: the same Message-ID with our Received field is taken, not "already queued"."""
    sink = Sink()
    relay = Relay(folder, smarthost(sink))

    def say(mail):
        with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as c:
            c.ehlo("client.test")
            c.mail("app@example.com")
            c.rcpt("b@example.net")
            return c.data(mail.encode())[1]
    assert say(MAIL % "").startswith(b"2.0.0 queued as")
    assert say(MAIL % "").startswith(b"2.0.0 already queued as")
    assert say(OURS + MAIL % "").startswith(b"2.0.0 queued as"), "it came back"
    assert say(OURS + MAIL % "").startswith(b"2.0.0 already queued as"), "who brings it back may try again"
    assert say(OURS * 2 + MAIL % "X-Postrider-Key: 17\r\n").startswith(b"2.0.0 queued as")
    assert say(OURS * 3 + MAIL % "X-Postrider-Key: 17\r\n").startswith(b"2.0.0 queued as")
    assert sink.wait(4)


def test_a_circle_ends_and_is_told(folder):
    """Two servers that send to each other: refused in the end, and never taken for handed over and gone."""
    ports = [free_port(), free_port()]
    relays = []
    for mine, other in (ports, ports[::-1]):
        place = folder / str(mine)
        place.mkdir()
        relays.append(Relay(place, f'listen "127.0.0.1:{mine}" {{ security = "none" }}\n'
                            f'route "out" {{ smarthost = "127.0.0.1:{other}" security = "none" }}\n', listen=False))
    relays[0].submit(MAIL % "")
    end, refused = time.monotonic() + 30, []
    while not refused and time.monotonic() < end:
        time.sleep(0.1)
        refused = [x for r in relays for x in r.log_lines("queue.log") if x.get("state") == "refused" and x.get("sender")]
    assert len(refused) == 1 and refused[0]["reply"].startswith("5.4.6"), refused


def test_a_host_with_many_addresses_leaves_room(folder):
    """The second host is tried, too, however many dead addresses the first one has."""
    sink = Sink(address="127.0.0.64")
    names = Names({("d.example", "MX"): ["10 a.d.example", "20 b.d.example"], ("b.d.example", "A"): ["127.0.0.64"],
                   ("a.d.example", "A"): [f"127.0.1.{i}" for i in range(1, 16)]})
    relay = Relay(folder, direct(names, sink.port))
    relay.submit(rcpts=["x@d.example"])
    assert only(states(relay, wanted=["handed-over"]))["host"] == "b.d.example"


def test_a_server_with_our_name(folder):
    """Through an address that is not ours here (a translated one): it says who it is, and gets nothing."""
    sink = Sink(address="127.0.0.61", says={"EHLO": "250 RELAY.test"})
    names = Names({("d.example", "MX"): ["10 a.d.example"], ("a.d.example", "A"): ["127.0.0.61"]})
    relay = Relay(folder, direct(names, sink.port))
    relay.submit(rcpts=["x@d.example"])
    assert only(states(relay, wanted=["delayed"]))["finding"] == "mx-loops-to-self"
    assert not any(x.startswith("MAIL") for x in sink.lines), sink.lines


def test_a_server_with_a_name_that_many_have(folder):
    """localhost, or a name without a domain, as gethostname() gives it: no proof that it is ourselves."""
    sink = Sink(address="127.0.0.62")
    names = Names({("d.example", "MX"): ["10 a.d.example"], ("a.d.example", "A"): ["127.0.0.62"]})
    for n, name in enumerate(("localhost", "mail", "LOCALHOST.localdomain")):
        sink.says["EHLO"] = "250 " + name.lower()
        place = folder / str(n)
        place.mkdir()
        relay = Relay(place, direct(names, sink.port), start=False)
        relay.conf.write_text(relay.conf.read_text().replace("relay.test", name))
        relay.start()
        relay.submit(rcpts=["x@d.example"])
        assert only(states(relay, wanted=["handed-over"]))["host"] == "a.d.example", name
