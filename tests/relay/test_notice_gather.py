# SPDX-License-Identifier: Apache-2.0
"""One report of what happens to many recipients of a message in many transactions, whatever ends the relay meanwhile."""
import email
import email.policy
import signal
import smtplib
import threading
import time

from door import wait_until
from relay import Relay
from sink import Sink
from test_trouble import DAY, preload

SENDER = "app@example.com"


def world(folder, servers, more="", settings="", way="", env=None):
    """servers: domain -> Sink.  Each domain has a route, so a session, of its own."""
    home = Sink(extensions=["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN"])
    routes = [("example.com", home)] + sorted(servers.items())
    return home, Relay(folder, settings + more + "".join(
        f'route "r{i}" {{ recipients = {{ "*@{domain}" }} smarthost = "127.0.0.1:{sink.port}" security = "none"{way} }}\n'
        for i, (domain, sink) in enumerate(routes)), env=env)


def told(home):
    """Recipients of each report, with what became of them."""
    found = []
    for message in list(home.messages):
        mail = email.message_from_bytes(message["data"], policy=email.policy.SMTPUTF8)
        assert message["sender"] == "" and message["rcpts"] == [SENDER]
        found.append([(g["Final-Recipient"].removeprefix("rfc822; "), g["Action"]) for g in mail.get_payload(1).get_payload()[1:]])
    return found


def wait_told(home, n, seconds=30):
    """Until so many recipients were told of; the reports."""
    end = time.monotonic() + seconds
    while sum(len(x) for x in told(home)) < n:
        assert time.monotonic() < end, told(home)
        time.sleep(0.05)
    time.sleep(1)
    return told(home)


def once(reports):
    """Each recipient stands in one report, and no more than once."""
    everybody = [address for report in reports for address, _ in report]
    assert len(everybody) == len(set(everybody)), sorted(x for x in everybody if everybody.count(x) > 1)
    return set(everybody)


def hanging(reply):
    """A server's words that come when `go` is set, and whether anybody waits for them."""
    go, asked = threading.Event(), threading.Event()

    def say(line):
        asked.set()
        go.wait(60)
        return reply

    return say, go, asked


def test_a_thousand_in_sixty_transactions(folder):
    there = Sink(says={"RCPT": "550 5.1.1 No such user"})
    home, relay = world(folder, {f"d{i}.example.net": there for i in range(60)})
    rcpts = [f"no{i}@d{i % 60}.example.net" for i in range(1000)]
    relay.submit(sender=SENDER, rcpts=rcpts)
    reports = wait_told(home, 1000)
    assert sum(x.startswith("MAIL") for x in there.lines) >= 60
    assert once(reports) == set(rcpts)
    assert len(reports) <= 3, [len(x) for x in reports]
    assert relay.stop() == 0


def reported(relay, message):
    """Recipient -> the report that tells of it, as the trail says."""
    return {event["recipient"]: event["report"] for event in relay.json("trace", message)["trail"] if "report" in event}


def test_waits_for_who_is_still_tried(folder):
    say, go, asked = hanging("550 5.1.1 No such user")
    home, relay = world(folder, {"quick.example.net": Sink(says={"RCPT": "550 5.1.1 No such user"}), "good.example.net": Sink(),
                                 "slow.example.net": Sink(says={"RCPT": say}),
                                 "later.example.net": Sink(says={"RCPT": "451 4.7.1 Greylisted"})})
    message = relay.submit(sender=SENDER, rcpts=[f"a@{x}.example.net" for x in ("quick", "good", "slow", "later")])
    assert asked.wait(10)
    time.sleep(1.5)
    assert not home.messages and not reported(relay, message)
    go.set()
    reports = wait_told(home, 2)
    assert len(reports) == 1 and once(reports) == {"a@quick.example.net", "a@slow.example.net"}
    by = reported(relay, message)
    assert set(by) == {"a@quick.example.net", "a@slow.example.net"} and len(set(by.values())) == 1, by
    report = by["a@quick.example.net"]
    assert relay.json("trace", report)["recipients"][0]["recipient"] == SENDER
    assert f"report queued as {report}" in " ".join(relay.run("trace", message, check=0).stdout.split())
    assert relay.stop() == 0


