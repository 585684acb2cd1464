# SPDX-License-Identifier: Apache-2.0
"""Who may hand over what: never an open relay, whatever the listener, the network, the login and the recipient."""
import base64
import itertools
import smtplib
import time

from door import PASSWORD, ROUTE, Raw, account, certificate, codes, trusting, wait_until
from relay import Relay

SENDERS = 'senders = { "*@example.com" }'


def plain(user, password=PASSWORD):
    return "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def wants(login, allowed, tls, logged_in, recipient):
    """What must come of it: the code to RCPT (or to MAIL, where that is refused)."""
    if login == "required" and not logged_in:
        return 530
    if recipient == "local":
        return 250
    return 250 if allowed or logged_in else 550


def test_never_an_open_relay(folder):
    """listener x security x network x login x recipient.  127.0.0.1 is allowed, 127.9.9.9 is anybody."""
    logins, securities = ("never", "offered", "required"), ("none", "starttls", "tls")
    doors = list(itertools.product(logins, securities))
    r = Relay(folder, certificate(folder) + ROUTE + account(more=SENDERS) +
              'allow-from = { "127.0.0.1/32" }\nlocal-domains = { "bounces.example.com" }\n' +
              "".join(f'listen "127.0.1.{i}:0" {{ security = "{s}"  login = "{l}" }}\n' for i, (l, s) in enumerate(doors)),
              listen=False)
    to = {"local": "v1@bounces.example.com", "foreign": "b@example.net"}
    for i, (login, security) in enumerate(doors):
        for source, log_in, recipient in itertools.product(("127.0.0.1", "127.9.9.9"), (False, True), to):
            if log_in and login == "never":
                continue
            where = (login, security, source, log_in, recipient)
            with Raw(r.ports[i], f"127.0.1.{i}", source, greeting=False) as c:
                if security == "tls":
                    c.tls()
                assert c.reply()[0] == 220
                offered = c.hello()
                if security == "starttls":
                    assert "STARTTLS" in offered, where
                    assert c.say("STARTTLS")[0] == 220
                    c.tls()
                    offered = c.hello()
                assert any(x.startswith("AUTH ") for x in offered) == (login != "never"), where
                if log_in:
                    assert c.say(plain("app@example.com"))[0] == 235, where
                code, text = c.say("MAIL FROM:<a@example.com>")
                if code == 250:
                    code, text = c.say(f"RCPT TO:<{to[recipient]}>")
                assert code == wants(login, source == "127.0.0.1", security != "none", log_in, recipient), (where, code, text)
    assert r.stop() == 0


def test_addresses_that_route_themselves(folder):
    """None of the old ways to name a way makes a local recipient of a foreign one."""
    r = Relay(folder, ROUTE + 'allow-from = { "192.0.2.1" }\nlocal-domains = { "bounces.example.com" }\n')
    for path in ("<b%example.net@bounces.example.com>", "<@bounces.example.com:b@example.net>", "<example.net!b>",
                 "<\"b@example.net\"@bounces.example.com>", "<b@example.net@bounces.example.com>", "<b@[127.0.0.1]>",
                 "<b@example.net>", "<@bounces.example.com,@x.example:b@example.net>", "<b>", "b@bounces.example.com extra",
                 "<b@bounces.example.com.evil.example>", "<b@xbounces.example.com>", "<b@bounces.example.com\\n>",
                 "<$(reboot)@example.net>", "<b@example.net;reboot>"):
        with Raw(r.port) as c:
            c.hello()
            assert c.say("MAIL FROM:<>")[0] == 250
            code, text = c.say(f"RCPT TO:{path}")
            # What is accepted is local as it stands: nothing in its local part is ever looked at.
            assert code >= 500 or (code == 250 and path.rstrip(">").endswith("@bounces.example.com")), (path, code, text)
    assert r.stop() == 0


def test_no_login_before_tls_off_loopback(folder):
    """The machine's own address stands for another machine: it is not loopback."""
    import socket
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    except OSError:
        own = "127.0.0.1"
    if own.startswith("127."):
        from run import Skip
        raise Skip("this machine has no address but loopback")
    r = Relay(folder, certificate(folder) + ROUTE + account() +
              'listen "0.0.0.0:0" { security = "starttls"  login = "offered" }\n', listen=False)
    with Raw(r.port, own, own) as c:
        assert not any(x.startswith("AUTH") for x in c.hello())
        code, text = c.say(plain("app@example.com"))
        assert code in (530, 538) and "STARTTLS" in text, (code, text)
        assert c.say("MAIL FROM:<a@example.com>")[0] == 250
        assert c.say("RCPT TO:<b@example.net>")[0] == 550
        c.say("RSET")
        assert c.say("STARTTLS")[0] == 220
        c.tls(trusting(folder))
        assert any(x.startswith("AUTH") for x in c.hello())
        assert c.say(plain("app@example.com"))[0] == 235
    assert r.stop() == 0


