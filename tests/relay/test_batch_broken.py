# SPDX-License-Identifier: Apache-2.0
"""postrider send --merge where something breaks off: the sender, the relay, a session; nobody gets two."""
import json
import signal
import subprocess
import time

from batches import begin, invoices, results, send, serve, subjects, table
from ports import free_port
from relay import PROGRAM, Relay
from sink import Sink


def test_killed_sender_goes_on(folder):
    """kill -9 of the sender at many instants; at the end everybody has one mail."""
    n = 300
    sink = Sink()
    relay = serve(folder, sink)
    path = table(folder, invoices(folder, n))
    for pause in (0.0, 0.02, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1):
        process = begin(relay, path)
        time.sleep(pause)
        process.kill()
        process.wait()
    send(relay, path, "--wait", check=0)
    assert sink.wait(n, 20)
    counts = subjects(sink)
    assert len(counts) == n and set(counts.values()) == {1}, [x for x in counts.items() if x[1] > 1]
    assert len(results(path)) == n


def test_restarted_relay(folder):
    """The relay killed and started anew in the middle of a batch: the sender waits, and nothing comes twice."""
    n = 400
    sink = Sink()
    relay = serve(folder, sink)
    path = table(folder, invoices(folder, n))
    process = begin(relay, path)
    for _ in range(3):
        time.sleep(0.05)
        relay.kill()
        relay.start()
    assert "are safe in the queue" in process.communicate(timeout=30)[1].replace("\n", " ")
    send(relay, path, "--wait", "--timeout", "20")
    # What the relay was handing over when it was killed waits for a person, who looks whether it came.
    doubt = [x for x in results(path) if x["state"] == "in-doubt"]
    came = subjects(sink)
    for row in doubt:
        relay.run("queue", "cancel" if came["2026-" + row["recipient"][1:].split("@")[0]] else "retry", row["id"], check=0)
    assert sink.wait(n, 20)
    counts = subjects(sink)
    assert len(counts) == n and set(counts.values()) == {1}, [x for x in counts.items() if x[1] > 1]


def test_in_doubt_is_not_sent_twice(folder):
    """No answer to the dot: a batch's mail, and that of a profile, waits for a person; the profile may say otherwise."""
    answers = ["", "250 2.0.0 Ok: queued as X2"]
    sink, reports = Sink(says={"DOT": answers}), Sink()
    office = 'profile "office" { from = "bills@acme.example"  test = "off" %s }\n'
    retry = 'retry { first = "1s"  most = "1s" }\n'
    back = f'route "out" {{ smarthost = "{sink.where}" security = "none" recipients = {{ "@example.com" }} }}\nroute "back" {{ smarthost = "{reports.where}" security = "none" }}\n'
    relay = Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\n' + back + retry + office % "", listen=False)
    path = table(folder, [["ann@example.com", "Ann", "7", "1", ""], ["ben@example.com", "Ben", "8", "1", ""]])
    begun = time.monotonic()
    done = send(relay, path, "--wait", "--timeout", "20", check=1)
    assert time.monotonic() - begun < 10, "it waited for what waits for a person"
    said = " ".join(done.stdout.split())
    row = next(x for x in results(path) if x["state"] == "in-doubt")
    assert "1 handed over; 1 in doubt: " + row["recipient"] in said and row["id"] in said, said
    assert "may have arrived already: ask the recipient" in said and "postrider queue retry ID sends it again" in said, said
    assert "may have arrived already" in row["meaning"] and "not sent again by itself" in row["meaning"], row
    assert f"postrider queue retry {row['id']} sends it again" in row["what to do"] and "message trace" in row["what to do"], row
    assert "Message-ID <" in row["what to do"] and row["server"] == "127.0.0.1", row
    why = " ".join(relay.run("queue", "why", row["id"], check=0).stdout.split())
    assert "it may have arrived already" in why and "postrider queue retry sends it again" in why, why
    assert reports.wait(1)  # who sent it is told
    report = reports.messages[0]["data"].decode()
    assert "Subject: May have arrived, or not" in report and "Action: delayed" in report and f"queue retry {row['id']}" in " ".join(report.split()), report
    shown = " ".join(relay.run("trace", row["id"], check=0).stdout.split())
    assert "may have arrived already" in shown, shown
    relay.kill()
    relay.start()
    time.sleep(1.5)
    assert len(sink.messages) == 1
    done = relay.run("queue", "retry", "--all", "--yes", check=1)  # many at once: not what may have arrived
    assert "1 not: in doubt" in done.stderr and row["id"] in done.stderr, done.stderr
    time.sleep(0.3)
    assert len(sink.messages) == 1
    relay.run("queue", "retry", row["id"], check=0)
    assert sink.wait(2)
    answers[:0] = [""]
    send(relay, path, "--again", "--profile", "office", "--wait", "--timeout", "20", check=1)
    assert [x["state"] for x in results(path)].count("in-doubt") == 1
    relay.write(f'listen "127.0.0.1:{relay.port}" {{ security = "none" }}\n' + back + retry + office % "hold-in-doubt = no", listen=False)
    relay.signal(signal.SIGHUP)
    time.sleep(0.3)
    answers[:0] = [""]
    send(relay, path, "--again", "--profile", "office", "--wait", "--timeout", "20", check=0)
    assert {x["state"] for x in results(path)} == {"handed-over"}
    assert relay.stop() == 0


