# SPDX-License-Identifier: Apache-2.0
"""What a person says of mail that waits, and what becomes of it."""
import time

from relay import Relay
from sink import Sink


def way(sink, more="", name="out"):
    return f'route "{name}" {{ smarthost = "{sink.where}"  security = "none"  {more} }}\n'


def why(relay, message):
    return " ".join(relay.run("queue", "why", message).stdout.split())


def letter(n):
    return f"From: app@example.com\r\nTo: b@example.net\r\nMessage-ID: <{n}@example.com>\r\nSubject: n {n}\r\n\r\nx\r\n"


def test_held_doubt_stays_doubt(folder):
    """It may have arrived: no time and no release sends it again, only the word for that does."""
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok"]})
    relay = Relay(folder, way(sink, "hold-in-doubt = true"))
    message = relay.submit()
    relay.trail(message, {"in-doubt"})
    timed = relay.run("queue", "hold", message, "--until", "1s", check=1)
    assert "may have arrived already" in timed.stderr, timed.stderr
    relay.run("queue", "hold", message, "--reason", "asking them", check=0)
    text = why(relay, message)
    assert "may have arrived already" in text and "asking them" in text, text
    trace = " ".join(relay.run("trace", message).stdout.split())
    assert "It may have arrived already" in trace, trace
    released = relay.run("queue", "release", message, check=1)
    assert "postrider queue retry sends it again" in released.stderr, released.stderr
    time.sleep(1.5)
    assert len(sink.messages) == 1
    relay.run("queue", "retry", message, check=0)
    relay.trail(message, {"handed-over"})
    assert relay.stop() == 0


def test_doubt_that_is_tried_again_can_be_held_and_released(folder):
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok"]})
    relay = Relay(folder, way(sink) + 'retry { first = "1s"  most = "1s" }\n')
    message = relay.submit()
    relay.trail(message, {"in-doubt"})
    relay.run("queue", "hold", message, check=0)
    time.sleep(2)
    assert len(sink.messages) == 1 and "may have arrived already" in why(relay, message)
    relay.run("queue", "release", "out", check=0)
    relay.trail(message, {"handed-over"})
    assert relay.stop() == 0
