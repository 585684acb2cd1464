# SPDX-License-Identifier: Apache-2.0
"""Mailboxes that reports come to, in real Dovecot: read once, put away as told, and never a person's mail."""
from door import wait_until
from dovecots import PASSWORD, Dovecot
from relay import Relay
from sink import Sink
from test_inbox import REPORT, states

PERSON = "From: Anna <anna@far.example>\r\nTo: bounces@acme.example\r\nSubject: Re: invoice\r\n\r\nThank you!\r\n"


def report(to, message_id="<m1@example.com>", action="failed", back="bounces@acme.example"):
    return REPORT.format(action=action, status="5.1.1", reply="550 5.1.1 User unknown", to=to, message_id=message_id) \
        .replace("v1@bounces.example.com", back).replace("\n", "\r\n")


def world(folder, box, protocol="imap", security="tls", after="", more="", route=""):
    sink = Sink()
    port = box.ports[protocol + ("s" if security == "tls" else "")]
    (folder / "box.pw").write_text(PASSWORD + "\n")
    r = Relay(folder, f'ca-file = "{box.ca}"\nroute "out" {{ smarthost = "{sink.where}"  security = "none" {route} }}\n'
              f'mailbox "bounces" {{ host = "127.0.0.1"  port = {port}  protocol = "{protocol}"  security = "{security}"\n'
              f'  user = "{box.user}"  password-file = "box.pw"  poll = "10s" {after and f"after = {chr(34)}{after}{chr(34)}"} }}\n{more}')
    message = r.submit("From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       rcpts=("b@far.example", "c@far.example"))
    wait_until(lambda: set(states(r, message).values()) == {"handed-over"})
    return r, sink, message


def look(r):
    r.signal(1)  # a reload looks at once


def test_imap_after(folder):
    box = Dovecot(folder)
    box.deliver(PERSON)
    r, sink, message = world(folder, box, route='return-path = "bounces+*@acme.example"')
    paths = {m["rcpts"][0]: m["sender"] for m in sink.messages}
    box.deliver(report("x@inner.example", "<new@y>", back=paths["b@far.example"]))
    look(r)
    wait_until(lambda: states(r, message)["b@far.example"] == "bounced")
    mark = [x for x in r.log_lines("queue.log") if x["state"] == "bounced"][0]
    assert "signed return path" in mark["why"], mark
    flags = {b"Thank you" in mail: flags for flags, mail in box.mails()}
    wait_until(lambda: {b"Thank you" in mail: flags for flags, mail in box.mails()} == {True: "", False: "S"}, why=str(flags))
    # Read once: what is still there is not read again, also not by a relay that was killed.
    r.kill()
    conf = r.conf.read_text()
    for after, left in (("move:Done", 1), ("delete", 1), ("leave", 2)):
        r.conf.write_text(conf.replace('poll = "10s"', f'poll = "10s"  after = "{after}"'))
        box.deliver(report("c@far.example", action="delayed" if after != "leave" else "failed"))
        before = len(r.log_lines("queue.log"))
        r.start()
        wait_until(lambda: any("mailbox bounces" in str(x.get("listener")) for x in r.log_lines("queue.log")[before:]))
        wait_until(lambda: len([1 for _, m in box.mails() if b"c@far" in m]) == (1 if after == "leave" else 0))
        wait_until(lambda: sum("read here" in str(x.get("why")) for x in r.log_lines("queue.log")[before:]) == 1)
        assert r.stop() == 0
    assert len(box.mails("Done")) == 1 and b"c@far.example" in box.mails("Done")[0][1]
    assert all(flags == "" for flags, mail in box.mails() if b"Thank you" in mail or b"c@far" in mail), box.mails()
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "bounced"}
    events = [x for x in r.log_lines("queue.log") if x["id"] == message and x["state"] == "bounced"]
    assert len(events) == 2, events
    box.stop()


def test_pop3(folder):
    box = Dovecot(folder)
    box.deliver(PERSON)
    r, sink, message = world(folder, box, "pop3", "starttls")
    box.deliver(report("b@far.example"))
    look(r)
    wait_until(lambda: states(r, message)["b@far.example"] == "bounced")
    before = sum("mailbox bounces" in str(x.get("listener")) for x in r.log_lines("queue.log"))
    r.kill()
    r.conf.write_text(r.conf.read_text().replace('poll = "10s"', 'poll = "10s"  after = "delete"'))
    r.start()
    box.deliver(report("c@far.example"))
    look(r)
    wait_until(lambda: states(r, message)["c@far.example"] == "bounced")
    wait_until(lambda: len(box.mails()) == 2)
    assert sum("mailbox bounces" in str(x.get("listener")) for x in r.log_lines("queue.log")) == before + 1
    assert r.stop() == 0
    box.stop()


def test_what_goes_wrong(folder):
    """A wrong password, a certificate of somebody else: said, nothing secret told, and mail goes on."""
    box = Dovecot(folder, names=("other.example",))
    r, sink, message = world(folder, box)
    wait_until(lambda: "certificate" in r.said())
    assert "Login" not in box.log()
    assert r.stop() == 0
    box.stop()
    (folder / "two").mkdir()
    box = Dovecot(folder / "two")
    (folder / "box.pw").write_text("wrong\n")
    r.conf.write_text(r.conf.read_text().replace('ca-file = "', f'ca-file = "{box.ca}" #').replace(
        f"port = {r.conf.read_text().split('port = ')[1].split()[0]}", f"port = {box.ports['imaps']}"))
    r.start()
    wait_until(lambda: "AUTHENTICATIONFAILED" in r.said())
    assert "wrong" not in r.said()
    r.submit(rcpts=("z@far.example",))
    assert sink.wait(2)
    assert r.stop() == 0
    box.stop()
