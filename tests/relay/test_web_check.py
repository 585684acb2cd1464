# SPDX-License-Identifier: Apache-2.0
"""Checks over HTTP: watched while they run, and kept from where they may not go."""
import socket

from names import Names
from sink import Sink
from web import Api, Events

INNER = 'http { listen = "127.0.0.1:0" open = "admin" check-allow = { "127.0.0.0/8" } }\n'


def check(api, target, **more):
    """The document once it is there."""
    begun = api.post("/api/v1/check", {"target": target, "timeout_s": 20, "experiments": False, **more}, want=202)
    list(Events(api, f"/api/v1/check/{begun['id']}/events"))
    return begun["id"], api.get(f"/api/v1/check/{begun['id']}")


def test_a_check_is_told_step_by_step(folder):
    sink = Sink()
    api = Api(folder, INNER)
    begun = api.post("/api/v1/check", {"target": sink.where, "security": "none", "until": "connect"}, want=202)
    events = list(Events(api, f"/api/v1/check/{begun['id']}/events"))
    names = [name for _, name, _ in events]
    assert names[0] == "state" and names[-1] == "end" and {"step", "fact", "target"} <= set(names), names
    assert [int(n) for n, _, _ in events] == list(range(1, len(events) + 1))
    steps = [data for _, name, data in events if name == "step"]
    assert any(s["step"] == "connect" and s["status"] == "pass" for s in steps), steps
    # from the middle on, as a browser asks that was cut off
    rest = list(Events(api, f"/api/v1/check/{begun['id']}/events", {"Last-Event-ID": "3"}))
    assert rest == events[3:]
    document = api.get(f"/api/v1/check/{begun['id']}")
    assert document["verdict"] in ("ok", "warning") and document["facts"], document["summary"]
    facts = [data for _, name, data in events if name == "fact"]
    assert facts == document["facts"]
    assert begun["id"] in [c["id"] for c in api.get("/api/v1/check")["checks"]]
    status, headers, page = api.raw("GET", f"/api/v1/check/{begun['id']}?format=html")
    assert status == 200 and b"<html" in page and headers["content-security-policy"].startswith("sandbox")
    assert b"# " in api.raw("GET", f"/api/v1/check/{begun['id']}?format=markdown")[2]
    assert api.get(f"/api/v1/check/{begun['id']}/evidence")
    assert api.get(f"/api/v1/check/{begun['id']}?format=pdf", want=400)
    assert api.get("/api/v1/check/" + "0" * 24, want=404) and api.get("/api/v1/check/" + "0" * 24 + "/events", want=404)
    api.stop()


def test_no_secret_comes_back(folder):
    sink = Sink(extensions=("AUTH PLAIN LOGIN",), says={"AUTH": "535 5.7.8 no"})
    api = Api(folder, INNER)
    secret = "hunter2-xyzzy-0815"
    name, document = check(api, sink.where, security="none", user="anna@example.com", password=secret, until="auth")
    for path in (f"/api/v1/check/{name}", f"/api/v1/check/{name}?format=html", f"/api/v1/check/{name}/evidence",
                 "/api/v1/check"):
        assert secret.encode() not in api.raw("GET", path)[2], path
    assert document
    api.stop()


def test_inner_addresses_are_not_scanned(folder):
    sink = Sink()
    api = Api(folder)
    for target in (sink.where, f"localhost:{sink.port}", f"[::1]:{sink.port}", f"0.0.0.0:{sink.port}",
                   f"[::ffff:127.0.0.1]:{sink.port}", "10.0.0.1:25", "169.254.169.254:80", "192.168.1.1:587"):
        _, document = check(api, target, security="none")
        assert document["verdict"] != "ok", (target, document["summary"])
        assert not [f for f in document["facts"] if f["kind"] == "connect"], (target, document["facts"])
    assert sink.connections == 0
    api.stop()


def test_a_name_that_points_inside_is_not_followed(folder):
    """Whatever a name's records say when it is asked: the address counts at the connection."""
    sink = Sink(address="127.77.9.9", port=25)
    names = Names({("mail.evil.example", "A"): ["127.77.9.9"], ("evil.example", "MX"): ["10 mail.evil.example."],
                   ("evil.example", "A"): ["127.77.9.9"]})
    api = Api(folder, f'resolver = "{names.where}"\n')
    for target in ("mail.evil.example:25", "evil.example", "anna@evil.example"):
        _, document = check(api, target)
        assert document["verdict"] != "ok", (target, document["summary"])
    assert sink.connections == 0
    api.stop()


def test_strange_ports_of_others_are_not_tried(folder):
    api = Api(folder)
    _, document = check(api, "192.0.2.1:22")
    assert not [f for f in document["facts"] if f["kind"] == "connect"]
    api.stop()


