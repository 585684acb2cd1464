# SPDX-License-Identifier: Apache-2.0
"""From the queue to the next server: one transaction after the other, and what each reply does."""
import json
import socket
import time

from names import Names
from relay import MAIL, Relay
from sink import Sink, decoded


def smarthost(sink, more=""):
    return f'route "out" {{ recipients = {{ "*" }} smarthost = "{sink.where}" security = "none" {more} }}\n'


def states(relay, seconds=10, n=1, wanted=None):
    """The last state of each recipient, from queue.log."""
    end = time.monotonic() + seconds
    while True:
        last = {}
        for x in relay.log_lines("queue.log"):
            if "state" in x and x.get("sender"):  # not our own reports
                last[(x["id"], x.get("recipient"))] = x
        found = sorted(x["state"] for x in last.values() if x.get("recipient"))
        if len(found) >= n and (wanted is None or found == sorted(wanted)):
            return last
        assert time.monotonic() < end, f"{found}, not {wanted}\n" + json.dumps(list(last.values()), indent=1)[-3000:] + relay.said()
        time.sleep(0.05)


def only(last):
    assert len(last) == 1, last
    return list(last.values())[0]


def test_handed_over(folder):
    sink = Sink()
    relay = Relay(folder, smarthost(sink))
    relay.submit()
    assert sink.wait(1)
    m = sink.messages[0]
    assert m["sender"] == "app@example.com" and m["rcpts"] == ["b@example.net"]
    assert m["data"].endswith(b"\r\n\r\nHello.\r\n"), m["data"]
    x = only(states(relay, wanted=["handed-over"]))
    assert x["remote_id"] == "SINK1" and x["host"] == "127.0.0.1", x
    assert relay.stop() == 0


def test_many_in_one_session(folder):
    sink = Sink()
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    for i in range(20):
        relay.submit()
    assert sink.wait(20)
    assert sink.most_open == 1 and sink.connections <= 2, (sink.connections, sink.most_open)
    states(relay, n=20, wanted=["handed-over"] * 20)


def test_recipients_share_a_transaction(folder):
    sink = Sink(says={"RCPT no@example.net": "550 5.1.1 no such user here", "RCPT later@example.net": "451 4.3.0 try again later"})
    relay = Relay(folder, smarthost(sink))
    relay.submit(rcpts=["a@example.net", "no@example.net", "b@example.org", "later@example.net"])
    assert sink.wait(1)
    assert [m["rcpts"] for m in sink.messages if m["sender"]] == [["a@example.net", "b@example.org"]], sink.messages
    last = states(relay, n=4, wanted=["delayed", "handed-over", "handed-over", "refused"])
    refused = next(x for x in last.values() if x["state"] == "refused")
    assert refused["recipient"] == "no@example.net" and "no such user" in refused["reply"], refused


def test_without_pipelining(folder):
    sink = Sink(extensions=["SIZE 1000000"], says={"RCPT no@example.net": "550 5.1.1 no such user here"})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit(rcpts=["no@example.net"])
    relay.submit(rcpts=["a@example.net", "no@example.net"])
    relay.submit(rcpts=["b@example.net"])
    states(relay, n=4, wanted=["handed-over", "handed-over", "refused", "refused"])
    assert [m["rcpts"] for m in sink.messages if m["sender"]] == [["a@example.net"], ["b@example.net"]]


def test_sender_refused_and_354_all_the_same(folder):
    """A server that says 354 though it took nobody gets an empty message, never the real one; where it took
    somebody behind the refused sender, not even that."""
    sink = Sink(says={"MAIL": ["550 5.7.1 sender not allowed", "250 ok"], "RCPT no@example.net": "550 5.1.1 no such user"})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit()
    states(relay, wanted=["refused"])
    relay.submit(rcpts=["no@example.net"])
    states(relay, n=2, wanted=["refused"] * 2)
    relay.submit()
    states(relay, n=3, wanted=["handed-over", "refused", "refused"])
    real = [m for m in sink.messages if m["sender"] and m["data"]]
    assert len(real) == 1 and real[0]["rcpts"] == ["b@example.net"] and b"Hello" in real[0]["data"], real
    assert [m["rcpts"] for m in sink.messages if not m["data"]] == [[]], sink.messages


