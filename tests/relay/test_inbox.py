# SPDX-License-Identifier: Apache-2.0
"""Delivery reports to local-domains: they change the trail of the mail they are about, and nothing else."""
import time

import milter
from door import Raw, wait_until
from relay import Relay
from sink import Sink

REPORT = """From: MAILER-DAEMON@mx.far.example
To: v1@bounces.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It did not work.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.far.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Remote-MTA: dns; mailbox.far.example
Diagnostic-Code: smtp; {reply}

--x
Content-Type: text/rfc822-headers

From: app@example.com
Message-ID: {message_id}
Subject: invoice

--x--
"""


def world(folder, more=""):
    sink = Sink()
    r = Relay(folder, f'route "out" {{ recipients = {{ "*" }}  smarthost = "{sink.where}"  security = "none" }}\n'
              'local-domains = { "bounces.example.com" }\n' + more)
    message = r.submit(f"From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       sender="v1@bounces.example.com", rcpts=("b@far.example", "c@far.example"))
    assert sink.wait(1)
    wait_until(lambda: states(r, message) == {"b@far.example": "handed-over", "c@far.example": "handed-over"})
    return r, sink, message


def states(relay, message):
    """The last state of each recipient, by the log."""
    return {x["recipient"]: x.get("state") for x in relay.log_lines("queue.log") if x.get("id") == message}


def report(relay, action, status, reply, to="b@far.example", message_id="<m1@example.com>", sender="", text=REPORT,
           rcpt="v1@bounces.example.com"):
    body = text.format(action=action, status=status, reply=reply, to=to, message_id=message_id)
    with Raw(relay.port, source="127.0.0.99") as c:
        c.hello("mx.far.example")
        c.envelope(sender, rcpt)
        assert c.say("DATA")[0] == 354
        return c.say(body.replace("\n", "\r\n").encode() + b".\r\n")


def read(relay, n):
    """n reports were read to their end: known, or kept since they are not."""
    wait_until(lambda: sum(x["recipient"].endswith("@bounces.example.com") and "why" in x and not x.get("note")
                           and x["why"].startswith(("read here", "kept, not matched", "not matched"))
                           for x in relay.log_lines("queue.log")) == n)


class Suspicious(milter.Milter):
    """Quarantines reports."""

    def __init__(self):
        super().__init__()
        self.says = self

    def get(self, letter, usual):
        sender = [x for told, x in self.told if told == "M"][-1:]
        return [b"qlooks odd\0", b"c"] if letter == "E" and sender == [b"<>\0"] else usual


def test_what_a_filter_holds_is_not_read(folder):
    """Neither at once nor by the next start."""
    r, _, message = world(folder, f'filter "test" {{ milter = "{Suspicious().where}" }}\n')
    before = states(r, message)
    assert report(r, "failed", "5.1.1", "550 5.1.1 no such user")[0] == 250
    wait_until(lambda: "looks odd" in str(r.log_lines("queue.log")))
    r.stop()
    r.start()
    time.sleep(2)
    assert states(r, message) == before, states(r, message)
    assert "looks odd" in r.run("bounces").stdout, r.run("bounces").stdout


def test_bounced_and_confirmed(folder):
    r, sink, message = world(folder)
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown")[0] == 250
    read(r, 1)
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "handed-over"}
    last = [x for x in r.log_lines("queue.log") if x.get("state") == "bounced"][0]
    assert last["finding"].startswith("rcpt") and last["code"] == 550 and "User unknown" in last["reply"], last
    assert report(r, "delivered", "2.0.0", "250 delivered", to="c@far.example")[0] == 250
    read(r, 2)
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "confirmed"}
    assert len(sink.messages) == 1
    assert r.stop() == 0


def test_what_changes_nothing(folder):
    r, sink, message = world(folder)
    before = states(r, message)
    cases = [dict(action="failed", status="5.1.1", reply="550 no", to="other@far.example"),
             dict(action="failed", status="5.1.1", reply="550 no", message_id="<guessed@example.com>"),
             dict(action="failed", status="5.1.1", reply="550 no", message_id="", text=REPORT.replace("invoice", "order"))]
    for case in cases:
        assert report(r, **case)[0] == 250, case
    read(r, len(cases))
    assert states(r, message) == before
    assert r.stop() == 0


