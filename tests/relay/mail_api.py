# SPDX-License-Identifier: Apache-2.0
"""Pretend mail APIs over HTTPS: Microsoft Graph's sendMail, Gmail's messages.send, and the address for tokens."""
import base64
import email
import http.server
import json
import socket
import ssl
import threading


class MailApi:
    """says: a list of (status, headers, body) or "hang up", one each time, the last for ever; empty: taken.  tokens: so many
    were given out; only the newest is good."""

    def __init__(self, certificate, says=()):
        self.says = list(says)
        self.messages = []  # {"path", "data", "to"}
        self.tokens = 0
        self.refuse_tokens = 0
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.answer(self, body)

        self.tls = self._serve(Handler, certificate)
        self.plain = self._serve(Handler, None)
        self.url = f"https://127.0.0.1:{self.tls.server_port}"
        self.token_url = f"http://127.0.0.1:{self.plain.server_port}/token"

    @staticmethod
    def _serve(handler, certificate):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    @staticmethod
    def say(handler, status, headers=None, body=b""):
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def answer(self, handler, body):
        if handler.path == "/token":
            self.tokens += 1
            self.say(handler, 200, body=json.dumps({"access_token": f"token{self.tokens}", "expires_in": 3600}).encode())
            return
        if handler.headers["Authorization"] != f"Bearer token{self.tokens}" or self.refuse_tokens:
            self.refuse_tokens = max(0, self.refuse_tokens - 1)
            self.say(handler, 401, body=b'{"error":{"code":"InvalidAuthenticationToken","message":"expired"}}')
            return
        graph = handler.path.endswith("/sendMail")
        data = base64.b64decode(body, validate=True) if graph else body
        says = (self.says.pop(0) if len(self.says) > 1 else self.says[0]) if self.says else None
        if says == "hang up":
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        if says:
            self.say(handler, *says)
            return
        head = email.message_from_bytes(data)
        to = [a for _, a in email.utils.getaddresses([x for n in ("To", "Cc", "Bcc") for x in head.get_all(n, [])])]
        self.messages.append({"path": handler.path, "data": data, "to": to, "type": handler.headers["Content-Type"]})
        if graph:
            self.say(handler, 202, {"request-id": f"req-{len(self.messages)}"})
        else:
            self.say(handler, 200, body=json.dumps({"id": f"18f{len(self.messages)}", "labelIds": ["SENT"]}).encode())
