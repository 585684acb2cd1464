# SPDX-License-Identifier: Apache-2.0
"""Batches beside the relay, as the page asks for them: what runs, how far, what is wrong, the results."""
import concurrent.futures
import csv
import io
import json
import os
import signal
import time

from batches import TEMPLATE, begin, invoices, send, table
from door import wait_until
from ports import free_port
from sink import Sink
from web import Api, OPEN

ROWS = [["ann@example.com", "Ann", "1", "7", ""], ["nobody@example.com", "=Ben", "2", "8", ""], ["cara@example.com", "Cara", "3", "9", ""]]


MANY = 20000  # nobody takes so many in the second from one note to the next


def start(folder, sink):
    return Api(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\n{OPEN}'
                       f'route "out" {{ smarthost = "127.0.0.1:{sink.port}" security = "none" }}\n', listen=False)


def listed(api):
    return api.get("/api/v1/batches")["batches"]


def one(api, n=1):
    found = listed(api)
    assert len(found) == n, found
    return api.get(f"/api/v1/batches/{found[0]['id']}")


def test_a_batch_is_shown_with_its_fates(folder):
    sink = Sink(says={"RCPT nobody@example.com": "550 5.1.1 no such user"})
    api = start(folder, sink)
    assert api.get("/api/v1/batches") == {"schema": 1, "batches": []}
    path = table(folder, ROWS)
    done = send(api.relay, path, "--wait", check=1)
    batch = one(api)
    assert batch["phase"] == "done" and batch["percent"] == 100 and (batch["rows"], batch["bad"], batch["taken"], batch["before"]) == (3, 0, 3, 0), batch
    assert batch["says"] in done.stderr and batch["table"] == str(path) and batch["problems"] == [], (batch, done.stderr)
    assert batch["template"] == str(folder / "invoice.eml") and batch["results"] == str(folder / "customers.results.csv")
    fates = batch["fates"]
    assert fates["states"] == {"handed-over": 2, "refused": 1} and fates["recipients"] == 3, fates
    assert fates["summary"] in done.stdout, (fates, done.stdout)
    row = [json.loads(x) for x in api.relay.run("send", "--results", batch["results"], "--json", check=1).stdout.splitlines()][1]
    assert fates["not_well"] == [row] and row["state"] == "refused" and row["row"] == 3 and "5.1.1" in row["reply"], fates
    status, headers, text = api.raw("GET", f"/api/v1/batches/{batch['id']}/results")
    assert status == 200 and headers["content-type"].startswith("text/csv") and "attachment" in headers["content-disposition"]
    assert text == (folder / "customers.results.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    assert [r["state"] for r in rows] == ["handed-over", "refused", "handed-over"]
    assert (folder / "data" / "batches").stat().st_mode & 0o77 == 0
    # once more: nobody gets two, and it stays one batch, whose fates tell all of it
    send(api.relay, path, "--wait", check=1)
    again = one(api)
    assert (again["id"], again["taken"], again["before"]) == (batch["id"], 0, 3), again
    assert again["fates"]["states"] == fates["states"]
    # anew: another
    send(api.relay, path, "--again", "--wait", check=1)
    assert {b["id"] for b in listed(api)} > {batch["id"]} and listed(api)[-1]["id"] == batch["id"], listed(api)
    api.stop()


def test_what_was_never_begun_is_told(folder):
    """A batch that runs at night and is refused: nobody looks at its terminal."""
    sink = Sink()
    api = start(folder, sink)
    path = table(folder, [["ann at example", "", "1", "2", ""], ROWS[0], ["ben@example.com", "", "2", "3", "missing.pdf"]])
    for _ in range(2):
        done = send(api.relay, path, check=2)
        batch = one(api)
        assert batch["phase"] == "refused" and (batch["rows"], batch["bad"]) == (3, 2) and "fates" not in batch, batch
        assert [p["row"] for p in batch["problems"]] == [2, 4] and "missing.pdf" in batch["problems"][1]["problem"], batch
        assert batch["says"].replace(" ", "") in done.stderr.replace("\n", "").replace(" ", ""), (batch, done.stderr)
    assert api.get(f"/api/v1/batches/{batch['id']}/results", want=404)["detail"]
    # the template's faults, and what is no fault of either
    (folder / "invoice.eml").write_text(TEMPLATE.replace("{{amount}}", "{{sum}}"))
    send(api.relay, path, check=2)
    batch = one(api)
    assert batch["phase"] == "refused" and "row" not in batch["problems"][0] and "sum" in batch["problems"][0]["problem"], batch
    # what ends the checking is told before what was checked until then
    (folder / "invoice.eml").write_text(TEMPLATE)
    path.write_text('email,name,invoice,amount,attachment\nann@example.com,"Ann,1,2,\n')
    done = send(api.relay, path)
    batch = one(api)
    assert batch["phase"] == "refused" and "never closed" in batch["says"] and batch["says"].endswith("Nothing was sent."), (batch, done)
    # mended: what is left out is told, and the attempt is gone
    table(folder, [["ann at example", "", "1", "2", ""], ROWS[0], ["ben@example.com", "", "2", "3", "missing.pdf"]])
    send(api.relay, path, "--skip-bad", "--wait")
    batch = one(api)
    assert batch["phase"] == "done" and batch["taken"] == 1 and len(batch["problems"]) == 2, batch
    assert batch["fates"]["states"] == {"handed-over": 1, "not-handed-over": 2}, batch
    (folder / "invoice.eml").write_text(TEMPLATE.replace("please", "kindly"))
    send(api.relay, path, "--skip-bad", check=2)
    refused, before = listed(api)
    assert refused["phase"] == "refused" and "--resume" in refused["says"] and before["id"] == batch["id"], (refused, before)
    api.stop()


def test_a_killed_sender_is_not_under_way(folder):
    sink = Sink()
    api = start(folder, sink)
    path = table(folder, invoices(folder, 3000))
    running = begin(api.relay, path)
    batch = api.until("/api/v1/batches", lambda b: b["batches"] and b["batches"][0]["phase"] == "sending", 60)["batches"][0]
    running.kill()
    running.communicate()
    note = folder / "data" / "batches" / f"{batch['id']}.json"
    head, *rest = note.read_text().splitlines()
    quiet = json.loads(head)
    quiet["at_ms"] -= 31000
    note.write_text("\n".join([json.dumps(quiet), *rest]) + "\n")
    batch = one(api)
    assert batch["phase"] == "broken-off" and "killed" in batch["says"], batch
    done = send(api.relay, path)
    assert "nobody gets two" in done.stderr or "3000 mails" in done.stderr, done.stderr
    wait_until(lambda: one(api)["fates"]["states"].get("handed-over") == 3000, 60)
    assert one(api)["id"] == batch["id"]
    api.stop()


def test_a_paused_batch_says_so(folder):
    sink = Sink()
    api = start(folder, sink)
    path = table(folder, [[f"c{i}@example.com", "", str(i), "1", ""] for i in range(MANY)])
    running = begin(api.relay, path)
    api.until("/api/v1/batches", lambda b: b["batches"] and b["batches"][0]["phase"] == "sending" and b["batches"][0]["taken"], 60)
    running.send_signal(signal.SIGINT)
    running.communicate()
    batch = one(api)
    assert batch["phase"] == "paused" and batch["says"].startswith("Paused.") and 0 < batch["taken"] < MANY, batch
    assert batch["fates"]["recipients"] == batch["taken"], batch
    api.stop()


def ask_until_given(api, path):
    """The statuses on the way there."""
    seen = []
    wait_until(lambda: seen.append(api.raw("GET", path)[0]) or seen[-1] == 200, 60)
    return seen


def test_a_batch_is_shown_though_nobody_can_count_it(folder):
    api = start(folder, Sink())
    done = send(api.relay, table(folder, ROWS), "--wait", check=0)
    batch = one(api)
    assert batch["fates"]["recipients"] == 3, (batch, done.stdout)
    copy = folder / "data" / "batches" / f"{batch['id']}.journal"
    results = f"/api/v1/batches/{batch['id']}/results"
    whole = copy.read_text()
    for text, size, status in [("no journal\n", None, 400), ("", None, 404), (whole, 9 << 20, 413), (whole, 65 << 20, 413)]:
        copy.write_text(text)
        if size:
            os.truncate(copy, size)
        # what was counted is told again for ten times as long as that took
        wait_until(lambda: ("fates" in one(api)) == (size == 9 << 20), 30)
        assert one(api)["says"] == batch["says"]
        # offered is what is given
        assert one(api).get("results_command") == (f"postrider send --results {batch['results']}" if size else None)
        got, headers, told = api.raw("GET", results)
        assert got == status and "content-disposition" not in headers, (got, headers, told)
    # a table that takes long: one at a time, and the batch is shown meanwhile
    head, *lines = whole.splitlines(keepends=True)
    copy.write_text(head + "".join(lines) * ((7 << 20) // len("".join(lines))))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        asked = [pool.submit(ask_until_given, api, results) for _ in range(3)]
        while not all(x.done() for x in asked):
            assert one(api)["says"] == batch["says"]
        assert {status for x in asked for status in x.result()} == {200, 503}, [x.result() for x in asked]
    api.stop()


def test_what_lies_in_the_folder_is_not_believed(folder):
    """Names are ids, links are not followed, sizes are bounded, and what is no note is none."""
    api = start(folder, Sink())
    place = folder / "data" / "batches"
    place.mkdir()
    (folder / "secret").write_text('{"phase": "done", "says": "secret"}\n')
    note = '{"phase":"done","says":"<b>%s</b>\\u0007","rows":"many","began_ms":1,"at_ms":2}\n{"problem":7}\nnonsense\n'
    (place / "0123456789abcdef.json").write_text(note % "x")
    (place / "0123456789abcde0.json").symlink_to(folder / "secret")
    (place / "0123456789abcde1.json").write_text('{"says":"' + "x" * (1 << 20) + '"}')
    (place / "0123456789abcde2.json").write_text("[1]")
    os.mkfifo(place / "0123456789abcde3.json")
    (place / "0123456789ABCDEF.json").write_text(note % "x")
    (place / "0123456789abcdef.journal").symlink_to(folder / "secret")
    found = listed(api)
    assert [(b["id"], b["rows"]) for b in found] == [("0123456789abcdef", 0)], found
    assert one(api)["problems"] == [{"problem": ""}] and "fates" not in one(api)
    for name in ("0123456789abcdef/results", "0123456789abcde0", "0123456789abcde1", "0123456789abcde3", "..%2f..%2fsecret", "0123456789ABCDEF"):
        assert api.raw("GET", f"/api/v1/batches/{name}")[0] == 404, name
    api.stop()


def test_a_journal_that_cannot_be_begun_leaves_one_word(folder):
    """However often it is tried."""
    api = start(folder, Sink())
    path = table(folder, ROWS)
    place = folder / "missing" / "results.csv"
    for _ in range(2):
        done = send(api.relay, path, "--results", place, check=3)
        batch = one(api)
        assert batch["phase"] == "refused" and batch["says"].endswith("Nothing was sent.") and "missing" in batch["says"], (batch, done)
    place.parent.mkdir()
    send(api.relay, path, "--results", place, "--wait", check=0)
    assert one(api)["phase"] == "done"
    api.stop()


def test_the_relay_forgets_too(folder):
    """Where no other batch is sent; and until then it tells nobody."""
    api = start(folder, Sink())
    send(api.relay, table(folder, ROWS), "--wait", check=0)
    batch = one(api)
    place = folder / "data" / "batches"
    for x in place.iterdir():
        os.utime(x, (time.time() - 31 * 86400,) * 2)
    assert listed(api) == [] and api.raw("GET", f"/api/v1/batches/{batch['id']}")[0] == 404
    assert len(list(place.iterdir())) == 2
    api.relay.stop()
    api.relay.start()
    wait_until(lambda: not list(place.iterdir()), 10)
    api.stop()


def test_who_may_not_write_there_sends_all_the_same(folder):
    """And what is older than trails are kept is forgotten."""
    sink = Sink()
    api = start(folder, sink)
    place = folder / "data" / "batches"
    place.mkdir()
    old = place / "00000000000000aa.json"
    old.write_text("{}\n")
    os.utime(old, (time.time() - 31 * 86400,) * 2)
    young = place / "00000000000000ab.journal"
    young.write_text("x")
    send(api.relay, table(folder, ROWS), check=None)
    assert not old.exists() and young.exists() and len(listed(api)) == 1
    for x in place.iterdir():
        x.unlink()
    place.rmdir()
    place.write_text("no folder")
    done = send(api.relay, table(folder, ROWS, "more.csv"), "--wait", check=0)
    assert "3 handed over" in done.stdout and listed(api) == [], done.stdout
    api.stop()