def test_guessed(folder):
    """Address and subject can be guessed: a report without more is a word on the trail, and the mail stays handed over."""
    r, sink, message = world(folder)
    before = states(r, message)
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown", text=REPORT.replace("Message-ID: {message_id}\n", ""))[0] == 250
    read(r, 1)
    assert states(r, message) == before, states(r, message)
    notes = [e["why"] for e in r.json("trace", message)["trail"] if "nothing in it proves" in e.get("why", "")]
    assert len(notes) == 1 and "User unknown" in notes[0] and "address, subject and time" in notes[0], notes
    assert r.run("suppression", "list", "--quiet").stdout == ""
    assert r.stop() == 0


def test_other_mail_is_refused(folder):
    r, sink, _ = world(folder)
    code, text = report(r, "", "", "", sender="spam@evil.example", text="From: spam@evil.example\nSubject: buy\n\nnow\n")
    assert code == 550 and "delivery reports" in text, (code, text)
    assert r.stop() == 0


def signed_world(folder, more=""):
    """Return paths of our own, and a sender who is not ours: he hears of what comes back."""
    sink = Sink()
    r = Relay(folder, f'route "out" {{ recipients = {{ "*" }}  smarthost = "{sink.where}"  security = "none"\n'
              f'  return-path = "bounces.example.com" }}\nlocal-domains = {{ "bounces.example.com" }}\n{more}')
    message = r.submit("From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       rcpts=("b@far.example", "c@far.example"))
    assert sink.wait(2)
    wait_until(lambda: states(r, message) == {"b@far.example": "handed-over", "c@far.example": "handed-over"})
    return r, sink, message, {m["rcpts"][0]: m["sender"] for m in sink.messages}


def test_a_report_needs_no_from(folder):
    """Of the server that takes our mail, which may relay: Haraka's report without a template has neither From nor Subject."""
    r, _, message = world(folder)
    text = REPORT.replace("From: MAILER-DAEMON@mx.far.example\nTo: v1@bounces.example.com\nSubject: Undelivered Mail Returned to Sender\n", "")
    assert text.startswith("MIME-Version") and report(r, "failed", "5.1.1", "550 5.1.1 User unknown", text=text)[0] == 250
    wait_until(lambda: states(r, message) == {"b@far.example": "bounced", "c@far.example": "handed-over"})
    assert r.stop() == 0


def test_signed_return_path(folder):
    r, sink, message, paths = signed_world(folder)
    assert all(len(m["rcpts"]) == 1 for m in sink.messages) and len(set(paths.values())) == 2, paths
    assert all(p.endswith("@bounces.example.com") and len(p.split("@")[0]) <= 64 for p in paths.values())
    path = paths["b@far.example"]
    forged = path.replace(path[30], "7" if path[30] != "7" else "8", 1)
    with Raw(r.port, source="127.0.0.99") as c:
        c.hello("mx.far.example")
        assert c.say("MAIL FROM:<>")[0] == 250
        code, text = c.say(f"RCPT TO:<{forged}>")
        assert code == 550 and "5.1.1" in text, (code, text)
    # Its address names nobody we know, its Message-ID neither: the return path says all.
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown", to="x@inner.example", message_id="<new@y>",
                  rcpt=path.split("@")[0].upper() + "@bounces.example.com")[0] == 250
    read(r, 1)
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "handed-over"}
    mark = [x for x in r.log_lines("queue.log") if x.get("state") == "bounced"][0]
    assert "signed return path" in mark["why"] and "x@inner.example" in mark["why"], mark
    # The sender is told: the report came to nobody else.
    assert sink.wait(3)
    told = sink.messages[2]
    assert told["sender"] == "" and told["rcpts"] == ["app@example.com"] and b"User unknown" in told["data"], told
    wait_until(lambda: [e for e in r.json("trace", message)["trail"] if e["state"] == "bounced" and "report" in e],
               why="its trail names no report")
    assert r.stop() == 0


def test_what_is_told_and_changes_nothing(folder):
    r, sink, message = world(folder)
    assert report(r, "delayed", "4.4.1", "451 later")[0] == 250
    read(r, 1)
    assert states(r, message)["b@far.example"] == "handed-over"
    wait_until(lambda: "delayed there" in r.run("trace", message).stdout)
    trail = r.json("trace", message)
    events = [e for e in trail["trail"] if "delayed there" in e.get("why", "")]
    assert len(events) == 1 and events[0]["state"] == "handed-over", trail
    assert len([x for x in r.log_lines("handed-over.log") if x["id"] == message]) == 2
    b = [x for x in trail["recipients"] if x["recipient"] == "b@far.example"][0]
    assert b["remote_id"] == "SINK1" and "451 later" in b["says"], b  # the proof of the hand-over stays
    assert r.stop() == 0


