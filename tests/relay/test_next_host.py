# SPDX-License-Identifier: Apache-2.0
"""Where one host of a destination has a passing trouble of its own, its next one is asked at once."""
from names import Names
from relay import Relay
from sink import Sink
from test_fairness import direct

BIG = "Subject: big\r\n\r\n" + "0123456789" * 6 + "\r\n" + ("x" * 70 + "\r\n") * 60


def two_hosts(folder, says, first=None, more='retry { first = "300s" }\n'):
    one = first or Sink(address="127.0.0.171", says=says)
    two = Sink(address="127.0.0.172", port=one.port)
    names = Names({("d.example", "MX"): ["10 mx1.d.example", "20 mx2.d.example"],
                   ("mx1.d.example", "A"): [one.address], ("mx2.d.example", "A"): [two.address]})
    return one, two, Relay(folder, direct(one, names) + more)


def goes_on(folder, says):
    one, two, relay = two_hosts(folder, says)
    found = relay.trail(relay.submit(rcpts=["x@d.example"]), {"handed-over"})["recipients"][0]
    assert one.lines and found["host"] == "mx2.d.example", (one.lines, found)
    assert len(two.messages) == 1 and not one.messages


def test_no_room_at_mail(folder):
    goes_on(folder, {"MAIL": "452 4.3.1 Insufficient system storage"})


def test_no_room_at_the_dot(folder):
    goes_on(folder, {"DOT": "451 queue file write error"})


def test_one_host_alone(folder):
    """Where there is no other, its words are the message's, and the connection stays."""
    sink = Sink(says={"MAIL": ["452 4.3.1 Insufficient system storage", "250 ok"]})
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ first = "2s" }}\n')
    found = relay.trail(relay.submit(), {"delayed"})["recipients"][0]
    assert "storage" in found["reply"], found


def test_a_greylist_is_not_carried_on(folder):
    _, two, relay = two_hosts(folder, {"RCPT": "450 4.2.0 Greylisted, try again in 300 seconds"})
    relay.trail(relay.submit(rcpts=["x@d.example"]), {"delayed"})
    assert not two.lines, two.lines


def test_a_host_that_never_takes_it(folder):
    """Put off again and again, it is the other one's turn: not at the second try, which greylisting waits for."""
    one, two, relay = two_hosts(folder, {"RCPT": "451 4.3.0 try again later"}, more='retry { first = "5s" factor = 1 }\n')
    found = relay.trail(relay.submit(rcpts=["x@d.example"]), {"handed-over"}, 40)["recipients"][0]
    assert found["host"] == "mx2.d.example" and found["tries"] == 3, found
    assert len([x for x in one.lines if x.startswith("RCPT")]) == 2, one.lines


def test_a_size_too_small(folder):
    small = Sink(address="127.0.0.171", extensions=("SIZE 1000",))
    one, two, relay = two_hosts(folder, {}, small)
    relay.trail(relay.submit(rcpts=["x@d.example"]), {"handed-over"})
    relay.trail(relay.submit(BIG, rcpts=["x@d.example"]), {"handed-over"})
    assert [len(one.messages), len(two.messages)] == [1, 1], (one.lines, two.lines)


def test_a_size_too_small_everywhere(folder):
    small = Sink(address="127.0.0.171", extensions=("SIZE 1000",))
    _, two, relay = two_hosts(folder, {}, small)
    two.extensions = ["SIZE 2000"]
    found = relay.trail(relay.submit(BIG, rcpts=["x@d.example"]), {"refused"})["recipients"][0]
    assert found["finding"] == "ehlo-size-smaller-than-message", found
