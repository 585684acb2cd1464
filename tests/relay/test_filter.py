# SPDX-License-Identifier: Apache-2.0
"""Filters (milters) before a message is taken, and our own DKIM signatures."""
import base64
import concurrent.futures
import os
import pathlib
import smtplib
import subprocess
import sys
import time

import milter
from door import PASSWORD, Raw, account, wait_until
from relay import MAIL, Relay
from run import Skip
from sink import Sink

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import debs  # noqa: E402

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def world(folder, where, more="", on_failure="delay", timeout="5s"):
    sink = Sink()
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
                          f'filter "test" {{ milter = "{where}" on-failure = "{on_failure}" timeout = "{timeout}" }}\n' + more)
    return relay, sink


def hand_in(relay, rcpt="b@example.net"):
    """As the account, with its login; the code of the last answer."""
    with Raw(relay.port) as c:
        c.hello()
        c.say("AUTH PLAIN " + base64.b64encode(b"\0app@example.com\0" + PASSWORD.encode()).decode())
        assert c.say("MAIL FROM:<app@example.com>")[0] == 250
        code = c.say(f"RCPT TO:<{rcpt}>")[0]
        if code != 250:
            return code
        assert c.say("DATA")[0] == 354
        return c.say(b"Subject: x\r\n\r\nx\r\n.\r\n")[0]


def refusal(relay, **more):
    try:
        relay.submit(**more)
    except AssertionError as e:
        return e.args[0]
    raise AssertionError("it was taken")


def test_told_everything(folder):
    filter_ = milter.Milter()
    relay, sink = world(folder, filter_.where)
    message = relay.submit(rcpts=["b@example.net", "c@example.net"])
    assert sink.wait(1)
    assert filter_.letters() == "OCHMRRT" + "L" * 6 + "NBE", filter_.letters()
    assert filter_.macros()["i"] == message and filter_.macros()["{client_addr}"] == "127.0.0.1"
    told = dict(filter_.told)
    assert told["M"] == b"<app@example.com>\0" and told["H"] == b"client.test\0", told
    assert b"Hello.\r\n" in told["B"]
    assert (b"Subject\0invoice 17\0") in [d for x, d in filter_.told if x == "L"]


def test_quiet_filter_waits_for_nothing(folder):
    filter_ = milter.Milter(protocol=0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x80 | 0x40000 | 0x80000)
    relay, sink = world(folder, filter_.where)
    relay.submit()
    assert sink.wait(1) and filter_.letters().endswith("NBE")


def test_unix_socket(folder):
    filter_ = milter.Milter(where=folder / "filter.sock")
    relay, sink = world(folder, filter_.where)
    relay.submit()
    assert sink.wait(1) and "E" in filter_.letters()


def test_changes(folder):
    filter_ = milter.Milter({"E": [b"hX-Scanned\0yes\n\tby test\0", b"i\0\0\0\1DKIM-Signature\0v=1\0",
                                   b"m\0\0\0\1Subject\0changed\0", b"bNew text\nof it\r\n", b"-<b@example.net>\0",
                                   b"+<d@example.net>\0", b"e<other@example.com>\0", b"c"]})
    relay, sink = world(folder, filter_.where)
    message = relay.submit(rcpts=["b@example.net", "c@example.net"])
    assert sink.wait(1)
    sent = sink.messages[0]
    assert sorted(sent["rcpts"]) == ["c@example.net", "d@example.net"] and sent["sender"] == "other@example.com", sent
    head, text = sent["data"].split(b"\r\n\r\n", 1)
    assert text == b"New text\r\nof it\r\n", text
    lines = head.split(b"\r\n")
    assert b"Subject: changed" in lines and b"X-Scanned: yes" in lines and b"\tby test" in lines, head
    assert lines[0].startswith(b"Received:") and head.index(b"DKIM-Signature: v=1") < head.index(b"Subject:"), head
    assert f"id {message}".encode() in head, head


