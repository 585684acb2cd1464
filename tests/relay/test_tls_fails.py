# SPDX-License-Identifier: Apache-2.0
"""Encryption that is offered and then fails, in each way: in clear where it was only welcome, never where it is
required, and said as it was; and clients that fail at our own door."""
import ssl

from certs import Authority
from door import ROUTE, Raw, certificate, wait_until
from names import Names
from relay import Relay
from sink import Sink
from test_deliver import only, states
from test_deliver_tls import zone


class Instead:
    """What a sink does in place of a handshake."""

    def __init__(self, does):
        self.does = does

    def wrap_socket(self, connection, server_side):
        assert server_side
        return self.does(connection)


def hang_up(_connection):
    raise EOFError


def speak_on(connection):
    connection.sendall(b"500 5.5.1 what is this?\r\n")
    connection.recv(65536)
    raise EOFError


def once(folder, name, required, change=None, says=None):
    """One mail to a server so changed: (its last state, what the server has)."""
    own = folder / f"{name}-{required}"
    own.mkdir()
    ca = Authority(own)
    sink = Sink(address="127.0.0.72", certificate=ca.certificate("mx.example.net"), says=says)
    if change:
        change(sink, ca)
    names = Names(zone(sink.address))
    need = 'tls = "required"' if required else ""
    relay = Relay(own, f'resolver = "{names.where}"\nroute "direct" {{ via = "mx" {need} port = {sink.port} }}\n')
    message = relay.submit()
    wait_until(lambda: {x["state"] for x in relay.log_lines("queue.log") if "state" in x} & {"handed-over", "delayed"})
    last, why = only(states(relay)), relay.run("queue", "why", message).stdout
    relay.stop()
    names.close()
    sink.close()
    return last, sink.messages, why


def wants_certificate(version):
    def change(sink, ca):
        sink.tls.verify_mode, sink.tls.maximum_version = ssl.CERT_REQUIRED, version
        sink.tls.load_verify_locations(ca.file)
    return change


def instead(does):
    def change(sink, _ca):
        handshake = sink.tls.wrap_socket
        sink.tls = Instead(lambda connection: does(connection) if does else handshake(connection, server_side=True).close() or hang_up(0))
    return change


WAYS = (
    ("certificate-1.3", wants_certificate(ssl.TLSVersion.TLSv1_3), None, "tls-client-cert-required"),
    ("certificate-1.2", wants_certificate(ssl.TLSVersion.TLSv1_2), None, "tls-client-cert-required"),
    ("hangs-up", instead(hang_up), None, "starttls-220-then-eof"),
    ("speaks-on", instead(speak_on), None, "starttls-220-then-plaintext"),
    ("speaks-on-at-once", instead(hang_up), {"STARTTLS": "220 2.0.0 go on\r\n500 5.5.1 what?"}, "starttls-220-then-plaintext"),
    ("cut-behind", instead(None), None, "dialogue-cut"),
    ("no-answer", None, {"STARTTLS": "250 2.0.0 Ok"}, "reply-protocol-error"),
    ("not-now", None, {"STARTTLS": "454 4.7.0 TLS not available due to local problem"}, "starttls-454"))


def test_each_way_where_it_is_required(folder):
    for name, change, says, finding in WAYS:
        last, got, _ = once(folder, name, True, change, says)
        assert last["state"] == "delayed" and last["finding"] == finding and not got, (name, last)


def test_each_way_where_it_is_welcome(folder):
    for name, change, says, _ in WAYS:
        last, got, _ = once(folder, name, False, change, says)
        assert last["state"] == "handed-over" and not last.get("tls") and not got[0]["tls"], (name, last)


def test_the_server_says_goodbye(folder):
    """421 to STARTTLS is about the server, not about encryption: later, and in its own words."""
    for required in (True, False):
        last, got, why = once(folder, "421", required, says={"STARTTLS": "421 4.3.2 Service shutting down"})
        assert last["state"] == "delayed" and last["code"] == 421 and "shutting down" in last["reply"] and not got, last
        assert "waiting after 1 try (" in why, why


def old_client():
    context = ssl._create_unverified_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_at_our_door(folder):
    """Why a client did not get in stands in the dialogue; it is told once, and others are let in."""
    r = Relay(folder, certificate(folder) + ROUTE + 'listen "127.0.0.1:0" { security = "starttls" }\n', listen=False)

    def told():
        return [x["line"] for x in r.log_lines("conversation.log") if x["dir"] == "*"]
    for context, words in ((old_client(), "unsupported protocol"), (ssl.create_default_context(), "unknown ca"), (None, "not-tls")):
        with Raw(r.port) as c:
            c.hello()
            assert c.say("STARTTLS")[0] == 220
            try:
                if context:
                    c.tls(context)  # it closes its socket where it fails
                else:
                    c.send(b"EHLO again\r\n")
            except ssl.SSLError:
                pass
            assert context or c.ended()
        wait_until(lambda w=words: any(x.startswith("TLS failed") and w in x for x in told()), why=told)
    assert sum(x.startswith("TLS failed") for x in told()) == 3, told()
    with Raw(r.port) as c:
        c.hello()
        assert c.say("STARTTLS")[0] == 220
        c.tls()
        c.hello()
    r.stop()
