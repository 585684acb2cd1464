# SPDX-License-Identifier: Apache-2.0
"""8-bit text for a server that takes none: coded in 7 bits on the way, or explained."""
import email
import email.policy
import pathlib

import milter
from relay import Relay
from run import Skip
from servers import Postfix
from sink import Sink
from test_filter import key, verified

TEXT = "Grüße aus Zürich, und viele andere Wörter.\r\n.\r\n.. \r\nFrom here = there\r\n"
MAIL = ("From: app@example.com\r\nTo: b@example.net\r\nSubject: invoice\r\n{head}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + TEXT +
        "\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n")
SIGNED = ("From: app@example.com\r\nSubject: contract\r\nMIME-Version: 1.0\r\n"
          'Content-Type: multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary="s"\r\n\r\n--s\r\n'
          "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n--s\r\n"
          "Content-Type: application/pgp-signature\r\n\r\nx\r\n--s--\r\n")
OLD = "PIPELINING", "SIZE 50000000"


def out(sink, more=""):
    return f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n{more}'


def only(trail):
    return trail["recipients"][0]


def expect_converted(data):
    """In 7 bits, and decoded what it was."""
    assert data.isascii(), data
    got = email.message_from_bytes(data, policy=email.policy.SMTP)
    text, file = got.iter_parts()
    assert text.get_payload(decode=True) == TEXT.encode() and text["Content-Transfer-Encoding"] == "quoted-printable", data
    assert file.get_payload(decode=True) == b"\0\1\2" and got["Content-Transfer-Encoding"] == "7bit", data
    assert not got.defects and not text.defects, data


def told(trail, state="handed-over"):
    return [e.get("why", "") + e["says"] for e in trail["trail"] if e["state"] == state][0]


def test_written_anew(folder):
    """By whoever came: declared or not; what it costs is said."""
    sink = Sink(extensions=OLD)
    relay = Relay(folder, out(sink))
    foreign = "DKIM-Signature: v=1; a=rsa-sha256; d=list.test; s=x; h=from; bh=x; b=x\r\n"
    first = relay.trail(relay.submit(mail=MAIL.format(head=foreign), options=["BODY=8BITMIME"]), {"handed-over"})
    assert "8BITMIME" in told(first) and "breaks the DKIM signature of list.test" in told(first), first
    second = relay.trail(relay.submit(mail=MAIL.format(head="")), {"handed-over"})
    assert "8BITMIME" in told(second) and "DKIM" not in told(second), second
    assert sink.wait(2)
    for m in sink.messages:
        expect_converted(m["data"])
        asked = [x for x in sink.lines if x.startswith("MAIL")]
        assert len(m["data"]) <= int(asked[0].split("SIZE=")[1]) and "BODY" not in "".join(asked), asked
    sink.extensions.append("8BITMIME")  # to who takes it, it goes as it is
    relay.stop()
    relay.start()
    relay.trail(relay.submit(mail=MAIL.format(head="X: 3\r\n"), options=["BODY=8BITMIME"]), {"handed-over"})
    assert sink.wait(3) and TEXT.encode() in sink.messages[2]["data"]
    relay.stop()


