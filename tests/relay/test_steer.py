# SPDX-License-Identifier: Apache-2.0
"""What a person says of mail that waits, and what becomes of it."""
import smtplib
import urllib.request

from door import wait_until
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
    for more in ((), ("--until", "1s")):
        said = relay.run("queue", "hold", message, *more, check=1).stderr
        assert "nothing sends it again by itself" in said, said
    assert "may have arrived already" in why(relay, message)
    trace = " ".join(relay.run("trace", message).stdout.split())
    assert "It may have arrived already" in trace, trace
    released = relay.run("queue", "release", message, check=1)
    assert "postrider queue retry sends it again" in released.stderr, released.stderr
    relay.trail(relay.submit(letter(2)), {"handed-over"})  # behind it, by the same way
    sent = [m for m in sink.messages if m["sender"]]  # the others are reports; the sink keeps no mail it cut off
    assert len(sent) == 1 and b"Subject: n 2" in sent[0]["data"], sent
    relay.run("queue", "retry", message, check=0)
    relay.trail(message, {"handed-over"})
    assert relay.stop() == 0


def test_doubt_whose_route_is_gone_waits_for_a_person(folder):
    """A reload takes away the block that said what becomes of doubt: it does not go out again by another."""
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok"]})
    relay = Relay(folder, way(sink) + 'retry { first = "8s"  most = "8s" }\n')
    message = relay.submit()
    relay.trail(message, {"in-doubt"})
    relay.write(way(sink, name="other"))
    relay.signal(1)
    wait_until(lambda: "no longer in the configuration" in relay.trail(message, {"in-doubt"})["trail"][-1].get("why", ""), 30)
    relay.trail(relay.submit(letter(2)), {"handed-over"})  # behind it, by the way there is now
    sent = [m for m in sink.messages if m["sender"]]
    assert len(sent) == 1 and b"Subject: n 2" in sent[0]["data"], sent
    relay.run("queue", "retry", message, check=0)
    relay.trail(message, {"handed-over"})
    assert relay.stop() == 0


def test_doubt_that_is_held_is_not_released(folder):
    """Its sender was told that nothing sends it again by itself, and release asks nobody whether it arrived."""
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok"], "RCPT c@example.net": ["450 4.2.1 mailbox busy", "250 2.1.5 Ok"]})
    relay = Relay(folder, way(sink) + 'retry { first = "1s"  most = "1s" }\n')
    message = relay.submit()
    relay.trail(message, {"in-doubt"})
    relay.run("queue", "hold", message, check=0)
    relay.trail(relay.submit(letter(2), rcpts=["c@example.net"]), {"handed-over"})  # its pause began later, and is over
    assert not any("b@example.net" in m["rcpts"] for m in sink.messages), sink.messages
    assert "may have arrived already" in why(relay, message)
    for word in (message, "out"):
        released = relay.run("queue", "release", word, "--yes", check=1)
        assert "postrider queue retry sends it again" in released.stderr, released.stderr
    relay.run("queue", "retry", message, check=0)
    relay.trail(message, {"handed-over"})
    assert relay.stop() == 0


def next_of(relay, message):
    return relay.trail(message, {"held"})["recipients"][0]["next"]


def held(relay, n, sent):
    """n mails, of which the limit lets so many go."""
    ids = [relay.submit(letter(i)) for i in range(n)]
    for i in ids[:sent]:
        relay.trail(i, {"handed-over"})
    for i in ids[sent:]:
        relay.trail(i, {"held"})
    return ids


def test_release_before_the_limit_has_room_is_refused(folder):
    """It would be held again, later than before, and each such try would put those behind it off, too."""
    sink = Sink()
    relay = Relay(folder, way(sink, "daily-cap = 2"))
    ids = held(relay, 4, 2)
    before = [next_of(relay, i) for i in ids[2:]]
    for _ in range(3):
        said = relay.run("queue", "release", ids[2], check=1).stderr
        assert "its limit is used up" in said and "the configuration allows 2 recipients a day (route out)" in said, said
    assert [next_of(relay, i) for i in ids[2:]] == before
    relay.run("queue", "hold", ids[3], check=0)  # a person's own hold is always his to end
    relay.run("queue", "release", ids[3], check=0)
    relay.trail(ids[3], {"held"})
    assert len(sink.messages) == 2 and relay.stop() == 0


