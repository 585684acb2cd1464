# SPDX-License-Identifier: Apache-2.0
"""Encryption and login towards the next server: what goes out to whom, and what never does."""
import base64
import http.server
import smtplib
import ssl
import threading
import time

from certs import Authority, tlsa
from names import Names
from relay import MAIL, Relay
from run import Skip
from signin import SignIn
from sink import Sink
from test_deliver import only, states


def mx_relay(folder, names, sink, more=""):
    return Relay(folder, f'resolver = "{names.where}"\n{more}'
                 f'route "direct" {{ recipients = {{ "*" }} via = "mx" port = {sink.port} }}\n')


def zone(host="127.0.0.45"):
    return {("example.net", "MX"): ["10 mx.example.net"], ("mx.example.net", "A"): [host]}


def test_encrypted_where_offered(folder):
    ca = Authority(folder)
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("elsewhere.test"))
    mx_relay(folder, Names(zone()), sink).submit()
    assert sink.wait(1) and sink.messages[0]["tls"]


def test_in_clear_where_tls_fails(folder):
    sink = Sink(address="127.0.0.45", extensions=["PIPELINING", "STARTTLS"], says={"STARTTLS": "454 4.7.0 not now"})
    mx_relay(folder, Names(zone()), sink).submit()
    assert sink.wait(1) and not sink.messages[0]["tls"]


def test_required_and_not_offered(folder):
    sink = Sink(address="127.0.0.45")
    names = Names(zone())
    relay = Relay(folder, f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" tls = "required" port = {sink.port} }}\n')
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "starttls-not-offered"
    assert not sink.messages


def smarthost(folder, sink, name, auth=""):
    (folder / "password").write_text("s3cret\n")
    return (f'route "out" {{ recipients = {{ "*" }} smarthost = "{name}:{sink.port}" security = "starttls" '
            f'user = "me@example.com" password-file = "{folder}/password" {auth} }}\n')


def test_login(folder):
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH LOGIN PLAIN"])
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + smarthost(folder, sink, "127.0.0.1"))
    relay.submit()
    assert sink.wait(1) and sink.messages[0]["tls"]
    assert base64.b64decode(sink.messages[0]["login"]) == b"\0me@example.com\0s3cret"
    states(relay, wanted=["handed-over"])
    relay.stop()
    talk = (relay.data / "log" / "conversation.log").read_text()
    assert sink.messages[0]["login"] not in talk and "s3cret" not in talk and "AUTH" in talk


def test_no_password_to_a_stranger(folder):
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("elsewhere.test"), extensions=["PIPELINING", "AUTH LOGIN PLAIN"])
    relay = Relay(folder, f'ca-file = "{ca.file}"\n' + smarthost(folder, sink, "127.0.0.1"))
    relay.submit()
    x = only(states(relay, wanted=["delayed"]))
    assert x["finding"] in ("tls-cert-name-mismatch", "tls-cert-ip-mismatch"), x
    assert not any(line.startswith("AUTH") for line in sink.lines) and not sink.messages


def test_a_wrong_password_delays_and_nothing_else(folder):
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH LOGIN PLAIN"],
                says={"AUTH": "535 5.7.8 Error: authentication failed"})
    good = Sink()
    relay = Relay(folder, f'ca-file = "{ca.file}"\n'
                  f'route "other" {{ recipients = {{ "@other.example" }} smarthost = "{good.where}" security = "none" }}\n' +
                  smarthost(folder, sink, "127.0.0.1"))
    for _ in range(5):
        relay.submit()
    relay.submit(rcpts=["x@other.example"])
    assert good.wait(1)
    end = time.monotonic() + 10
    while not any(x["state"] == "delayed" and x.get("finding", "").startswith("auth-")
                  for x in relay.log_lines("queue.log") if "state" in x):
        assert time.monotonic() < end, relay.log_lines("queue.log")
        time.sleep(0.05)
    time.sleep(0.3)
    tries = sum(line.startswith("AUTH") for line in sink.lines)
    assert 1 <= tries <= 5, tries      # those begun before the first answer
    relay.submit()
    assert sum(line.startswith("AUTH") for line in sink.lines) == tries and not sink.messages


