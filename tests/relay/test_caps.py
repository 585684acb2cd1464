# SPDX-License-Identifier: Apache-2.0
"""Caps, ramp and what waits for them."""
import json
import random
import smtplib
import time
from email import message_from_bytes

from door import wait_until
from names import Names
from persona import Persona
from relay import Relay
from sink import Sink


def route(sink, more="", name="box"):
    return f'route "{name}" {{ smarthost = "{sink.where}"  security = "none"  {more} }}\nretry {{ first = "1s"  most = "2s" }}\n'


def letter(n):
    return f"From: app@example.com\r\nTo: b@example.net\r\nMessage-ID: <{n}@example.com>\r\nSubject: n {n}\r\n\r\nx\r\n"


def secret(folder, text="secret"):
    path = folder / "password"
    path.write_text(text + "\n")
    return path


def why(relay, message):
    return " ".join(relay.run("queue", "why", message).stdout.split())


def test_daily_cap_holds_and_survives_restart(folder):
    sink = Sink()
    relay = Relay(folder, route(sink, "daily-cap = 2"))
    for n in range(2):
        relay.trail(relay.submit(letter(n)), {"handed-over"})
    third = relay.submit(letter(2))
    trail = relay.trail(third, {"held"})
    event = trail["trail"][-1]
    assert "the configuration allows 2 recipients a day (route box)" in event["why"], event
    assert "goes on by itself" in why(relay, third), why(relay, third)
    relay.kill()
    relay.start()
    fourth = relay.submit(letter(3))
    relay.trail(fourth, {"held"})  # one lane, the third before the fourth: both have been looked at
    relay.trail(third, {"held"})
    assert len(sink.messages) == 2
    relay.write(route(sink, "daily-cap = 3"))  # more is allowed: what is held goes in turn, the cap still counts
    relay.signal(1)
    relay.trail(third, {"handed-over"})
    relay.trail(fourth, {"held"})
    assert relay.stop() == 0


def test_cap_outlasts_the_time_for_the_tries(folder):
    """It is not said to go on at the moment it is given up, and the cap is why, to the end."""
    sink, home = Sink(), Sink()
    to = (f'route "home" {{ recipients = {{ "@example.com" }} smarthost = "{home.where}" security = "none" }}\n'
          f'route "box" {{ smarthost = "{sink.where}"  security = "none"  hourly-cap = 1 }}\n')
    relay = Relay(folder, to + 'retry { first = "1s"  most = "2s"  expire = "20s" }\n')
    relay.trail(relay.submit(letter(0)), {"handed-over"})
    second = relay.submit(letter(1))
    event = relay.trail(second, {"held"})["trail"][-1]
    assert event["finding"] == "rs-cap-past-expire" and "it has no room before 20" in event["why"], event
    said = why(relay, second)
    assert "it is given up in about" in said and "unless the cap is raised" in said and "goes on" not in said, said
    assert relay.json("queue", "why", second)["eta"] is None
    shown = " ".join(relay.run("trace", second).stdout.split())
    assert "is given up, unless the cap is raised" in shown and "goes on by itself" not in shown, shown
    refused = relay.run("queue", "release", second, check=1).stderr
    assert "is given up before that" in refused and "goes on by itself" not in refused, refused
    event = relay.trail(second, {"expired"}, 40)["trail"][-1]
    assert event["meaning"]["id"] == "rs-cap-past-expire" and event["meaning"]["actor"] == "mail-admin", event
    assert home.wait(1)
    words = " ".join(message_from_bytes(home.messages[0]["data"]).get_payload()[0].get_payload(decode=True).decode().split())
    assert "own cap has no room for the message" in words and "the configuration allows 1 recipient an hour" in words, words
    third = relay.submit(letter(2))
    relay.trail(third, {"held"})
    relay.write(to.replace("hourly-cap = 1", "hourly-cap = 9") + 'retry { first = "1s"  most = "2s"  expire = "20s" }\n')
    relay.signal(1)
    assert not relay.trail(third, {"handed-over"}, 40)["recipients"][0].get("finding")
    assert relay.stop() == 0


