# SPDX-License-Identifier: Apache-2.0
"""Reports to the sender: what the running relay writes is read by Python's parser and by our own reader."""
import email
import email.policy
import json
import smtplib
import subprocess
import threading
import time

from door import wait_until
from relay import PROGRAM, Relay
from sink import Sink

SENDER = "app@example.com"


def world(folder, says=None, extensions=("PIPELINING", "8BITMIME"), more="", settings=""):
    """A relay with a next server for the recipients, and one (the sender's) that gets the reports."""
    there = Sink(says=says, extensions=list(extensions))
    home = Sink(extensions=["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN"])
    relay = Relay(folder, f'{settings}route "home" {{ recipients = {{ "*@example.com", "*@bücher.example" }} '
                          f'smarthost = "127.0.0.1:{home.port}" security = "none" }}\n'
                          f'route "out" {{ recipients = {{ "*" }} smarthost = "127.0.0.1:{there.port}" security = "none" }}\n{more}')
    return relay, there, home


def report(home, n=1):
    assert home.wait(n), "no report came"
    message = home.messages[n - 1]
    mail = email.message_from_bytes(message["data"], policy=email.policy.SMTPUTF8)
    assert message["sender"] == "" and not mail.defects
    assert mail.get_content_type() == "multipart/report" and mail["Auto-Submitted"] == "auto-replied"
    return message, mail


def groups(mail):
    """The fields of the second part: of the message, then of each recipient."""
    part = mail.get_payload(1)
    assert part.get_content_type() == "message/delivery-status"
    return part.get_payload()


def explain(folder, message):
    """Our own reader."""
    path = folder / "report.eml"
    path.write_bytes(message["data"])
    done = subprocess.run([PROGRAM, "explain", "--json", path], capture_output=True, text=True, timeout=20)
    return json.loads(done.stdout)


def none_more(home, n, seconds=1.0):
    time.sleep(seconds)
    assert len(home.messages) == n, [m["data"] for m in home.messages[n:]]


def test_refusal(folder):
    relay, there, home = world(folder, {"RCPT no@example.net": "550 5.1.1 <no@example.net>: No such user here"})
    relay.submit(sender=SENDER, rcpts=("no@example.net", "yes@example.net"))
    message, mail = report(home)
    assert message["rcpts"] == [SENDER] and mail["To"] == SENDER
    assert mail["Subject"] == "Not delivered: invoice 17"
    top, one = groups(mail)
    assert top["Reporting-MTA"] == "dns; relay.test" and top["Arrival-Date"]
    assert one["Final-Recipient"] == "rfc822; no@example.net" and one["Action"] == "failed" and one["Status"] == "5.1.1"
    assert one["Diagnostic-Code"].startswith("smtp; 550 5.1.1") and one["Last-Attempt-Date"]
    words = mail.get_payload(0).get_content()
    assert "no@example.net" in words and "yes@example.net" not in words and "What to do" in words, words
    returned = mail.get_payload(2)
    assert returned.get_content_type() == "text/rfc822-headers" and "invoice 17" in returned.get_content()
    assert "Hello." not in message["data"].decode()
    read = explain(folder, message)
    assert read["bounce"] and read["class"] == "mailbox-unknown"
    assert [(r["address"], r["action"], r["status"]) for r in read["recipients"]] == [("no@example.net", "failed", "5.1.1")]
    none_more(home, 1, 0.5)
    assert relay.stop() == 0


def test_wishes(folder):
    """NOTIFY, ORCPT, RET and ENVID (RFC 3461)."""
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 No such user"})
    relay.submit(sender=SENDER, rcpts=("quiet@example.net",), rcpt_options=("NOTIFY=NEVER",))
    relay.submit(sender=SENDER, rcpts=("quiet@example.net",), rcpt_options=("NOTIFY=SUCCESS,DELAY",))
    relay.submit(sender="", rcpts=("quiet@example.net",))
    relay.submit(sender=SENDER, rcpts=("loud@example.net",), options=("RET=FULL", "ENVID=QQ+2B314159"),
                 rcpt_options=("NOTIFY=FAILURE", "ORCPT=rfc822;first+2Bname@example.net"))
    message, mail = report(home)
    top, one = groups(mail)
    assert top["Original-Envelope-Id"] == "QQ+314159"
    assert one["Final-Recipient"] == "rfc822; loud@example.net"
    assert one["Original-Recipient"] == "rfc822; first+name@example.net"
    whole = mail.get_payload(2)
    assert whole.get_content_type() == "message/rfc822" and whole.get_payload(0)["Subject"] == "invoice 17"
    assert whole.get_payload(0).get_payload().strip() == "Hello.", message["data"].decode()
    none_more(home, 1)


