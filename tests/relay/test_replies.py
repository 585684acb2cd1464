# SPDX-License-Identifier: Apache-2.0
"""Replies that servers really give, where the books do not expect them: what they do to a mail, and what is told."""
import base64
import json
import threading
import time

from certs import Authority
from door import wait_until
from relay import Relay
from signin import SignIn
from sink import Sink
from test_deliver import only, smarthost, states
from test_deliver_tls import smarthost as with_login


def words_of(relay, message):
    """Joined: a phrase may be broken over two lines."""
    return " ".join(relay.run("trace", message).stdout.split())


def no_token(folder, status, body, kind=Sink):
    """A relay that asks a sign-in service for its token, and gets this."""
    ca = Authority(folder)
    sink = kind(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH XOAUTH2"])
    return Relay(folder, SignIn(status, body).smarthost(folder, ca, sink)), sink


class Noted(Sink):
    """Writes down why a token is refused, and then says what it says of a wrong password (RFC 7628, 3.2.2)."""
    note = b'{"status":"401","schemes":"bearer","scope":"https://mail.example.net/","echo":"ey-the-token"}'

    def reply_to(self, verb, line):
        return {"AUTH": "334 " + base64.b64encode(self.note).decode(),
                "": "535 5.7.8 Username and Password not accepted"}.get(verb) or super().reply_to(verb, line)


class SoMany(Sink):
    """Takes so many messages of a connection and says 421 to the next MAIL, as Exim and others do."""
    most, each = 3, None

    def reply_to(self, verb, line):
        self.each = self.each or {}
        if verb == "MAIL":
            me = threading.current_thread()
            self.each[me] = self.each.get(me, 0) + 1
            if self.each[me] > self.most:
                return "421 4.7.0 Too many messages in this connection"
        return super().reply_to(verb, line)


def test_so_many_messages_of_a_connection(folder):
    """The next one goes over a new connection: nothing is delayed, no pause, no other route."""
    sink, backup = SoMany(), Sink()
    relay = Relay(folder, f'route "out" {{ recipients = {{ "*" }} smarthost = "{sink.where}" security = "none" '
                  f'connections = 1 next = "backup" }}\nroute "backup" {{ smarthost = "{backup.where}" security = "none" }}\n')
    for _ in range(10):
        relay.submit()
    assert sink.wait(10), (len(sink.messages), len(backup.messages))
    states(relay, n=10, wanted=["handed-over"] * 10)
    assert not any(x.get("state") == "delayed" for x in relay.log_lines("queue.log")) and not backup.messages


def test_421_with_a_hint_is_kept(folder):
    """It is no matter of the connection: a pause as long as the server asked for."""
    sink = Sink(says={"MAIL": ["250 ok", "421 4.7.0 Rate limited, try again in 2 minutes"]})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit()
    assert sink.wait(1)
    relay.submit()
    states(relay, n=2, wanted=["delayed", "handed-over"])
    time.sleep(0.5)
    assert sink.connections == 1, sink.connections


def test_421_of_a_rate_slows_the_lane(folder):
    """After messages that were taken, too: nobody tries at once whether a new connection gets round it, though
    the server hangs up before it has answered all that was said."""
    sink = Sink(says={"MAIL": ["250 ok", "250 ok", "421 4.7.0 Message rate limit exceeded", "250 ok"]})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    for _ in range(5):
        relay.submit()
    states(relay, n=5, wanted=["delayed", "handed-over", "handed-over", "queued", "queued"])
    time.sleep(1)
    assert sum(x.startswith("MAIL") for x in sink.lines) == 3, sink.lines


def test_421_until_a_time_is_no_matter_of_the_message(folder):
    sink = Sink(says={"MAIL": ["250 ok", "421 4.3.2 Too busy, try again in 2 minutes", "250 ok"]})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    for _ in range(3):
        relay.submit()
    states(relay, n=3, wanted=["delayed", "handed-over", "queued"])
    time.sleep(1)
    assert sum(x.startswith("MAIL") for x in sink.lines) == 2, sink.lines


def test_who_was_accepted_gets_no_empty_message(folder):
    """Nor nothing: a limit met at one recipient is not theirs."""
    sink = Sink(says={"RCPT no@example.net": "450 4.7.1 Rate limit exceeded, too many messages per hour"})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "300s" }\n')
    relay.submit(rcpts=["a@example.net", "no@example.net", "c@example.net"])
    states(relay, n=3, wanted=["delayed", "handed-over", "handed-over"])
    time.sleep(0.5)
    assert [m["rcpts"] for m in sink.messages] == [["a@example.net", "c@example.net"]], sink.messages
    assert sink.messages[0]["data"], sink.messages


