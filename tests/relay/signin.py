# SPDX-License-Identifier: Apache-2.0
"""A pretend sign-in service: one answer to whoever asks for a token."""
import http.server
import threading


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