def test_who_was_removed_stays_known(folder):
    """The client was told 250 for them: found under the old address, in the log too, and said by whom they went."""
    first = milter.Milter({"E": [b"-<b@example.net>\0", b"+<d@example.net>\0", b"+<c@example.net>\0", b"c"]})
    second = milter.Milter({"E": [b"-<C@example.net>\0", b"-<e@example.net>\0", b"+<e@example.net>\0", b"c"]})
    relay, sink = world(folder, first.where, f'filter "second" {{ milter = "{second.where}" }}\n')
    message = relay.submit(rcpts=["b@example.net", "c@example.net", "e@example.net"])
    assert sink.wait(1) and sorted(sink.messages[0]["rcpts"]) == ["d@example.net", "e@example.net"], sink.messages
    trail = relay.trail(message, {"handed-over", "cancelled"})
    found = {r["recipient"]: r["state"] for r in trail["recipients"]}
    assert found == {"b@example.net": "cancelled", "c@example.net": "cancelled", "d@example.net": "handed-over", "e@example.net": "handed-over"}, found
    replaced, away = 'the filter "test" took this recipient away and put in d@example.net', 'the filter "second" took this recipient away'
    said = " ".join(relay.run("trace", "b@example.net").stdout.split())
    assert message in said and f"withdrawn: {replaced}" in said, said
    wait_until(lambda: {x["recipient"]: x["why"] for x in relay.log_lines("queue.log") if x.get("state") == "cancelled"}
               == {"b@example.net": replaced, "c@example.net": away})
    assert len(sink.messages) == 1  # no report: the filter's word is the operator's


def test_another_sender_is_told(folder):
    """The old one is told, and finds the mail: who handed it in knows no other."""
    filter_ = milter.Milter({"E": [b"e<gone@example.com>\0", b"e<other@example.org>\0", b"c"]})
    relay, sink = world(folder, filter_.where)
    message = relay.submit()
    assert sink.wait(1) and sink.messages[0]["sender"] == "other@example.org", sink.messages
    trail = relay.trail(message, {"handed-over"})
    why = 'the filter "test" changed the sender from <app@example.com> to <other@example.org>'
    assert (trail["sender"], trail["sender_given"], trail["trail"][0]["why"]) == ("other@example.org", "app@example.com", why), trail
    assert why in trail["trail"][0]["says"] and len(sink.messages) == 1
    for sender in ("app@example.com", "other@example.org", "sender:@example.com", "sender:@example.org"):
        assert relay.json("trace", sender)["id"] == message, sender
    assert [x["why"] for x in relay.log_lines("queue.log") if x.get("sender_given") == "app@example.com"] == [why]
    filter_.says = {"E": [b"e<other@example.org>\0", b"e<app@example.com>\0", b"c"]}  # as it was: nothing to tell
    assert "sender_given" not in relay.trail(relay.submit(), {"handed-over"})


def test_another_sender_of_what_is_held(folder):
    filter_ = milter.Milter({"E": [b"e<other@example.org>\0", b"qodd\0", b"c"]})
    relay, sink = world(folder, filter_.where)
    message = relay.submit()
    relay.trail(message, {"held"})
    assert relay.json("trace", "app@example.com", "state:held")["sender_given"] == "app@example.com"
    relay.run("queue", "release", message, check=0)
    assert sink.wait(1) and sink.messages[0]["sender"] == "other@example.org", sink.messages


def test_all_are_removed(folder):
    relay, sink = world(folder, milter.Milter({"E": [b"-<b@example.net>\0", b"c"]}).where)
    trail = relay.trail(relay.submit(), {"cancelled"})
    assert 'the filter "test" took this recipient away' in str(trail), trail
    assert not sink.wait(1, 0.5)


def test_removed_where_the_answer_waits(folder):
    """The answer is the next server's word on who was put in, and says that one was taken away; where nobody is left
    of whom there could be a word, it comes at once."""
    sink = Sink()
    filter_ = milter.Milter({"E": [b"-<b@example.net>\0", b"+<d@example.net>\0", b"c"]})
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
                  f'filter "test" {{ milter = "{filter_.where}" }}\n'
                  'listen "127.0.0.1:0" { security = "none"  wait = "20s" }\n', listen=False)
    begin = time.monotonic()
    for expected in ("(1 recipient taken away by a filter): 127.0.0.1", "queued as"):
        with Raw(relay.port) as c:
            c.hello()
            c.envelope("app@example.com", "b@example.net")
            assert c.say("DATA")[0] == 354
            code, text = c.say(b"Subject: x\r\nFrom: app@example.com\r\nMessage-ID: <same@x>\r\n\r\nx\r\n.\r\n")
        assert code == 250 and expected in text, text  # the second is the same mail again
    assert time.monotonic() - begin < 15 and len(sink.messages) == 1