def test_one_recipient_waits_for_nobody(folder):
    """Nor does a message that has none in an attempt."""
    home, relay = world(folder, {"quick.example.net": Sink(says={"RCPT": "550 5.1.1 No such user"}),
                                 "later.example.net": Sink(says={"RCPT": "451 4.7.1 Greylisted"})})
    begin = time.monotonic()
    one = relay.submit(sender=SENDER, rcpts=["a@quick.example.net"])
    assert home.wait(1) and time.monotonic() - begin < 3
    wait_until(lambda: set(reported(relay, one)) == {"a@quick.example.net"}, why="its trail names no report")
    relay.submit(sender=SENDER, rcpts=["b@quick.example.net", "b@later.example.net"])
    assert home.wait(2) and time.monotonic() - begin < 6
    assert once(told(home)) == {"a@quick.example.net", "b@quick.example.net"}
    assert relay.stop() == 0


def test_wishes_and_kinds(folder):
    """A mail handed over, with SUCCESS wanted, and one refused are two reports; NOTIFY=NEVER is in none."""
    say, go, asked = hanging("550 5.1.1 No such user")
    home, relay = world(folder, {"good.example.net": Sink(), "other.example.net": Sink(), "slow.example.net": Sink(says={"RCPT": say}),
                                 "quick.example.net": Sink(says={"RCPT": "550 5.1.1 No such user"})})
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.ehlo("client.test")
        client.mail(SENDER, ["ENVID=abc"])
        for rcpt, notify in (("a@good.example.net", "SUCCESS"), ("a@other.example.net", "SUCCESS,FAILURE"),
                             ("a@slow.example.net", "FAILURE"), ("a@quick.example.net", "FAILURE"), ("b@quick.example.net", "NEVER")):
            assert client.rcpt(rcpt, [f"NOTIFY={notify}"])[0] == 250
        code, text = client.data(b"From: app@example.com\r\nSubject: x\r\n\r\nHello.\r\n")
        assert code == 250
    assert asked.wait(10)
    relayed = [("a@good.example.net", "relayed"), ("a@other.example.net", "relayed")]
    # who is still tried wants to hear of a failure alone: a success does not wait for that
    assert sorted(sum(wait_told(home, 2), [])) == relayed
    go.set()
    reports = wait_told(home, 4)
    assert sorted(sum(reports, [])) == relayed + [("a@quick.example.net", "failed"), ("a@slow.example.net", "failed")]
    assert all(len({action for _, action in report}) == 1 for report in reports), reports
    assert all(b"Original-Envelope-Id: abc" in x["data"] for x in home.messages)
    by = reported(relay, text.decode().split("queued as ")[1].split()[0])
    assert set(by) == {f"a@{x}.example.net" for x in ("good", "other", "quick", "slow")}, by
    assert not {by["a@good.example.net"], by["a@other.example.net"]} & {by["a@quick.example.net"], by["a@slow.example.net"]}, by
    assert relay.stop() == 0


def test_a_doubt_that_ended_meanwhile(folder):
    """It is in no report, and its trail names none."""
    say, go, asked = hanging("")
    lost = Sink(says={"DOT": ""})
    home, relay = world(folder, {"one.example.net": lost, "two.example.net": lost, "slow.example.net": Sink(says={"DOT": say})},
                        way=" hold-in-doubt = yes")
    rcpts = [f"a@{x}.example.net" for x in ("one", "two", "slow")]
    message = relay.submit(sender=SENDER, rcpts=rcpts)
    assert asked.wait(10)

    def doubts():
        return [x["recipient"] for x in relay.json("trace", message)["trail"] if x["state"] == "in-doubt"]
    wait_until(lambda: len(doubts()) == 2, why=doubts)
    first, second = doubts()
    relay.run("queue", "cancel", second, check=0)
    time.sleep(1.1)  # the second in which it ended
    assert not home.messages
    go.set()
    reports = wait_told(home, 2)
    assert len(reports) == 1 and once(reports) == {first, rcpts[2]}, reports
    assert set(reported(relay, message)) == {first, rcpts[2]}
    assert relay.stop() == 0


