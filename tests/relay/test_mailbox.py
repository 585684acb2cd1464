# SPDX-License-Identifier: Apache-2.0
"""Mailboxes that reports come to, in real Dovecot: read once, put away as told, and never a person's mail."""
import base64
import http.server
import socket
import ssl
import threading

from certs import Authority
from door import wait_until
from dovecots import PASSWORD, Dovecot
from relay import Relay
from sink import Sink
from test_inbox import REPORT, states

PERSON = "From: Anna <anna@far.example>\r\nTo: bounces@acme.example\r\nSubject: Re: invoice\r\n\r\nThank you!\r\n"


def report(to, message_id="<m1@example.com>", action="failed", back="bounces@acme.example"):
    return REPORT.format(action=action, status="5.1.1", reply="550 5.1.1 User unknown", to=to, message_id=message_id) \
        .replace("v1@bounces.example.com", back).replace("\n", "\r\n")


def world(folder, box, protocol="imap", security="tls", after="", more="", route=""):
    sink = Sink()
    port = box.ports[protocol + ("s" if security == "tls" else "")]
    (folder / "box.pw").write_text(PASSWORD + "\n")
    r = Relay(folder, f'ca-file = "{box.ca}"\nroute "out" {{ smarthost = "{sink.where}"  security = "none" {route} }}\n'
              f'mailbox "bounces" {{ host = "127.0.0.1"  port = {port}  protocol = "{protocol}"  security = "{security}"\n'
              f'  user = "{box.user}"  password-file = "box.pw"  poll = "10s" {after and f"after = {chr(34)}{after}{chr(34)}"} }}\n{more}')
    message = r.submit("From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       rcpts=("b@far.example", "c@far.example"))
    wait_until(lambda: set(states(r, message).values()) == {"handed-over"})
    return r, sink, message


def look(r):
    r.signal(1)  # a reload looks at once


def test_imap_after(folder):
    box = Dovecot(folder)
    box.deliver(PERSON)
    r, sink, message = world(folder, box, route='return-path = "bounces+*@acme.example"')
    paths = {m["rcpts"][0]: m["sender"] for m in sink.messages}
    box.deliver(report("x@inner.example", "<new@y>", back=paths["b@far.example"]))
    look(r)
    wait_until(lambda: states(r, message)["b@far.example"] == "bounced")
    mark = [x for x in r.log_lines("queue.log") if x.get("state") == "bounced"][0]
    assert "signed return path" in mark["why"], mark
    flags = {b"Thank you" in mail: flags for flags, mail in box.mails()}
    wait_until(lambda: {b"Thank you" in mail: flags for flags, mail in box.mails()} == {True: "", False: "S"}, why=str(flags))
    # Read once: what is still there is not read again, also not by a relay that was killed.
    r.kill()
    conf = r.conf.read_text()
    for after, left in (("move:Done", 1), ("delete", 1), ("leave", 2)):
        r.conf.write_text(conf.replace('poll = "10s"', f'poll = "10s"  after = "{after}"'))
        box.deliver(report("c@far.example", action="delayed" if after != "leave" else "failed"))
        before = len(r.log_lines("queue.log"))
        r.start()
        wait_until(lambda: any("mailbox bounces" in str(x.get("listener")) for x in r.log_lines("queue.log")[before:]))
        wait_until(lambda: len([1 for _, m in box.mails() if b"c@far" in m]) == (1 if after == "leave" else 0))
        wait_until(lambda: sum("read here" in str(x.get("why")) for x in r.log_lines("queue.log")[before:]) == 1)
        assert r.stop() == 0
    wait_until(lambda: ["c@far.example" in str(m) for _, m in box.mails("Done")] == [True])
    assert all(flags == "" for flags, mail in box.mails() if b"Thank you" in mail or b"c@far" in mail), box.mails()
    assert states(r, message) == {"b@far.example": "bounced", "c@far.example": "bounced"}
    events = [x for x in r.log_lines("queue.log") if x.get("id") == message and x.get("state") == "bounced"]
    assert len(events) == 2, events
    box.stop()


def test_pop3(folder):
    box = Dovecot(folder)
    box.deliver(PERSON)
    r, sink, message = world(folder, box, "pop3", "starttls")
    box.deliver(report("b@far.example"))
    look(r)
    wait_until(lambda: states(r, message)["b@far.example"] == "bounced")
    before = sum("mailbox bounces" in str(x.get("listener")) for x in r.log_lines("queue.log"))
    r.kill()
    r.conf.write_text(r.conf.read_text().replace('poll = "10s"', 'poll = "10s"  after = "delete"'))
    r.start()
    box.deliver(report("c@far.example"))
    look(r)
    wait_until(lambda: states(r, message)["c@far.example"] == "bounced")
    wait_until(lambda: len(box.mails()) == 2)
    assert sum("mailbox bounces" in str(x.get("listener")) for x in r.log_lines("queue.log")) == before + 1
    assert r.stop() == 0
    box.stop()


def test_what_goes_wrong(folder):
    """A wrong password, a certificate of somebody else: said, nothing secret told, and mail goes on."""
    box = Dovecot(folder, names=("other.example",))
    r, sink, message = world(folder, box)
    wait_until(lambda: "certificate" in r.said())
    assert "Login" not in box.log()
    assert r.stop() == 0
    box.stop()
    (folder / "two").mkdir()
    box = Dovecot(folder / "two")
    (folder / "box.pw").write_text("wrong\n")
    r.conf.write_text(r.conf.read_text().replace('ca-file = "', f'ca-file = "{box.ca}" #').replace(
        f"port = {r.conf.read_text().split('port = ')[1].split()[0]}", f"port = {box.ports['imaps']}"))
    r.start()
    wait_until(lambda: "AUTHENTICATIONFAILED" in r.said())
    assert "wrong" not in r.said()
    r.submit(rcpts=("z@far.example",))
    assert sink.wait(2)
    assert r.stop() == 0
    box.stop()


class TokenImap(threading.Thread):
    """A mailbox server that knows logins by access token only, and has one mail."""

    def __init__(self, certificate, token, mail):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.token, self.mail, self.lines, self.logins = token, mail.encode(), [], []
        self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            self.talk(self.context.wrap_socket(connection, server_side=True).makefile("rwb", buffering=0))
        except (OSError, EOFError):
            pass

    def talk(self, f):
        f.write(b"* OK ready\r\n")
        while line := f.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.lines.append(rest)
            verb = rest.upper()
            if verb.startswith("CAPABILITY"):
                f.write(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n")
            elif verb.startswith("AUTHENTICATE"):
                f.write(b"+ \r\n")
                self.logins.append(base64.b64decode(f.readline()).decode())
                if self.logins[-1] != f"user=bounces@acme.example\1auth=Bearer {self.token}\1\1":
                    f.write(f"{tag} NO no\r\n".encode())
                    continue
            elif verb.startswith("SELECT"):
                f.write(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 17] ok\r\n")
            elif verb.startswith("UID SEARCH"):
                f.write(b"* SEARCH 5\r\n")
            elif verb.startswith("UID FETCH") and "BODY" in verb:
                f.write(b"* 1 FETCH (UID 5 BODY[]<0> {%d}\r\n%s)\r\n" % (len(self.mail), self.mail))
            elif verb.startswith("UID FETCH"):
                f.write(b"* 1 FETCH (UID 5 RFC822.SIZE %d FLAGS ())\r\n" % len(self.mail))
            f.write(f"{tag} OK done\r\n".encode())


class Tokens(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        good = "client_secret=s3cr3t" in asked
        body = b'{"access_token": "tok-en-17", "expires_in": 3600}' if good else b'{"error": "invalid_client"}'
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_oauth(folder):
    authority, sink = Authority(folder), Sink()
    box = TokenImap(authority.certificate("127.0.0.1"), "tok-en-17", report("b@far.example"))
    tokens = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    (folder / "client.secret").write_text("s3cr3t\n")
    r = Relay(folder, f'ca-file = "{authority.file}"\nroute "out" {{ smarthost = "{sink.where}"  security = "none" }}\n', start=False)
    r.start()
    message = r.submit("From: app@example.com\r\nMessage-ID: <m1@example.com>\r\nSubject: invoice\r\n\r\nx\r\n",
                       rcpts=("b@far.example",))
    wait_until(lambda: set(states(r, message).values()) == {"handed-over"})
    r.conf.write_text(r.conf.read_text() + f'mailbox "m365" {{ host = "127.0.0.1"  port = {box.socket.getsockname()[1]}\n'
                      f'  user = "bounces@acme.example"  oauth {{ client-id = "app"  client-secret-file = "client.secret"\n'
                      f'  token-url = "http://127.0.0.1:{tokens.server_port}/token"  scope = "x" }} }}\n')
    look(r)
    wait_until(lambda: states(r, message)["b@far.example"] == "bounced")
    assert any(x.startswith("UID STORE 5 +FLAGS.SILENT (\\Seen)") for x in box.lines), box.lines
    everything = r.said() + "".join(p.read_text() for p in (r.data / "log").iterdir())
    assert "tok-en" not in everything and "s3cr3t" not in everything
    (folder / "client.secret").write_text("wrong\n")
    assert r.stop() == 0
    r.start()
    wait_until(lambda: "invalid_client" in r.said())
    assert r.stop() == 0