def test_250_to_data_is_no_taking(folder):
    sink = Sink(says={"DATA": ["250 ok, send it", "354 go on"]})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "300s" }\n')
    message = relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] == "reply-protocol-error" and not sink.messages, x
    assert "This is not a failure" not in words_of(relay, message)


def test_354_to_the_dot_is_in_doubt(folder):
    """Neither taken nor refused: it may be there."""
    sink = Sink(says={"DOT": "354 go on"})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "300s" }\n')
    message = relay.submit()
    only(states(relay, wanted=["in-doubt"]))
    words = words_of(relay, message)
    assert "no clear answer came" in words and "It is tried again in" in words and "may arrive twice then" in words, words
    why = " ".join(relay.run("queue", "why", message).stdout.split())
    assert "no clear answer came; it is sent again in" in why, why


def test_a_refusal_that_says_ok(folder):
    """550 with words of acceptance: refused, and nobody is told that nothing was."""
    sink = Sink(says={"DOT": "550 2.0.0 queued as ABC"})
    relay = Relay(folder, smarthost(sink))
    message = relay.submit()
    assert only(states(relay, wanted=["refused"]))["finding"] != "reply-not-a-failure"
    assert "not a failure" not in words_of(relay, message)


def test_who_waits_is_not_told_to_send_again(folder):
    """The relay tries again by itself; who sends it once more sends it twice."""
    doubtful, cut = Sink(says={"DOT": ""}), Sink(says={"DATA": ""})
    relay = Relay(folder, f'route "cut" {{ recipients = {{ "@cut.example" }} smarthost = "{cut.where}" security = "none" }}\n' +
                  smarthost(doubtful) + 'retry { first = "300s" }\n')
    first, second = relay.submit(rcpts=["x@cut.example"]), relay.submit()
    states(relay, n=2, wanted=["delayed", "in-doubt"])
    words = words_of(relay, first)
    assert "Do not send it again, it would arrive twice" in words and "Try again in some minutes" not in words, words
    words = words_of(relay, second)
    assert "before you have asked the recipient" in words and "Try again in some minutes" not in words, words
    fixes = [f["text"] for e in relay.json("trace", second)["trail"] for f in e.get("meaning", {}).get("fixes", [])]
    assert any("asked the recipient" in x for x in fixes), fixes


def test_retry_ends_the_pause(folder):
    """The password is mended, and a person says so: it is tried now, not when the pause is over."""
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH PLAIN"],
                says={"AUTH": "535 5.7.8 Error: authentication failed"})
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + with_login(folder, sink, "127.0.0.1"))
    message = relay.submit()
    states(relay, wanted=["delayed"])
    sink.says["AUTH"] = "235 2.7.0 welcome"
    assert not sink.messages
    relay.run("queue", "retry", message, check=0)
    assert sink.wait(1)


def test_a_token_that_is_not_given(folder):
    """What the sign-in service says is its cause, not "refused without a reason"."""
    relay, sink = no_token(folder, 401, b'{"error": "invalid_client", "error_description": '
                           b'"AADSTS7000222: The provided client secret keys for app are expired."}')
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "oauth-secret-expired"
    assert not sink.messages


def test_a_token_that_is_refused(folder):
    """The 334 before the 535 tells why: the trail has both, and nothing of the token that the server echoed."""
    relay, _ = no_token(folder, 200, b'{"access_token": "ey-the-token", "expires_in": 3600}', Noted)
    message = relay.submit()
    event = only(states(relay, wanted=["delayed"]))
    assert event["finding"] == "oauth-334-challenge", event
    relay.trail(message, {"delayed"})
    told = words_of(relay, message)
    assert '"status":"401"' in told and "https://mail.example.net/" in told, told
    assert "has run out, was withdrawn" in told and "Password not accepted" in told, told
    everything = told + relay.run("trace", message, "--json").stdout + str(relay.log_lines("queue.log"))
    assert "ey-the-token" not in everything and "echo" not in everything, everything