def test_success(folder):
    relay, there, home = world(folder)
    relay.submit(sender=SENDER, rcpts=("one@example.net",), rcpt_options=("NOTIFY=SUCCESS",))
    message, mail = report(home)
    one = groups(mail)[1]
    assert one["Action"] == "relayed" and one["Status"].startswith("2.") and "SINK" in one["Diagnostic-Code"]
    assert "no proof that it arrived" in " ".join(mail.get_payload(0).get_content().split())
    relay.submit(sender=SENDER, rcpts=("one@example.net",))
    assert there.wait(2)
    none_more(home, 1, 0.5)


def test_success_is_the_next_servers_where_it_can(folder):
    relay, there, home = world(folder, extensions=("PIPELINING", "DSN"))
    relay.submit(sender=SENDER, rcpts=("one@example.net",), options=("ENVID=abc",), rcpt_options=("NOTIFY=SUCCESS,FAILURE",))
    assert there.wait(1)
    assert any("NOTIFY=SUCCESS,FAILURE" in x for x in there.lines) and any("ENVID=abc" in x for x in there.lines)
    none_more(home, 0, 0.7)


def test_when_a_delay_is_told(folder):
    """retry { delay-warning }: once, after that time and two tries; by a reload never."""
    retry = 'retry {{ first = "1s" most = "1s" delay-warning = "{}" }}\n'
    relay, there, home = world(folder, {"RCPT": "451 4.7.1 Greylisted"}, more=retry.format("2s"))
    told = relay.submit(sender=SENDER, rcpts=("one@example.net",))
    message, mail = report(home)
    assert groups(mail)[1]["Action"] == "delayed" and message["rcpts"] == [SENDER]
    wait_until(lambda: sum(x["state"] == "delayed" for x in relay.json("trace", told)["trail"]) > 4)
    assert relay.run("trace", told).stdout.count("its sender is told: report") == 1
    relay.conf.write_text(relay.conf.read_text().replace('"2s"', '"never"'))
    relay.signal(1)
    wait_until(lambda: "read again" in relay.said())
    relay.submit(sender=SENDER, rcpts=("two@example.net",))
    none_more(home, 1, 4)
    assert relay.run("trace", told).stdout.count("its sender is told: report") == 1  # by what was so then
    assert relay.stop() == 0


def test_a_report_is_never_reported(folder):
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 No such user"})
    home.says["RCPT"] = "550 5.1.1 nor here"
    relay.submit(sender=SENDER, rcpts=("no@example.net",))
    end = time.monotonic() + 5
    while not any(x.startswith("RCPT") for x in home.lines) and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.7)
    assert sum(x.startswith("RCPT") for x in home.lines) == 1 and not any(m["rcpts"] for m in home.messages), home.lines


def test_expired(folder):
    relay, there, home = world(folder, {"RCPT": "451 4.3.0 not yet"}, settings='retry { first = "1s" factor = 1 most = "1s" expire = "3s" }\n')
    relay.submit(sender=SENDER, rcpts=("full@example.net",))
    message, mail = report(home)
    one = groups(mail)[1]
    assert one["Action"] == "failed" and one["Status"] == "4.3.0"
    said = " ".join(mail.get_payload(0).get_content().split())
    assert "again and again for 1 minute, and is given up" in said and "send it again once the cause is gone" in said, said
    assert "the queue tries again by itself" not in said, said
    assert explain(folder, message)["recipients"][0]["action"] == "failed"
    none_more(home, 1, 0.5)


