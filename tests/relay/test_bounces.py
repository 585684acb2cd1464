# SPDX-License-Identifier: Apache-2.0
"""Reports that real servers make of mail they took from us: each comes to its recipient's trail, and to no other."""
import time

from certs import Authority
from milter import free_port
from relay import Relay
from servers import Exim, Postfix
from sink import Sink
from test_inbox import states

MAIL = "From: app@example.com\r\nMessage-ID: <{n}@example.com>\r\nSubject: invoice {n}\r\n\r\nHello\r\n"
REFUSING = {"RCPT": "550 5.1.1 No such user here", "EHLO": "250 sink.test"}


def relay_at(folder, port, server, signed):
    path = '  return-path = "bounces.example.com"' if signed else ""
    return Relay(folder, f'listen "127.0.0.1:{port}" {{ security = "none" }}\nlocal-domains = {{ "bounces.example.com" }}\n'
                 f'route "out" {{ smarthost = "{server.where}"  security = "none"{path} }}\n', listen=False)


def bounced(r, message, want, seconds=20):
    end = time.monotonic() + seconds
    while states(r, message) != want:
        assert time.monotonic() < end, f"{states(r, message)}, not {want}\n" + "\n".join(
            str(x) for x in r.log_lines("queue.log") if x.get("recipient", "").endswith("@bounces.example.com"))
        time.sleep(0.05)
    trail = r.json("trace", message)
    return {e["recipient"]: e for e in trail["trail"] if e.get("recipient") and e["state"] in ("bounced", "confirmed")}


def others_unchanged(r, message, known):
    """Nothing else has come of it: all reports were matched, and to this mail only."""
    assert r.run("bounces", "list", "--quiet").stdout == ""
    assert all(x["id"] in known for x in r.log_lines("queue.log") if x.get("state") in ("bounced", "confirmed"))


def test_postfix(folder):
    """Refused by a backend, unknown behind an alias, thrown back by itself, and delivered; signed or not."""
    sink, port = Sink(says=REFUSING), free_port()
    postfix = Postfix(folder, services="smtp unix - - n - - smtp\n", local_recipient_maps="inline:{ b=x c=x d=x e=x f=x }",
                      virtual_alias_maps="inline:{ { c@example.net = full@deep.test } { e@example.net = inner@deep.test } }", smtpd_delay_reject="no",
                      transport_maps="inline:{ { b@example.net = smtp:[127.0.0.1]:%d } { full@deep.test = error:5.2.2 Mailbox "
                      "full } { inner@deep.test = error:5.1.1 No such user } { bounces.example.com = "
                      "smtp:[127.0.0.1]:%d } }" % (sink.port, port))
    rcpts = ["b@example.net", "c@example.net", "d@example.net", "e@example.net"]
    known = []
    for signed in (True, False):
        (folder / str(signed)).mkdir()
        r = relay_at(folder / str(signed), port, postfix, signed)
        other = r.submit(MAIL.format(n="other"), sender="v1@bounces.example.com", rcpts=["f@example.net"])
        message = r.submit(MAIL.format(n=f"m{signed}"), sender="v1@bounces.example.com", rcpts=rcpts,
                           rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
        known += [message, other]
        events = bounced(r, message, {"b@example.net": "bounced", "c@example.net": "bounced", "d@example.net": "confirmed",
                                      "e@example.net": "bounced"})
        assert "550 5.1.1 No such user here" in events["b@example.net"]["reply"], events
        assert all("signed return path" in e["why"] for e in events.values()) == signed, events
        others_unchanged(r, message, known)
        listed = set(r.run("suppression", "list", "--quiet").stdout.split())
        assert listed == ({"b@example.net", "e@example.net"} if signed else set()), listed
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
    known = []
    for signed in (True, False):
        (folder / str(signed)).mkdir()
        r = relay_at(folder / str(signed), port, exim, signed)
        other = r.submit(MAIL.format(n="other"), sender="v1@bounces.example.com", rcpts=["boss@acme.example"])
        message = r.submit(MAIL.format(n=f"m{signed}"), sender="v1@bounces.example.com",
                           rcpts=["gone@acme.example", "clerk@acme.example"])
        known += [message, other]
        events = bounced(r, message, {"gone@acme.example": "bounced", "clerk@acme.example": "handed-over"})
        assert "No such user here" in events["gone@acme.example"]["reply"], events
        assert ("signed return path" in events["gone@acme.example"]["why"]) == signed, events
        others_unchanged(r, message, known)
        assert r.stop() == 0
    exim.stop()
