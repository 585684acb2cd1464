# SPDX-License-Identifier: Apache-2.0
"""Profiles and kinds, their test, and other ways out when a route fails for reasons of its own."""
import smtplib
import subprocess
import time

from relay import PROGRAM, Relay
from sink import Sink

RETRY = 'retry { first = "1s"  most = "2s" }\n'


def route(name, sink, more=""):
    return f'route "{name}" {{ smarthost = "{sink.where}"  security = "none"  {more} }}\n'


def letter(headers="", sender="app@example.com"):
    return f"From: App <{sender}>\r\nTo: b@example.net\r\nMessage-ID: <{time.monotonic_ns()}@example.com>\r\n{headers}Subject: x\r\n\r\nx\r\n"


def fields(message):
    head = message["data"].split(b"\r\n\r\n")[0].decode().replace("\r\n\t", " ")
    return {x.split(":", 1)[0]: x.split(":", 1)[1].strip() for x in head.split("\r\n")}


PROFILE = """profile "office" { from = "office@example.com"  test = "%s"
  kind "invoice" { from = "Invoices <invoices@example.com>"  reply-to = "billing@example.com"  route = "bulk"  hourly-cap = 1 }
  kind "notice" { } }
"""


def test_kind_has_its_own_sender_route_and_caps(folder):
    plain, bulk = Sink(), Sink()
    relay = Relay(folder, route("box", plain) + route("bulk", bulk) + PROFILE % "off" + RETRY)
    invoice = letter("X-Postrider-Profile: office\r\nX-Postrider-Kind: invoice\r\n")
    relay.trail(relay.submit(invoice), {"handed-over"})
    assert bulk.wait(1)
    seen = fields(bulk.messages[0])
    assert seen["From"] == "Invoices <invoices@example.com>" and seen["Reply-To"] == "billing@example.com", seen
    assert not any(x.startswith("X-Postrider") for x in seen) and bulk.messages[0]["sender"] == "invoices@example.com"
    held = relay.trail(relay.submit(invoice.replace("ID: <", "ID: <2")), {"held"})
    assert "1 recipient an hour (profile office/invoice)" in held["trail"][-1]["why"], held
    relay.trail(relay.submit(letter("X-Postrider-Kind: notice\r\n")), {"handed-over"})
    assert plain.wait(1)
    seen = fields(plain.messages[0])
    assert seen["From"] == "office@example.com" and "Reply-To" not in seen, seen
    relay.trail(relay.submit(letter()), {"handed-over"})
    assert plain.wait(2)
    assert fields(plain.messages[1])["From"] == "App <app@example.com>"
    try:
        relay.submit(letter("X-Postrider-Kind: nonsense\r\n"))
        assert False, "a kind that nobody knows was taken"
    except AssertionError as e:
        assert "kind" in str(e) and "550" in str(e), e
    assert relay.stop() == 0


def test_nothing_leaves_before_the_test(folder):
    sink = Sink()
    relay = Relay(folder, route("box", sink) + route("bulk", sink) + PROFILE % "required" + RETRY)
    ids = [relay.submit(letter("X-Postrider-Profile: office\r\n")) for _ in range(3)]
    for i in ids:
        event = relay.trail(i, {"held"})["trail"][-1]
        assert event["finding"] == "rs-profile-untested" and "postrider send --test office" in event["why"], event
    assert not sink.messages
    relay.run("queue", "release", ids[0], check=0)  # by hand
    relay.trail(ids[0], {"handed-over"})
    relay.trail(relay.submit(letter("X-Postrider-Profile: office\r\nX-Postrider-Untested: yes\r\n")), {"handed-over"})
    relay.write(route("box", sink) + route("bulk", sink, 'tls = "opportunistic"') + PROFILE.replace("Invoices <", "Us <") % "required" + RETRY)
    relay.signal(1)
    time.sleep(0.3)
    relay.trail(relay.submit(letter("X-Postrider-Profile: office\r\n")), {"held"})  # other settings, another test
    assert relay.stop() == 0