def test_the_relays_own_login(folder):
    """Who sent it has no password there: who runs the relay acts, in the report and in the trail."""
    password = folder / "wrong.pw"
    password.write_text("wrong\n")
    there = Sink(says={"AUTH": "535 5.7.8 Error: authentication failed"}, extensions=["PIPELINING", "AUTH PLAIN"])
    home = Sink(extensions=["PIPELINING", "8BITMIME"])
    relay = Relay(folder, 'retry { first = "1s" factor = 1 most = "1s" expire = "3s" }\n'
                          f'route "home" {{ recipients = {{ "*@example.com" }} smarthost = "{home.where}" security = "none" }}\n'
                          f'route "hoster" {{ smarthost = "{there.where}" security = "none" user = "web1" password-file = "{password}" }}\n')
    ours = relay.submit(sender=SENDER, rcpts=("b@example.net",))

    def told(say):
        assert "webmail with exactly" not in say and "Nobody: wait" not in say, say
        assert 'route "hoster" of the relay to 127.0.0.1' in say and "password-file" in say, say
        assert "postrider queue retry --destination hoster --yes" in say, say
        mine, theirs = say.split("You ", 1)[1], say.split("Your IT provider", 1)[1]
        assert "nothing that you can set right" in mine and 'route "hoster"' in theirs, say

    relay.trail(ours, ["delayed"])
    why = [x["meaning"] for x in relay.json("trace", ours)["trail"] if "meaning" in x][0]
    assert why["actor"] == "it-provider" and why["fixes"][0]["command"] == "postrider queue retry --destination hoster --yes", why
    assert [x["actor"] for x in why["fixes"]].count("user") == 1 and "Do not send it again" in why["fixes"][-1]["text"], why
    wait_until(lambda: relay.run("queue", "retry", "--destination", "hoster", "--yes") and home.messages, 20)
    _, mail = report(home)
    said = " ".join(mail.get_payload(0).get_content().split())
    told(said)
    assert "send it again once that is mended" in said, said
    told(" ".join(relay.run("trace", ours).stdout.split()))
    assert relay.stop() == 0


def test_many_recipients_one_report(folder):
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 No such user"})
    relay.submit(sender=SENDER, rcpts=[f"no{i}@example.net" for i in range(80)])
    message, mail = report(home)
    assert len(groups(mail)) == 81
    assert "and 30 more" in " ".join(mail.get_payload(0).get_content().split())
    assert len(explain(folder, message)["recipients"]) == 80
    none_more(home, 1, 0.5)


def test_more_than_an_hour_holds(folder):
    """An address gets 60 reports an hour: the others wait for the next, and say so."""
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 No such user"})
    for i in range(63):
        relay.submit(sender=SENDER, rcpts=(f"no{i}@example.net",))
    assert home.wait(60, 20)
    none_more(home, 60, 1.5)
    told = [" ".join(relay.run("trace", f"no{i}@example.net").stdout.split()) for i in range(63)]
    assert sum("its sender is told: report queued as" in x for x in told) == 60, told[-1]
    assert sum("its sender is told later: report queued as" in x for x in told) == 3, told[-1]
    report_id = next(x for x in told if "told later" in x).split("report queued as ")[1].split(",")[0]
    why = relay.run("queue", "why", report_id).stdout
    assert f"60 reports went to {SENDER} within an hour" in " ".join(why.split()) and "goes on by itself" in why, why
    held = [x for x in relay.json("trace", report_id)["trail"] if x["state"] == "held"]
    assert held and all(f"60 reports went to {SENDER}" in x.get("why", "") for x in held), held
    assert relay.run("queue", "release", report_id).returncode == 0 and home.wait(61, 5)
    assert relay.stop() == 0