def test_dane(folder):
    ca = Authority(folder)
    certificate = ca.certificate("whatever.test")
    sink = Sink(address="127.0.0.45", certificate=certificate)
    records = zone()
    records[(f"_{sink.port}._tcp.mx.example.net", "TLSA")] = [tlsa(certificate[0])]
    secure = ["example.net", "mx.example.net", f"_{sink.port}._tcp.mx.example.net"]
    mx_relay(folder, Names(records, secure=secure), sink).submit()
    assert sink.wait(1) and sink.messages[0]["tls"]


def test_dane_mismatch(folder):
    ca = Authority(folder)
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    records = zone()
    records[(f"_{sink.port}._tcp.mx.example.net", "TLSA")] = ["3 1 1 " + "00" * 32]
    secure = ["example.net", "mx.example.net", f"_{sink.port}._tcp.mx.example.net"]
    relay = mx_relay(folder, Names(records, secure=secure), sink)
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "dp-dane-mismatch"
    assert not sink.messages and not any(line.startswith("MAIL") for line in sink.lines)


def test_dane_without_starttls(folder):
    sink = Sink(address="127.0.0.45")
    records = zone()
    records[(f"_{sink.port}._tcp.mx.example.net", "TLSA")] = ["3 1 1 " + "00" * 32]
    secure = ["example.net", "mx.example.net", f"_{sink.port}._tcp.mx.example.net"]
    relay = mx_relay(folder, Names(records, secure=secure), sink)
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "dp-dane-starttls-missing"
    assert not sink.messages


def test_limits_heard_in_clear(folder):
    """What was said before STARTTLS may be anybody's (RFC 3207, 4.2): behind it there is no such limit."""
    ca = Authority(folder)
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"), extensions=["PIPELINING", "LIMITS RCPTMAX=1"])
    sink.in_clear.append("LIMITS RCPTMAX=1")
    relay = mx_relay(folder, Names(zone()), sink)
    for n in (1, 2):
        relay.submit(rcpts=[f"r{i}@example.net" for i in range(5)])
        assert sink.wait(n)
    assert [(m["tls"], len(m["rcpts"])) for m in sink.messages] == [(True, 5)] * 2


