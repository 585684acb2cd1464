# SPDX-License-Identifier: Apache-2.0
"""The relay in front of real servers: what they say is understood, and their ids are kept."""
import contextlib

import shutil
import subprocess

from certs import Authority, tlsa
from ports import free_port, wait_port
from relay import MAIL, Relay
from run import Skip
from servers import Exim, Postfix
from signed import Signed


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


def test_postfix_dane_in_a_signed_zone(folder):
    """What NSD holds and Unbound proves: to the key that the zone names, whoever signed it, and to no other."""
    chain, key = Authority(folder).certificate("whoever.test")
    server = Postfix(folder, mydestination="good.signed.test, bad.signed.test", smtpd_tls_security_level="may",
                     smtpd_tls_chain_files=f"{key}, {chain}")
    names = Signed(folder, "signed.test", [
        "good MX 10 mx.good", "mx.good A 127.0.0.1", f"_{server.port}._tcp.mx.good TLSA {tlsa(chain)}",
        "bad MX 10 mx.bad", "mx.bad A 127.0.0.1", f"_{server.port}._tcp.mx.bad TLSA 3 1 1 {'00' * 32}"])
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ via = "mx" port = {server.port} }}\n')
    good = only(relay.trail(relay.submit(rcpts=["b@good.signed.test"]), {"handed-over"}), "b@good.signed.test")
    assert good["tls"].startswith("TLSv1") and server.says([good["remote_id"], "b@good.signed.test"]), good
    bad = only(relay.trail(relay.submit(rcpts=["b@bad.signed.test"]), {"delayed"}), "b@bad.signed.test")
    assert bad["finding"] == "dp-dane-mismatch" and "b@bad" not in server.log.read_text(), bad
    relay.stop()
    server.stop()
    names.stop()


DOVECOT = """protocols =
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
default_internal_user = dovecot
default_login_user = dovenull
ssl = no
auth_mechanisms = plain login cram-md5 scram-sha-256
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home=/
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


def dovecot_judges(folder, password):
    if not shutil.which("dovecot"):
        raise Skip("no dovecot")
    place, port = folder / "dovecot", free_port()
    place.mkdir()
    (place / "conf").write_text(DOVECOT.format(dir=place, port=port, password=password))
    process = subprocess.Popen(["dovecot", "-F", "-c", str(place / "conf")], stdin=subprocess.DEVNULL)
    assert wait_port(port), (place / "log").read_text()
    return process, f"inet:127.0.0.1:{port}"


def test_postfix_with_login(folder):
    """By each mechanism it offers, behind STARTTLS whose certificate is checked."""
    authority = Authority(folder)
    chain, key = authority.certificate("127.0.0.1")
    dovecot, judge = dovecot_judges(folder, "correct-horse")
    server = Postfix(folder, smtpd_tls_security_level="encrypt", smtpd_tls_chain_files=f"{key}, {chain}", smtpd_sasl_auth_enable="yes",
                     smtpd_sasl_type="dovecot", smtpd_sasl_path=judge, smtpd_recipient_restrictions="permit_sasl_authenticated, reject")
    for name, word in (("password", "correct-horse"), ("wrong", "donkey")):
        (folder / name).write_text(word + "\n")
        (folder / name).chmod(0o600)
    ways = "plain", "login", "cram-md5", "scram-sha-256"
    relay = Relay(folder, f'ca-file = "{authority.file}"\n' + "".join(
        f'route "{name}" {{ recipients = {{ "*@{name}.test" }} smarthost = "{server.where}" security = "starttls" user = "clerk" '
        f'password-file = "{folder}/{"wrong" if name == "wrong" else "password"}" {f"""auth = "{name}" """ if name in ways else ""} }}\n'
        for name in (*ways, "wrong")))
    taken = {way: relay.submit(mail=MAIL + way, rcpts=[f"b@{way}.test"]) for way in ways}
    for way, message in taken.items():
        done = only(relay.trail(message, {"handed-over"}), f"b@{way}.test")
        assert done["tls"].startswith("TLSv1") and server.says([f"sasl_method={way.upper()}", "sasl_username=clerk"]), done
    late = only(relay.trail(relay.submit(rcpts=["b@wrong.test"]), {"delayed"}), "b@wrong.test")
    assert late["code"] == 535 and late["finding"].startswith("auth-"), late
    relay.stop()
    server.stop()
    dovecot.kill()


EXIM_RCPT = """defer local_parts = grey
        message = 4.7.1 Greylisted, please try again later
  defer local_parts = busy
        message = 421 4.3.2 Too busy
  accept local_parts = slow
         delay = 2s"""


def test_exim_as_hosts_are(folder):
    """Greylisting, a limit of size, slowness, and 421 last: its lane rests then."""
    server = Exim(folder, Authority(folder).certificate("127.0.0.1"), rcpt=EXIM_RCPT, main="message_size_limit = 100K")
    with behind(folder, server) as relay:
        big = relay.trail(relay.submit(mail=MAIL + "x" * 70 * 3000, rcpts=["clerk@acme.example"]), {"refused"})
        assert only(big, "clerk@acme.example")["finding"] == "ehlo-size-smaller-than-message", big
        slow = relay.submit(rcpts=["slow@acme.example"])
        grey = only(relay.trail(relay.submit(rcpts=["grey@acme.example"]), {"delayed"}), "grey@acme.example")
        assert grey["finding"] == "rcpt-greylisted" and grey["code"] == 451, grey
        slow = relay.trail(slow, {"handed-over"}, seconds=20)
        assert only(slow, "slow@acme.example")["remote_id"], slow
        busy = only(relay.trail(relay.submit(rcpts=["busy@acme.example"]), {"delayed"}), "busy@acme.example")
        assert busy["code"] == 421 and busy["finding"] == "banner-421-busy", busy


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