def test_account_may_not_send_as_a_profile_of_others(folder):
    sink = Sink()
    (folder / "password").write_text("secret\n")
    relay = Relay(folder, route("box", sink) + route("bulk", sink) + PROFILE % "off" +
                  f'account "a" {{ password-file = "{folder}/password"  senders = {{ "a@example.com" }} }}\n')
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=10) as c:
        c.login("a", "secret")
        c.mail("a@example.com")
        c.rcpt("b@example.net")
        code, text = c.data(letter("X-Postrider-Kind: invoice\r\n").encode())
        assert code == 550 and b"may not send as" in text, (code, text)
    assert relay.stop() == 0


def test_next_route_when_the_first_fails(folder):
    first = Sink(says={"MAIL": "451 4.7.0 Rate limit exceeded, try again in 1000 seconds"})
    second = Sink()
    relay = Relay(folder, route("first", first, 'recipients = { "*" }  next = "second"') +
                  route("second", second, 'recipients = { "nobody@example.net" }') + RETRY)
    ids = [relay.submit(letter()) for _ in range(4)]
    for i in ids:
        trail = relay.trail(i, {"handed-over"})
        assert any("the next route, second" in x.get("why", "") for x in trail["trail"]), trail
    assert second.wait(4)
    begin = time.monotonic()
    relay.trail(relay.submit(letter()), {"handed-over"})  # the first is left alone
    assert time.monotonic() - begin < 5
    assert relay.stop() == 0


def test_next_route_in_another_name(folder):
    gone = Sink()
    gone.close()
    second = Sink()
    relay = Relay(folder, route("first", gone, 'next = "second"') +
                  route("second", second, 'recipients = { "x@x" }  from = "Us <us@fallback.example>"') + RETRY)
    signed = letter("DKIM-Signature: v=1; d=example.com\r\n")
    trail = relay.trail(relay.submit(signed), {"handed-over"})
    assert second.wait(1)
    seen = fields(second.messages[0])
    assert seen["From"] == "Us <us@fallback.example>" and seen["Reply-To"] == "App <app@example.com>", seen
    assert "DKIM-Signature" not in seen and second.messages[0]["sender"] == "us@fallback.example", second.messages
    assert second.messages[0]["data"].endswith(b"\r\n\r\nx\r\n"), second.messages
    why = trail["trail"][-1]["why"]
    assert "SPF, DKIM and DMARC by fallback.example" in why, why
    said = subprocess.run([str(PROGRAM), "config", "check", str(relay.conf)], capture_output=True, text=True).stdout
    assert "fallback.example" in " ".join(said.split()) and "SPF" in said, said
    assert relay.stop() == 0


def test_never_elsewhere_after_a_refused_message(folder):
    first, second = Sink(says={"RCPT": "550 5.1.1 User unknown"}), Sink()
    relay = Relay(folder, route("first", first, 'recipients = { "*" }  next = "second"') +
                  route("second", second, 'recipients = { "x@x" }') + RETRY)
    relay.trail(relay.submit(letter()), {"refused"})
    assert not second.messages
    assert relay.stop() == 0


def test_both_fail_and_the_first_is_tried_again(folder):
    first, second = Sink(says={"CONNECT": ["421 4.3.2 busy", "220 ok"]}), Sink(says={"CONNECT": "421 4.3.2 busy"})
    relay = Relay(folder, route("first", first, 'recipients = { "*" }  next = "second"') +
                  route("second", second, 'recipients = { "x@x" }') + RETRY)
    message = relay.submit(letter())
    deadline = time.monotonic() + 8
    while not second.connections and time.monotonic() < deadline:
        time.sleep(0.05)
    relay.signal(1)  # no pause any longer
    time.sleep(0.2)
    relay.run("queue", "retry", message)
    relay.trail(message, {"handed-over"})
    assert len(first.messages) == 1
    assert relay.stop() == 0
