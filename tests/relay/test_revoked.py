# SPDX-License-Identifier: Apache-2.0
"""A reload while sessions are open: who lost his place may not go on from the next message."""
import resource
import signal
import smtplib

from door import wait_until
from relay import MAIL, Relay
from sink import Sink


def client(relay, source="127.0.0.1", user=None):
    c = smtplib.SMTP("127.0.0.1", relay.port, timeout=10, source_address=(source, 0))
    c.ehlo()
    if user:
        c.login(user, "secret")
    c.sendmail("app@example.com", ["b@example.net"], MAIL)
    return c


def test_what_a_reload_takes_away(folder):
    """Others are not disturbed, and a message that is being handed in is taken."""
    sink = Sink()
    for name in ("one", "two"):
        (folder / name).write_text("secret\n")
    way = f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
    account = f'account "%s" {{ password-file = "{folder}/%s" }}\n'
    relay = Relay(folder, way + "".join(account % (x, "one") for x in ("gone", "changed", "kept")) +
                  'allow-from = { "127.0.0.2", "127.0.0.3" }\n')
    gone, changed, kept, busy = (client(relay, user=x) for x in ("gone", "changed", "kept", "gone"))
    out, inside = client(relay, "127.0.0.2"), client(relay, "127.0.0.3")
    assert busy.mail("app@example.com")[0] == 250
    relay.write(way + account % ("changed", "two") + account % ("kept", "one") + 'allow-from = { "127.0.0.3" }\n')
    relay.signal(signal.SIGHUP)
    wait_until(lambda: "read again" in relay.said(), why=relay.said)
    for c, words in ((gone, b"account was removed"), (changed, b"log in again"), (out, b"may not send")):
        code, text = c.mail("app@example.com")
        assert code == 421 and words in text, (code, text)
    for c in (kept, inside):
        c.sendmail("app@example.com", ["b@example.net"], MAIL)
    assert busy.rcpt("b@example.net")[0] == 250 and busy.data(MAIL)[0] == 250
    assert busy.mail("app@example.com")[0] == 421
    assert sink.wait(9), len(sink.messages)
    assert relay.stop() == 0


def test_another_password_in_the_same_file(folder):
    """Nothing ends before the reload; after it who has the old one goes, and comes back with the new one only."""
    sink = Sink()
    for name in ("moved", "stays"):
        (folder / name).write_text("secret\n")
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n' +
                  "".join(f'account "{x}" {{ password-file = "{folder}/{x}" }}\n' for x in ("moved", "stays")))
    moved, stays = (client(relay, user=x) for x in ("moved", "stays"))
    (folder / "moved").write_text("another\n")
    (folder / "stays").write_text("secret\nand a line that is nobody's\n")
    for c in (moved, stays):
        c.sendmail("app@example.com", ["b@example.net"], MAIL)
    relay.signal(signal.SIGHUP)
    wait_until(lambda: "read again" in relay.said(), why=relay.said)
    code, text = moved.mail("app@example.com")
    assert code == 421 and b"log in again" in text, (code, text)
    stays.sendmail("app@example.com", ["b@example.net"], MAIL)
    for password, wanted in (("secret", 535), ("another", 235)):
        with smtplib.SMTP("127.0.0.1", relay.port, timeout=10) as c:
            c.ehlo()
            try:
                code = c.login("moved", password)[0]
            except smtplib.SMTPAuthenticationError as error:
                code = error.smtp_code
        assert code == wanted, (password, code)
    assert sink.wait(5), len(sink.messages)
    assert relay.stop() == 0


def test_no_descriptor_for_the_password_file(folder):
    """After a reload: nobody's password is another for that."""
    sink = Sink()
    (folder / "stays").write_text("secret\n")
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\naccount "stays" {{ password-file = "{folder}/stays" }}\n')
    stays = client(relay, user="stays")
    assert sink.wait(1)
    relay.signal(signal.SIGHUP)
    wait_until(lambda: "read again" in relay.said(), why=relay.said)
    old = resource.prlimit(relay.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(relay.process.pid, resource.RLIMIT_NOFILE, (3, old[1]))
    code, text = stays.mail("app@example.com")
    resource.prlimit(relay.process.pid, resource.RLIMIT_NOFILE, old)
    assert code == 250, (code, text)
    (folder / "stays").write_text("another\n")
    stays.rset()
    assert stays.mail("app@example.com")[0] == 421
    assert relay.stop() == 0