def test_raised_limit_lets_go_what_is_held(folder):
    sink = Sink()
    relay = Relay(folder, way(sink, "daily-cap = 2"))
    ids = held(relay, 7, 2)
    relay.write(way(sink, "daily-cap = 5"))
    relay.signal(1)
    for i in ids[2:5]:
        relay.trail(i, {"handed-over"})
    relay.trail(ids[5], {"held"})
    assert "allows 5 recipients a day" in why(relay, ids[5]), why(relay, ids[5])
    assert relay.stop() == 0
    relay.write(way(sink, "daily-cap = 100"))
    relay.start()
    for i in ids[5:]:
        relay.trail(i, {"handed-over"})
    assert len(sink.messages) == 7 and relay.stop() == 0


def test_restart_keeps_the_turn_of_what_is_held(folder):
    sink = Sink()
    relay = Relay(folder, way(sink, "daily-cap = 1"))
    ids = held(relay, 3, 1)
    before = [next_of(relay, i) for i in ids[1:]]
    assert relay.stop() == 0
    relay.start()
    late = relay.submit(letter(9))
    assert next_of(relay, late) > before[-1] and [next_of(relay, i) for i in ids[1:]] == before
    assert relay.stop() == 0


def test_rate_is_named_where_it_holds(folder):
    sink = Sink()
    relay = Relay(folder, way(sink, 'rate = "2/1h"'))
    ids = held(relay, 3, 1)
    rule = "the configuration allows 2 messages an hour (route out)"
    assert rule in why(relay, ids[2]), why(relay, ids[2])
    assert rule in " ".join(relay.run("trace", ids[2]).stdout.split())
    relay.write(way(sink, 'rate = "600/1m"'))
    relay.signal(1)
    for i in ids:
        relay.trail(i, {"handed-over"})
    assert relay.stop() == 0


def test_routes_by_account(folder):
    """What an account hands in goes its own way, also after a try that failed; mail without one fits no such route."""
    own, rest = Sink(says={"RCPT": ["451 4.3.0 later", "250 ok"]}), Sink()
    password = folder / "password"
    password.write_text("secret\n")
    relay = Relay(folder, way(own, 'accounts = { "shop" }', "shop") + way(rest) + 'retry { first = "1s" }\n'
                  f'account "shop" {{ password-file = "{password}" }}\n'
                  'listen "127.0.0.2:0" { security = "none"  login = "required" }\n')
    with smtplib.SMTP("127.0.0.2", relay.ports[1], timeout=10) as c:
        c.login("shop", "secret")
        c.sendmail("app@example.com", ["b@example.net"], letter(1))
    relay.trail(relay.submit(letter(2)), {"handed-over"})
    wait_until(lambda: any(b"Subject: n 1" in m["data"] for m in own.messages))
    assert len(rest.messages) == 1 and b"Subject: n 2" in rest.messages[0]["data"]
    assert relay.stop() == 0


def test_doubt_that_is_cancelled_may_have_arrived(folder):
    sink = Sink(says={"DOT": [""]})
    relay = Relay(folder, way(sink, "hold-in-doubt = true"))
    message = relay.submit()
    relay.trail(message, {"in-doubt"})
    relay.run("queue", "cancel", message, check=0)
    text = " ".join(relay.run("trace", message).stdout.split())
    assert "before it left" not in text and "it may have arrived" in text, text
    assert relay.stop() == 0


def test_given_up_by_a_person_is_not_given_up_for_its_age(folder):
    sink = Sink(says={"RCPT b@example.net": "451 4.3.0 later"})
    relay = Relay(folder, way(sink) + 'http { listen = "127.0.0.1:0"  open = "admin" }\n')
    message = relay.submit()
    relay.trail(message, {"delayed"})
    relay.run("queue", "bounce", message, check=0)
    relay.trail(message, {"expired"})
    with urllib.request.urlopen(f"http://127.0.0.1:{relay.ports[-1]}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert "\npostrider_recipients_failed_total 1\n" in text and "\npostrider_recipients_expired_total 0\n" in text, text
    assert relay.stop() == 0