def two_failed_one_tried(folder):
    """Three recipients: the failures of two are on disk and wait for the third, whose server has not answered yet."""
    say, go, asked = hanging("550 5.1.1 No such user")
    slow = Sink(says={"RCPT": say})
    home, relay = world(folder, {"quick.example.net": Sink(says={"RCPT": "550 5.1.1 No such user"}), "slow.example.net": slow})
    relay.submit(sender=SENDER, rcpts=["a@quick.example.net", "b@quick.example.net", "a@slow.example.net"])
    assert asked.wait(10)
    time.sleep(0.7)
    return home, relay, slow, go


def test_told_at_the_end(folder):
    """A relay that ends, as one that is told to, keeps nobody waiting for the rest."""
    home, relay, slow, go = two_failed_one_tried(folder)
    assert not home.messages
    assert relay.stop(60) == 0 and not (folder / "data" / "alive").exists()
    slow.says["RCPT"] = "550 5.1.1 No such user"
    go.set()
    relay.start()
    reports = wait_told(home, 3)
    assert once(reports) == {"a@quick.example.net", "b@quick.example.net", "a@slow.example.net"} and len(reports) == 2
    assert relay.stop() == 0


def test_killed_between_failure_and_report(folder):
    home, relay, slow, go = two_failed_one_tried(folder)
    for _ in range(3):
        assert not home.messages
        relay.kill()
        relay.start()
        time.sleep(0.7)
    relay.kill()
    slow.says["RCPT"] = "550 5.1.1 No such user"
    go.set()
    relay.start()
    reports = wait_told(home, 3)
    assert once(reports) == {"a@quick.example.net", "b@quick.example.net", "a@slow.example.net"}, reports
    relay.kill()
    relay.start()
    time.sleep(1.5)
    assert once(told(home)) and len(told(home)) == len(reports), told(home)
    assert relay.stop() == 0 and not (folder / "data" / "alive").exists()


def untold(relay, message):
    """Of how many its trail says that its sender is still to hear of the success."""
    words = " ".join(relay.run("trace", message, check=0).stdout.split())
    return words.count("its sender is to be told of this: no report of it was found")


def test_killed_between_success_and_report(folder):
    """A mail handed over is told of after any number of kills, once; not where the next server took that over."""
    say, go, asked = hanging("250 2.1.5 Ok")
    slow = Sink(says={"RCPT": say})
    tells = Sink(extensions=["PIPELINING", "DSN"])
    home, relay = world(folder, {"good.example.net": Sink(), "tells.example.net": tells, "slow.example.net": slow})
    rcpts = [f"{x}.example.net" for x in ("a@good", "b@good", "a@tells", "a@slow")]
    message = relay.submit(sender=SENDER, rcpts=rcpts, rcpt_options=["NOTIFY=SUCCESS"])
    assert asked.wait(10) and tells.wait(1)
    time.sleep(0.7)  # these are on disk, and wait
    assert untold(relay, message) == 2
    for _ in range(3):
        assert not home.messages
        relay.kill()
        relay.start()
        time.sleep(0.7)
    relay.kill()
    slow.says["RCPT"] = "250 2.1.5 Ok"
    go.set()
    relay.start()
    reports = wait_told(home, 3)
    told_of = {"a@good.example.net", "b@good.example.net", "a@slow.example.net"}
    assert once(reports) == told_of and {action for report in reports for _, action in report} == {"relayed"}, reports
    assert set(reported(relay, message)) == told_of and untold(relay, message) == 0
    relay.kill()
    relay.start()
    time.sleep(1.5)
    assert once(told(home)) == told_of and len(told(home)) == len(reports), told(home)
    assert relay.stop() == 0 and not (folder / "data" / "alive").exists()


