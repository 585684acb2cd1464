# SPDX-License-Identifier: Apache-2.0
"""Profiles and kinds, their test, and other ways out when a route fails for reasons of its own."""
import os
import smtplib
import socket
import subprocess
import threading
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


class Pop3:
    """A mailbox with what a sink was given last."""

    def __init__(self):
        self.password, self.mails = "secret", []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def deliver(self, sink):
        def later():
            time.sleep(0.5)
            self.mails.append(sink.messages[-1]["data"])
        threading.Thread(target=later, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        stream = connection.makefile("rwb")
        mails = list(self.mails)

        def say(*lines):
            stream.write(b"".join(x + b"\r\n" for x in lines))
            stream.flush()

        say(b"+OK ready")
        for line in stream:
            verb, _, rest = line.decode().strip().partition(" ")
            if verb.upper() == "CAPA":
                say(b"+OK", b"USER", b"UIDL", b"TOP", b".")
            elif verb.upper() == "PASS" and rest != self.password:
                say(b"-ERR [AUTH] wrong password")
            elif verb.upper() == "LIST":
                say(b"+OK", *[b"%d %d" % (i + 1, len(m)) for i, m in enumerate(mails)], b".")
            elif verb.upper() == "UIDL":
                say(b"+OK", *[b"%d u%d" % (i + 1, i) for i in range(len(mails))], b".")
            elif verb.upper() in ("RETR", "TOP"):
                say(b"+OK", *mails[int(rest.split()[0]) - 1].rstrip(b"\r\n").split(b"\r\n"), b".")
            else:
                say(b"+OK")
            if verb.upper() == "QUIT":
                return


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
    relay.conf.write_text(relay.conf.read_text().replace('"127.0.0.1:0"', f'"127.0.0.1:{relay.port}"'))
    relay.run("queue", "hold", ids[2], check=0)
    done = relay.run("send", "--test", "office", "--to", "me@example.com")
    assert done.returncode == 0 and "me@example.com" in done.stdout and "has passed its test" in done.stdout, done
    relay.trail(ids[1], {"handed-over"})
    time.sleep(0.3)
    relay.trail(ids[2], {"held"})  # a person's word stands
    relay.write(route("box", sink) + route("bulk", sink, 'tls = "opportunistic"') + PROFILE.replace("Invoices <", "Us <") % "required" + RETRY)
    relay.signal(1)
    time.sleep(0.3)
    relay.trail(relay.submit(letter("X-Postrider-Profile: office\r\n")), {"held"})  # other settings, another test
    assert relay.stop() == 0


def test_a_profiles_own_server_is_tested_first(folder):
    """`send --via profile`: words of ours only once a test mail was handed over, and again after a change."""
    sink = Sink()
    conf, state = folder / "postrider.conf", {**os.environ, "XDG_STATE_HOME": str(folder / "state")}

    def send(*words, status):
        done = subprocess.run([str(PROGRAM), "send", "--config", str(conf), *words], capture_output=True, text=True, env=state,
                              stdin=subprocess.DEVNULL, timeout=30)
        assert done.returncode == status, (words, done)
        return done.stdout + done.stderr

    def configure(more):
        conf.write_text(f'profile "office" {{ host = "127.0.0.1"  port = {sink.port}  security = "none"  '
                        f'from = "Office <me@example.org>"  {more} }}\n')

    words = ("--to", "b@example.net", "--subject", "x", "--text", str(conf), "--via", "office")
    configure("")
    assert "postrider send --test office" in send(*words, status=2)
    assert not sink.messages
    send(*words, "--untested", status=0)
    assert "has passed its test" in send("--test", "office", status=0)
    assert sink.wait(2) and sink.messages[1]["rcpts"] == ["me@example.org"], sink.messages
    send(*words, status=0)
    configure('daily-cap = 5')  # how much goes is no part of it
    send(*words, status=0)
    configure('kind "invoice" { from = "inv@example.org" }')
    send(*words, status=2)
    send(*words, "--untested", "--kind", "invoice", status=0)
    assert sink.wait(5) and fields(sink.messages[4])["From"] == "inv@example.org"
    sink.says["RCPT"] = "550 5.1.1 nobody"
    assert "has not passed" in send("--test", "office", status=1)


def test_a_pass_is_noted_where_no_relay_has_run_yet(folder):
    """The data folder is made as a relay's first start would; where that cannot be, nothing is said to leave."""
    sink = Sink()
    conf, data = folder / "postrider.conf", folder / "data"

    def send(*words, status):
        done = subprocess.run([str(PROGRAM), "send", "--config", str(conf), *words], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=30)
        assert done.returncode == status, (words, done)
        return " ".join((done.stdout + done.stderr).split())

    def configure(where):
        conf.write_text(f'data = "{where}"\nprofile "office" {{ host = "127.0.0.1"  port = {sink.port}  security = "none"  '
                        f'from = "me@example.org" }}\n')

    configure(data)
    assert "may leave now" in send("--test", "office", status=0)
    assert data.stat().st_mode & 0o777 == 0o700 and list((data / "tested").glob("office.*"))
    send("--to", "b@example.net", "--text", str(conf), "--via", "office", status=0)
    (folder / "a file").write_text("")
    configure(folder / "a file" / "data")
    said = send("--test", "office", status=3)
    assert "has passed its test" in said and "may leave now" not in said and "none of its mail may leave yet" in said, said


def test_arrival_is_looked_for(folder):
    """Handed over is not arrived: the mailbox says so."""
    box = Pop3()
    sink = Sink()
    (folder / "password").write_text("secret\n")
    conf = folder / "postrider.conf"
    conf.write_text(f'data = "{folder}"\nprofile "office" {{ host = "127.0.0.1"  port = {sink.port}  security = "none"\n'
                    f'from = "me@example.org"\nmailbox {{ host = "127.0.0.1"  port = {box.port}  protocol = "pop3"  '
                    f'security = "none"  user = "me"  password-file = "{folder}/password" }} }}\n')

    def test(status, *words):
        done = subprocess.run([str(PROGRAM), "send", "--config", str(conf), "--test", "office", *words], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
        assert done.returncode == status, done
        return " ".join(done.stdout.split())

    assert "not in the mailbox" in test(1, "--timeout", "1")
    sink.says["DOT"] = lambda _: box.deliver(sink) or "250 ok"
    assert "has arrived at 127.0.0.1" in test(0)
    assert list((folder / "tested").glob("office.*"))
    box.password = "other"
    assert "cannot be looked into" in test(1)


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
    nobody = socket.socket()  # its port is taken, and refuses
    nobody.bind(("127.0.0.1", 0))
    second = Sink()
    gone = f'route "first" {{ smarthost = "127.0.0.1:{nobody.getsockname()[1]}"  security = "none"  next = "second" }}\n'
    relay = Relay(folder, gone +
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