def test_verdicts(folder):
    cases = [(b"r", 550, b"filter"), (b"t", 451, b"filter"), (b"y554 5.7.1 Spam, sorry\0", 554, b"5.7.1 Spam, sorry")]
    for i, (answer, code, words) in enumerate(cases):
        own = folder / str(i)
        own.mkdir()
        relay, sink = world(own, milter.Milter({"E": [answer]}).where)
        said = refusal(relay)
        assert said[0] == code and words in said[1], said
        assert not sink.messages
        relay.stop()


def test_a_refusal_of_many_lines(folder):
    relay, _ = world(folder, milter.Milter({"E": [b"y550-5.7.1 100%% spam\r\n550 5.7.1 Go away\0"]}).where)
    assert refusal(relay) == (550, b'5.7.1 100% spam\n5.7.1 Go away (filter "test")')


def test_refused_in_the_middle(folder):
    filter_ = milter.Milter({"R": [b"y550 5.1.1 no such user here\0"]})
    relay, sink = world(folder, filter_.where)
    said = refusal(relay)
    assert said[0] == 550 and b"no such user" in said[1] and "B" not in filter_.letters(), said


class Choosy(milter.Milter):
    """Refuses recipients whose names say so."""

    def __init__(self, word=b"y550 5.1.1 no such user here\0"):
        super().__init__()
        self.says = self
        self.word = word

    def get(self, letter, usual):
        return [self.word] if letter == "R" and b"no" in self.told[-1][1].split(b"@")[0] else usual


def test_one_of_many_is_refused(folder):
    """As at RCPT with other servers: the others get the message, its sender a report of the one, and a second filter
    and the first one's own end see the others alone."""
    first, second = Choosy(), milter.Milter()
    relay, sink = world(folder, first.where, f'filter "second" {{ milter = "{second.where}" }}\n')
    message = relay.submit(rcpts=["no1@example.net", "b@example.net", "no2@example.net", "c@example.net"])
    assert sink.wait(2)
    sent = {m["sender"]: m for m in sink.messages}
    assert sent["app@example.com"]["rcpts"] == ["b@example.net", "c@example.net"], sink.messages
    assert [d for x, d in second.told if x == "R"] == [b"<b@example.net>\0", b"<c@example.net>\0"], second.told
    assert first.letters().endswith("NBE")
    trail = relay.trail(message, {"handed-over", "refused"})
    refused = {r["recipient"] for r in trail["recipients"] if r["state"] == "refused"}
    assert refused == {"no1@example.net", "no2@example.net"}, trail
    assert "no such user here (filter \"test\")" in relay.run("trace", message).stdout
    report = sent[""]["data"]
    assert b"no1@example.net" in report and b"no2@example.net" in report and b"rfc822; b@example.net" not in report, report


def test_one_refused_and_the_rest_changed(folder):
    filter_ = Choosy(b"r")
    usual = filter_.get
    filter_.get = lambda letter, none: [b"-<b@example.net>\0", b"+<d@example.net>\0", b"c"] if letter == "E" else usual(letter, none)
    relay, sink = world(folder, filter_.where)
    message = relay.submit(rcpts=["b@example.net", "no@example.net", "c@example.net"])
    assert sink.wait(2)
    assert sorted(next(m["rcpts"] for m in sink.messages if m["sender"])) == ["c@example.net", "d@example.net"], sink.messages
    found = {r["recipient"]: r["state"] for r in relay.trail(message, {"handed-over", "refused", "cancelled"})["recipients"]}
    assert found == {"b@example.net": "cancelled", "c@example.net": "handed-over", "d@example.net": "handed-over", "no@example.net": "refused"}, found