def test_lost_after_the_dot_is_in_doubt(folder):
    sink = Sink(says={"DOT": ["", "250 2.0.0 Ok: queued as X77"]})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "1s" }\n')
    relay.submit()
    states(relay, wanted=["in-doubt"])
    x = only(states(relay, seconds=30, wanted=["handed-over"]))
    assert x["remote_id"] == "X77", x


def test_lost_before_the_dot_is_delayed(folder):
    sink = Sink(says={"DATA": ""})
    relay = Relay(folder, smarthost(sink))
    relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] == "dialogue-cut", x


def test_a_stuck_server_delays_nobody_else(folder):
    good, stuck = Sink(), Sink(says={"CONNECT": None})
    relay = Relay(folder, f'route "stuck" {{ recipients = {{ "@stuck.example" }} smarthost = "{stuck.where}" security = "none" }}\n' + smarthost(good))
    for i in range(30):
        relay.submit(rcpts=["x@stuck.example"])
    for i in range(10):
        relay.submit()
    assert good.wait(10, 5)
    assert stuck.most_open <= 10
    begin = time.monotonic()
    relay.stop(20)
    assert time.monotonic() - begin < 15


def test_421_pauses_and_goes_on(folder):
    sink = Sink(says={"CONNECT": ["421 4.3.2 too busy, try again later", "220 sink.test ESMTP"]})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "1s" }\n')
    relay.submit()
    states(relay, wanted=["delayed"])
    assert sink.wait(1, 30)


def test_nobody_listens(folder):
    with socket.socket() as s:
        s.bind(("127.0.0.77", 0))
        port = s.getsockname()[1]
    relay = Relay(folder, f'route "out" {{ recipients = {{ "*" }} smarthost = "127.0.0.77:{port}" security = "none" }}\n')
    relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] == "tcp-refused", x


def test_mx(folder):
    """Best first, the next one when it fails, null MX and missing domains for good, ourselves never."""
    bad = Sink(address="127.0.0.41", says={"CONNECT": "421 4.3.2 not now"})
    good = Sink(address="127.0.0.42", port=bad.port)
    names = Names({("two.example", "MX"): ["20 b.two.example", "10 a.two.example"],
                   ("a.two.example", "A"): ["127.0.0.41"], ("b.two.example", "A"): ["127.0.0.42"],
                   ("null.example", "MX"): ["0 ."], ("plain.example", "A"): ["127.0.0.42"],
                   ("self.example", "MX"): ["10 relay.test", "20 b.two.example"], ("relay.test", "A"): ["127.0.0.41"],
                   ("fails.example", "MX"): "SERVFAIL"})
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" port = {bad.port} }}\n')
    for domain in ("two", "null", "plain", "self", "fails", "missing"):
        relay.submit(rcpts=[f"x@{domain}.example"])
    last = states(relay, n=6, wanted=["handed-over"] * 2 + ["refused"] * 3 + ["delayed"], seconds=20)
    by = {x["recipient"].split("@")[1].split(".")[0]: x for x in last.values()}
    assert by["two"]["host"] == "b.two.example" and by["plain"]["host"] == "plain.example", by
    assert by["null"]["finding"] == "mx-null" and by["missing"]["finding"] == "dns-nxdomain-recipient-domain", by
    assert by["self"]["finding"] == "mx-loops-to-self", by["self"]
    assert by["fails"]["state"] == "delayed" and by["fails"]["finding"] == "dns-servfail" and not by["fails"].get("reply"), by["fails"]


def test_expires(folder):
    """What was not handed over within its time is expired, also what was never tried itself."""
    sink = Sink(says={"CONNECT": "421 4.3.2 closed for today"})
    relay = Relay(folder, smarthost(sink, "connections = 1") + 'retry { first = "1s" factor = 1 most = "1s" expire = "2s" }\n')
    for _ in range(3):
        relay.submit()
    states(relay, seconds=40, n=3, wanted=["expired"] * 3)


