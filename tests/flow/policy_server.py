# SPDX-License-Identifier: Apache-2.0
"""A greylist for Postfix's policy protocol, as small as it can be: who is new is put off."""
import socketserver
import sys

PORT = 10031


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        asked = {}
        for raw in self.rfile:
            line = raw.decode(errors="replace").rstrip("\n")
            if line:
                key, _, value = line.partition("=")
                asked[key] = value
                continue
            answer = "DUNNO" if self.server.known else "DEFER_IF_PERMIT Greylisted, please try again in 300 seconds"
            self.wfile.write(f"action={answer}\n\n".encode())
            asked = {}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, known):
        super().__init__(("127.0.0.1", PORT), Handler)
        self.known = known


class Policy:
    """known: every triple has waited its five minutes before."""

    def __init__(self, known=False):
        self.known = known

    def start(self, world):
        world.start("policy", [sys.executable, __file__, *(["--known"] if self.known else [])])
        world.wait_port("127.0.0.1", PORT)


if __name__ == "__main__":
    Server("--known" in sys.argv).serve_forever()
