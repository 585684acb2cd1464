# SPDX-License-Identifier: Apache-2.0
"""Changes of state as they happen; the description; slow and many clients."""
import itertools
import json
import socket
import threading
import time

from sink import Sink
from web import Api, Events


def take(events, n):
    return list(itertools.islice(events, n))


def test_events_are_the_lines_of_the_log(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    events = iter(Events(api, "/api/v1/events"))
    said = api.send()["id"]
    api.states(said, {"handed-over"})
    got = take(events, 3)
    assert [e[1] for e in got] == ["state"] * 3
    assert [e[2]["state"] for e in got] == ["queued", "sending", "handed-over"], got
    assert all(e[2]["id"] == said for e in got)
    api.relay.stop()
    assert [e[2] for e in got] == api.relay.log_lines("queue.log")
    assert not list(events), "the stream ends with the relay"


def test_who_comes_back_misses_nothing(folder):
    api = Api(folder)
    stream = Events(api, "/api/v1/events")
    first = api.send()["id"]
    last = take(iter(stream), 1)[0]
    assert last[2]["id"] == first
    stream.close()
    second = api.send()["id"]
    api.get(f"/api/v1/messages/{second}")
    again = iter(Events(api, "/api/v1/events", {"Last-Event-ID": last[0]}))
    while True:
        name, data = next(again)[1:]
        assert name == "state"
        if data["id"] == second:
            break
    # another run's number: some may be missing, and that is said
    assert take(iter(Events(api, "/api/v1/events", {"Last-Event-ID": "1-1"})), 1)[0][1] == "gap"
    api.stop()


def test_health_is_there_without_monitors(folder):
    api = Api(folder)
    health = api.get("/api/v1/health")
    assert health["monitors"] == [], health
    assert api.get("/api/v1/health?points=0", want=400)
    api.stop()


def test_slow_clients_harm_nobody(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    slow = []
    for begin in (b"", b"GET /api/v1/queue HTTP/1.1\r\nHost: lo", b"POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\n"
                  b"Content-Type: message/rfc822\r\nContent-Length: 1000000\r\n\r\nFrom: "):
        for _ in range(100):
            s = socket.create_connection(("127.0.0.1", api.port))
            s.sendall(begin)
            slow.append(s)
    for _ in range(100):  # watchers that never read
        s = socket.create_connection(("127.0.0.1", api.port))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        s.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        slow.append(s)
    begin = time.monotonic()
    ids = [api.send()["id"] for _ in range(20)]
    for i in ids:
        api.states(i, {"handed-over"})
    assert time.monotonic() - begin < 10
    begin = time.monotonic()
    api.stop()
    assert time.monotonic() - begin < 10, "nor does its end wait for them"


def test_streams_leave_mail_its_files(folder):
    sink = Sink()
    api = Api(folder, port=sink.port, prefix=["prlimit", "--nofile=400"])
    assert "LimitNOFILE" in api.relay.said() and "more than 100 connections" in api.relay.said(), api.relay.said()
    asked = []
    for _ in range(300):
        s = socket.create_connection(("127.0.0.1", api.port))
        s.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        asked.append(s)
    for s in asked[:50]:
        assert s.recv(12) == b"HTTP/1.1 200"
    for k in range(5):
        api.relay.submit(f"From: a@example.com\r\nTo: n{k}@kunde.example\r\n\r\nx\r\n", rcpts=[f"n{k}@kunde.example"])
    assert sink.wait(5)
    for s in asked:
        s.close()
    assert api.get("/api/v1/queue")
    api.stop()


def test_bodies_have_limits(folder):
    api = Api(folder, 'max-size = "1M"\n')
    assert api.post("/api/v1/messages", b"x" * (4 << 20), want=413, headers={"Content-Type": "message/rfc822"})
    mail = b"From: a@example.com\r\nTo: b@example.net\r\n\r\n" + b"x" * 70 + b"\r\n" * 600000
    assert api.post("/api/v1/messages", mail, want=413, headers={"Content-Type": "message/rfc822"})["code"] == 552
    assert api.post("/api/v1/explain", b'{"text": "' + b"x" * (5 << 20) + b'"}', want=413, headers={"Content-Type": "application/json"})
    assert api.post("/api/v1/explain", b"[" * 100000, want=400, headers={"Content-Type": "application/json"})
    s = socket.create_connection(("127.0.0.1", api.port))
    s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100000 + b"\r\n\r\n")
    assert s.recv(100)[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 413", b"HTTP/1.1 400", b"")
    api.stop()


def test_many_at_once(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    faults, ids = [], []

    def work(k):
        try:
            c = api.connect()
            for i in range(10):
                ids.append(json.loads(api.raw("POST", "/api/v1/messages", json.dumps({
                    "from": "a@example.com", "to": f"n{k}x{i}@kunde.example", "text": "x"}),
                    {"Content-Type": "application/json"}, c)[2])["id"])
                assert api.raw("GET", "/api/v1/messages/" + ids[-1], connection=c)[0] == 200
                assert api.raw("GET", "/api/v1/queue", connection=c)[0] == 200
                assert api.raw("GET", "/metrics", connection=c)[0] == 200
        except Exception as e:  # told by the test below
            faults.append(repr(e))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not faults, faults[:3]
    assert len(set(ids)) == 160 and sink.wait(160)
    api.stop()
