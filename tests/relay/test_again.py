# SPDX-License-Identifier: Apache-2.0
"""A mail that comes again after its first try ended: what did not arrive is sent, what may have arrived is not."""
import urllib.request

from door import Raw, wait_until
from relay import Relay
from sink import Sink

REFUSED = {"RCPT z@example.net": "550 5.1.1 No such user", "RCPT y@example.net": "550 5.1.1 No such user"}


def relay_to(folder, sink, listen=' wait = "5s"'):
    return Relay(folder, f'route "out" {{ recipients = {{ "*" }}  smarthost = "{sink.where}"  security = "none" }}\n'
                 f'listen "127.0.0.1:0" {{ security = "none" {listen} }}\n', listen=False)


def give(r, head, *rcpts):
    with Raw(r.port) as c:
        c.hello()
        c.envelope("app@example.com", *rcpts)
        assert c.say("DATA")[0] == 354
        return c.say(head.encode() + b"\r\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")


def id_of(text):
    return text.split("queued as ")[1].split()[0]


def states(r, message):
    return [x.get("state") for x in r.log_lines("queue.log") if x.get("id") == message]


def reports(r):
    return sum(1 for x in r.log_lines("queue.log") if x.get("state") == "queued" and x.get("sender") == "")


def test_refused_and_sent_again(folder):
    """The second answer is no "already queued" for what was refused; over a restart too."""
    sink = Sink(says=REFUSED)
    r = relay_to(folder, sink)
    first = give(r, "Message-ID: <1@x>", "z@example.net")
    assert first[0] == 550 and "No such user" in first[1], first
    for _ in range(2):
        assert give(r, "Message-ID: <1@x>", "z@example.net") == first
        assert r.stop() == 0
        r.start()
    sink.says.clear()  # the mailbox exists now
    code, text = give(r, "Message-ID: <1@x>", "z@example.net")
    assert code == 250 and "handed over as" in text, text
    code, text = give(r, "Message-ID: <1@x>", "z@example.net")
    assert code == 250 and "already queued as" in text, text
    assert reports(r) == 0
    assert r.stop() == 0


def test_only_those_who_did_not_get_it(folder):
    """Mixed fates: a second try leaves out who has it, and goes to who was refused."""
    sink = Sink(says=dict(REFUSED))
    r = relay_to(folder, sink)
    code, text = give(r, "Message-ID: <1@x>", "b@example.net", "z@example.net")
    assert code == 250 and "1 recipient handed over, 1 refused, 0 tried again; refused: z@example.net: 550 " in text, text
    assert len(text) < 500
    sink.says.clear()
    code, text = give(r, "Message-ID: <1@x>", "b@example.net", "z@example.net")
    assert code == 250 and "handed over as" in text, text
    again = text.split("handed over as ")[1].split(":")[0]
    wait_until(lambda: "handed-over" in states(r, again))
    assert {x["recipient"] for x in r.log_lines("queue.log") if x.get("id") == again} == {"z@example.net"}
    code, text = give(r, "Message-ID: <1@x>", "b@example.net", "z@example.net")
    assert code == 250 and "already queued as" in text, text
    assert r.stop() == 0


def test_cancelled_and_sent_again(folder):
    """What was withdrawn may be sent after all; what still waits may not go out twice.  Without wait."""
    sink = Sink(says={"RCPT q@example.net": "451 4.3.2 later"})
    r = relay_to(folder, sink, "")
    first = id_of(give(r, "Message-ID: <1@x>", "q@example.net")[1])
    wait_until(lambda: "delayed" in states(r, first))
    assert "already queued as " + first in give(r, "Message-ID: <1@x>", "q@example.net")[1]
    r.run("queue", "cancel", first, check=0)
    wait_until(lambda: "cancelled" in states(r, first))
    code, text = give(r, "Message-ID: <1@x>", "q@example.net")
    assert code == 250 and "already" not in text and id_of(text) != first, text
    assert r.stop() == 0


def test_a_programs_own_key_asks(folder):
    """X-Postrider-Key: what became of it is the answer, with its ID, and nothing is sent."""
    sink = Sink(says=dict(REFUSED))
    r = relay_to(folder, sink, "")
    first = id_of(give(r, "X-Postrider-Key: k1", "z@example.net", "y@example.net")[1])
    wait_until(lambda: states(r, first).count("refused") == 2)
    sink.says.clear()
    for _ in range(2):
        code, text = give(r, "X-Postrider-Key: k1", "y@example.net", "z@example.net")
        assert code == 550 and text.startswith("5.1.1 " + first) and "refused: No such user" in text, text
        r.kill()
        r.start()
    code, text = give(r, "X-Postrider-Key: k1", "z@example.net", "new@example.net")  # z never had it
    assert code == 250 and text.endswith("; 1 of its recipients came with this key before"), text
    assert "queued as" in give(r, "X-Postrider-Key: k2", "z@example.net")[1]
    assert r.stop() == 0


def test_all_refused_is_a_refusal(folder):
    """wait: nobody of two gets it, at RCPT or at the dot: 550, as for one, and no report."""
    for says in (REFUSED, {"DOT": "550 5.7.1 No thanks"}):
        sink = Sink(says=says)
        r = relay_to(folder, sink)
        code, text = give(r, "Message-ID: <1@x>", "y@example.net", "z@example.net")
        assert code == 550 and "refused it: No " in text, text
        assert reports(r) == 0, r.log_lines("queue.log")
        assert r.stop() == 0


