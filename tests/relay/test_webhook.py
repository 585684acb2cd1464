# SPDX-License-Identifier: Apache-2.0
"""Webhooks: signed, tried again, at least once, over restarts and crashes."""
import hashlib
import hmac
import http.server
import json
import re
import socket
import threading
import time

from sink import Sink
from web import MESSAGE, Api

SECRET = "s" * 40


class Receiver:
    """answers: statuses, one after the other, the last for ever."""

    def __init__(self, answers=(200,), port=0):
        self.posts, self.answers = [], list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                outer.posts.append((status, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def events(self):
        return [e for status, _, body in self.posts if status == 200 for e in json.loads(body)["events"]]

    def wait(self, fits, seconds=15):
        end = time.monotonic() + seconds
        while not fits(self.events()):
            assert time.monotonic() < end, self.events()
            time.sleep(0.02)
        return self.events()


def hook(folder, port, more=""):
    (folder / "secret").write_text(SECRET + "\n")
    return f'webhook "shop" {{ url = "http://127.0.0.1:{port}/in" secret-file = "{folder}/secret" {more} }}\n'


def test_each_change_is_told_and_signed(folder):
    sink, receiver = Sink(), Receiver()
    api = Api(folder, hook(folder, receiver.port), port=sink.port)
    said = api.send()["id"]
    events = receiver.wait(lambda x: any(e["state"] == "handed-over" for e in x))
    assert [e["state"] for e in events] == ["queued", "sending", "handed-over"] and {e["id"] for e in events} == {said}
    status, headers, body = receiver.posts[0]
    assert status == 200 and headers["Content-Type"] == "application/json" and headers["Postrider-Event"] == "state"
    parts = dict(p.split("=") for p in headers["Postrider-Signature"].split(","))
    mine = hmac.new(SECRET.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == mine and abs(int(parts["t"]) - time.time()) < 60
    end = time.monotonic() + 5
    while 'postrider_webhook_events_total{webhook="shop"} 3' not in api.raw("GET", "/metrics")[2].decode():
        assert time.monotonic() < end
        time.sleep(0.02)
    api.stop()
    assert api.relay.log_lines("queue.log") == events


def test_one_that_hangs(folder):
    """What waits for it is seen, and another is not kept waiting."""
    sink, receiver, silent = Sink(), Receiver(), socket.create_server(("127.0.0.1", 0))
    api = Api(folder, hook(folder, receiver.port) + hook(folder, silent.getsockname()[1]).replace('"shop"', r'"si\"le\\nt"'), port=sink.port)
    for _ in range(3):
        api.send()
    receiver.wait(lambda x: sum(e["state"] == "handed-over" for e in x) == 3)
    end = time.monotonic() + 5
    while not (found := re.search(r'waiting_bytes{webhook="si\\"le\\\\nt"} (\d+)', api.raw("GET", "/metrics")[2].decode())) or int(found[1]) < 1000:
        assert time.monotonic() < end, found
        time.sleep(0.02)
    api.stop()


def test_only_the_states_asked_for(folder):
    sink, receiver = Sink(says={"RCPT bad@kunde.example": "550 5.1.1 no such user"}), Receiver()
    api = Api(folder, hook(folder, receiver.port, 'states = { "refused", "handed-over" }'), port=sink.port)
    api.send({"from": "shop@example.com", "to": ["bad@kunde.example", "good@kunde.example"], "text": "x"})
    events = receiver.wait(lambda x: len(x) >= 2)
    assert {(e["state"], e["recipient"]) for e in events if e["sender"]} == {("refused", "bad@kunde.example"),
                                                             ("handed-over", "good@kunde.example")}
    api.stop()


def test_is_tried_again_in_order(folder):
    sink, receiver = Sink(), Receiver([503, 500, 200])
    api = Api(folder, hook(folder, receiver.port, 'states = { "handed-over" }'), port=sink.port)
    ids = []
    for _ in range(3):
        ids.append(api.send()["id"])
        api.states(ids[-1], {"handed-over"})
    events = receiver.wait(lambda x: len(x) == 3)
    assert [e["id"] for e in events] == ids
    names = {h["Postrider-Delivery"] for status, h, _ in receiver.posts[:3]}
    assert len(names) == 1, "the same delivery has the same name"
    assert "shop" in api.relay.said() or "it answers 503" in json.dumps(api.relay.log_lines("queue.log"))
    api.stop()


def test_nothing_is_lost_over_kills_and_restarts(folder):
    sink = Sink()
    receiver = Receiver()
    port = receiver.port
    receiver.close()  # nobody listens for now
    api = Api(folder, hook(folder, port, 'states = { "handed-over" }'), port=sink.port)
    api.stop()  # its place in the store is on disk from now on
    ids = set()
    for kill in (True, True, False):
        api.relay.start()
        api.find_port()
        for _ in range(5):
            ids.add(api.send()["id"])
        for i in ids:
            api.states(i, {"handed-over"})
        if kill:
            api.relay.kill()
        else:
            api.stop()
    receiver = Receiver(port=port)
    api.relay.start()
    receiver.wait(lambda x: {e["id"] for e in x} >= ids)
    assert {e["state"] for e in receiver.events()} == {"handed-over"}
    assert api.relay.stop() == 0
    receiver.close()


def test_what_waited_comes_in_order(folder):
    """A start looks into the store for what was missed, and tells nothing again that waits or was delivered already."""
    sink = Sink(says={"RCPT late@example.net": "450 4.2.0 Later"})
    receiver = Receiver()
    port = receiver.port
    api = Api(folder, hook(folder, port), port=sink.port)
    ids = [api.send()["id"]]
    receiver.wait(lambda x: any(e["state"] == "handed-over" for e in x))
    receiver.close()
    for kill in (True, False, True, False):
        for to in ("b@example.net", "late@example.net"):
            ids.append(api.send({**MESSAGE, "to": [to]})["id"])
            api.states(ids[-1], {"delayed" if "late" in to else "handed-over"})
        time.sleep(0.3)  # the trail is the first to know; the webhook's lines follow at once
        if kill:
            api.relay.kill()
        else:
            api.stop()
        api.relay.start()
        api.find_port()
    again = Receiver(port=port)
    events = receiver.events() + again.wait(lambda x: {e["id"] for e in x} >= set(ids[1:]))
    time.sleep(1)
    events = receiver.events() + again.events()
    told = [(e["id"], e["time"], e["state"], e.get("dot")) for e in events]
    assert len(set(told)) == len(told), [x for x in told if told.count(x) > 1]
    for i in ids:
        times = [e["time"] for e in events if e["id"] == i]
        assert times == sorted(times), (i, times)
        assert [e["state"] for e in events if e["id"] == i][0] == "queued"
    assert api.relay.stop() == 0
    again.close()


def test_a_reload_brings_others(folder):
    sink, one, two = Sink(), Receiver(), Receiver()
    api = Api(folder, hook(folder, one.port, 'states = { "handed-over" }'), port=sink.port)
    api.states(api.send()["id"], {"handed-over"})
    one.wait(lambda x: len(x) == 1)
    api.relay.conf.write_text(api.relay.conf.read_text().replace(f":{one.port}/", f":{two.port}/"))
    api.relay.signal(1)
    end = time.monotonic() + 10
    while "read again" not in api.relay.said() and time.monotonic() < end:
        time.sleep(0.02)
    said = api.send()["id"]
    two.wait(lambda x: said in {e["id"] for e in x})
    assert said not in {e["id"] for e in one.events()}
    api.stop()