def test_relay_is_away(folder):
    sink = Sink()
    relay = serve(folder, sink, start=False)
    path = table(folder, invoices(folder, 2))
    process = begin(relay, path)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert process.returncode == 1 and "Paused." in said
    relay.start()
    send(relay, path, "--wait", check=0)
    assert len(sink.messages) == 2


def test_no_relay_at_all(folder):
    """Nobody answers: it ends soon, and says the one command that helps.  Nor without a relay in the configuration."""
    sink = Sink()
    relay = serve(folder, sink, start=False)
    path = table(folder, invoices(folder, 2), "my customers.csv")
    begun = time.monotonic()
    done = send(relay, path, "--json", check=3)
    assert time.monotonic() - begun < 20
    answer = json.loads(done.stdout)
    assert answer["end"] == "broken-off" and "no relay answers at 127.0.0.1" in answer["trouble"], answer
    conf = folder / "postrider.conf"
    conf.write_text(f'profile "office" {{ host = "smtp.example.org"  port = 587  security = "starttls"  from = "me@example.org" }}\n')
    assert f"start it: postrider serve --config {conf}" in send(relay, path, check=2).stderr
    said = send(relay, path, "--via", "office", check=2).stderr
    block = said.split("once:\n\n")[1].split("\n\nand in profile")[0]
    assert f"'{path}'" in said and "--profile office" in said, said
    conf.write_text(block.replace(":2525", f":{free_port()}") + '\nprofile "office" { from = "me@example.org"  route = "office"  test = "off" }\n'
                    f'data = "{folder}/data"\n')
    relay.start()
    done = send(relay, path, "--profile", "office", check=0)
    assert "2 mails are safe in the queue" in done.stderr, done.stderr
    assert relay.stop() == 0


def test_folder_for_a_file(folder):
    """It was typed: wrong use, with the name of it and why; nothing is sent."""
    relay = serve(folder, Sink())
    path = table(folder, invoices(folder, 2))
    (folder / "mails").mkdir()
    for merge, template in ((path, folder / "mails"), (folder / "mails", folder / "invoice.eml")):
        done = relay.run("send", "--merge", str(merge), "--template", str(template))
        assert done.returncode == 2 and f"cannot read {folder}/mails: Is a directory" in done.stderr, done
    assert relay.stop() == 0


def refusals(folder, extensions):
    """One row the relay will not take, and one not now, do not keep the others back; the next run tries them again."""
    sink = Sink(extensions=extensions,
                says={"RCPT c1@example.com": "451 4.3.0 Not now, try again in 300 seconds", "RCPT c2@example.com": "550 5.7.1 Not this one",
                      "DOT": lambda line: "250 2.0.0 queued as 1af8xpex0050vkee%02d (durable)" % len(sink.messages)})
    path = table(folder, invoices(folder, 20))
    conf = folder / "postrider.conf"
    conf.write_text(f'hostname = "a.test"\ndata = "{folder}/data"\nlisten "127.0.0.1:{sink.port}" {{ security = "none" }}\n')

    def run():
        return subprocess.run([PROGRAM, "send", "--config", conf, "--merge", path, "--template", folder / "invoice.eml"], text=True,
                              capture_output=True, timeout=30)
    done = run()
    assert done.returncode == 1 and "18 mails are safe" in done.stderr, done.stderr
    rows = {r["recipient"]: r for r in results(path)}
    assert rows["c1@example.com"]["state"] == rows["c2@example.com"]["state"] == "not-handed-over"
    assert rows["c2@example.com"]["reply"] == "550 5.7.1 Not this one" and rows["c3@example.com"]["state"] == "queued"
    sink.says.pop("RCPT c1@example.com")
    done = run()
    assert "1 mail is safe" in done.stderr and "(18 had left before" in done.stderr.replace("\n", " "), done.stderr
    assert len(sink.messages) == 19 and set(subjects(sink).values()) == {1}
    return sink


def test_what_the_relay_refuses(folder):
    sink = refusals(folder, ["PIPELINING", "8BITMIME"])
    assert any(x == "DATA" for x in sink.lines)


def test_what_the_relay_refuses_in_one_piece(folder):
    sink = refusals(folder, ["PIPELINING", "8BITMIME", "CHUNKING"])
    assert not any(x == "DATA" for x in sink.lines)
    assert all(m["data"].endswith(b"\r\n") for m in sink.messages)