def test_one_refused_where_the_answer_waits(folder):
    """It counts among what is known, so that the answer comes with the next server's word on the others."""
    sink = Sink()
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
                  f'filter "test" {{ milter = "{Choosy().where}" }}\n'
                  'listen "127.0.0.1:0" { security = "none"  wait = "20s" }\n', listen=False)
    with Raw(relay.port) as c:
        c.hello()
        c.envelope("app@example.com", "no@example.net", "b@example.net")
        assert c.say("DATA")[0] == 354
        begin = time.monotonic()
        code, text = c.say(b"Subject: x\r\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")
    assert code == 250 and "1 recipient handed over, 1 refused" in text and "; refused: no@example.net: 550 " in text and time.monotonic() - begin < 10, text


def test_all_of_many_are_refused(folder):
    relay, sink = world(folder, Choosy().where)
    said = refusal(relay, rcpts=["no1@example.net", "no2@example.net"])
    assert said[0] == 550 and b"all recipients were refused" in said[1] and b"<no2@example.net>" in said[1], said
    assert not sink.messages


def test_one_of_many_not_now(folder):
    """Its client comes again with all, so that it is asked again; the answer says because of whom."""
    relay, sink = world(folder, Choosy(b"t").where)
    said = refusal(relay, rcpts=["b@example.net", "no@example.net", "c@example.net"])
    assert said[0] == 451 and b"<no@example.net>" in said[1] and not sink.messages, said


def test_an_address_in_utf8(folder):
    """Given by a filter, not by the client: the next server is told, and where it takes none, that is said."""
    relay, sink = world(folder, milter.Milter({"E": ["+<r\u00fc@example.net>\0".encode(), b"c"]}).where)
    trail = relay.trail(relay.submit(), {"handed-over", "refused"})
    refused = [r for r in trail["recipients"] if r["state"] == "refused"]
    assert "ehlo-capability-smtputf8-missing" in str(refused), refused
    sink.extensions.append("SMTPUTF8")
    relay.stop()
    relay.start()
    relay.trail(relay.submit(), {"handed-over"})
    assert sorted(sink.messages[-1]["rcpts"]) == ["b@example.net", "r\u00fc@example.net"]
    assert any(x.startswith("MAIL") and x.endswith(" SMTPUTF8") for x in sink.lines), sink.lines


def test_changes_no_server_would_take(folder):
    """Said at once, in the log too; not found out by the next server, day after day."""
    for i, change in enumerate((b"e<x y>\0", b"+<d@example.net> NOTIFY=NEVER>\0", b"+root\0", b"ba\0b")):
        own = folder / str(i)
        own.mkdir()
        relay, sink = world(own, milter.Milter({"E": [change, b"c"]}).where)
        said = refusal(relay)
        assert said[0] == 451 and not sink.messages, (change, said)
        wait_until(lambda r=relay: "a change it wants is malformed" in str(r.log_lines("queue.log")), why=change)
        relay.stop()


def test_a_cap_holds_while_a_filter_thinks(folder):
    """Each was told yes at RCPT, and waits for the same filter: places are counted before it is asked."""
    relay, sink = world(folder, milter.Milter({"E": "later"}).where, account(more="daily-cap = 3"))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda n: hand_in(relay, f"b{n}@example.net"), range(8))) == [250] * 3 + [452] * 5
    assert sink.wait(3)


def test_what_a_filter_refuses_costs_no_place(folder):
    filter_ = milter.Milter({"E": [b"r"]})
    relay, _ = world(folder, filter_.where, account(more="daily-cap = 2"))
    assert [hand_in(relay) for _ in range(3)] == [550] * 3
    filter_.says = {"E": [b"+<d@example.net>\0", b"c"]}  # one that it adds counts as well
    assert [hand_in(relay), hand_in(relay)] == [250, 452]


def test_who_was_removed_costs_no_place(folder):
    filter_ = milter.Milter({"E": [b"-<b@example.net>\0", b"+<d@example.net>\0", b"c"]})
    relay, _ = world(folder, filter_.where, account(more="daily-cap = 2"))
    assert [hand_in(relay) for _ in range(3)] == [250, 250, 452]