def test_cap_met_at_the_last_turn(folder):
    """A server refused it for now until its time was over: that is why, whatever cap it meets at its end."""
    sink = Sink(says={"RCPT c@example.net": "450 4.2.1 mailbox busy"})
    relay = Relay(folder, f'route "box" {{ smarthost = "{sink.where}"  security = "none"  hourly-cap = 1 }}\n'
                  'retry { first = "1m"  most = "1m"  expire = "12s" }\n')
    message = relay.submit(letter(0), rcpts=["c@example.net"])
    busy = relay.trail(message, {"delayed"})["trail"][-1]
    relay.submit(letter(1))  # takes what the hour has room for
    event = relay.trail(message, {"expired"}, 40)["trail"][-1]
    assert busy["finding"] and event["finding"] == busy["finding"], (busy, event)
    assert "the configuration allows 1 recipient an hour" in event["why"], event
    assert relay.stop() == 0


def test_held_goes_on_by_itself_in_turn(folder):
    sink = Sink()
    relay = Relay(folder, route(sink, "hourly-cap = 3"))
    ids = [relay.submit(letter(n)) for n in range(9)]
    for i in ids[3:]:
        relay.trail(i, {"held"})
    times = sorted(relay.trail(i, {"held"})["recipients"][0]["next"] for i in ids[3:])
    assert times[2] < times[3], times
    assert len(sink.messages) == 3
    assert relay.stop() == 0


def test_held_goes_by_the_route_of_now(folder):
    """Its own route is gone, and the one in its place has room: it does not wait for what limited it."""
    sink = Sink()
    relay = Relay(folder, route(sink, "daily-cap = 1"))
    relay.trail(relay.submit(letter(0)), {"handed-over"})
    held = relay.submit(letter(1), rcpts=["b@example.net", "c@example.net"])
    relay.trail(held, {"held"})
    relay.write(route(sink, name="other"))
    relay.signal(1)
    relay.trail(held, {"handed-over"})
    assert [len(m["rcpts"]) for m in sink.messages] == [1, 2]
    assert relay.stop() == 0


def test_recipients_cap_splits(folder):
    sink = Sink()
    relay = Relay(folder, route(sink, "recipients-cap = 2"))
    relay.trail(relay.submit(letter(1), rcpts=[f"r{i}@example.net" for i in range(5)]), {"handed-over"})
    assert sorted(len(m["rcpts"]) for m in sink.messages) == [1, 2, 2]
    assert relay.stop() == 0


def test_accounts_cap_holds_its_own_mail_only(folder):
    sink = Sink()
    password = secret(folder)
    account = 'account "%s" { password-file = "' + str(password) + '"  hourly-cap = 1 }\n'
    relay = Relay(folder, route(sink) + account % "a" + account % "b" +
                  'listen "127.0.0.1:0" { security = "none"  login = "required" }\n'
                  .replace("127.0.0.1", "127.0.0.2"))

    def send(user, n):
        with smtplib.SMTP("127.0.0.2", relay.ports[1], timeout=10) as c:
            c.login(user, "secret")
            c.sendmail("app@example.com", ["b@example.net"], letter(n))

    for n, user in enumerate("aab"):
        send(user, n)

    def held():
        return [x for x in relay.log_lines("queue.log") if x.get("state") == "held"]

    assert sink.wait(2)
    wait_until(held)
    assert len(sink.messages) == 2
    assert len(held()) == 1 and "1 recipient an hour (account a)" in held()[0]["why"], held()
    assert relay.stop() == 0


def test_provider_limits_are_known(folder):
    sink = Sink()
    names = Names({("smtp.office365.com", "A"): ["127.0.0.1"]})
    relay = Relay(folder, f'resolver = "{names.where}"\n' +
                  route(sink).replace(sink.where, f"smtp.office365.com:{sink.port}").replace('"none"', '"auto"'))
    ids = [relay.submit(letter(n)) for n in range(3)]
    relay.trail(ids[0], {"handed-over"})
    text = why(relay, ids[2])
    assert "Microsoft 365 takes 30 messages a minute (learn.microsoft.com" in text and "as of 20" in text, text
    assert relay.stop() == 0