def test_international(folder):
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 kein Postfach für jürgen"}, extensions=("PIPELINING", "8BITMIME", "SMTPUTF8"))
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.ehlo("client.test")
        client.command_encoding = "utf-8"
        assert client.docmd("MAIL", "FROM:<büro@bücher.example> SMTPUTF8")[0] == 250
        assert client.docmd("RCPT", "TO:<jürgen@example.net>")[0] == 250
        code, text = client.data("From: büro@bücher.example\r\nTo: jürgen@example.net\r\nSubject: Rechnung für November\r\n\r\n"
                                 "hallo\r\n".encode())
        assert code == 250, text
    assert home.wait(1)
    message = home.messages[0]
    assert message["rcpts"] == ["büro@bücher.example"] and any(x.startswith("MAIL") and "SMTPUTF8" in x for x in home.lines)
    mail = email.message_from_bytes(message["data"], policy=email.policy.SMTPUTF8)
    assert mail["Subject"] == "Not delivered: Rechnung für November"
    assert mail.get_payload(1).get_content_type() == "message/global-delivery-status"
    read = explain(folder, message)
    assert read["recipients"][0]["address"] == "jürgen@example.net" and read["recipients"][0]["status"] == "5.1.1"


def test_international_to_ascii(folder):
    """The sender in ASCII hears of a mail that was refused for its UTF-8, by servers that know none."""
    relay, there, home = world(folder, {}, extensions=("PIPELINING",))
    home.extensions.remove("SMTPUTF8")
    home.extensions.remove("8BITMIME")
    relay.submit("From: app@example.com\r\nSubject: ü\r\n\r\nhallo\r\n", sender=SENDER, rcpts=["a@example.net"],
                 options=["SMTPUTF8"])
    message, mail = report(home)
    assert message["data"].isascii() and not any("SMTPUTF8" in x for x in home.lines)
    assert mail["Subject"] == "Not delivered: ü"
    assert mail.get_payload(1).get_content_type() == "message/delivery-status"
    assert explain(folder, message)["recipients"][0]["address"] == "a@example.net"


def by_id(home):
    """Message-ID -> that report, as often as it came."""
    found = {}
    for n in range(len(home.messages)):
        mail = report(home, n + 1)[1]
        found.setdefault(mail["Message-ID"], []).append(mail)
    return found


def was_in_doubt(relay, name):
    document = json.loads(relay.run("trace", name.strip("<>"), "--json", check=0).stdout.splitlines()[0])
    return any(event["state"] == "in-doubt" for event in document["trail"])


def test_kill_and_start_again(folder):
    """What there is to report is written once, whatever the end was; only what was on the wire goes out twice."""
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 No such user"})
    alive = folder / "data" / "alive"
    for i in range(4):
        relay.submit(sender=SENDER, rcpts=(f"no{i}@example.net",))
    assert home.wait(4) and alive.exists()
    alive.write_text(f"{int(time.time() * 1000) - 60000}\n")
    for i in range(4, 12):
        relay.submit(sender=SENDER, rcpts=(f"no{i}@example.net",))
    relay.kill()
    relay.start()
    end = time.monotonic() + 20
    while len(by_id(home)) < 12:
        assert time.monotonic() < end, len(by_id(home))
        time.sleep(0.05)
    time.sleep(0.7)
    reports = by_id(home)
    told = sorted(groups(mails[0])[1]["Final-Recipient"] for mails in reports.values())
    assert told == sorted(f"rfc822; no{i}@example.net" for i in range(12))
    for name, mails in reports.items():
        assert len(mails) == 1 or was_in_doubt(relay, name), f"{name} came {len(mails)} times"
    assert relay.stop() == 0 and not alive.exists()


def test_killed_before_the_answer(folder):
    """A report that went out whole and was not answered goes again, as the same mail: rather twice than never."""
    relay, there, home = world(folder, {"RCPT": "550 5.1.1 No such user"})
    here = threading.Event()

    def slow(line):
        if not here.is_set():
            here.set()
            time.sleep(0.5)
        return "250 2.0.0 Ok"

    home.says["DOT"] = slow
    relay.submit(sender=SENDER, rcpts=("no@example.net",))
    assert here.wait(10)
    relay.kill()
    relay.start()
    assert home.wait(2), len(home.messages)
    none_more(home, 2, 0.5)
    reports = by_id(home)
    assert len(reports) == 1 and was_in_doubt(relay, *reports)
    assert relay.stop() == 0