def test_mistakes(folder):
    api = Api(folder)
    for body, word in [({}, "target"), ({"target": ""}, "target"), ({"target": "a.example", "port": 25}, "port"),
                       ({"target": "a.example", "resolver": "127.0.0.1"}, "resolver"),
                       ({"target": "a.example", "security": "yes"}, "starttls"), ({"target": "profile:office"}, "profile"),
                       ({"target": "a.example", "user": "a\r\nQUIT"}, "control"),
                       ({"target": "a.example", "oauth": {"token_url": "http://127.0.0.1/"}}, "https"),
                       ({"target": "a.example", "timeout_s": 3600}, "180"), ({"target": "a.example", "to": [1]}, "text")]:
        problem = api.post("/api/v1/check", body, want=400)
        assert word in problem["detail"], (body, problem)
    api.stop()


def test_a_check_can_be_given_up(folder):
    silent = socket.create_server(("127.0.0.1", 0))
    api = Api(folder, INNER)
    begun = api.post("/api/v1/check", {"target": f"127.0.0.1:{silent.getsockname()[1]}", "security": "none"}, want=202)
    assert api.get(f"/api/v1/check/{begun['id']}", want=202)["state"] in ("waiting", "running")
    assert api.raw("DELETE", f"/api/v1/check/{begun['id']}")[0] == 204
    events = list(Events(api, f"/api/v1/check/{begun['id']}/events"))
    assert events[-1][1] == "end" and events[-1][2]["state"] == "cancelled"
    api.stop()


def test_ends_with_a_check_under_way(folder):
    silent = socket.create_server(("127.0.0.1", 0))
    api = Api(folder, INNER)
    begun = api.post("/api/v1/check", {"target": f"127.0.0.1:{silent.getsockname()[1]}", "security": "none"}, want=202)
    events = Events(api, f"/api/v1/check/{begun['id']}/events")
    assert api.relay.stop(10) == 0, api.relay.said()
    list(events)


def test_a_report_for_somebody_else(folder):
    sink = Sink(says={"RCPT": "550 5.1.1 no such user here"})
    api = Api(folder, INNER + f'route "next" {{ smarthost = "{sink.where}" security = "none" }}\n')
    name, _ = check(api, sink.where, security="none", user="anna@example.com", password="hunter2-xyzzy", until="connect")
    said = api.send()["id"]
    api.states(said, {"refused"})
    for path, word in [(f"/api/v1/check/{name}/report", b"127.0.0.1"), (f"/api/v1/messages/{said}/report", b"no such user here"),
                       ("/api/v1/report?since=1h", b"mailbox")]:
        status, headers, page = api.raw("GET", path)
        assert status == 200 and word in page and b"<html" in page, (path, page[:500])
        assert headers["content-security-policy"].startswith("sandbox") and "attachment" in headers["content-disposition"]
        status, headers, text = api.raw("GET", path + ("&" if "?" in path else "?") + "format=markdown")
        assert status == 200 and word in text and headers["content-type"].startswith("text/markdown")
        assert b"hunter2" not in page + text
        assert api.get(path + ("&" if "?" in path else "?") + "format=pdf", want=400)
    assert b"anna@kunde.example" not in api.raw("GET", f"/api/v1/messages/{said}/report?mask=true")[2]
    assert api.get("/api/v1/messages/0m3k9x2v7qp1r4t8wz/report", want=404)
    assert api.get(f"/api/v1/messages/{said}/report?rcpt=7", want=400)
    assert api.get("/api/v1/check/" + "0" * 24 + "/report", want=404)
    api.stop()


def test_a_profile_says_where_and_as_whom(folder):
    sink = Sink(extensions=("AUTH PLAIN LOGIN",), says={"AUTH": "535 5.7.8 no"})
    elsewhere = Sink()
    (folder / "password").write_text("hunter2-xyzzy-0816\n")
    api = Api(folder, f'profile "office" {{ host = "127.0.0.1" port = {sink.port} security = "none" user = "anna@example.com" '
                      f'password-file = "{folder}/password" from = "anna@example.com" }}\nprofile "bare" {{ from = "b@example.com" }}\n')
    assert api.get("/api/v1/profiles")["profiles"] == [{"name": "office", "host": "127.0.0.1", "port": sink.port}]
    name, document = check(api, "profile:office")
    assert document["target"]["input"] == "profile:office" and document["target"]["port"] == sink.port
    assert document["verdict"] == "failing" and any(line.startswith("AUTH") for line in sink.lines), document["summary"]
    for path in (f"/api/v1/check/{name}", f"/api/v1/check/{name}/evidence"):
        assert b"hunter2" not in api.raw("GET", path)[2]
    # nothing of it can be bent, and it opens no other door
    for more in ({"user": "boris"}, {"from": "x@evil.example"}, {"security": "none"}, {"password": "x"}):
        assert "profile" in api.post("/api/v1/check", {"target": "profile:office", **more}, want=400)["detail"], more
    assert "no such profile" in api.post("/api/v1/check", {"target": "profile:bare"}, want=400)["detail"]
    check(api, elsewhere.where, security="none", until="connect")
    assert elsewhere.connections == 0
    api.stop()