def test_new_routes_take_old_mail(folder):
    """A smarthost that is replaced strands nothing (OpenSMTPD#275)."""
    new = Sink()
    with socket.socket() as s:
        s.bind(("127.0.0.78", 0))
        port = s.getsockname()[1]
    config = 'retry { first = "1s" }\nroute "%s" { recipients = { "*" } smarthost = "%s" security = "none" }\n'
    relay = Relay(folder, config % ("old", f"127.0.0.78:{port}"))
    relay.submit()
    states(relay, wanted=["delayed"])
    relay.write(config % ("new", new.where))
    relay.signal(1)
    assert new.wait(1, 20)
    assert only(states(relay, wanted=["handed-over"]))["lane"] == "new"


def test_restart_goes_on(folder):
    sink = Sink(says={"CONNECT": ["421 4.3.2 not now", "220 sink.test"]})
    relay = Relay(folder, smarthost(sink) + 'retry { first = "1s" }\n')
    relay.submit()
    states(relay, wanted=["delayed"])
    relay.kill()
    relay.start()
    assert sink.wait(1, 20)


def test_body_as_it_came(folder):
    """Dots byte for byte, lines over 998 bytes coded; nothing but CRLF.CRLF ends it, and no CR or LF stands alone."""
    sink = Sink()
    relay = Relay(folder, smarthost(sink))
    lines = [".", "..", ".x", "", "x" * 998, "." + "y" * 997, "tab\there", "." * 998, "end"]
    body = "\r\n".join(lines) + "\r\n"
    longer = body + "x" * 2000 + "\r\n." + "y" * 998 + "\r\n"
    relay.submit(MAIL + body)
    assert sink.wait(1)
    relay.submit(MAIL + longer)
    assert sink.wait(2)
    short, long = sink.messages
    assert short["data"].endswith(body.encode()), short["data"][-3000:]
    assert decoded(long["data"]).endswith(longer.encode()), long["data"][-3000:]
    for m in sink.messages:
        rest = m["raw"].replace(b"\r\n", b"")
        assert b"\r" not in rest and b"\n" not in rest
        assert m["raw"].count(b"\r\n.\r\n") == 1
        assert max(map(len, m["data"].split(b"\r\n"))) <= 998