def test_a_bare_refusal_is_no_knowledge(folder):
    """550 and no word: told as a guess, on the trail and in the report."""
    sink = Sink(says={"RCPT no@example.net": "550"})
    relay = Relay(folder, smarthost(sink))
    message = relay.submit(rcpts=["no@example.net"])
    states(relay, wanted=["refused"])
    assert "that may mean: There is no such mailbox" in words_of(relay, message)
    assert sink.wait(2)  # the first is empty: its 354 is ended by a lone dot
    assert b"Perhaps: There is no such mailbox" in sink.messages[1]["data"]


class Hasty(Sink):
    """Refuses in the midst of the data, waits for no dot, and closes."""

    def reply_to(self, verb, line):
        return "354 go on\r\n552 5.3.4 message too big" if verb == "DATA" else super().reply_to(verb, line)


def test_refused_in_the_midst_of_the_data(folder):
    """It took nothing: refused, not "it may have arrived", and not sent again for days."""
    sink = Hasty(says={"DOT": ""})
    relay = Relay(folder, smarthost(sink))
    relay.submit()
    x = only(states(relay, wanted=["refused"]))
    assert x["code"] == 552 and x["finding"] == "data-552-after-data", x


def test_why_by_recipient(folder):
    sink = Sink(says={"RCPT later@example.net": "450 4.2.0 greylisted, try again in 5 minutes"})
    relay = Relay(folder, smarthost(sink))
    first, second = [relay.submit(rcpts=["later@example.net", "ok@example.net"]) for _ in range(2)]
    states(relay, n=4, wanted=["delayed", "delayed", "handed-over", "handed-over"])
    for asked in ("later@example.net", "@example.net"):
        why = relay.run("queue", "why", asked, check=0).stdout
        assert first in why and second in why and "ok@" not in why and "invoice 17" in why, why
    rows = [json.loads(x) for x in relay.run("queue", "why", "later@example.net", "--json", check=0).stdout.splitlines()]
    assert [x["id"] for x in rows] == [second, first], rows
    assert "nothing waits for ok@example.net" in relay.run("queue", "why", "ok@example.net", check=1).stderr


def test_who_is_meant(folder):
    """MAIL is about the sender; a reply to the dot that names one recipient is about him; 551 names a new address."""
    dot = Sink(says={"DOT": "550 5.1.1 <z@dot.example>: user unknown"})
    mail = Sink(says={"MAIL": "550 5.1.1 <app@example.com>: User unknown"})
    moved = Sink(says={"RCPT": "551 5.1.6 User not local; please try <b2@other.example>"})
    relay = Relay(folder, "".join(f'route "{name}" {{ recipients = {{ "@{name}.example" }} smarthost = "{s.where}" security = "none" }}\n'
                                  for name, s in (("dot", dot), ("mail", mail), ("moved", moved))))
    wanted = {"z@dot.example": "rcpt-user-unknown", "a@dot.example": "unknown-reply", "b@mail.example": "mf-sender-refused",
              "b@moved.example": "rcpt-mailbox-disabled"}
    relay.submit(rcpts=list(wanted))
    by = {x["recipient"]: x["finding"] for x in states(relay, wanted=["refused"] * len(wanted)).values() if x.get("recipient")}
    assert by == wanted, by


def test_whose_login_was_refused(folder):
    """The route's, not that of the sender; told with the answer, and where it says what to do."""
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH PLAIN"],
                says={"AUTH": "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox"})
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + with_login(folder, sink, "127.0.0.1"))
    message = relay.submit(sender="ann@customer.example")
    relay.trail(message, {"delayed"})
    words = words_of(relay, message)
    assert "with the login me@example.com" in words and "-Identity me@example.com " in words and "-Identity ann@" not in words, words


def test_whose_word_a_destination_waits_for(folder):
    """The mail that it was said of is gone, the pause is not: the next one is told host and code, too."""
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH PLAIN"], says={"AUTH": "535 5.7.8 no"})
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + with_login(folder, sink, "127.0.0.1"))

    def listed():
        return " ".join(relay.run("queue", "list").stdout.split())

    message = relay.submit()
    relay.trail(message, {"delayed"})
    wait_until(lambda: "127.0.0.1: 535 5.7.8 no" in listed(), why="not told")
    relay.run("queue", "cancel", message, "--yes")
    relay.trail(message, {"cancelled"})
    relay.submit()
    wait_until(lambda: "127.0.0.1: 535 5.7.8 no" in listed(), why="not told")
    lane, = relay.json("queue", "list")["destinations"]
    assert (lane["code"], lane["host"], lane["reply"]) == (535, "127.0.0.1", "5.7.8 no"), lane