def test_senders_of_an_account(folder):
    r = Relay(folder, ROUTE + account(more=SENDERS) + 'listen "127.0.0.1:0" { security = "none"  login = "required" }\n',
              listen=False)
    with Raw(r.port) as c:
        c.hello()
        assert c.say(plain("app@example.com"))[0] == 235
        code, text = c.say("MAIL FROM:<boss@example.org>")
        assert code == 550 and "may not send as" in text and "*@example.com" in text, (code, text)
        assert c.say("MAIL FROM:<Anyone@EXAMPLE.com>")[0] == 250
        c.say("RSET")
        assert c.say("MAIL FROM:<>")[0] == 250
    assert r.stop() == 0


def test_names_in_the_header(folder):
    """What the recipient sees as the sender is held as the envelope is, for reports too."""
    r = Relay(folder, ROUTE + account(more=SENDERS) + account("any@example.com") +
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    cases = [("a@example.com", "From: a@example.com", None), ("a@example.com", "Subject: x", None),
             ("", "From: a@example.com", None), ("a@example.com", "From: ceo@evil.example", "ceo@evil.example"),
             ("", "From: ceo@evil.example", "ceo@evil.example"),
             ("", "From: MAILER-DAEMON@relay.test", None), ("", "From: MAILER-DAEMON@evil.example", "mailer-daemon@"), ("a@example.com", "From: postmaster@x.example", "postmaster@"),
             ("a@example.com", "From: a@example.com <a@example.com>", None),
             ("a@example.com", "From: a@example.com\r\nResent-From: ceo@evil.example", "Resent-From")]
    for user in ("app@example.com", "any@example.com"):
        with Raw(r.port) as c:
            c.hello()
            assert c.say(plain(user))[0] == 235
            for sender, head, word in cases:
                assert c.say(f"MAIL FROM:<{sender}>")[0] == 250
                assert c.say("RCPT TO:<b@example.net>")[0] == 250
                assert c.say("DATA")[0] == 354
                code, text = c.say(head.encode() + b"\r\n\r\nx\r\n.\r\n")
                held = word and user == "app@example.com"
                assert code == (550 if held else 250), (user, sender, head, code, text)
                assert not held or (word.lower() in text.lower() and 'senders of account "app@example.com"' in text), text
    assert r.stop() == 0


def test_from_without_an_address(folder):
    """Who logs in is told.  Devices never do: tests/relay/test_clients.py."""
    r = Relay(folder, ROUTE + account() + 'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    with Raw(r.port) as c:
        c.hello()
        assert c.say(plain("app@example.com"))[0] == 235
        for head in ("From: Scanner", "From: root (Cron Daemon)", "From: undisclosed:;"):
            assert c.say("MAIL FROM:<a@example.com>")[0] == 250
            assert c.say("RCPT TO:<b@example.net>")[0] == 250
            assert c.say("DATA")[0] == 354
            code, text = c.say(head.encode() + b"\r\n\r\nx\r\n.\r\n")
            assert code == 550 and "no address" in text, (head, code, text)
    assert r.stop() == 0


def test_sizes(folder):
    r = Relay(folder, ROUTE + account(more='max-size = "1M"') + 'max-size = "2M"\n'
              'listen "127.0.0.1:0" { security = "none"  login = "offered" }\n', listen=False)
    with Raw(r.port) as c:
        assert f"SIZE {2 << 20}" in c.hello()
        code, text = c.say("MAIL FROM:<a@example.com> SIZE=2097153")
        assert code == 552 and "5.3.4" in text and f"at most {2 << 20} bytes" in text, (code, text)
        assert c.say(plain("app@example.com"))[0] == 235
        assert f"SIZE {1 << 20}" in c.hello()
        code, text = c.say("MAIL FROM:<a@example.com> SIZE=1048577")
        assert code == 552 and "5.3.4" in text and f"at most {1 << 20} bytes" in text, (code, text)
        c.envelope()
        assert c.say("DATA")[0] == 354
        code, text = c.say(b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 16000 + b".\r\n")
        assert code == 552 and f"at most {1 << 20} bytes" in text, (code, text)
        c.envelope()   # the session goes on
        assert c.say("DATA")[0] == 354
        assert c.say(b"Subject: x\r\n\r\nx\r\n.\r\n")[0] == 250
    with Raw(r.port) as c:  # without end: cut off
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        try:
            for _ in range(200):
                c.send(b"x" * 65534 + b"\r\n")
        except OSError:
            pass
        assert c.ended()
    assert r.stop() == 0


def test_caps_hold_over_a_restart(folder):
    r = Relay(folder, ROUTE + account(more="daily-cap = 3") + account("fast@example.com", 'rate = "2/1h"') +
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)

    def send(user, *rcpts):
        with Raw(r.port) as c:
            c.hello()
            assert c.say(plain(user))[0] == 235
            assert c.say("MAIL FROM:<a@example.com>")[0] == 250
            got = [c.say(f"RCPT TO:<{x}>") for x in rcpts]
            if any(code == 250 for code, _ in got):
                assert c.say("DATA")[0] == 354
                got.append(c.say(b"Subject: x\r\n\r\nx\r\n.\r\n"))
            return got
    assert [x[0] for x in send("app@example.com", "b@example.net", "c@example.net")] == [250, 250, 250]
    r.kill()
    r.start()
    got = send("app@example.com", "d@example.net", "e@example.net")
    assert [x[0] for x in got] == [250, 452, 250] and "tomorrow" in got[1][1], got
    r.stop()
    r.start()
    assert send("app@example.com", "f@example.net")[0][0] == 452
    got = send("fast@example.com", "b@example.net", "c@example.net", "d@example.net")
    assert [x[0] for x in got] == [250, 250, 450, 250] and "more is taken in" in got[2][1], got
    assert r.stop() == 0


def test_two_sessions_share_the_last_place(folder):
    """Both are told yes at RCPT; one of them is refused at the dot."""
    r = Relay(folder, ROUTE + account(more="daily-cap = 1") +
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    clients = [Raw(r.port), Raw(r.port)]
    for c in clients:
        c.hello()
        assert c.say(plain("app@example.com"))[0] == 235
        c.envelope()
        assert c.say("DATA")[0] == 354
    assert sorted(c.say(b"Subject: x\r\n\r\nx\r\n.\r\n")[0] for c in clients) == [250, 452]
    assert r.stop() == 0


def test_the_same_message_twice(folder):
    r = Relay(folder, ROUTE)

    def send(head, rcpts=("b@example.net",), sender="a@example.com"):
        with Raw(r.port) as c:
            c.hello()
            c.envelope(sender, *rcpts)
            assert c.say("DATA")[0] == 354
            code, text = c.say(head.encode() + b"From: a@example.com\r\n\r\nx\r\n.\r\n")
            assert code == 250, text
            return text.split()[1] == "already", text.split(" as ")[1].split()[0]
    again, first = send("Message-ID: <1@x>\r\n")
    assert not again
    assert send("Message-ID: <1@x>\r\nSubject: other\r\n") == (True, first)
    assert send("Message-ID: <1@x>\r\n", ("c@example.net",))[0] is False
    assert send("Message-ID: <2@x>\r\n")[0] is False
    assert send("")[0] is False and send("")[0] is False
    again, key = send("X-Postrider-Key: invoice-17\r\n")
    assert not again
    assert send("X-Postrider-Key: invoice-17\r\nMessage-ID: <3@x>\r\n") == (True, key)
    for field in ("Message-ID: ", "X-Postrider-Key: "):  # far longer than what is shown of them
        same = field + "\r\n ".join(["x" * 500] * 6)
        assert [send(same + end)[0] for end in ("1\r\n", "2\r\n", "1\r\n")] == [False, False, True], field
    r.kill()
    r.start()
    assert send("X-Postrider-Key: invoice-17\r\n") == (True, key)
    assert r.stop() == 0


def test_some_had_it_before(folder):
    """Of three recipients one is new: it alone is queued, and the answer says so."""
    r = Relay(folder, ROUTE)
    for rcpts in (("b@example.net", "c@example.net"), ("b@example.net", "d@example.net", "c@example.net")):
        with Raw(r.port) as c:
            c.hello()
            c.envelope("a@example.com", *rcpts)
            assert c.say("DATA")[0] == 354
            code, text = c.say(b"X-Postrider-Key: k1\r\nFrom: a@example.com\r\n\r\nx\r\n.\r\n")
    assert code == 250 and "queued as" in text and text.endswith("2 of its recipients came with this key before"), text
    message = text.split("queued as ")[1].split()[0]
    wait_until(lambda: any(x.get("id") == message for x in r.log_lines("queue.log")))
    assert {(x["rcpt"], x["recipient"]) for x in r.log_lines("queue.log") if x.get("id") == message} == {(0, "d@example.net")}
    assert r.stop() == 0


def test_nobody_spends_a_strangers_key(folder):
    """Reports come from anybody: one Message-ID does not keep another's report out."""
    r = Relay(folder, ROUTE + 'allow-from = { "192.0.2.1" }\nlocal-domains = { "bounces.example.com" }\n')
    for _ in range(2):
        with Raw(r.port) as c:
            c.hello()
            c.envelope("", "v1@bounces.example.com")
            assert c.say("DATA")[0] == 354
            code, text = c.say(b"Message-ID: <1@x>\r\nFrom: <x@y.example>\r\n\r\nx\r\n.\r\n")
            assert code == 250 and "queued as" in text and "already" not in text, text
    assert r.stop() == 0


def test_failed_logins_are_slowed_down(folder):
    r = Relay(folder, ROUTE + account() + 'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    answers = []
    for _ in range(3):
        with Raw(r.port, source="127.0.0.7") as c:
            c.hello()
            for _ in range(6):
                answers.append(c.say(plain("app@example.com", "wrong"))[0])
    assert answers.count(535) == 10 and answers.count(421) == 2 and answers.count(454) == 6, answers
    with Raw(r.port, source="127.0.0.7") as c:  # even with the right password, for a while
        c.hello()
        assert c.say(plain("app@example.com"))[0] == 454
    with Raw(r.port, source="127.0.0.8") as c:  # others are not concerned
        c.hello()
        assert c.say(plain("app@example.com"))[0] == 235
    assert r.stop() == 0


def test_unknown_user_costs_as_much(folder):
    """No list of names can be had from the time an answer takes."""
    r = Relay(folder, ROUTE + 'account "a@example.com" { password-hash = '
              '"$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0" }\n'
              'listen "127.0.0.1:0" { security = "none"  login = "required" }\n', listen=False)
    spent = {}
    for i, user in enumerate(("a@example.com", "nobody@example.com") * 4):
        with Raw(r.port, source=f"127.0.2.{i}") as c:
            c.hello()
            begin = time.monotonic()
            assert c.say(plain(user, f"wrong {i}"))[0] == 535
            spent.setdefault(user, []).append(time.monotonic() - begin)
    least = {user: min(v) for user, v in spent.items()}
    assert 0.25 < least["a@example.com"] / least["nobody@example.com"] < 4, least
    assert r.stop() == 0


def test_logins_do_not_stop_the_others(folder):
    """While passwords are compared, the loop goes on."""
    r = Relay(folder, ROUTE + account() + 'listen "127.0.0.1:0" { security = "none"  login = "offered" }\n', listen=False)
    crowd = []
    for i in range(40):
        c = Raw(r.port, source=f"127.0.3.{i}")
        c.hello()
        c.send(plain("app@example.com", f"wrong {i}") + "\r\n")
        crowd.append(c)
    with Raw(r.port) as c:
        begin = time.monotonic()
        c.hello()
        assert time.monotonic() - begin < 1
    assert [c.reply()[0] for c in crowd] == [535] * 40
    assert r.stop() == 0


def test_syntax_and_order(folder):
    r = Relay(folder, ROUTE)
    with Raw(r.port) as c:
        c.hello()
        for line, want in (("MAIL FROM:a@example.com", None), ("MAIL FROM:<a b@example.com>", 501), ("MAIL FROM:<a@>", 501),
                           ("MAIL FROM:<a@example.com> FOO=1", 555), ("MAIL FROM:<a@example.com> SIZE=x", 501),
                           ("RCPT TO:<b@example.net>", 503), ("DATA", 503), (b"BDAT 3 LAST\r\nabc", 503), ("NONSENSE", 500)):
            code, text = c.say(line)
            assert want is None or code == want, (line, code, text)
            c.say("RSET")
        assert c.say("MAIL FROM:<a@example.com>")[0] == 250
        assert c.say("RCPT TO:<>")[0] == 501
        assert c.say("RCPT TO:<b@example.net> NOTIFY=NEVER,DELAY")[0] == 501
        assert c.say("DATA")[0] in (503, 554)
    with smtplib.SMTP("127.0.0.1", r.port, local_hostname="x") as c:
        c.helo()
        assert c.mail("a@example.com")[0] == 250
    with Raw(r.port, greeting=False) as c:
        c.send(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nQUIT\r\n")
        assert codes(c.rest())[-1] == 221
    assert r.stop() == 0


def test_who_speaks_something_else_is_let_go(folder):
    """Also one that may relay: twenty lines that are no command, and its commands between them change nothing."""
    r = Relay(folder, ROUTE)
    with Raw(r.port) as c:
        c.hello()
        for _ in range(19):
            assert c.say("NONSENSE")[0] == 500
            assert c.say("NOOP")[0] == 250
        c.send("NONSENSE\r\n")
        assert codes(c.rest()) == [500, 421]
    assert r.stop() == 0


def test_a_list_with_bad_addresses_speaks_our_language(folder):
    """What cannot be read within a mail is an address that came in broken, however many there are."""
    r = Relay(folder, ROUTE)
    with Raw(r.port) as c:
        c.hello()
        for _ in range(2):
            assert c.say("MAIL FROM:<a@example.com>")[0] == 250
            for n in range(25):
                assert c.say(f"RCPT TO:<b{n}\x01@example.net>")[0] == 500
            assert c.say("RCPT TO:<b@example.net>")[0] == 250
            assert c.say("DATA")[0] == 354
            assert c.say(b"Subject: x\r\nFrom: a@example.com\r\n\r\nx\r\n.\r\n")[0] == 250
            for _ in range(19):
                assert c.say("NONSENSE")[0] == 500
    assert r.stop() == 0


def test_what_is_wrong_with_an_address(folder):
    """In words for people, with what is expected: no name of ours for it."""
    r = Relay(folder, ROUTE)
    with Raw(r.port) as c:
        c.hello()
        for address, words in (("<x>", "it has no @"), ("<a@b@c>", "it has two @"), ("<a..b@c>", "a dot stands at an end"),
                               ("<a@-c>", "is no domain"), ("<a;b@c>", "one address at a time"), ("<postmaster>", "it has no @"),
                               ("<a@b", "its > is missing"), ("<a b@c>", "it has a blank in it")):
            code, text = c.say("MAIL FROM:" + address)
            assert code == 501 and words in text and "(MAIL FROM:<name@example.com> is expected)" in text, (address, code, text)
        assert c.say("MAIL FROM:<a@example.com>")[0] == 250
        code, text = c.say("RCPT TO:<b@>")
        assert code == 501 and "nothing stands behind the @ (RCPT TO:<name@example.com> is expected)" in text, (code, text)
    assert r.stop() == 0


def test_what_the_next_server_would_refuse(folder):
    """Once its SIZE is known, a message too big for it is refused here, while the sender listens."""
    from sink import Sink
    sink, other = Sink(extensions=("PIPELINING", "SIZE 5000")), Sink()

    def config(to):
        return f'route "out" {{ recipients = {{ "*" }}  smarthost = "{to.where}"  security = "none" }}\n'

    r = Relay(folder, config(sink))
    r.submit()
    assert sink.wait(1)
    with Raw(r.port) as c:
        c.hello()
        assert c.say("MAIL FROM:<a@example.com> SIZE=6000")[0] == 250
        code, text = c.say("RCPT TO:<b@example.net>")
        assert code == 552 and "5.3.4" in text and "5000" in text, (code, text)
        c.say("RSET")
        assert c.say("MAIL FROM:<a@example.com> SIZE=4000")[0] == 250
        assert c.say("RCPT TO:<b@example.net>")[0] == 250
        assert c.say("DATA")[0] == 354
        code, text = c.say(b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 100 + b".\r\n")
        assert code == 552 and "5000" in text, (code, text)
    assert r.stop() == 0
    r.start()  # and is known to the next start
    with Raw(r.port) as c:
        c.hello()
        assert c.say("MAIL FROM:<a@example.com> SIZE=6000")[0] == 250
        code, text = c.say("RCPT TO:<b@example.net>")
        assert code == 552 and "5000" in text, (code, text)
    r.write(config(other))  # is no word of another smarthost's
    r.signal(1)
    wait_until(lambda: "read again" in r.said())
    with Raw(r.port) as c:
        c.hello()
        assert c.say("MAIL FROM:<a@example.com> SIZE=6000")[0] == 250
        assert c.say("RCPT TO:<b@example.net>")[0] == 250
    assert r.stop() == 0