def test_smuggling_never_goes_out(folder):
    """What a lenient next server could take for an end is refused at our door, and if it were not, never sent."""
    sink = Sink()
    relay = Relay(folder, smarthost(sink))
    ends = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r.\n", b"\r\r\n.\r\n", b"\r\n.\r\r\n"]
    for end in ends:
        with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as c:
            f = c.makefile("rb")
            f.readline()
            for line in (b"HELO x", b"MAIL FROM:<app@example.com>", b"RCPT TO:<b@example.net>", b"DATA"):
                c.sendall(line + b"\r\n")
                f.readline()
            c.sendall(MAIL.encode() + b"x" + end + b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<v@example.net>\r\nDATA\r\nsmuggled\r\n.\r\n")
            assert f.readline()[:1] in (b"5", b"4"), end
    relay.submit()
    assert sink.wait(1)
    time.sleep(0.5)
    assert [m["sender"] for m in sink.messages] == ["app@example.com"], sink.messages
    assert not any(b"smuggled" in m["raw"] for m in sink.messages)


def test_dsn_parameters_go_on(folder):
    sink = Sink(extensions=["PIPELINING", "DSN"])
    relay = Relay(folder, smarthost(sink))
    relay.submit(options=["RET=HDRS", "ENVID=QQ+2B1"], rcpt_options=["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;b@example.net"])
    assert sink.wait(1)
    mail = next(x for x in sink.lines if x.startswith("MAIL"))
    rcpt = next(x for x in sink.lines if x.startswith("RCPT"))
    assert "RET=HDRS" in mail and "ENVID=QQ+2B1" in mail, mail
    assert "NOTIFY=SUCCESS,FAILURE" in rcpt and "ORCPT=rfc822;b@example.net" in rcpt, rcpt


def test_orcpt_in_utf8_goes_on_in_ascii(folder):
    """As any server takes it (RFC 6533, 3); none where that is longer than one may be (RFC 3461, 4.2)."""
    sink = Sink(extensions=["PIPELINING", "DSN", "SMTPUTF8", "8BITMIME"])
    relay = Relay(folder, smarthost(sink))
    for n, given in enumerate(("ü+tag@example.net", "€" * 62 + "@example.net")):
        relay.submit(MAIL.replace("Subject: ", f"Subject: {n} "), rcpts=[f"b{n}@example.net"], options=["SMTPUTF8"],
                     rcpt_options=["ORCPT=utf-8;" + given])
    assert sink.wait(2)
    rcpt = {x.split(">")[0]: x for x in sink.lines if x.startswith("RCPT")}
    assert "ORCPT=utf-8;\\x{FC}\\x{2B}tag@example.net" in rcpt["RCPT TO:<b0@example.net"], rcpt
    assert "ORCPT" not in rcpt["RCPT TO:<b1@example.net"], rcpt


def test_too_many_recipients_at_once(folder):
    """452 in the middle: the rest in transactions of their own, at once, and never more again than it took."""
    class Few(Sink):
        def reply_to(self, verb, line):
            if verb == "MAIL":
                self.taken = 0
            if verb == "RCPT":
                self.taken = getattr(self, "taken", 0) + 1
                if self.taken > 5:
                    return "452 4.5.3 Too many recipients"
            return super().reply_to(verb, line)
    sink = Few()
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit(rcpts=[f"r{i}@example.net" for i in range(23)])
    assert sink.wait(5, 10), [len(m["rcpts"]) for m in sink.messages]
    assert sorted(x for m in sink.messages for x in m["rcpts"]) == sorted(f"r{i}@example.net" for i in range(23))
    states(relay, n=23, wanted=["handed-over"] * 23)


def test_a_server_that_wants_fewer_connections(folder):
    """421 to the third connection while two work: the mail goes over those, and nothing is delayed."""
    class Two(Sink):
        def reply_to(self, verb, line):
            if verb == "CONNECT" and self.open > 2:
                return "421 4.7.0 too many connections from your host"
            return super().reply_to(verb, line)
    sink = Two(delay=0.01)
    relay = Relay(folder, smarthost(sink, "connections = 8"))
    for _ in range(30):
        relay.submit()
    assert sink.wait(30, 15), len(sink.messages)
    states(relay, n=30, wanted=["handed-over"] * 30)
    assert sink.connections < 20, sink.connections


def test_one_message_that_breaks_connections(folder):
    """It is delayed; the others go on at once over new connections."""
    sink = Sink(says={"RCPT poison@example.net": ""})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit(rcpts=["poison@example.net"])
    for _ in range(3):
        relay.submit()
    assert sink.wait(3, 5)
    states(relay, n=4, wanted=["delayed"] + ["handed-over"] * 3)


def test_a_server_that_hangs_up_on_idle_sessions(folder):
    """A connection closed while it waited costs nothing: the next message goes out on a new one."""
    sink = Sink(says={"MAIL": ["250 ok", "", "250 ok"]})
    relay = Relay(folder, smarthost(sink, "connections = 1"))
    relay.submit()
    assert sink.wait(1)
    relay.submit()
    assert sink.wait(2)
    states(relay, n=2, wanted=["handed-over"] * 2)
    assert sink.connections == 2 and not any(x.get("state") == "delayed" for x in relay.log_lines("queue.log"))


def test_endless_replies(folder):
    """A server that never stops talking is cut off, and nobody else waits for it."""
    class Endless(Sink):
        def reply_to(self, verb, line):
            if verb == "MAIL":
                return "\r\n".join(["250-" + "x" * 400] * 4000) + "\r\n250 ok"
            return super().reply_to(verb, line)
    sink, good = Endless(), Sink()
    relay = Relay(folder, f'route "bad" {{ recipients = {{ "@bad.example" }} smarthost = "{sink.where}" security = "none" }}\n' + smarthost(good))
    relay.submit(rcpts=["x@bad.example"])
    relay.submit()
    assert good.wait(1)
    states(relay, n=2, wanted=["delayed", "handed-over"])


def test_end_while_something_comes_due(folder):
    """A session that is slow to say goodbye, and meanwhile a retry's time comes."""
    def slow_bye(_):
        time.sleep(2.5)
        return "221 2.0.0 Bye"
    sink = Sink(says={"RCPT b@example.net": "450 4.2.1 later", "QUIT": slow_bye})
    relay = Relay(folder, 'retry { first = "1s" most = "1s" }\n' + smarthost(sink))
    relay.submit(rcpts=["b@example.net"])
    states(relay, wanted=["delayed"])
    relay.signal(15)
    assert relay.process.wait(15) == 0
