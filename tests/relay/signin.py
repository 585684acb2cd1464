# SPDX-License-Identifier: Apache-2.0
"""A pretend sign-in service: one answer to whoever asks for a token."""
import http.server
import json
import threading
import urllib.parse


class SignIn:
    """asked: the body of each request."""

    def __init__(self, status, body):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.port = server.server_port

    def smarthost(self, folder, ca, sink):
        """The settings of a relay that logs in at the sink with a token from here."""
        (folder / "secret").write_text("client-secret\n")
        return (f'ca-file = "{ca.file}"\nroute "out" {{ recipients = {{ "*" }} smarthost = "127.0.0.1:{sink.port}" '
                f'security = "starttls" user = "me@example.com" oauth {{ client-id = "app" client-secret-file = "{folder}/secret" '
                f'token-url = "http://127.0.0.1:{self.port}/token" scope = "smtp" }} }}\n')


class Rotating:
    """Each refresh token is good once: shown a second time, the whole family of them ends (RFC 9700, 4.14.2)."""

    def __init__(self, first):
        self.good, self.asked, self.ended = first, [], False
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = service.answer(dict(urllib.parse.parse_qsl(body))["refresh_token"])
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.port = server.server_port

    def answer(self, shown):
        self.asked.append(shown)
        self.ended = self.ended or shown != self.good
        if self.ended:
            return 400, b'{"error": "invalid_grant", "error_description": "The refresh token was used before"}'
        self.good = f"refresh-{len(self.asked)}"
        return 200, json.dumps({"access_token": f"access-{len(self.asked)}", "expires_in": 3600,
                                "refresh_token": self.good}).encode()