def policy_server(certificate, policy, address="127.0.0.46"):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/.well-known/mta-sts.txt" else 404)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(policy)))
            self.end_headers()
            self.wfile.write(policy.encode())

        def log_message(self, *_):
            pass
    try:
        server = http.server.ThreadingHTTPServer((address, 443), Handler)
    except OSError as e:
        raise Skip(f"port 443: {e}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def sts_zone(address):
    return {**zone(), ("_mta-sts.example.net", "TXT"): ["v=STSv1; id=1"], ("mta-sts.example.net", "A"): [address]}


def sts(mode, mx="mx.example.net"):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n"


def test_mta_sts_enforced(folder):
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"))
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("elsewhere.test"))
    relay = mx_relay(folder, Names(sts_zone("127.0.0.46")), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "tls-cert-name-mismatch"
    assert not sink.messages


def test_mta_sts_kept(folder):
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.47")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, Names(sts_zone("127.0.0.47")), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert sink.wait(1) and sink.messages[0]["tls"]


def test_mta_sts_kept_over_a_restart(folder):
    """The record and its web host are gone, the relay was ended: the policy still counts."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.54")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    names = Names(sts_zone("127.0.0.54"))
    relay = mx_relay(folder, names, sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert sink.wait(1), relay.log_lines("queue.log")
    relay.stop()
    sink.extensions.remove("STARTTLS")
    del names.records[("_mta-sts.example.net", "TXT")], names.records[("mta-sts.example.net", "A")]
    relay.start()
    relay.submit(mail=MAIL + "again\r\n")
    late = [x for x in states(relay, n=2, wanted=["delayed", "handed-over"]).values() if x["state"] == "delayed"]
    assert late[0]["finding"] == "starttls-not-offered" and len(sink.messages) == 1, late


def test_mta_sts_testing_is_not_enforced(folder):
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("testing", "other.example.net"), "127.0.0.48")
    sink = Sink(address="127.0.0.45")
    relay = mx_relay(folder, Names(sts_zone("127.0.0.48")), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert sink.wait(1) and not sink.messages[0]["tls"]


def test_mta_sts_host_not_listed(folder):
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce", "other.example.net"), "127.0.0.49")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    relay = mx_relay(folder, Names(sts_zone("127.0.0.49")), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "dp-mta-sts-mx-mismatch"
    assert not sink.connections


def test_oauth(folder):
    service = SignIn(200, b'{"access_token": "ey-the-token", "expires_in": 3600}')
    ca = Authority(folder)
    sink = Sink(certificate=ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH XOAUTH2"])
    relay = Relay(folder, service.smarthost(folder, ca, sink))
    for _ in range(3):
        relay.submit()
    assert sink.wait(3), relay.log_lines("queue.log")
    assert base64.b64decode(sink.messages[0]["login"]) == b"user=me@example.com\1auth=Bearer ey-the-token\1\1"
    assert len(service.asked) == 1 and "client-secret" in service.asked[0], service.asked


def requiretls_relay(folder, ca, names, port):
    certificate = ca.certificate("127.0.0.1")
    return Relay(folder, f'resolver = "{names.where}"\nca-file = "{ca.file}"\n'
                 f'certificate {{ file = "{certificate[0]}" key = "{certificate[1]}" }}\n'
                 'listen "127.0.0.1:0" { security = "starttls" }\n'
                 f'route "direct" {{ recipients = {{ "*" }} via = "mx" port = {port} }}\n', listen=False)


def submit_requiretls(relay, *parameters, mail=MAIL):
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.starttls(context=ssl._create_unverified_context())
        client.ehlo("client.test")
        client.mail("app@example.com", list(parameters))
        client.rcpt("b@example.net")
        assert client.data(mail + " ".join(parameters))[0] == 250


def test_requiretls(folder):
    """Only to a proven peer that offers it; else it comes back at once (RFC 8689)."""
    ca = Authority(folder)
    plain = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    relay = requiretls_relay(folder, ca, Names(zone()), plain.port)
    submit_requiretls(relay, "REQUIRETLS")
    x = only(states(relay, wanted=["refused"]))
    assert "REQUIRETLS" in x["why"] and "code" not in x and x["finding"] == "rcpt-requiretls-unmet", x
    assert not plain.messages


def test_requiretls_at_the_second_host(folder):
    """The first host offers no REQUIRETLS: the next one of the set may have it, and only it."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce", "*.example.net"), "127.0.0.51")
    first = Sink(address="127.0.0.52", certificate=ca.certificate("mx1.example.net"))
    second = Sink(address="127.0.0.53", port=first.port, certificate=ca.certificate("mx2.example.net"))
    second.extensions.append("REQUIRETLS")
    relay = requiretls_relay(folder, ca, Names({
        **sts_zone("127.0.0.51"), ("example.net", "MX"): ["10 mx1.example.net", "20 mx2.example.net"],
        ("mx1.example.net", "A"): ["127.0.0.52"], ("mx2.example.net", "A"): ["127.0.0.53"]}), first.port)
    submit_requiretls(relay, "REQUIRETLS")
    assert second.wait(1), relay.log_lines("queue.log")
    assert any(x.startswith("MAIL") and x.endswith(" REQUIRETLS") for x in second.lines), second.lines
    assert not any(x.startswith("MAIL") for x in first.lines)
    second.extensions.remove("REQUIRETLS")  # on the next connection
    relay.stop()
    relay.start()
    submit_requiretls(relay, "REQUIRETLS", "SIZE=200")
    x = [x for x in states(relay, n=2, wanted=["handed-over", "refused"]).values() if x["state"] == "refused"][0]
    assert "REQUIRETLS" in x["why"] and not x.get("code"), x
    submit_requiretls(relay)
    assert first.wait(1), relay.log_lines("queue.log")  # nobody else is held up


def test_what_the_server_lacks(folder):
    sink = Sink(extensions=["PIPELINING", "SIZE 500"])
    relay = Relay(folder, f'route "out" {{ recipients = {{ "*" }} smarthost = "{sink.where}" security = "none" }}\n')
    for mail, options in ((MAIL + "x" * 600 + "\r\n", []), (MAIL + "ä\r\n", ["BODY=8BITMIME"]), (MAIL, ["BODY=8BITMIME"]),
                          (MAIL.replace("invoice", "rechnung ü"), ["SMTPUTF8", "BODY=8BITMIME"])):
        relay.submit(mail, options=options)
    last = states(relay, n=4, wanted=["handed-over", "handed-over", "refused", "refused"])
    assert sorted(x.get("finding", "") for x in last.values()) == [
        "", "", "ehlo-capability-smtputf8-missing", "ehlo-size-smaller-than-message"]
    assert all("code" not in x or not x["code"] for x in last.values() if x["state"] == "refused")