def test_a_success_for_a_sender_of_our_own(folder):
    """His domain takes reports for the trail: he is told nothing, and the trail does not say that he waits for it."""
    good = Sink()
    home, relay = world(folder, {"good.example.net": good}, settings='local-domains = { "bounces.example.com" }\n')
    message = relay.submit(sender="app@bounces.example.com", rcpts=["a@good.example.net"], rcpt_options=["NOTIFY=SUCCESS"])
    assert good.wait(1)
    relay.trail(message, {"handed-over"})
    assert untold(relay, message) == 0
    assert relay.stop() == 0 and not home.messages


def test_the_clock_is_put_back_while_a_success_waits(folder):
    """By a day, and killed: what was handed over by either clock is told once."""
    env, jump = preload(folder)
    say, go, asked = hanging("250 2.1.5 Ok")
    slow = Sink(says={"RCPT": say})
    jump(DAY)
    home, relay = world(folder, {"good.example.net": Sink(), "slow.example.net": slow}, env=env)
    relay.submit(sender=SENDER, rcpts=["a@good.example.net", "a@slow.example.net"], rcpt_options=["NOTIFY=SUCCESS"])
    assert asked.wait(10)
    time.sleep(0.7)
    jump(0)
    assert not home.messages
    relay.kill()
    slow.says["RCPT"] = "250 2.1.5 Ok"
    go.set()
    relay.start()
    both = {"a@good.example.net", "a@slow.example.net"}
    made = len(wait_told(home, 2))
    for _ in range(2):
        assert once(told(home)) == both and len(told(home)) == made, told(home)
        relay.kill()
        relay.start()
        time.sleep(1)
    assert once(told(home)) == both and relay.stop() == 0


def test_a_reload_while_a_success_waits(folder):
    """It is neither told at once nor forgotten, and bears the name that the relay has now."""
    say, go, asked = hanging("250 2.1.5 Ok")
    home, relay = world(folder, {"good.example.net": Sink(), "slow.example.net": Sink(says={"RCPT": say})})
    relay.submit(sender=SENDER, rcpts=["a@good.example.net", "a@slow.example.net"], rcpt_options=["NOTIFY=SUCCESS"])
    assert asked.wait(10)
    time.sleep(0.7)
    config = relay.conf.read_text()
    relay.conf.write_text(config.replace("relay.test", "renamed.test"))
    relay.signal(signal.SIGHUP)
    time.sleep(1.5)
    assert not home.messages
    go.set()
    reports = wait_told(home, 2)
    assert len(reports) == 1 and once(reports) == {"a@good.example.net", "a@slow.example.net"}
    assert b"Reporting-MTA: dns; renamed.test" in home.messages[0]["data"]
    assert relay.stop() == 0


def test_killed_again_and_again(folder):
    """Of 300 that fail in 30 sessions with kills in between, each is told of, and no report is made twice."""
    there = Sink(says={"RCPT": "550 5.1.1 No such user"}, delay=0.02)
    home, relay = world(folder, {f"d{i}.example.net": there for i in range(30)})
    rcpts = [f"no{i}@d{i % 30}.example.net" for i in range(300)]
    relay.submit(sender=SENDER, rcpts=rcpts)
    for pause in (0.15, 0.3, 0.1, 0.5, 0.2, 0.7):
        time.sleep(pause)
        relay.kill()
        relay.start()
    end = time.monotonic() + 80
    while {a for r in told(home) for a, _ in r} != set(rcpts):
        assert time.monotonic() < end, [len(x) for x in told(home)]
        time.sleep(0.1)
    time.sleep(1)
    names = [email.message_from_bytes(m["data"])["Message-ID"] for m in home.messages]
    made = {name: report for name, report in zip(names, told(home))}  # on the wire when it was killed: the same one again
    assert once(made.values()) == set(rcpts)
    assert len(made) <= 12, [len(x) for x in made.values()]
    assert relay.stop() == 0
