# SPDX-License-Identifier: Apache-2.0
"""A pretend identity provider: token introspection (RFC 7662) over HTTPS, as the test has scripted it."""
import base64
import http.server
import json
import ssl
import threading
import time
import urllib.parse


class IdentityProvider:
    """tokens: token -> claims of an active one, or (status, body), or a function that gives either; others are not active.
    asked: each token in turn.  wait: seconds before each answer.  who: what the Authorization header must be."""

    def __init__(self, certificate, tokens=None, client="relay", secret="s3cret"):
        self.tokens = tokens or {}
        self.asked, self.most, self.now, self.wait = [], 0, 0, 0
        self.who = "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()
        self.lock = threading.Lock()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):  # the relay has hung up
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_port}/introspect"

    def answer(self, handler, body):
        form = urllib.parse.parse_qs(body.decode(), strict_parsing=True)
        (token,) = form["token"]
        with self.lock:
            self.asked.append(token)
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.wait)
        says = self.tokens.get(token, {"active": False})
        says = says() if callable(says) else says
        if handler.headers["Authorization"] != self.who or form["token_type_hint"] != ["access_token"]:
            says = (401, b'{"error":"invalid_client"}')
        status, text = says if isinstance(says, tuple) else (200, json.dumps({"active": True, **says}).encode())
        with self.lock:
            self.now -= 1
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)
