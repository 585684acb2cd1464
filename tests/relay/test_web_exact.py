# SPDX-License-Identifier: Apache-2.0
"""What is asked of the HTTP API is taken as it is, or refused: keys, parameters, cursors."""
import json
import re
import threading

from sink import Sink
from web import Api, MESSAGE


def test_an_idempotency_key_is_of_one_content(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    raw = {"Content-Type": "message/rfc822"}
    mail = b"From: a@example.com\r\nTo: b@example.net\r\nSubject: One\r\n\r\nhello\r\n"

    def send(key, body, want=202, query="", **more):
        return api.post(f"/api/v1/messages{query}", body, want=want, headers={**more, "Idempotency-Key": key})

    first = send("m", mail, **raw)
    assert send("m", mail, **raw)["known"]
    assert send("m", mail, query="?recipient=b@example.net&sender=a@example.com", **raw)["id"] == first["id"], "said, not guessed: the same"
    for body, query in [(mail.replace(b"hello", b"hallo"), ""), (mail, "?recipient=c@example.net"), (mail + b"\r\n", ""),
                        (mail, "?sender=c@example.com"), (mail, "?recipient=b@example.net&recipient=c@example.net")]:
        no = send("m", body, 422, query, **raw)
        assert no["id"] == first["id"] and first["id"] in no["detail"] and "Nothing was sent" in no["detail"] and no["fixes"], no
    # JSON is the same whatever its spaces and the order of its names
    parts = {"from": "a@example.com", "to": ["b@example.net"], "subject": "Two", "text": "hello"}
    second = send("j", parts)
    again = send("j", json.dumps(dict(reversed(parts.items())), indent=3), **{"Content-Type": "application/json"})
    assert again["id"] == second["id"] and again["known"]
    assert send("j", {**parts, "text": "hallo"}, 422)["id"] == second["id"]
    assert send("j", mail, 422, **raw)["id"] == second["id"]
    # also of several recipients, and after a restart
    many = {**parts, "to": ["b@example.net", "c@example.net", "d@example.net"]}
    third = send("k", many)
    api.stop()
    api.relay.start()
    api.find_port()
    assert send("k", many)["id"] == third["id"] and send("k", {**many, "to": ["b@example.net"]}, 422)["id"] == third["id"]
    assert send("m", mail, **raw)["id"] == first["id"] and send("j", {**parts, "subject": "Tw0"}, 422)["id"] == second["id"]
    # many at once, half of them another: one is taken, the like are told so, the others refused
    found = []
    threads = [threading.Thread(target=lambda k=k: found.append(api.raw("POST", "/api/v1/messages", json.dumps({**parts, "text": f"{k % 2}"}),
                                                                        {"Content-Type": "application/json", "Idempotency-Key": "race"}))) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(status for status, _, _ in found) == [202] * 4 + [422] * 4, found
    assert len({json.loads(data)["id"] for _, _, data in found}) == 1
    api.states(third["id"], {"handed-over"})
    assert sink.wait(4)
    api.stop()
    assert len(sink.messages) == 4, "nothing refused was sent"


def test_a_parameter_is_known_or_refused(folder):
    api = Api(folder)
    seen = 0
    for path, methods in api.described().document["paths"].items():
        if not path.startswith("/api/"):
            continue
        at = re.sub(r"\{[^}]*\}", "hold", path)
        for method, operation in methods.items():
            known = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
            status, _, data = api.raw(method.upper(), at + "?nosuch=1")
            problem = json.loads(data)
            assert status == 400 and "nosuch" in problem["detail"], (method, path, status, problem)
            told = problem["detail"].partition("give one of ")[2].rstrip(".")
            assert sorted(told.split(", ") if told else []) == sorted(known), (method, path, problem, known)
            seen += 1
    assert seen > 25
    for value in ("a%00b", "%00", "a%0Ab", "%1f", "%7F", "a%09b"):
        problem = api.get(f"/api/v1/messages?recipient={value}", want=400)
        assert "recipient" in problem["detail"] and "control" in problem["detail"], (value, problem)
    api.get("/api/v1/messages?rec%00ipient=x", want=400)
    api.get("/api/v1/messages?q=gr%C3%BC%C3%9Fe+you")
    api.stop()


def test_a_cursor_is_as_it_was_told(folder):
    api = Api(folder)
    for k in range(3):
        api.send({**MESSAGE, "subject": f"Cursor {k}"})
    api.until("/api/v1/messages?subject=Cursor", lambda a: len(a["messages"]) == 3)
    cursor = api.get("/api/v1/messages?subject=Cursor&limit=2")["cursor"]
    assert len(api.get(f"/api/v1/messages?subject=Cursor&limit=2&cursor={cursor}")["messages"]) == 1
    for bad in (cursor + "x", cursor + "%20", cursor + ".0", cursor + ".", "%20" + cursor, cursor[:-1], cursor.rsplit(".", 1)[0], cursor.replace(".", ".-", 1),
                cursor.replace(".", ".0x", 1), "0.", "0", "9." + cursor[2:], cursor + "fffffffff"):
        api.get(f"/api/v1/messages?subject=Cursor&cursor={bad}", want=400)
    one = api.get("/api/v1/messages?subject=Cursor&limit=1")["messages"][0]["id"]
    api.get(f"/api/v1/messages?q={one}&cursor={cursor}", want=400)  # the answer of an id is whole
    api.stop()
