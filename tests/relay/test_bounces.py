# SPDX-License-Identifier: Apache-2.0
"""Reports that real servers make of mail they took from us: each comes to its recipient's trail, and to no other."""
import time

from certs import Authority
from haraka import Haraka
from opensmtpd import OpenSmtpd
from ports import free_port
from relay import Relay
from servers import Exim, Postfix
from sink import Sink
from test_inbox import states

MAIL = "From: app@example.com\r\nMessage-ID: <{n}@example.com>\r\nSubject: invoice {n}\r\n\r\nHello\r\n"
REFUSING = {"RCPT": "550 5.1.1 No such user here", "EHLO": "250 sink.test"}
SENDERS = {False: "v1@bounces.example.com", True: "signed@bounces.example.com"}


def relay_at(folder, port, server):
    """What signed@ sends goes out with a signed return path, what v1@ sends under its own name."""
    way = f'smarthost = "{server.where}"  security = "none"'
    return Relay(folder, f'listen "127.0.0.1:{port}" {{ security = "none" }}\nlocal-domains = {{ "bounces.example.com" }}\n'
                 f'route "signed" {{ senders = {{ "{SENDERS[True]}" }}  {way}  return-path = "bounces.example.com" }}\n'
                 f'route "out" {{ {way} }}\n', listen=False)


def bounced(r, message, want, seconds=25):
    """The events that made these states of its recipients."""
    end = time.monotonic() + seconds
    while True:
        found = r.run("trace", message, "--json")
        trail = r.json("trace", message) if found.returncode == 0 else {"recipients": []}
        now = {x["recipient"]: x["state"] for x in trail["recipients"]}
        if now == want:
            return {e["recipient"]: e for e in trail["trail"] if e["state"] in ("bounced", "confirmed")}
        assert time.monotonic() < end, f"{now}, not {want}\n" + "\n".join(
            str(x) for x in r.log_lines("queue.log") if x.get("recipient", "").endswith("@bounces.example.com"))
        time.sleep(0.1)


def others_unchanged(r, known):
    """Nothing else has come of it: all reports were matched, and to these mails only."""
    assert r.run("bounces", "list", "--quiet").stdout == ""
    assert all(x.get("id") in known for x in r.log_lines("queue.log") if x.get("state") in ("bounced", "confirmed"))


def both_ways(r, want, rcpt_options=()):
    """A mail to all of `want` unsigned, then signed, each beside another to the first who gets it."""
    known, events = [], {}
    for signed in (False, True):
        other = r.submit(MAIL.format(n=f"other{signed}"), sender=SENDERS[signed],
                         rcpts=[x for x, state in want.items() if state != "bounced"][:1])
        message = r.submit(MAIL.format(n=f"m{signed}"), sender=SENDERS[signed], rcpts=list(want), rcpt_options=rcpt_options)
        known += [other, message]
        events[signed] = bounced(r, message, want)
        assert all("signed return path" in e["why"] for e in events[signed].values()) == signed, events
        assert set(states(r, other).values()) == {"handed-over"}, states(r, other)
        if not signed:
            assert r.run("suppression", "list", "--quiet").stdout == ""
    others_unchanged(r, known)
    return events


def test_postfix(folder):
    """Refused by a backend, full and unknown behind aliases, and delivered; signed or not."""
    sink, port = Sink(says=REFUSING), free_port()
    postfix = Postfix(folder, services="smtp unix - - n - - smtp\n", local_recipient_maps="inline:{ b=x c=x d=x e=x f=x }",
                      virtual_alias_maps="inline:{ { c@example.net = full@deep.test } { e@example.net = inner@deep.test } }",
                      smtpd_delay_reject="no",
                      transport_maps="inline:{ { b@example.net = smtp:[127.0.0.1]:%d } { full@deep.test = error:5.2.2 Mailbox "
                      "full } { inner@deep.test = error:5.1.1 No such user } { bounces.example.com = "
                      "smtp:[127.0.0.1]:%d } }" % (sink.port, port))
    r = relay_at(folder, port, postfix)
    events = both_ways(r, {"b@example.net": "bounced", "c@example.net": "bounced", "d@example.net": "confirmed",
                           "e@example.net": "bounced"}, ["NOTIFY=SUCCESS,FAILURE"])
    assert all("550 5.1.1 No such user here" in e["b@example.net"]["reply"] for e in events.values()), events
    assert set(r.run("suppression", "list", "--quiet").stdout.split()) == {"b@example.net", "e@example.net"}
    assert r.stop() == 0
    postfix.stop()


def test_exim(folder):
    sink, port = Sink(says=REFUSING), free_port()
    authority = Authority(folder)
    routers = (f"gone:\n  driver = manualroute\n  domains = acme.example\n  local_parts = gone\n  self = send\n  no_verify\n"
               f"  route_list = * 127.0.0.1::{sink.port}\n  transport = out\n"
               f"back:\n  driver = manualroute\n  domains = bounces.example.com\n  self = send\n"
               f"  route_list = * 127.0.0.1::{port}\n  transport = out\n"
               "known:\n  driver = accept\n  verify_only\n  domains = acme.example\n  local_parts = gone\n")
    exim = Exim(folder, authority.certificate("127.0.0.1"), routers=routers,
                transports="out:\n  driver = smtp\n  allow_localhost\n")
    r = relay_at(folder, port, exim)
    events = both_ways(r, {"gone@acme.example": "bounced", "clerk@acme.example": "handed-over"})
    assert all("No such user here" in e["gone@acme.example"]["reply"] for e in events.values()), events
    assert r.stop() == 0
    exim.stop()


def test_opensmtpd(folder):
    sink, port = Sink(says={"RCPT b@example.net": "550 5.1.1 No such user here", "EHLO": "250 sink.test"}), free_port()
    server = OpenSmtpd(folder, next=sink.where, more=f'action "back" relay host smtp://127.0.0.1:{port}\n'
                       'match from any for domain "bounces.example.com" action "back"\n')
    r = relay_at(folder, port, server)
    events = both_ways(r, {"b@example.net": "bounced", "c@example.net": "handed-over"})
    assert all("No such user here" in e["b@example.net"]["reply"] for e in events.values()), events
    assert r.stop() == 0
    server.stop()


def test_haraka(folder):
    sink, port = Sink(says={"RCPT b@example.net": "550 5.1.1 No such user here", "EHLO": "250 sink.test"}), free_port()
    server = Haraka(folder, onward={"example.net": sink.port, "bounces.example.com": port})
    r = relay_at(folder, port, server)
    events = both_ways(r, {"b@example.net": "bounced", "c@example.net": "handed-over"})
    assert all("No such user here" in e["b@example.net"]["reply"] for e in events.values()), events
    assert r.stop() == 0
    server.stop()