def test_read_after_a_crash(folder):
    """Taken and not yet read: the next start reads it."""
    r, sink, message = world(folder)
    for _ in range(5):
        assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown")[0] == 250
        r.kill()
        r.start()
    r.trail(message, {"bounced", "handed-over"})  # the store knows; the log may have ended with the relay
    assert r.stop() == 0


def test_suppression(folder):
    """Only what is known for certain keeps mail away; it is seen, and taken back."""
    r, sink, message, paths = signed_world(folder)
    cases = [dict(action="failed", status="5.2.2", reply="552 5.2.2 Mailbox full", to="c@far.example"),
             dict(action="failed", status="5.7.1", reply="550 5.7.1 Message blocked as spam", to="c@far.example"),
             dict(action="failed", status="5.1.1", reply="550 5.1.1 User unknown", to="c@far.example")]  # two recipients, not signed
    for case in cases:
        assert report(r, **case)[0] == 250
    read(r, 3)
    assert states(r, message)["c@far.example"] == "bounced"
    assert r.run("suppression", "list", "--quiet").stdout == ""
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown", rcpt=paths["b@far.example"])[0] == 250
    wait_until(lambda: r.run("suppression", "list", "--quiet").stdout == "b@far.example\n")
    shown = " ".join(r.run("suppression", "show", "B@far.example", check=0).stdout.split())
    assert "550 5.1.1 User unknown" in shown and "signed return path" in shown, shown
    entry = r.json("suppression", "list")
    assert entry["address"] == "b@far.example" and entry["why"] == "rcpt-user-unknown" and entry["active"], entry
    with Raw(r.port) as c:
        c.hello()
        assert c.say("MAIL FROM:<app@example.com>")[0] == 250
        code, text = c.say("RCPT TO:<b@far.example>")
        assert code == 550 and "suppression list" in text, text
        r.run("suppression", "remove", "b@far.example", check=0)
        assert c.say("RCPT TO:<b@far.example>")[0] == 250
        r.run("suppression", "add", "@far.example", "--reason", "by hand", "--for", "1d", check=0)
        assert c.say("RCPT TO:<z@far.example>")[0] == 550
    assert r.run("suppression", "remove", "nobody@x.example").returncode == 1
    assert r.run("suppression", "add", "no address").returncode == 2
    assert r.stop() == 0
    r.run("suppression", "remove", "@far.example", check=0)  # without a relay the folder is changed itself
    assert r.run("suppression", "show", "z@far.example").returncode == 1


def test_unmatched_are_kept_and_shown(folder):
    r, sink, message = world(folder)
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown", message_id="<other@y>")[0] == 250
    read(r, 1)
    wait_until(lambda: r.run("bounces", "list", "--quiet").stdout)
    kept = r.json("bounces", "list")
    assert "no mail of ours has the Message-ID" in kept["why"], kept
    shown = r.run("bounces", "show", kept["id"], check=0).stdout
    assert "b@far.example: failed" in shown and "550 5.1.1 User unknown" in shown and "other@y" in shown, shown
    assert "Final-Recipient" in r.run("bounces", "show", kept["id"], "--raw", check=0).stdout
    r.kill()
    r.start()  # kept over a restart, and read once only
    assert r.json("bounces", "list")["id"] == kept["id"]
    assert len(r.json("trace", kept["id"])["trail"]) == 3
    assert r.run("queue", "release", kept["id"]).returncode == 1
    r.run("bounces", "forget", "--all", check=0)
    wait_until(lambda: r.run("bounces", "list", "--quiet").stdout == "")
    assert r.stop() == 0


def test_report_before_its_hand_over(folder):
    """Sent, and no answer came: the report that proves that it was taken is not thrown away."""
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok: queued as LATE1"]})
    r = Relay(folder, f'retry {{ first = "1s"  most = "1s" }}\nroute "out" {{ smarthost = "{sink.where}"  security = "none" }}\n'
              'local-domains = { "bounces.example.com" }\naccount "x" { password-hash = "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0"  hold-in-doubt = true }\n')
    message = r.submit("From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       sender="v1@bounces.example.com", rcpts=("b@far.example",))
    wait_until(lambda: "in-doubt" in [x.get("state") for x in r.log_lines("queue.log") if x.get("id") == message])
    r.run("queue", "hold", message, check=0)
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown")[0] == 250
    time.sleep(3)
    assert states(r, message)["b@far.example"] == "in-doubt"
    r.run("queue", "retry", message, check=0)
    wait_until(lambda: states(r, message)["b@far.example"] == "handed-over", 30)
    assert r.stop() == 0
    r.start()
    wait_until(lambda: states(r, message)["b@far.example"] == "bounced")
    assert r.stop() == 0
