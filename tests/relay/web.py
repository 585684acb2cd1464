# SPDX-License-Identifier: Apache-2.0
"""The relay's HTTP API, as a program asks it."""
import http.client
import json
import re
import socket
import time

import openapi
from relay import Relay

OPEN = 'http { listen = "127.0.0.1:0" open = "admin" }\n'
ROUTE = 'route "next" { smarthost = "127.0.0.1:%d" security = "none" connections = 4 }\n'
JSON = {"Content-Type": "application/json"}


class Api:
    """config: text of postrider.conf; OPEN is added where it has no http block."""

    def __init__(self, folder, config="", port=9, **more):
        if "http {" not in config:
            config += OPEN
        if "route " not in config:
            config += ROUTE % port
        self.relay = Relay(folder, config, **more)
        self.find_port()
        self.headers = {}
        self.description = None

    def find_port(self):
        self.port = int(re.findall(r"the API on \S+:(\d+)", self.relay.said())[-1])

    def connect(self, timeout=20):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def raw(self, method, path, body=None, headers=None, connection=None):
        """(status, headers, bytes)"""
        c = connection or self.connect()
        c.request(method, path, body, {**self.headers, **(headers or {})})
        answer = c.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        if not connection:
            c.close()
        if path.startswith("/api/") and not path.endswith("/events") and "format=" not in path:
            self.judge(method, path, *found)
        return found

    def judge(self, method, path, status, headers, data):
        """Every answer of every test is held against the description."""
        if status in (404, 405, 421) and not self.described().operation(method, path):
            return
        value = json.loads(data) if data and "json" in headers.get("content-type", "") else None
        self.described().judge(method, path, status, headers, value)

    def described(self):
        if not self.description:
            c = self.connect()
            c.request("GET", "/api/v1/openapi.json")
            self.description = openapi.Description(json.loads(c.getresponse().read()))
            c.close()
        return self.description

    def ask(self, method, path, body=None, headers=None, want=200):
        """The JSON answered; a body that is no text is sent as JSON."""
        if body is not None and not isinstance(body, (str, bytes)):
            body, headers = json.dumps(body), {**JSON, **(headers or {})}
        status, _, data = self.raw(method, path, body, headers)
        assert status == want, f"{method} {path}: {status}\n{data[:2000]}\n{self.relay.said()[-1000:]}"
        return json.loads(data) if data else None

    def get(self, path, want=200, **more):
        return self.ask("GET", path, want=want, **more)

    def post(self, path, body=None, want=200, **more):
        return self.ask("POST", path, body, want=want, **more)

    def send(self, body=None, want=202, **more):
        return self.post("/api/v1/messages", body or MESSAGE, want=want, **more)

    def until(self, path, fits, seconds=10):
        end = time.monotonic() + seconds
        while True:
            found = self.get(path)
            if fits(found):
                return found
            assert time.monotonic() < end, f"{path}: {json.dumps(found)[:2000]}"
            time.sleep(0.02)

    def states(self, message, states, seconds=10):
        """The message once its recipients are in these states."""
        return self.until(f"/api/v1/messages/{message}",
                          lambda x: {r["state"] for r in x["recipients"]} == set(states), seconds)

    def stop(self):
        assert self.relay.stop() == 0, self.relay.said()


MESSAGE = {"from": "Shop <shop@example.com>", "to": ["anna@kunde.example"], "subject": "Rechnung 17",
           "text": "Grüße\n"}


class Events:
    """A stream of server-sent events."""

    def __init__(self, api, path, headers=None):
        self.socket = socket.create_connection(("127.0.0.1", api.port), timeout=20)
        lines = "".join(f"{k}: {v}\r\n" for k, v in {**api.headers, **(headers or {})}.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def lines(self):
        """The lines of the chunks, put together."""
        rest = b""
        while True:
            size = int(self.file.readline() or b"0", 16)
            if not size:
                return
            rest += self.file.read(size)
            self.file.readline()
            *whole, rest = rest.split(b"\n")
            yield from whole

    def __iter__(self):
        """(id, name, data) of each event"""
        event = {}
        for line in self.lines():
            if line:
                key, _, value = line.decode().partition(": ")
                event[key] = event.get(key, "") + value
            elif "data" in event:
                yield event.get("id"), event.get("event"), json.loads(event["data"])
                event = {}
            else:
                event = {}

    def close(self):
        self.file.close()
        self.socket.close()
