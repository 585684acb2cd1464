# SPDX-License-Identifier: Apache-2.0
"""A server that gives more replies than it was asked for: nobody gets what another was told."""
import time

from relay import Relay
from sink import Sink
from test_deliver import smarthost, states

RCPTS = ["a@example.net", "b@example.net", "c@example.net"]
LATER = 'retry { first = "300s" }\n'


class Slow(Sink):
    """Each reply in a packet of its own, so that the one too many is still under way when the group seems answered."""

    def reply_to(self, verb, line):
        if verb in ("RCPT", "DATA"):
            time.sleep(0.05)
        return super().reply_to(verb, line)


def shifted(folder, says, kind=Sink, **more):
    """Where it happens once, and a second try comes at once."""
    sink = kind(says=says, **more)
    relay = Relay(folder, smarthost(sink, "connections = 1") + LATER)
    relay.submit(rcpts=RCPTS)
    return sink, relay


def nobody_was_refused(folder, says, kind=Sink, **more):
    sink, relay = shifted(folder, says, kind, **more)
    last = states(relay, n=3, wanted=["delayed"] * 3)
    assert all(x["finding"] == "reply-protocol-error" for x in last.values()), last
    assert not sink.messages, sink.messages
    return relay


def test_twice_to_mail(folder):
    """The first recipient had MAIL's 250, the last one's 550 stood for DATA and so for all."""
    nobody_was_refused(folder, {"MAIL": "250 ok\r\n250 ok", "RCPT c@example.net": "550 5.1.1 no such user"})


def test_twice_to_mail_slowly(folder):
    nobody_was_refused(folder, {"MAIL": "250 ok\r\n250 ok", "RCPT c@example.net": "550 5.1.1 no such user"}, Slow)


def test_a_refusal_twice(folder):
    """The second recipient's own 250 came behind the first one's second 550."""
    nobody_was_refused(folder, {"RCPT a@example.net": "550 5.1.1 no such user\r\n550 5.1.1 no such user"})


def test_all_refused_and_one_too_many(folder):
    """Each got a 550, but a got the one of nobody: without RSET's answer that could not be seen."""
    says = {"MAIL": "250 ok\r\n550 5.7.1 blocked", "RCPT": "550 5.1.1 no such user", "DATA": "554 5.5.1 no valid recipients"}
    nobody_was_refused(folder, says, Slow)


def test_without_pipelining(folder):
    says = {"MAIL": "250 ok\r\n250 ok", "RCPT c@example.net": "550 5.1.1 no such user"}
    nobody_was_refused(folder, says, extensions=["SIZE 1000000"])


def test_a_word_behind_the_354(folder):
    """It stood there before the dot, and would have been its reply."""
    nobody_was_refused(folder, {"DATA": "354 go on\r\n250 2.0.0 queued"})


def test_one_too_many_behind_the_dot(folder):
    """The first is handed over by its own reply; the second is not by the one that was left over."""
    sink = Sink(says={"DOT": ["250 2.0.0 queued as A\r\n250 2.0.0 queued as B", "250 2.0.0 queued as C"]})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit()
    assert sink.wait(1)
    relay.submit()
    assert sink.wait(2)
    last = states(relay, n=2, wanted=["handed-over"] * 2)
    assert sorted(x["reply"][-1] for x in last.values()) == ["A", "C"], last
    assert sink.connections == 2, sink.connections


def test_refusals_in_step(folder):
    """All were refused, and RSET says so: told at once, and the connection is used for the next."""
    sink, relay = shifted(folder, {"RCPT": "550 5.1.1 no such user", "DATA": "554 5.5.1 no valid recipients"})
    states(relay, n=3, wanted=["refused"] * 3)
    assert sink.lines.index("RSET") == sink.lines.index("DATA") + 1 and sink.connections == 1, sink.lines


def test_refused_by_one_that_leaves(folder):
    """It closes instead of answering RSET, or says 421: what it refused is refused."""
    for i, word in enumerate(["", "421 4.7.0 too many errors"]):
        inner = folder / str(i)
        inner.mkdir()
        says = {"RCPT": "550 5.1.1 no such user", "DATA": "554 5.5.1 no valid recipients", "RSET": word}
        _, relay = shifted(inner, says)
        states(relay, n=3, wanted=["refused"] * 3)


class Once(Sink):
    """In step again on its second connection."""

    def reply_to(self, verb, line):
        if verb == "MAIL" and self.connections == 1:
            return "250 ok\r\n250 ok"
        return super().reply_to(verb, line)


def test_the_next_try_says_what_is_true(folder):
    sink = Once(says={"RCPT b@example.net": "550 5.1.1 no such user"})
    relay = Relay(folder, smarthost(sink, "connections = 1") + 'retry { first = "1s" most = "1s" }\n')
    relay.submit(rcpts=RCPTS)
    last = states(relay, n=3, wanted=["handed-over", "handed-over", "refused"])
    assert next(x for x in last.values() if x["state"] == "refused")["recipient"] == "b@example.net", last
    assert [m["rcpts"] for m in sink.messages if m["sender"]] == [["a@example.net", "c@example.net"]], sink.messages