def test_quarantine_is_held(folder):
    relay, sink = world(folder, milter.Milter({"E": [b"qlooks odd" + b"d" * 2000 + b" to me\0", b"c"]}).where)
    message = relay.submit()
    trail = relay.trail(message, {"held"})
    assert "looks odd" in str(trail) and "d to me" in str(trail), trail
    says = [x["says"] for x in trail["trail"]]
    assert len(says) == 3 and all("quarantine by the filter" in x for x in says[1:]), says
    words = relay.run("trace", message, check=0).stdout  # where one line of it is enough
    assert words.count("waits on purpose") == 1 and "until it is released (postrider queue release)" in " ".join(words.split()), words
    assert not sink.wait(1, 0.5)
    relay.run("queue", "release", message, check=0)
    assert sink.wait(1)


def test_discard_is_cancelled(folder):
    relay, sink = world(folder, milter.Milter({"E": [b"d"]}).where)
    message = relay.submit()
    trail = relay.trail(message, {"cancelled"})
    why = 'discarded by the filter "test": its own log says why; if that is wrong, mend its rules and send the mail again'
    assert all(why in x["says"] for x in trail["trail"][1:]), trail
    words = relay.run("trace", message, check=0).stdout
    assert "waits on purpose" not in words and f"withdrawn: {why}" in " ".join(words.split()), words
    assert not sink.wait(1, 0.5)


def test_a_filter_that_fails(folder):
    cases = [("delay", 451), ("refuse", 554), ("accept", 250)]
    for says in (None, "never", [b"!"], [b"hA\0b\nC: d\0", b"c"]):
        for on_failure, code in cases:
            own = folder / f"{on_failure}-{len(os.listdir(folder))}"
            own.mkdir()
            relay, sink = world(own, milter.Milter({"E": says}).where, on_failure=on_failure, timeout="1s")
            if code == 250:
                relay.submit()
                assert sink.wait(1) and b"C: d" not in sink.messages[0]["data"]
            else:
                assert refusal(relay)[0] == code
            if says is None or isinstance(says, list):
                wait_until(lambda: "own log" in relay.said() and " at 127.0.0.1:" in relay.said(), why=relay.said)
            relay.kill()


def test_no_filter_there(folder):
    relay, _ = world(folder, f"127.0.0.1:{milter.free_port()}")
    said = refusal(relay)
    assert said[0] == 451 and b"cannot be asked" in said[1], said


def test_client_gone_while_filtered(folder):
    filter_ = milter.Milter({"E": "never"})
    relay, sink = world(folder, filter_.where, timeout="2s")
    with smtplib.SMTP("127.0.0.1", relay.port) as client:
        client.ehlo("x")
        client.mail("app@example.com")
        client.rcpt("b@example.net")
        client.putcmd("data")
        client.getreply()
        client.send(MAIL.encode() + b".\r\n")
        client.sock.close()
        client.sock = None
    assert relay.stop() == 0 and not sink.messages


def key(folder, selector, domain="example.com"):
    path = folder / f"{selector}.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", str(path), "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", str(path), "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    import base64
    (folder / "public-keys").write_text(f"{selector}._domainkey.{domain} v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}\n")
    return path


def verified(folder, data):
    """What OpenDKIM says of a message as it left."""
    found = milter.opendkim(folder, "Mode v", "AlwaysAddARHeader yes", f"TestPublicKeys {folder / 'public-keys'}", "AuthservID judge.test")
    own = folder / "judge"
    own.mkdir()
    relay, sink = world(own, found[1])
    relay.submit(mail=data)
    assert sink.wait(1)
    found[0].kill()
    return sink.messages[0]["data"].split(b"\r\n\r\n", 1)[0].decode()


def test_our_own_signature(folder):
    sink = Sink()
    path = key(folder, "s1")
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
                          f'sign "us" {{ domain = "example.com" selector = "s1" key = "{path}" }}\n')
    relay.submit()
    relay.submit(mail=MAIL.replace("app@example.com", "a@other.test"))
    assert sink.wait(2)
    signed = [m["data"] for m in sink.messages if b"DKIM-Signature:" in m["data"]]
    assert len(signed) == 1 and b"d=example.com" in signed[0]
    if not milter.opendkim(folder):
        raise Skip("no opendkim: the signature was not verified by another")
    assert "dkim=pass" in verified(folder, signed[0])