def test_long_lines(folder):
    """Coded for any server, with our signature on what goes out; as they came where another's would break."""
    sink = Sink()
    relay = Relay(folder, out(sink, f'sign "us" {{ domain = "example.com" selector = "s1" key = "{key(folder, "s1")}" }}\n'))
    html = "<p>" + "Gr\u00fc\u00dfe " * 400 + "</p>\r\n"
    mail = ("{head}From: app@example.com\r\nTo: b@example.net\r\nSubject: long\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + html)
    first = relay.trail(relay.submit(mail=mail.format(head=""), options=["BODY=8BITMIME"]), {"handed-over"})
    assert "more than 998 bytes were coded" in told(first) and "signed anew for example.com" in told(first), first
    assert sink.wait(1)
    data = sink.messages[0]["data"]
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert email.message_from_bytes(data).get_payload(decode=True) == html.encode()
    foreign = "DKIM-Signature: v=1; a=rsa-sha256; d=list.test; s=x; h=from; bh=x; b=x\r\n"
    second = relay.trail(relay.submit(mail=mail.format(head=foreign), options=["BODY=8BITMIME"]), {"handed-over"})
    assert "998" not in told(second) and sink.wait(2) and html.encode() in sink.messages[1]["data"], second
    relay.stop()
    if not milter.opendkim(folder):
        raise Skip("no opendkim: the signature was not verified by another")
    assert "dkim=pass" in verified(folder, data)


def test_long_lines_left(folder):
    """Where another's signature would break, in whosever name."""
    sink = Sink()
    relay = Relay(folder, out(sink, f'sign "us" {{ domain = "example.com" selector = "s1" key = "{key(folder, "s1")}" }}\n'))
    html = "<p>" + "Gr\u00fc\u00dfe " * 400 + "</p>\r\n"
    own = "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=x; b=x\r\nFrom: x@other.test\r\n"
    arc = "ARC-Message-Signature: i=1; a=rsa-sha256; d=list.test; s=x; h=from; bh=x; b=x\r\nFrom: app@example.com\r\n"
    text = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    inside = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: in\r\n" + text + html
    left = [own + text + html, arc + text + html, "From: app@example.com\r\n" + inside]
    for n, mail in enumerate(left, 1):
        done = relay.trail(relay.submit(mail="To: b@example.net\r\nMIME-Version: 1.0\r\n" + mail, options=["BODY=8BITMIME"]),
                           {"handed-over"})
        assert "coded" not in told(done) and "anew" not in told(done), (n, done)
        assert sink.wait(n) and mail.split("\r\n\r\n", 1)[1].encode() in sink.messages[n - 1]["data"], n
    relay.stop()


def test_what_is_signed_stays(folder):
    """Declared it comes back, with a reason; undeclared it goes as it came."""
    sink = Sink(extensions=OLD)
    relay = Relay(folder, out(sink))
    trail = relay.trail(relay.submit(mail=SIGNED, options=["BODY=8BITMIME"]), {"refused"})
    gone = only(trail)
    assert gone["finding"] == "ehlo-capability-8bitmime-missing" and not gone.get("code"), gone
    assert "multipart/signed" in told(trail, "refused"), trail
    relay.trail(relay.submit(mail=SIGNED.replace("contract", "another")), {"handed-over"})
    assert sink.wait(2)  # with the report about the first
    assert any(SIGNED.split("--s\r\n", 1)[1].encode() in m["data"] for m in sink.messages), sink.messages
    relay.stop()


def test_signed_anew(folder):
    """Our own signature is over what arrives; one in our name that a client wrote is none of ours."""
    sink = Sink(extensions=OLD)
    path = key(folder, "s1")
    relay = Relay(folder, out(sink, f'sign "us" {{ domain = "example.com" selector = "s1" key = "{path}" }}\n'))
    forged = "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=x; b=x\r\n"
    good = relay.trail(relay.submit(mail=MAIL.format(head="")), {"handed-over"})
    bad = relay.trail(relay.submit(mail=MAIL.format(head=forged).replace("app@example.com", "x@other.test")), {"handed-over"})
    assert "signed anew for example.com" in told(good) and "breaks" not in told(good), good
    assert "anew" not in told(bad) and "breaks the DKIM signature of example.com" in told(bad), bad
    assert sink.wait(2)
    data = [m["data"] for m in sink.messages if b"other.test" not in m["data"]][0]
    expect_converted(data)
    assert data.count(b"DKIM-Signature:") == 1
    relay.stop()
    if not milter.opendkim(folder):
        raise Skip("no opendkim: the signature was not verified by another")
    assert "dkim=pass" in verified(folder, data)


def peak(relay):
    """Most memory that it ever had, in KB."""
    status = (pathlib.Path("/proc") / str(relay.process.pid) / "status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def test_signed_anew_in_pieces(folder):
    """A long mail is signed, coded and signed anew, and never in memory as a whole."""
    sink = Sink(extensions=OLD)
    relay = Relay(folder, out(sink, f'sign "us" {{ domain = "example.com" selector = "s1" key = "{key(folder, "s1")}" }}\n'))
    relay.trail(relay.submit(mail=MAIL.format(head="")), {"handed-over"})
    mail = MAIL.format(head="").replace(TEXT, TEXT * 40000)
    before = peak(relay)
    done = relay.trail(relay.submit(mail=mail), {"handed-over"}, seconds=60)
    assert "signed anew for example.com" in told(done) and sink.wait(2), done
    assert peak(relay) - before < len(mail.encode()) // 1024 // 2, (before, peak(relay))
    text = next(email.message_from_bytes(sink.messages[1]["data"], policy=email.policy.SMTP).iter_parts())
    assert text.get_payload(decode=True) == (TEXT * 40000).encode()
    relay.stop()
    if not milter.opendkim(folder):
        raise Skip("no opendkim: the signature was not verified by another")
    assert "dkim=pass" in verified(folder, sink.messages[1]["data"])


def test_just_fits_when_coded(folder):
    """What is told of its length is no more than the server takes, where it fits: servers go by that alone."""
    mail = "From: a@example.com\r\n\r\n" + ("\u00fc" * 70 + "\r\n") * 100
    sink = Sink(extensions=["PIPELINING", "SIZE 50000000"])
    relay = Relay(folder, out(sink))
    relay.trail(relay.submit(mail=mail, options=["BODY=8BITMIME"]), {"handed-over"})
    limit = len(sink.messages[0]["data"]) + 20
    relay.stop()
    sink.extensions[1] = f"SIZE {limit}"
    sink.says["MAIL"] = lambda line: "250 ok" if int(line.split("SIZE=")[1].split()[0]) <= limit else "552 5.3.4 Too long"
    relay.start()
    relay.trail(relay.submit(mail=mail.replace("From", "from"), options=["BODY=8BITMIME"]), {"handed-over"})
    asked = [x for x in sink.lines if x.startswith("MAIL")][-1]
    assert len(sink.messages[1]["data"]) <= int(asked.split("SIZE=")[1]), asked
    relay.stop()


def test_renamed_size(folder):
    """What another name adds to the header is counted."""
    sink = Sink()
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" from = "The office of example <office@example.org>" }}\n')
    relay.trail(relay.submit(), {"handed-over"})
    asked = [x for x in sink.lines if x.startswith("MAIL")][-1]
    assert b"Reply-To" in sink.messages[0]["data"]
    assert len(sink.messages[0]["data"]) <= int(asked.split("SIZE=")[1].split()[0]), asked
    relay.stop()


def test_too_long_when_coded(folder):
    mail = "From: a@example.com\r\n\r\n" + ("ü" * 70 + "\r\n") * 100
    sink = Sink(extensions=["PIPELINING", "SIZE 16000"])
    relay = Relay(folder, out(sink))
    gone = relay.trail(relay.submit(mail=mail, options=["BODY=8BITMIME"]), {"refused"})
    assert only(gone)["finding"] == "ehlo-size-smaller-than-message" and "coded" in told(gone, "refused"), gone
    relay.stop()


def test_a_strict_postfix(folder):
    """It refuses 8-bit text that is not declared, and offers no way to declare it."""
    server = Postfix(folder, smtpd_discard_ehlo_keywords="8bitmime", strict_8bitmime="yes")
    relay = Relay(folder, out(server))
    done = only(relay.trail(relay.submit(mail=MAIL.format(head=""), options=["BODY=8BITMIME"]), {"handed-over"}))
    bare = only(relay.trail(relay.submit(mail="From: a@example.com\r\n\r\nGrüße\r\n"), {"handed-over"}))
    assert server.says([done["remote_id"], "b@example.net"]) and server.says([bare["remote_id"], "b@example.net"])
    relay.stop()
    server.stop()
