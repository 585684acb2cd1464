# SPDX-License-Identifier: Apache-2.0
"""The relay in front of real servers: what they say is understood, and their ids are kept."""
import contextlib

from certs import Authority
from relay import MAIL, Relay
from servers import Exim, Postfix


@contextlib.contextmanager
def behind(folder, server, more=""):
    relay = Relay(folder, f'retry {{ first = "1s" most = "2s" }}\n'
                          f'route "out" {{ smarthost = "{server.where}" security = "none" {more} }}\n')
    try:
        yield relay
    finally:
        relay.stop()
        server.stop()


def only(trail, address="b@example.net"):
    return [r for r in trail["recipients"] if r["recipient"] == address][0]


def test_postfix_takes_it(folder):
    with behind(folder, Postfix(folder)) as relay:
        postfix_id = only(relay.trail(relay.submit(), {"handed-over"}))["remote_id"]
        relay_log = folder / "postfix" / "log"
        assert f"{postfix_id}: to=<b@example.net>" in relay_log.read_text() or \
            _wait_for(relay_log, f"{postfix_id}: to=<b@example.net>")


def _wait_for(path, words, seconds=10):
    import time
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if words in path.read_text():
            return True
        time.sleep(0.1)
    raise AssertionError(path.read_text())


def test_postfix_refuses_one_of_two(folder):
    with behind(folder, Postfix(folder)) as relay:
        trail = relay.trail(relay.submit(rcpts=["b@example.net", "nobody@example.net"]), {"handed-over", "refused"})
        gone = only(trail, "nobody@example.net")
        assert gone["state"] == "refused" and gone["finding"] == "rcpt-user-unknown", gone


def test_postfix_relays_not(folder):
    with behind(folder, Postfix(folder)) as relay:
        gone = only(relay.trail(relay.submit(rcpts=["b@elsewhere.test"]), {"refused"}), "b@elsewhere.test")
        assert gone["finding"] == "rcpt-relay-denied", gone


def test_postfix_size_limit(folder):
    big = MAIL + ("x" * 70 + "\r\n") * 3000
    with behind(folder, Postfix(folder, message_size_limit=100000)) as relay:
        trail = relay.trail(relay.submit(mail=big), {"refused"})
        assert "size" in only(trail)["finding"] or "big" in only(trail)["finding"], trail


def test_postfix_greylists(folder):
    words = "451 4.7.1 Greylisting in action, please come back later"
    with behind(folder, Postfix(folder, smtpd_recipient_restrictions=f"check_recipient_access inline:{{{{b@example.net={words}}}}}, permit")) as relay:
        grey = only(relay.trail(relay.submit(), {"delayed"}))
        assert grey["finding"] == "rcpt-greylisted" and grey["code"] == 451, grey


def test_postfix_is_slow(folder):
    with behind(folder, Postfix(folder, smtpd_recipient_restrictions="sleep 2, permit")) as relay:
        relay.trail(relay.submit(), {"handed-over"}, seconds=20)


def test_postfix_says_421(folder):
    with behind(folder, Postfix(folder, smtpd_client_restrictions="check_client_access static:{421 4.3.2 Too busy}",
                                smtpd_delay_reject="no")) as relay:
        late = only(relay.trail(relay.submit(), {"delayed"}))
        assert late["code"] == 421, late


def test_postfix_umlauts(folder):
    mail = "From: büro@example.com\r\nSubject: Rechnung für Müller\r\n\r\nGrüße\r\n"
    with behind(folder, Postfix(folder, smtputf8_enable="yes", local_recipient_maps="")) as relay:
        message = relay.submit(mail=mail.encode(), sender="app@example.com", options=["BODY=8BITMIME", "SMTPUTF8"])
        relay.trail(message, {"handed-over"})


def exim_behind(folder, password):
    authority = Authority(folder)
    server = Exim(folder, authority.certificate("127.0.0.1"))
    (folder / "password").write_text(password + "\n")
    (folder / "password").chmod(0o600)
    relay = Relay(folder, f'ca-file = "{authority.file}"\nretry {{ first = "1s" most = "2s" }}\n'
                          f'route "out" {{ smarthost = "{server.where}" security = "starttls" user = "clerk@acme.example" '
                          f'password-file = "{folder}/password" }}\n')
    return relay, server


def test_exim_with_login(folder):
    relay, server = exim_behind(folder, "correct horse")
    done = only(relay.trail(relay.submit(sender="clerk@acme.example"), {"handed-over"}))
    assert done["tls"].startswith("TLSv1"), done
    assert done["remote_id"] in "".join(p.read_text() for p in server.folder.glob("log-*")), done
    server.stop()


def test_exim_wrong_password(folder):
    relay, server = exim_behind(folder, "wrong")
    late = only(relay.trail(relay.submit(sender="clerk@acme.example"), {"delayed"}))
    assert late["finding"].startswith("auth-") and late["code"] == 535, late
    server.stop()


def test_exim_two_on_one_session(folder):
    relay, server = exim_behind(folder, "correct horse")
    for message in [relay.submit(sender="clerk@acme.example", mail=f"From: a@b\r\nMessage-ID: <{i}@x>\r\n\r\nhi\r\n") for i in range(20)]:
        relay.trail(message, {"handed-over"})
    server.stop()