def test_signed_by_the_address_in_angle_brackets(folder):
    """An address as the name before it, or a comma there: malformed and common, and receivers read what is in <>."""
    sink = Sink()
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
                          f'sign "us" {{ domain = "example.com" selector = "s4" key = "{key(folder, "s4")}" }}\n')
    cases = [("app@example.com <app@example.com>", True), ("a@other.test <app@example.com>", True),
             ("app@example.com <a@other.test>", False), ("Acme, Inc. <app@example.com>", True),
             ("x <app@example.com> y <a@other.test>", False), ("x y, <app@example.com>, <a@other.test>", False)]
    for i, (text, signed) in enumerate(cases):
        relay.submit(mail=MAIL.replace("app@example.com", text))
        assert sink.wait(i + 1)
        assert (b"DKIM-Signature:" in sink.messages[i]["data"]) == signed, text


def test_signed_is_what_goes_out(folder):
    """The second filter sees what the first one made of it; our signature is over both, and by the From they left."""
    first = milter.Milter({"E": [b"m\0\0\0\1Subject\0changed\n twice\0", b"bnew\ntext\0"[:-1], b"c"]})
    second = milter.Milter({"E": [b"m\0\0\0\1From\0app@example.com\0", b"i\0\0\0\1X-Second\0yes\0", b"c"]})
    relay, sink = world(folder, first.where, f'filter "second" {{ milter = "{second.where}" }}\n'
                        f'sign "us" {{ domain = "example.com" selector = "s3" key = "{key(folder, "s3")}" }}\n')
    relay.submit(mail=MAIL.replace("app@example.com", "a@other.test"))
    assert sink.wait(1)
    assert ("L", b"Subject\0changed\n twice\0") in second.told and ("B", b"new\r\ntext") in second.told, second.told
    data = sink.messages[0]["data"]
    assert data.startswith(b"DKIM-Signature:") and data.endswith(b"\r\n\r\nnew\r\ntext\r\n"), data
    if milter.opendkim(folder):
        assert "dkim=pass" in verified(folder, data)
    second.says = {"E": [b"m\0\0\0\1From\0a@other.test\0", b"c"]}
    relay.submit()
    assert sink.wait(2) and b"DKIM-Signature" not in sink.messages[1]["data"], sink.messages[1]["data"]


def test_opendkim_signs(folder):
    path = key(folder, "s2")
    found = milter.opendkim(folder, "Mode s", "Domain example.com", "Selector s2", f"KeyFile {path}", "InternalHosts 127.0.0.1")
    if not found:
        raise Skip("no opendkim")
    relay, sink = world(folder, found[1])
    relay.submit()
    assert sink.wait(1)
    data = sink.messages[0]["data"]
    assert b"DKIM-Signature:" in data, data
    assert "dkim=pass" in verified(folder, data)


def test_rspamd(folder):
    unpacked = debs.fetch(pathlib.Path(__file__).resolve().parents[2] / "build" / "servers") / "rspamd"
    found = milter.rspamd(folder, unpacked)
    if not found:
        raise Skip("no rspamd")
    relay, sink = world(folder, found[1], timeout="20s")
    relay.submit()
    assert sink.wait(1)
    said = refusal(relay, mail=MAIL + GTUBE + "\r\n")
    assert said[0] in (550, 554) and b"test" in said[1], said


def test_no_report_of_whom_a_filter_put_in(folder):
    """NOTIFY=NEVER of all whom the sender named is so of those that a filter adds; else he hears of them."""
    filter_ = milter.Milter({"E": [b"+<d@example.net>\0", b"c"]})
    relay, sink = world(folder, filter_.where)
    sink.says["RCPT d@example.net"] = "550 5.1.1 No such user"
    for notify, heard in (("NEVER", False), ("FAILURE", True)):
        message = relay.submit(rcpt_options=[f"NOTIFY={notify}"])
        relay.trail(message, {"handed-over", "refused"})
        relay.trail(relay.submit(sender="c@example.net"), {"handed-over", "refused"})  # behind it
        if heard:
            wait_until(lambda: any(m["rcpts"] == ["app@example.com"] for m in sink.messages))
        assert heard == any(m["rcpts"] == ["app@example.com"] for m in sink.messages), (notify, sink.messages)
