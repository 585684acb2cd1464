# SPDX-License-Identifier: Apache-2.0
"""Recipients that the server has taken get their message, whatever it says of others."""
import re
import smtplib

from names import Names
from relay import Relay
from sink import Sink
from test_fairness import direct

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
    late = [x for x in relay.log_lines("queue.log") if x.get("state") == "delayed"]
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


def test_so_many_messages_a_connection(folder):
    """LIMITS MAILMAX (RFC 9422)."""
    sink = Sink(extensions=AHEAD + ("LIMITS MAILMAX=2 RCPTMAX=50",))
    relay = Relay(folder, out(sink).replace('"none"', '"none" connections = 1'))
    for _ in range(5):
        relay.submit()
    assert sink.wait(5, 20), sink.lines
    talks = " ".join(x.split()[0] for x in sink.lines).split("EHLO")[1:]
    assert max(x.count("MAIL") for x in talks) == 2, talks


def test_no_code_of_smtp(folder):
    """A number that no refusal has refuses nobody; behind the dot it leaves a doubt."""
    for step, state in (("MAIL", "delayed"), ("RCPT", "delayed"), ("DOT", "in-doubt")):
        sink = Sink(says={step: "650 what is this"})
        below = folder / step
        below.mkdir()
        relay = Relay(below, out(sink).replace("2s", "300s"))
        found = relay.trail(relay.submit(), {state})["recipients"][0]
        assert found["finding"] == "reply-protocol-error", found
        relay.stop()


def test_in_clear_after_a_fault(folder):
    """Where policy lets it go on without encryption, the trail says so, and why."""
    sink = Sink(extensions=AHEAD + ("STARTTLS",), says={"STARTTLS": "454 4.7.0 TLS not available due to local problem"})
    names = Names({("d.example", "MX"): ["10 mx.d.example"], ("mx.d.example", "A"): [sink.address]})
    relay = Relay(folder, direct(sink, names))
    message = relay.submit(rcpts=["x@d.example"])
    relay.trail(message, {"handed-over"})
    said = " ".join(relay.run("trace", message).stdout.split())
    assert "it went in clear, as encryption failed: the server said 454 4.7.0 TLS not available" in said, said


def test_a_client_that_waits_hears_of_a_doubt(folder):
    sink = Sink(says={"DOT": ""})
    relay = Relay(folder, out(sink).replace("2s", "300s") + 'listen "127.0.0.1:0" { security = "none" wait = "8s" }\n', listen=False)
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.ehlo("client.test")
        client.mail("app@example.com")
        client.rcpt("b@example.net")
        code, text = client.data(b"Subject: x\r\n\r\nHello\r\n")
    assert code == 250 and b"may have arrived" in text and b"tried again" not in text, text
