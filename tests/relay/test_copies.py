# SPDX-License-Identifier: Apache-2.0
"""What goes out whole and is never answered goes out a few times only, and nobody says that it did not arrive."""
import threading
from email import message_from_bytes

from relay import Relay
from sink import Sink


def home_and(sink, home, retry):
    return (f'route "home" {{ recipients = {{ "@example.com" }} smarthost = "{home.where}" security = "none" }}\n'
            f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ {retry} }}\n')


def words_of(home):
    report = message_from_bytes(home.messages[0]["data"])
    text = " ".join(report.get_payload()[0].get_payload(decode=True).decode().split())
    return report["Subject"], text, str(report.get_payload()[1])


def is_honest(relay, home, message, times):
    said = " ".join(relay.run("trace", message).stdout.split())
    assert times in said and "may have arrived" in said and "did not arrive" not in said, said
    assert "sk the recipient before" in said and "Try again" not in said and "tries again" not in said, said
    assert home.wait(1, 20), relay.log_lines("queue.log")
    subject, text, fields = words_of(home)
    assert subject.startswith("May have arrived, or not"), subject
    assert times in text and "did not reach" not in text and "before you send it again" in text, text
    assert "Action: failed" in fields, fields


def test_four_copies_and_no_more(folder):
    sink, home = Sink(says={"DOT": ""}), Sink()
    relay = Relay(folder, home_and(sink, home, 'first = "1s" factor = 1'))
    message = relay.submit()
    relay.trail(message, {"expired"}, 60)
    dots = [x for x in sink.lines if x == "DATA"]
    assert len(dots) == 4, sink.lines
    is_honest(relay, home, message, "perhaps 4 times")


def test_its_time_is_over(folder):
    """Neither is it known of what was delayed after a doubt."""
    sink, home = Sink(says={"DOT": ["", "451 4.3.0 later"]}), Sink()
    relay = Relay(folder, home_and(sink, home, 'first = "1s" factor = 1 expire = "3s"'))
    message = relay.submit()
    relay.trail(message, {"expired"}, 60)
    is_honest(relay, home, message, "may have arrived")


def test_refused_in_the_end(folder):
    sink, home = Sink(says={"DOT": ["", "550 5.7.1 no"]}), Sink()
    relay = Relay(folder, home_and(sink, home, 'first = "1s"'))
    message = relay.submit()
    relay.trail(message, {"refused"}, 60)
    is_honest(relay, home, message, "may have arrived")


class Slow(Sink):
    """Takes the first mail whole, and answers when the relay is gone."""

    def __init__(self):
        self.took, self.gone = threading.Event(), threading.Event()
        super().__init__()

    def reply_to(self, verb, line):
        if verb == "DOT" and not self.took.is_set():
            self.took.set()
            self.gone.wait(20)
        return super().reply_to(verb, line)


def test_refused_behind_a_crash(folder):
    """The try that a crash cut was one: what came after it is no first word."""
    sink, home = Slow(), Sink()
    relay = Relay(folder, home_and(sink, home, 'first = "1s"'))
    message = relay.submit()
    assert sink.took.wait(20)
    relay.kill()
    sink.gone.set()
    assert sink.wait(1, 20)
    sink.says["RCPT"] = "550 5.1.1 unknown"
    relay.start()
    relay.trail(message, {"refused"}, 60)
    is_honest(relay, home, message, "may have arrived")
