# SPDX-License-Identifier: Apache-2.0
"""A web server that reads a request's head, and then does one bad thing."""
import json
import os
import time

from harm import flood


def head(c):
    got = b""
    while b"\r\n\r\n" not in got:
        b = c.recv(4096)
        if not b:
            raise OSError("end")
        got += b


class Https:
    """talk() of a web server: bad(c) after the request's head."""

    def __init__(self, tls, bad):
        self.tls, self.bad = tls, bad

    def __call__(self, c):
        s = self.tls.wrap_socket(c, server_side=True)
        head(s)
        self.bad(s)


def endless_body(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    flood(c, b"x" * 65536)


def endless_headers(c):
    c.sendall(b"HTTP/1.1 200 OK\r\n")
    flood(c, b"X-More: and more and more\r\n" * 1000)


def endless_chunks(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    flood(c, b"1000\r\n" + b"y" * 4096 + b"\r\n")


def drip(c):
    for b in b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"z" * 200:
        c.sendall(bytes([b]))
        time.sleep(1)


def redirects(c):
    c.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def garbage(c):
    c.sendall(os.urandom(5000))


def says(text, kind="application/json", status="200 OK"):
    def act(c):
        body = text.encode() if isinstance(text, str) else text
        c.sendall(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                  "Connection: close\r\n\r\n".encode() + body)
    return act


def refuses(description):
    """A token endpoint's refusal (RFC 6749 section 5.2)."""
    return says(json.dumps({"error": "invalid_client", "error_description": description}, ensure_ascii=False),
                status="401 Unauthorized")
