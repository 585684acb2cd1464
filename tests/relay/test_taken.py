# SPDX-License-Identifier: Apache-2.0
"""Recipients that the server has taken get their message, whatever it says of others."""
import re

from relay import Relay
from sink import Sink

ALONE = ("SIZE 50000000", "8BITMIME")
AHEAD = ("PIPELINING",) + ALONE


def out(sink):
    return f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ first = "2s" }}\n'


def one_is_limited(folder, extensions, order):
    words = "451 4.7.1 <q@example.net>: Recipient rate limit exceeded"
    sink = Sink(says={"RCPT q@example.net": words}, extensions=extensions)
    relay = Relay(folder, out(sink))
    message = relay.submit(rcpts=[f"{x}@example.net" for x in order])
    assert sink.wait(1), relay.log_lines("conversation.log")
    document = relay.trail(message, {"handed-over", "delayed"})
    found = {r["recipient"].split("@")[0]: r for r in document["recipients"]}
    assert sink.messages[0]["rcpts"] == [f"{x}@example.net" for x in order if x != "q"], sink.lines
    assert found["q"]["state"] == "delayed" and "q@" in found["q"]["reply"], found
    assert not any("rate limit" in found[x]["reply"] for x in order if x != "q"), found


def test_between_others_in_one_breath(folder):
    one_is_limited(folder, AHEAD, "aqb")


def test_between_others_one_by_one(folder):
    one_is_limited(folder, ALONE, "aqb")


def test_first_of_all(folder):
    one_is_limited(folder, ALONE, "qab")


def test_last_of_all(folder):
    one_is_limited(folder, AHEAD, "abq")


class Enough(Sink):
    """Takes so many recipients of a message, and has one word for the rest."""

    def __init__(self, most, words, **more):
        super().__init__(**more)
        self.most, self.words, self.n = most, words, 0

    def reply_to(self, verb, line):
        if verb in ("MAIL", "RSET"):
            self.n = 0
        if verb == "RCPT":
            self.n += 1
            if self.n > self.most:
                return self.words
        return super().reply_to(verb, line)


def some_of_many(folder, extensions, words, most):
    sink = Enough(most, words, extensions=extensions)
    relay = Relay(folder, out(sink))
    everybody = [f"r{i}@example.net" for i in range(12)]
    message = relay.submit(rcpts=everybody)
    assert sink.wait(12 // most, 40), sink.lines
    relay.trail(message, {"handed-over"})
    got = [x for m in sink.messages for x in m["rcpts"]]
    assert sorted(got) == sorted(everybody), got
    return relay, sink, message


def test_a_senders_rate(folder):
    relay, _, _ = some_of_many(folder, AHEAD, "451 4.7.1 Sender rate limit exceeded", 6)
    late = [x for x in relay.log_lines("queue.log") if x["state"] == "delayed"]
    assert len(late) == 6 and all("Sender rate" in x["reply"] for x in late), late


def test_a_senders_rate_one_by_one(folder):
    """After some that hear the same the others are not asked."""
    _, sink, _ = some_of_many(folder, ALONE, "451 4.7.1 Sender rate limit exceeded", 6)
    asked = [x for x in sink.lines if x.startswith("RCPT")]
    assert len(asked) == 6 + 3 + 6, asked


def test_too_many_and_the_line_is_closed(folder):
    some_of_many(folder, AHEAD, "421 4.5.3 Too many recipients, closing", 3)


def test_the_last_word_is_everybodys(folder):
    """What is said when the line is closed stands on the trail of all that were on it."""
    words = "421 4.3.2 Shutting down for maintenance"
    sink = Sink(says={"RCPT q@example.net": words})
    relay = Relay(folder, out(sink))
    message = relay.submit(rcpts=["a@example.net", "q@example.net", "b@example.net"])
    found = relay.trail(message, {"delayed"})["recipients"]
    assert [r["reply"] for r in found] == [words[4:]] * 3, found


def test_no_empty_message(folder):
    """A server that goes on after a refused sender holds recipients: no dot for them."""
    sink = Sink(says={"MAIL": "550 5.7.1 not from you"})
    relay = Relay(folder, out(sink))
    relay.trail(relay.submit(), {"refused"})
    assert not sink.messages, sink.messages
    assert not re.search(r"DOT", " ".join(sink.lines))
