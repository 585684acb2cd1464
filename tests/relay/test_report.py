# SPDX-License-Identifier: Apache-2.0
"""Cases packed for somebody else: of a mail, of a period, of a check's evidence; and what they give away."""
import re

from door import wait_until
from relay import Relay
from sink import Sink

UNKNOWN = "550 5.1.1 <x>: Recipient address rejected: User unknown in virtual mailbox table"
GREY = "450 4.2.0 <x>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/"
MAIL = ("From: Clara Clerk <clara.clerk@example.com>\r\nTo: x@example.net\r\nMessage-ID: <m1@example.com>\r\n"
        "Subject: Salary of Ms Smith\r\n\r\nSecret text of the mail.\r\n")


def made(folder):
    sink = Sink(says={"RCPT no@example.net": UNKNOWN, "RCPT grey@example.net": GREY})
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
    ours = relay.submit(MAIL, sender="clara.clerk@example.com",
                        rcpts=("anna@example.net", "no@example.net", "grey@example.net"))
    wait_until(lambda: all(word in relay.run("trace", ours, "--json", check=0).stdout
                           for word in ('"handed-over"', '"refused"', '"delayed"')))
    return sink, relay, ours


def answer_to(report, question):
    row = re.search(rf"^\| {re.escape(question)} \| (.*?) \| (.*) \|$", report, re.M)
    assert row, (question, report)
    return row.group(1).strip("*"), row.group(2).replace("\\", "")


def test_report_of_a_mail(folder):
    sink, relay, ours = made(folder)
    wait_until(lambda: "## Dialogue" in relay.run("report", "no@example.net").stdout)
    said = relay.run("report", "no@example.net", check=0).stdout
    assert "**REFUSED**" in said and "rcpt-user-unknown" not in said.split("## Facts")[0], said
    assert answer_to(said, "Is the recipient accepted?") == ("proved: at fault", UNKNOWN)
    assert answer_to(said, "May this sender send?")[0] == "proved: in order"
    assert answer_to(said, "Is the message taken?")[0] == "open"
    assert answer_to(said, "Has a delivery report come back?")[0] == "not applicable"
    assert "Message-ID: <m1@example.com>" in said and f"Its answer: {UNKNOWN}" in said, said
    assert "Question: why was this answered" in said and "## Ready to send" in said, said
    talk = said.split("## Dialogue")[1]  # from the relay's log, this mail alone
    assert f"< {UNKNOWN}" in talk and "> RCPT TO:<no@example.net>" in talk and "MAIL FROM:<>" not in talk, talk
    # of several the one that failed is told, and another where it is asked for
    assert "a mail to no\\@example.net" in relay.run("report", ours, check=0).stdout
    said = relay.run("report", ours, "--recipient", "anna@example.net", check=0).stdout
    assert "**HANDED OVER**" in said and "which is not delivered" in said, said
    assert answer_to(said, "Has the next server taken it, and under which id?") == ("proved: in order", "127.0.0.1, as SINK1")
    assert answer_to(said, "What does that server's own trace say of it?")[0] == "open"
    assert answer_to(said, "Is it in the recipient's spam folder or quarantine?")[0] == "open"
    assert "Your server's id of it: SINK1" in said and "what became of it after your server took it" in said, said
    relay.run("report", "nobody@example.net", check=1)
    relay.run("report", "no@example.ne", check=1)  # the beginning of another's address is nobody's mail
    assert relay.stop() == 0


def test_report_gives_away_no_more_than_it_says(folder):
    sink, relay, ours = made(folder)
    plain = relay.run("report", "no@example.net", check=0).stdout
    assert "Secret text" not in plain and "Salary" not in plain and "Clara Clerk" not in plain, plain
    assert "Salary of Ms Smith" in relay.run("report", "no@example.net", "--with-subject", check=0).stdout
    preview = relay.run("report", "no@example.net", "--preview", check=0).stdout
    assert re.search(r"Addresses .*clara\.clerk@example\.com", preview) and re.search(r"Subject +no", preview), preview
    masked = relay.run("report", ours, "--mask", check=0).stdout
    for word in ("clara", "anna", "no@", "no\\@", "grey", "127.0.0.1"):
        assert word not in masked.replace("Greylisted", "").replace("postgrey", ""), (word, masked)
    assert "person-1" in masked and "[internal address]" in masked.replace("\\", ""), masked
    preview = relay.run("report", ours, "--mask", "--preview", check=0).stdout
    assert "clara" not in preview and re.search(r"person-\d@example\.com", preview), preview
    assert "m1@example.com" in preview and "case.json" not in preview, preview  # a Message-ID finds the mail elsewhere
    page = folder / "case.html"
    relay.run("report", ours, "--output", str(page), check=0)
    text = page.read_text()
    assert text.lower().startswith("<!doctype html>") and "proved: at fault" in text and "<script" not in text, text
    assert relay.stop() == 0


def test_report_of_a_period(folder):
    sink, relay, ours = made(folder)
    said = relay.run("report", "--since", "1h", check=0).stdout
    assert "2 recipients did not get their mail, or not yet, for 2 causes" in said, said
    assert "1 refused: " in said and "1 delayed: " in said and UNKNOWN in said, said
    assert "**NONE FAILED**" in relay.run("report", "--since", "2020-01-01", "--until", "2020-01-02", check=0).stdout
    relay.run("report", "--since", "1h", ours, check=2)
    relay.run("report", check=2)
    relay.run("report", "--since", "tomorrowish", check=2)
    relay.run("report", ours, "--format", "pdf", check=2)
    assert relay.stop() == 0


def test_a_report_in_a_report(folder):
    """It has no sender, and no server may have said anything: no empty places in the words."""
    relay = Relay(folder, 'route "out" { via = "mx" }\nresolver = "127.0.0.1:1"\n')
    ours = relay.submit(sender="", rcpts=("b@example.net",))
    wait_until(lambda: '"delayed"' in relay.run("trace", ours, "--json", check=0).stdout)
    said = relay.run("report", "--since", "1h", check=0).stdout.replace("\\", "")
    example = re.search(r"For example: (.*?Z)\.", said)
    assert example and example.group(1).startswith("a report (without a sender) to b@example.net at 2"), said
    assert relay.stop() == 0
