# SPDX-License-Identifier: Apache-2.0
"""A passing refusal in each step with the next server: mail waits, goes out once, to all it is for, and nobody is bounced."""
from relay import MAIL, Relay
from sink import Sink
from test_deliver import states

STEPS = {"CONNECT": "220 sink.test", "EHLO": "250-sink.test\r\n250 PIPELINING", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
         "DOT": "250 2.0.0 Ok", "RCPT b": "250 ok"}


def everywhere(folder, word, **more):
    """A domain with a server of its own for each step, which refuses there once; all at the same time."""
    names = [f"s{i}.test" for i in range(len(STEPS))]
    sinks = [Sink(says={f"{step}@{name}" if " " in step else step: [word, well]}, **more)
             for name, (step, well) in zip(names, STEPS.items())]
    relay = Relay(folder, 'retry { first = "1s" most = "1s" }\n' + "".join(
        f'route "{name}" {{ recipients = {{ "*@{name}" }} smarthost = "{s.where}" security = "none" }}\n'
        for name, s in zip(names, sinks)))
    for name in names:
        relay.submit(mail=MAIL.replace("invoice", name), rcpts=[f"{x}@{name}" for x in "abc"])
    states(relay, seconds=50, n=3 * len(names), wanted=["handed-over"] * 3 * len(names))
    for name, s, step in zip(names, sinks, STEPS):
        got = sorted(r for m in s.messages if m["sender"] for r in m["rcpts"])  # it takes RCPT without MAIL, too
        assert got == [f"{x}@{name}" for x in "abc"], (step, s.messages, s.lines)
    assert not any(x.get("state") in ("refused", "in-doubt", "expired") for x in relay.log_lines("queue.log"))


def test_421(folder):
    """It hangs up behind it, as RFC 5321 (3.8) has it."""
    everywhere(folder, "421 4.3.2 Service not available, closing transmission channel")


def test_421_without_pipelining(folder):
    everywhere(folder, "421 4.3.2 Service not available, closing transmission channel", extensions=["SIZE 1000000"])


def test_greylisted(folder):
    everywhere(folder, "451 4.7.1 Greylisting in action, please come back later")


def test_greylisted_without_pipelining(folder):
    everywhere(folder, "451 4.7.1 Greylisting in action, please come back later", extensions=["SIZE 1000000"])
