# SPDX-License-Identifier: Apache-2.0
"""Delivery reports to local-domains: they change the trail of the mail they are about, and nothing else."""
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


def world(folder):
    sink = Sink()
    r = Relay(folder, f'route "out" {{ recipients = {{ "*" }}  smarthost = "{sink.where}"  security = "none" }}\n'
              'local-domains = { "bounces.example.com" }\n')
    message = r.submit(f"From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       sender="v1@bounces.example.com", rcpts=("b@far.example", "c@far.example"))
    assert sink.wait(1)
    wait_until(lambda: states(r, message) == {"b@far.example": "handed-over", "c@far.example": "handed-over"})
    return r, sink, message


def states(relay, message):
    """The last state of each recipient, by the log."""
    return {x["recipient"]: x["state"] for x in relay.log_lines("queue.log") if x["id"] == message}


def report(relay, action, status, reply, to="b@far.example", message_id="<m1@example.com>", sender="", text=REPORT):
    body = text.format(action=action, status=status, reply=reply, to=to, message_id=message_id)
    with Raw(relay.port, source="127.0.0.99") as c:
        c.hello("mx.far.example")
        c.envelope(sender, "v1@bounces.example.com")
        assert c.say("DATA")[0] == 354
        return c.say(body.replace("\n", "\r\n").encode() + b".\r\n")


def read(relay, n):
    """n reports were read to their end."""
    wait_until(lambda: sum(x["recipient"] == "v1@bounces.example.com" and x["state"] == "handed-over"
                           for x in relay.log_lines("queue.log")) == n)


def test_bounced_and_confirmed(folder):
    r, sink, message = world(folder)
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown")[0] == 250
    read(r, 1)
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "handed-over"}
    last = [x for x in r.log_lines("queue.log") if x["state"] == "bounced"][0]
    assert last["finding"].startswith("rcpt") and last["code"] == 550 and "User unknown" in last["reply"], last
    assert report(r, "delivered", "2.0.0", "250 delivered", to="c@far.example")[0] == 250
    read(r, 2)
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "confirmed"}
    assert len(sink.messages) == 1
    assert r.stop() == 0


def test_what_changes_nothing(folder):
    r, sink, message = world(folder)
    before = states(r, message)
    cases = [dict(action="delayed", status="4.4.1", reply="451 later"),
             dict(action="failed", status="5.1.1", reply="550 no", to="other@far.example"),
             dict(action="failed", status="5.1.1", reply="550 no", message_id="<guessed@example.com>"),
             dict(action="failed", status="5.1.1", reply="550 no", message_id="")]
    for case in cases:
        assert report(r, **case)[0] == 250, case
    read(r, len(cases))
    assert states(r, message) == before
    assert r.stop() == 0


def test_other_mail_is_refused(folder):
    r, sink, _ = world(folder)
    code, text = report(r, "", "", "", sender="spam@evil.example", text="From: spam@evil.example\nSubject: buy\n\nnow\n")
    assert code == 550 and "delivery reports" in text, (code, text)
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
