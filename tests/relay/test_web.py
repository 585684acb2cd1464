# SPDX-License-Identifier: Apache-2.0
"""The HTTP API: sending, finding, steering, and who may."""
import base64
import hashlib
import json
import subprocess
import threading
import time

from ports import free_port
from relay import PROGRAM
from sink import Sink
from web import Api, JSON, MESSAGE

DOWN = {"RCPT": "450 4.2.1 mailbox busy"}


def test_sends_parts_and_shows_the_trail(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    pdf = b"%PDF-1.4\n" + bytes(range(256))
    said = api.send({**MESSAGE, "cc": ["Bea <bea@kunde.example>"], "bcc": "c@kunde.example", "html": "<p>Grüße</p>",
                     "attachments": [{"name": "Rechnung 17.pdf", "content": base64.b64encode(pdf).decode()}]})
    assert not said["known"] and "durable" in said["says"], said
    trail = api.states(said["id"], {"handed-over"})
    assert [r["recipient"] for r in trail["recipients"]] == ["anna@kunde.example", "bea@kunde.example", "c@kunde.example"]
    assert trail["subject"] == "Rechnung 17" and trail["listener"] == "http"
    mail = sink.messages[0]
    assert sorted(mail["rcpts"]) == ["anna@kunde.example", "bea@kunde.example", "c@kunde.example"]
    assert mail["sender"] == "shop@example.com"
    data = mail["data"].decode()
    assert "with HTTP" in data and "c@kunde.example" not in data and "Rechnung" in data, data
    assert base64.b64encode(pdf).decode()[:60] in data
    # the same document as the command's
    command = json.loads(api.relay.run("trace", said["id"], "--json").stdout)
    assert command == api.get(f"/api/v1/messages/{said['id']}")
    api.stop()


def test_sends_a_message_as_it_is(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    mail = b"From: a@example.com\nTo: b@example.net\nBcc: hidden@example.net\nSubject: plain\n\nOne\n.\nTwo\n"
    said = api.send(mail, headers={"Content-Type": "message/rfc822"})
    api.states(said["id"], {"handed-over"})
    assert sorted(sink.messages[0]["rcpts"]) == ["b@example.net", "hidden@example.net"]
    assert b"hidden" not in sink.messages[0]["data"] and b"\r\nOne\r\n.\r\nTwo\r\n" in sink.messages[0]["data"]
    said = api.post("/api/v1/messages?sender=%3C%3E&recipient=x@example.net&recipient=y@example.net", mail, want=202,
                    headers={"Content-Type": "message/rfc822"})
    api.states(said["id"], {"handed-over"})
    assert sink.messages[-1]["sender"] == "" and sorted(sink.messages[-1]["rcpts"]) == ["x@example.net", "y@example.net"]
    api.stop()


def test_a_domain_that_is_not_ascii_needs_no_smtputf8(folder):
    """As postrider send hands it in: every next server takes it."""
    sink = Sink()
    api = Api(folder, port=sink.port)
    plain = "@xn--mller-kva.example"
    whole = "From: a@müller.example\nTo: Bea <b@müller.example>\nSubject: x\n\nOne\n".encode()
    parts = {**MESSAGE, "from": "Shop <a@müller.example>", "to": ["b@müller.example"], "cc": "b@xn--mller-kva.example",
             "reply_to": "c@müller.example"}
    for body, path, more in ((parts, "", {}), (whole, "", {"headers": {"Content-Type": "message/rfc822"}}),
                             (whole, "?sender=a@m%C3%BCller.example&recipient=b@m%C3%BCller.example",
                              {"headers": {"Content-Type": "message/rfc822"}})):
        api.states(api.post("/api/v1/messages" + path, body, want=202, **more)["id"], {"handed-over"})
        mail = sink.messages[-1]
        assert mail["sender"] == "a" + plain and mail["rcpts"] == ["b" + plain], mail
        head = mail["data"].split(b"\r\n\r\n")[0]
        assert head.isascii() and f"b{plain}".encode() in head, head
    assert b"c@xn--mller-kva.example" in sink.messages[0]["data"]
    problem = api.post("/api/v1/messages", {**MESSAGE, "to": ["b@mü ller..example"]}, want=400)
    assert "to" in problem["detail"], problem
    api.stop()


def test_an_idempotency_key_is_taken_once(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    key = {"Idempotency-Key": "order-17"}
    first = api.send(headers=key)
    again = api.send(headers=key)
    other = api.send(headers={"Idempotency-Key": "order-18"})
    assert again["id"] == first["id"] and again["known"] and other["id"] != first["id"]
    # many at once, one mail
    found = []
    threads = [threading.Thread(target=lambda: found.append(api.send(headers={"Idempotency-Key": "race"})["id"])) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(set(found)) == 1, found
    api.states(found[0], {"handed-over"})
    assert sink.wait(3) and len(sink.messages) == 3
    # it outlives a restart
    api.stop()
    api.relay.start()
    api.find_port()
    assert api.send(headers=key)["id"] == first["id"]
    api.stop()


def test_a_header_is_no_idempotency_key(folder):
    api = Api(folder)
    first = api.send(headers={"Idempotency-Key": "order-17"})
    for key in ("http order-17", "http\x1fopen\x1f\x1forder-17", "order-17"):
        mail = f"From: a@example.com\nTo: anna@kunde.example\nX-Postrider-Key: {key}\nMessage-ID: <{key.encode().hex()}@x>\n\nOne\n"
        assert not api.send(mail.encode(), headers={"Content-Type": "message/rfc822"})["known"], key
    assert api.send(headers={"Idempotency-Key": "order-17"})["id"] == first["id"]
    api.stop()


def test_an_id_to_come_is_not_waited_for(folder):
    api = Api(folder)
    api.described()
    known = api.send()["id"]
    later = chr(ord(known[0]) + 1) + known[1:]
    begin = time.monotonic()
    for _ in range(10):
        api.get(f"/api/v1/messages/{later}", want=404)
    assert time.monotonic() - begin < 1.5, "each waited"
    api.get(f"/api/v1/messages/{known}")
    api.stop()


def test_mistakes_name_the_mend(folder):
    api = Api(folder)
    for change, word in [({"to": []}, "recipient"), ({"from": "nobody"}, "from"), ({"too": "x"}, "too"),
                         ({"to": ["a@b.example\r\nBcc: x@y.example"]}, "to"), ({"text": 3}, "text"),
                         ({"subject": "a\r\nBcc: evil@example.com"}, "subject"), ({"to": ["a b@c"]}, "to"),
                         ({"attachments": [{"name": "x", "content": "!!"}]}, "base64"), ({"notify": ["soon"]}, "notify")]:
        problem = api.send({**MESSAGE, **change}, want=400)
        assert word.lower() in json.dumps(problem).lower(), (change, problem)
    assert api.send(b"{", want=400, headers=JSON)["title"] == "The body is no JSON"
    assert api.send(b'{"from": "a@b.example", "from": "c@d.example"}', want=400, headers=JSON)
    assert api.send(b"From: a@example.com\n\0", want=400, headers={"Content-Type": "message/rfc822"})
    assert api.get("/api/v1/messages?limit=0", want=400)["detail"].startswith("limit=0")
    assert api.get("/api/v1/messages?state=sent", want=400)
    assert api.get("/api/v1/messages?since=maybe", want=400)
    assert api.get("/api/v1/messages?cursor=x", want=400)
    assert api.get("/api/v1/messages/0m3k9x2v7qp1r4t8wz", want=404)
    assert api.get("/api/v1/nothing", want=404)
    status, headers, _ = api.raw("DELETE", "/api/v1/queue")
    assert status == 405 and headers["allow"] == "GET"
    assert api.post("/api/v1/explain", b"text", want=415)
    api.stop()


def test_a_refusal_tells_who_was_refused(folder):
    api = Api(folder, 'route "next" { recipients = { "*@kunde.example" } smarthost = "127.0.0.1:9" }\n')
    problem = api.send({**MESSAGE, "to": ["a@kunde.example", "b@elsewhere.example"]}, want=422)
    assert [r["recipient"] for r in problem["recipients"]] == ["b@elsewhere.example"], problem
    assert api.get("/api/v1/queue")["waiting"] == 0
    api.stop()


def test_an_account_keeps_its_senders_and_caps(folder):
    token = "t" * 32
    (folder / "tokens").write_text("# names, roles, hashes\n"
                                   f"shop operate sha256:{hashlib.sha256(token.encode()).hexdigest()} shop@example.com\n")
    api = Api(folder, 'account "shop@example.com" { password-hash = "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.'
                      'RxOrgRC0k5rF.qnlWZpBut0" senders = { "shop@example.com" } daily-cap = 2 }\n'
                      f'http {{ listen = "127.0.0.1:0" token-file = "{folder}/tokens" }}\n')
    api.headers = {"Authorization": "Bearer " + token}
    assert api.send({**MESSAGE, "from": "boss@example.com"}, want=403)["code"] == 550
    said = api.send()
    assert api.get(f"/api/v1/messages/{said['id']}")["account"] == "shop@example.com"
    api.send()
    status, headers, data = api.raw("POST", "/api/v1/messages", json.dumps(MESSAGE), JSON)
    assert status == 429 and headers["retry-after"], data
    two = {**MESSAGE, "to": ["b@kunde.example", "c@kunde.example"]}
    status, headers, data = api.raw("POST", "/api/v1/messages", json.dumps(two), JSON)
    assert status == 429 and headers["retry-after"], data
    api.send({**two, "to": [*two["to"], "d@kunde.example"]}, want=422)  # no day has room for three
    api.stop()


def test_a_filter_that_is_down_is_no_fault_of_the_client(folder):
    """Its account has room: it did not ask too often (429), the relay cannot take it now."""
    api = Api(folder, f'filter "f" {{ milter = "127.0.0.1:{free_port()}" on-failure = "delay" }}\n')
    problem = api.send(want=503)
    assert (problem["code"], problem["enhanced"]) == (451, "4.7.1"), problem
    api.stop()


def test_finds_by_anything_and_goes_on(folder):
    api = Api(folder)
    ids = [api.send({**MESSAGE, "to": [f"n{i}@kunde.example"], "subject": f"Rechnung Nummer{i}"})["id"] for i in range(5)]
    assert len(api.get("/api/v1/messages?subject=Rechnung")["messages"]) == 5
    for query in ("recipient=n3@kunde.example", "q=Nummer3", "q=n3@kunde.example", f"q={ids[3]}", "q=n3*",
                  "subject=nummer3&sender=shop@example.com", "q=Nummer3&recipient=@kunde.example"):
        found = api.get("/api/v1/messages?" + query)["messages"]
        assert [m["id"] for m in found] == [ids[3]], (query, found)
    # a word that is in no mail to this recipient is not forgotten beside it
    assert api.get("/api/v1/messages?q=Mahnung&recipient=n3@kunde.example")["messages"] == []
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/v1/messages?q=rechnung&limit=2&cursor={cursor}")
        assert len(page["messages"]) <= 2
        seen += [m["id"] for m in page["messages"]]
        cursor = page["cursor"]
    assert seen == ids[::-1], seen
    assert api.get("/api/v1/messages?since=2020-01-01T00:00:00Z&until=2020-01-02")["messages"] == []
    api.stop()


def test_what_was_taken_is_found_at_once(folder):
    api = Api(folder)
    for i in range(20):
        said = api.send({**MESSAGE, "to": [f"n{i}@kunde.example"]})
        found = api.get(f"/api/v1/messages?recipient=n{i}@kunde.example")["messages"]
        assert [m["id"] for m in found] == [said["id"]], i
    assert api.post("/api/v1/queue/hold", {"domain": "kunde.example"})["done"] == 20
    assert len(api.get("/api/v1/messages?state=held")["messages"]) == 20
    api.stop()


def test_finds_several_states_in_one_list(folder):
    sink = Sink(says={"RCPT": lambda line: "550 5.1.1 no" if "<r" in line else "450 4.2.1 busy" if "<d" in line else "250 2.1.5 ok"})
    api = Api(folder, port=sink.port)
    ids = [(api.send({**MESSAGE, "to": [f"{kind}{i}@kunde.example"]})["id"], state) for i in range(3)
           for kind, state in (("r", "refused"), ("d", "delayed"), ("h", "handed-over"))]
    for i, state in ids:
        api.states(i, {state})
    wanted = [i for i, state in ids if state != "handed-over"][::-1]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/v1/messages?state=refused,delayed&limit=4&cursor={cursor}")
        seen += [m["id"] for m in page["messages"]]
        cursor = page["cursor"]
    assert seen == wanted
    assert [m["id"] for m in api.get("/api/v1/messages?state=refused&state=delayed&sender=shop@example.com")["messages"]] == wanted
    assert api.get("/api/v1/messages?state=refused,sent", want=400)["detail"].startswith("state=refused,sent")
    api.stop()


def test_shows_what_a_session_has_in_hand(folder):
    sink = Sink(says={"RCPT": None})
    api = Api(folder, port=sink.port)
    message = api.send()["id"]
    assert api.states(message, {"sending"})["recipients"][0]["says"] == "A session with the next server is under way."
    for query, states in (("state=sending", ["sending"]), ("state=queued", []), ("state=queued,sending", ["sending"]),
                          ("state=refused,sending", ["sending"]), ("recipient=anna@kunde.example&state=sending", ["sending"]),
                          (f"q={message}", ["sending"]), ("recipient=b@kunde.example&state=sending", [])):
        found = api.get(f"/api/v1/messages?{query}")["messages"]
        assert [m["state"] for m in found] == states, (query, found)
    assert api.get("/api/v1/queue")["destinations"][0]["states"]["sending"] == 1
    api.relay.kill()


def test_holds_releases_and_gives_up(folder):
    sink = Sink(says=DOWN)
    api = Api(folder, port=sink.port)
    one, two = (api.send()["id"] for _ in range(2))
    api.states(one, {"delayed"})
    api.states(two, {"delayed"})
    dry = api.post("/api/v1/queue/hold", {"destination": "next", "dry": True})
    assert dry["says"] == "This would hold 2 recipients of 2 mails." and dry["destinations"][0]["recipients"] == 2, dry
    api.states(one, {"delayed"})
    assert api.post(f"/api/v1/messages/{one}/hold", {"reason": "wrong <b>price</b>"})["done"] == 1
    held = api.get(f"/api/v1/messages/{one}")
    assert {r["state"] for r in held["recipients"]} == {"held"}, held
    assert "wrong <b>price</b>" in held["trail"][-1]["why"]
    sink.says.clear()
    assert api.post(f"/api/v1/messages/{one}/release")["done"] == 1
    assert api.post(f"/api/v1/messages/{two}/retry?dry=true")["done"] == 0
    assert api.post(f"/api/v1/messages/{two}/retry")["done"] == 1
    api.states(one, {"handed-over"})
    api.states(two, {"handed-over"})
    assert api.post(f"/api/v1/messages/{two}/cancel")["not_done"], "it has left"
    assert api.post("/api/v1/queue/hold", {}, want=400)["title"] == "Nothing was named"
    assert api.post("/api/v1/queue/hold", {"all": True, "until": "yesterday"}, want=400)
    assert api.post("/api/v1/queue/hold", {"all": True, "acount": "shop"}, want=400)["detail"].startswith('"acount"')
    assert api.post(f"/api/v1/messages/{two}/hold", {"domain": "kunde.example"}, want=400)
    assert api.post(f"/api/v1/messages/{two}/explode", want=404)
    api.stop()


def test_bulk_cancel_tells_nobody(folder):
    sink = Sink(says=DOWN)
    api = Api(folder, port=sink.port)
    ids = [api.send()["id"] for _ in range(3)]
    for i in ids:
        api.states(i, {"delayed"})
    done = api.post("/api/v1/queue/cancel", {"domain": "kunde.example"})
    assert done["done"] == 3, done
    api.until("/api/v1/queue", lambda q: q["waiting"] == 0)
    api.stop()


def test_queue_is_what_the_command_shows(folder):
    sink = Sink(says=DOWN)
    api = Api(folder, port=sink.port)
    api.states(api.send()["id"], {"delayed"})
    queue = api.until("/api/v1/queue", lambda q: q["destinations"][0]["reply"])
    command = api.relay.json("queue", "list")
    room = queue.pop("store")  # of the relay that answers
    assert room["accepting"] and room["free_bytes"] > room["reserve_bytes"] > 0, room
    for document in (queue, command):
        for lane in document["destinations"]:
            lane.pop("paused_until")
    assert queue == command and queue["destinations"][0]["reply"].startswith("4.2.1")
    api.stop()


def test_explains_what_the_command_explains(folder):
    api = Api(folder)
    said = api.post("/api/v1/explain", {"text": "550 5.1.1 <anna@kunde.example>: user unknown"})
    command = subprocess.run([PROGRAM, "explain", "550 5.1.1 <anna@kunde.example>: user unknown", "--json"],
                             capture_output=True, text=True, check=False).stdout
    assert said == json.loads(command) and said["class"] == "mailbox-unknown"
    assert api.post("/api/v1/explain", {"text": " "}, want=400)
    api.stop()


def test_metrics_have_names_and_units(folder):
    sink = Sink()
    api = Api(folder, port=sink.port)
    api.states(api.send()["id"], {"handed-over"})
    text = api.raw("GET", "/metrics")[2].decode()
    rows = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
    assert rows["postrider_recipients_handed_over_total"] == "1" and rows["postrider_messages_taken_total"] == "1"
    types = {line.split()[2]: line.split()[3] for line in text.splitlines() if line.startswith("# TYPE")}
    helps = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    names = {name.split("{")[0] for name in rows}
    assert names == set(types) == helps
    for name, kind in types.items():
        assert name.startswith("postrider_") and (kind == "counter") == name.endswith("_total"), name
    api.stop()


def test_ready_says_no_while_it_ends(folder):
    sink = Sink(says={"DOT": None})
    api = Api(folder, port=sink.port)
    assert api.raw("GET", "/healthz")[2] == b"ok\n" and api.raw("GET", "/readyz")[0] == 200
    connection = api.connect()
    assert api.raw("GET", "/readyz", connection=connection)[0] == 200
    api.send()
    time.sleep(0.2)
    api.relay.signal(15)
    time.sleep(0.3)
    assert api.raw("GET", "/readyz", connection=connection)[0] == 503
    api.relay.kill()


def test_the_list_of_who_gets_no_mail(folder):
    api = Api(folder)
    assert api.get("/api/v1/suppressions") == {"schema": 1, "total": 0, "suppressions": [], "cursor": None}
    said = api.post("/api/v1/suppressions", {"address": "Anna@kunde.example", "reason": "wants <b>letters</b>", "until": "2999-01-31"})
    assert said["address"] == "anna@kunde.example" and said["until"].startswith("2999-0") and said["active"], said
    for i in range(5):
        api.post("/api/v1/suppressions", {"address": f"n{i}@kunde.example"})
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/v1/suppressions?limit=2&cursor={cursor}")
        assert page["total"] == 6
        seen += [s["address"] for s in page["suppressions"]]
        cursor = page["cursor"]
    assert sorted(seen) == ["anna@kunde.example", *(f"n{i}@kunde.example" for i in range(5))] and seen[-1].startswith("anna"), seen
    assert [s["says"] for s in api.get("/api/v1/suppressions?q=ANNA")["suppressions"]] == ["wants <b>letters</b>"]
    lines = api.relay.run("suppression", "list", "--json").stdout.splitlines()
    assert [json.loads(x) for x in lines] == api.get("/api/v1/suppressions")["suppressions"]
    # it holds
    mail = api.send()
    trail = api.get(f"/api/v1/messages/{mail['id']}")
    assert trail["recipients"][0]["state"] == "suppressed", trail
    assert api.ask("DELETE", "/api/v1/suppressions?address=anna@kunde.example", want=204) is None
    assert api.ask("DELETE", "/api/v1/suppressions?address=anna@kunde.example", want=404)
    assert api.get("/api/v1/suppressions?q=anna")["total"] == 0 and api.get("/api/v1/suppressions?q=anna&all=true")["total"] <= 1
    for bad in ({}, {"address": "nobody"}, {"address": "a b@c.example"}, {"address": "a@b.example", "until": "yesterday"},
                {"address": "a@b.example", "reason": 3}):
        assert api.post("/api/v1/suppressions", bad, want=400)["detail"]
    api.stop()