def test_ramp_after_a_refused_login(folder):
    """One mail until one is handed over, whatever is waiting."""
    password = secret(folder)
    most, under_way, refuse = [], [0], [True]

    def auth(_):
        return "535 5.7.8 Authentication credentials invalid" if refuse[0] else "235 2.7.0 ok"

    sink = Sink(says={"AUTH": auth}, extensions=("PIPELINING", "AUTH PLAIN"), delay=0.02)
    relay = Relay(folder, route(sink, f'user = "app@example.com"  password-file = "{password}"'))
    first = relay.submit(letter(0))
    relay.trail(first, {"delayed"})
    refuse[0] = False
    ids = [relay.submit(letter(n)) for n in range(1, 12)]
    relay.signal(1)  # an operator has mended it
    opened = sink.connections
    assert sink.wait(1)
    assert sink.connections == opened + 1
    for i in ids + [first]:
        relay.run("queue", "retry", i)
    assert sink.wait(12, 15), len(sink.messages)
    ledger = (relay.data / "ledger").read_text()
    assert " 1 0 route box" in ledger or "R " in ledger, ledger
    assert relay.stop() == 0


def test_unproven_account_sends_a_hundred_a_day(folder):
    password = secret(folder)
    sink = Sink(extensions=("PIPELINING", "AUTH PLAIN"))
    login = f'user = "app@example.com"  password-file = "{password}"'
    relay = Relay(folder, route(sink, login))
    many = relay.submit(letter(0), rcpts=[f"r{i}@example.net" for i in range(99)])
    relay.trail(many, {"handed-over"})
    relay.trail(relay.submit(letter(1)), {"handed-over"})
    held = relay.submit(letter(2))
    event = relay.trail(held, {"held"})["trail"][-1]
    assert "100 recipients a day until the account" in event["why"], event
    relay.write(route(sink, login + "  proven = true"))
    relay.signal(1)
    relay.trail(held, {"handed-over"})
    assert relay.stop() == 0


def doubtful(relay):
    """Message-IDs of what waits in doubt, with our ids."""
    found = relay.run("trace", "state:in-doubt", "--json", "--limit", "1000").stdout
    rows = [json.loads(x) for x in found.splitlines()]
    return {x["message_id"]: x["id"] for x in rows if "message_id" in x}


def flood(folder, mails, kills, tell=lambda text: None):
    """Mail of a profile through a provider that counts, while the relay is killed; who went out whole and was never
    answered is asked about by a person: (persona, how many were in doubt)."""
    persona = Persona(messages=30, window=1.0, connections=3)
    relay = Relay(folder, route(persona, 'rate = "30/1s"  connections = 3') + 'profile "office" { test = "off" }\n')
    dice = random.Random(4)
    wanted = {f"<{n}@example.com>" for n in range(mails)}
    sent, killed, end = 0, 0, time.monotonic() + 30 + mails / 10 + kills * 8
    in_doubt = {}
    while time.monotonic() < end and set(persona.taken()) | set(in_doubt) != wanted:
        for _ in range(50):
            if sent < mails:
                relay.submit("X-Postrider-Profile: office\r\n" + letter(sent))
                sent += 1
        if killed < kills and len(persona.taken()) >= killed * mails // kills:
            time.sleep(dice.random() / 2)
            relay.kill()
            while persona.open:  # it has to notice first
                time.sleep(0.01)
            relay.start()
            killed += 1
            in_doubt = doubtful(relay)
            tell(f"{killed} kills, {len(persona.taken())} mails taken, {len(persona.violations)} violations")
        time.sleep(0.02)
    for name in set(in_doubt) - set(persona.taken()):  # who looks there finds it is missing
        relay.run("queue", "retry", in_doubt[name], check=0)
    while time.monotonic() < end and set(persona.taken()) != wanted:
        time.sleep(0.05)
    assert set(persona.taken()) == wanted, f"lost: {len(wanted) - len(persona.ids)}"
    assert killed == kills and not persona.violations, persona.violations
    assert max(persona.ids.values()) == 1, [x for x, n in persona.ids.items() if n > 1]
    assert relay.stop() == 0
    return persona, len(in_doubt)


def test_no_limit_is_passed_over_kills(folder):
    """Nothing over its limits, nothing lost, nothing twice.  bench/caps.py: ten thousand, a hundred kills."""
    flood(folder, 150, 3)