def test_all_refused_for_two_reasons(folder):
    """... each for a reason of its own: the answer names whose it gives, and a report tells them all."""
    sink = Sink(says={**REFUSED, "RCPT y@example.net": "550 5.1.1 Nobody of that name"})
    r = relay_to(folder, sink)
    code, text = give(r, "Message-ID: <1@x>", "y@example.net", "z@example.net")
    assert code == 554 and text.startswith("5.0.0 All 2 recipients were refused, the last, "), text
    assert "z@example.net: 550 5.1.1 No such user" in text or "y@example.net: 550 5.1.1 Nobody" in text, text
    wait_until(lambda: any(m["data"] for m in sink.messages))  # beside the lone dot of the refused one
    report = next(m["data"] for m in sink.messages if m["data"])
    told = b" ".join(report.replace(b"=\r\n", b"").split())
    assert b"No such user" in told and b"Nobody of that name" in told, told
    assert r.stop() == 0
    assert reports(r) == 1, r.log_lines("queue.log")


def test_all_refused_by_two_servers(folder):
    """... where the refusals come one after the other: the first waits to be reported, and is not."""
    first, second = Sink(says=REFUSED), Sink(says={"RCPT z@example.org": "550 5.1.1 No such user"}, delay=0.4)
    r = Relay(folder, f'route "a" {{ recipients = {{ "*@example.net" }}  smarthost = "{first.where}"  security = "none" }}\n'
              f'route "b" {{ recipients = {{ "*" }}  smarthost = "{second.where}"  security = "none" }}\n'
              'listen "127.0.0.1:0" { security = "none"  wait = "8s" }\n', listen=False)
    code, text = give(r, "Message-ID: <1@x>", "z@example.net", "z@example.org")
    assert code == 550 and "No such user" in text, text
    assert r.stop() == 0
    assert reports(r) == 0, r.log_lines("queue.log")


def test_what_a_server_cannot_take(folder):
    """wait: for a next server without SMTPUTF8 the code says that."""
    sink = Sink()
    r = relay_to(folder, sink)
    with Raw(r.port) as c:
        c.hello()
        assert c.say("MAIL FROM:<app@example.com> SMTPUTF8")[0] == 250
        assert c.say("RCPT TO:<m\u00fcller@example.net>")[0] == 250
        assert c.say("DATA")[0] == 354
        code, text = c.say(b"Subject: x\r\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")
        assert code == 554 and text.startswith("5.6.7 "), (code, text)
    assert r.stop() == 0


def test_refusals_are_counted(folder):
    """postrider_messages_refused_total: recipients and messages refused, and no slips of a client."""
    r = Relay(folder, 'route "out" { smarthost = "127.0.0.1:1"  security = "none" }\n'
              'http { listen = "127.0.0.1:0"  open = "read" }\nmax-size = 1000\n')

    def refused():
        with urllib.request.urlopen(f"http://127.0.0.1:{r.ports[-1]}/metrics", timeout=10) as answer:
            return int(answer.read().decode().split("\npostrider_messages_refused_total ")[1].split()[0])
    with Raw(r.port) as c:
        c.hello()
        for slip in ("FOO", "BAR", "RCPT TO:<a@example.net>", "AUTH PLAIN AGEAYg==", "STARTTLS"):
            assert c.say(slip)[0] >= 500, slip
        assert refused() == 0
        c.envelope("app@example.com", "b@example.net")
        assert c.say("DATA")[0] == 354
        assert c.say(b"Subject: x\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")[0] >= 500
    assert refused() == 1
    with Raw(r.port) as c:
        c.hello()
        c.envelope("app@example.com", "b@example.net")
        code, text = c.say(b"BDAT 1001\r\n" + b"x" * 1001)
        assert code == 552 and "at most 1000 bytes" in text, (code, text)
        assert c.say("BDAT 0 LAST")[0] == 503
    assert refused() == 2
    with Raw(r.port) as c:
        c.hello()
        code, text = c.say("MAIL FROM:<app@example.com> SIZE=1001")
        assert code == 552 and text.startswith("5.3.4 "), (code, text)
        assert c.say("MAIL FROM:<app@example.com> SIZE=x")[0] == 501  # a slip
    assert refused() == 3
    assert r.stop() == 0


def test_may_have_arrived_and_refused(folder):
    """The first copy was never answered, the next refused: the same Message-ID is no second mail."""
    sink = Sink(says={"DOT": [""]})
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}"  security = "none" }}\nretry {{ first = "1s"  most = "1s" }}\n')
    first = id_of(give(r, "Message-ID: <1@x>", "z@example.net")[1])
    wait_until(lambda: "in-doubt" in states(r, first))
    sink.says.update(REFUSED)
    wait_until(lambda: "refused" in states(r, first))
    sink.says.clear()
    for _ in range(2):
        code, text = give(r, "Message-ID: <1@x>", "z@example.net")
        assert code == 250 and f"already queued as {first}" in text, text
        r.kill()
        r.start()
    code, text = give(r, "Message-ID: <2@x>", "z@example.net")
    wait_until(lambda: "handed-over" in states(r, id_of(text)))
    assert r.stop() == 0
