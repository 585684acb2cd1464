# SPDX-License-Identifier: Apache-2.0
"""postrider send --merge: a table's rows as mails, each row's fate, and no doubles whatever breaks off."""
import collections
import csv
import email
import email.policy
import json
import pathlib
import signal
import socket
import subprocess
import time

from relay import PROGRAM, Relay
from sink import Sink

TEMPLATE = """From: Büro <clerk@acme.example>
To: {{name|}} <{{email}}>
Subject: Invoice {{invoice}} for {{name|you}}

Dear {{name|customer}},

please pay {{amount}} €.
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(folder, sink, extra="", start=True):
    return Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\n'
                         f'route "out" {{ smarthost = "127.0.0.1:{sink.port}" security = "none" }}\n{extra}', listen=False, start=start)


def table(folder, rows, name="customers.csv", separator=","):
    path = folder / name
    with open(path, "w", newline="") as f:
        csv.writer(f, delimiter=separator).writerows([["email", "name", "invoice", "amount", "attachment"], *rows])
    (folder / "invoice.eml").write_text(TEMPLATE)
    return path


def invoices(folder, n):
    """n rows, each with a file of its own."""
    (folder / "pdf").mkdir(exist_ok=True)
    for i in range(n):
        (folder / "pdf" / f"{i}.pdf").write_bytes(b"%PDF-1.4 " + str(i).encode() * 500)
    return [[f"c{i}@example.com", f"Custømer {i}", f"2026-{i}", f"{i},00", f"pdf/{i}.pdf"] for i in range(n)]


def send(relay, path, *words, check=None):
    return relay.run("send", "--merge", str(path), "--template", str(path.parent / "invoice.eml"), *words, check=check)


def results(path):
    with open(path.with_suffix(".results.csv"), newline="") as f:
        return list(csv.DictReader(f))


def subjects(sink):
    """How often each invoice came."""
    return collections.Counter(str(email.message_from_bytes(m["data"], policy=email.policy.default)["Subject"]).split()[1]
                               for m in sink.messages if m["sender"])  # no reports


def test_clean_batch(folder):
    sink = Sink()
    relay = serve(folder, sink)
    path = table(folder, invoices(folder, 30), separator=";")
    done = send(relay, path, "--wait", check=0)
    assert "30 handed over" in done.stdout and "30 mails are safe" in done.stderr, (done.stdout, done.stderr)
    rows = list(csv.DictReader(open(folder / "customers.results.csv", newline=""), delimiter=";"))
    assert [r["row"] for r in rows] == [str(i + 2) for i in range(30)]
    assert {r["state"] for r in rows} == {"handed-over"} and all(r["server's id"].startswith("SINK") for r in rows)
    mail = email.message_from_bytes(next(m["data"] for m in sink.messages if m["rcpts"] == ["c7@example.com"]),
                                    policy=email.policy.default)
    assert mail["To"] == "Custømer 7 <c7@example.com>" and mail["From"] == "Büro <clerk@acme.example>"
    assert mail.get_body().get_content().replace("\r", "").startswith("Dear Custømer 7,\n\nplease pay 7,00 €.")
    files = list(mail.iter_attachments())
    assert [f.get_filename() for f in files] == ["7.pdf"] and files[0].get_content() == (folder / "pdf/7.pdf").read_bytes()
    # the same once more: nobody gets two
    done = send(relay, path, "--wait", check=0)
    assert "30 had left before" in done.stderr and len(sink.messages) == 30
    # a row more, and again for all
    with open(path, "a") as f:
        f.write("new@example.com;New;2026-99;1;\r\n")
    send(relay, path, "--wait", check=0)
    assert sink.wait(31) and subjects(sink)["2026-99"] == 1
    done = send(relay, path, "--again", "--wait", "--json", check=0)
    assert len(sink.messages) == 62 and set(subjects(sink).values()) == {2}
    lines = [json.loads(x) for x in done.stdout.splitlines()]
    assert len(lines) == 32 and lines[-1]["handed-over"] == 31 and lines[-1]["end"] == "done"
    assert len(list(folder.glob("customers.results.20*.csv"))) == 1


def test_keys(folder):
    """Who has got a key's mail gets it in no other batch either; --again means it."""
    sink = Sink()
    relay = serve(folder, sink)
    path = table(folder, [["ann@example.com", "", "7", "1", ""], ["ann@example.com", "", "8", "1", ""], ["ben@example.com", "", "7", "1", ""]])
    send(relay, path, "--key-column", "invoice", "--wait", check=0)
    assert len(sink.messages) == 3
    other = table(folder, [["ann@example.com", "Ann", "7", "2", ""], ["ann@example.com", "Ann", "9", "1", ""]], "other.csv")
    done = send(relay, other, "--key-column", "invoice", "--wait", check=0)
    assert "1 mail is safe in the queue (1 had left before" in done.stderr and len(sink.messages) == 4, done.stderr
    send(relay, other, "--key-column", "invoice", "--again", "--wait", check=0)
    send(relay, other, "--key-column", "invoice", "--wait", check=0)
    assert len(sink.messages) == 6
    done = send(relay, other, "--key-column", "invoce", check=2)
    assert "no column" in done.stderr


def test_bad_rows_are_listed(folder):
    sink = Sink()
    relay = serve(folder, sink, "max-size = \"20K\"\n")
    rows = invoices(folder, 9)
    (folder / "pdf/2.pdf").write_bytes(b"%PDF" + b"x" * 20000)
    rows[0][0] = "c0.example.com"
    rows[1][4] = "pdf/none.pdf"
    rows[3][0] = ""
    rows[4][3] = ""
    rows[5].append("one,more")
    rows[6] = list(rows[7])
    path = table(folder, rows)
    done = send(relay, path, check=2)
    for row, words in [(2, "it has no @"), (3, "there is no such file"), (4, "20 KB are the most"), (5, "no address for To"),
                       (6, 'column "amount" is empty'), (7, "6 cells and the header 5"), (9, "the same recipient and key as row 8")]:
        line = [x for x in done.stderr.replace("\n            ", " ").splitlines() if x.startswith(f"Row {row} ")]
        assert line and words in line[0], (row, words, done.stderr)
    assert "7 of 9 rows cannot be sent. Nothing was sent" in done.stderr
    assert not (folder / "customers.results.csv").exists() and not sink.messages
    done = send(relay, path, "--skip-bad", "--wait", check=1)
    assert "2 handed over; 7 not sent" in done.stdout.replace("\n", " "), done.stdout
    found = results(path)
    assert [r["state"] for r in found] == ["not-handed-over"] * 6 + ["handed-over", "not-handed-over", "handed-over"], found
    assert sorted(x for m in sink.messages for x in m["rcpts"]) == ["c7@example.com", "c8@example.com"]
    # mended: those alone go out
    path = table(folder, invoices(folder, 9))
    send(relay, path, "--wait", check=0)
    assert set(subjects(sink).values()) == {1} and len(sink.messages) == 9
    assert {r["state"] for r in results(path)} == {"handed-over"}


def test_template_is_checked_first(folder):
    sink = Sink()
    relay = serve(folder, sink)
    path = table(folder, invoices(folder, 3))
    (folder / "invoice.eml").write_text(TEMPLATE.replace("{{amount}}", "{{ammount}}"))
    done = send(relay, path, check=2)
    assert "{{amount}} meant?" in done.stderr.replace("\n            ", " ") and not sink.messages
    (folder / "invoice.eml").write_text("From: a@acme.example\n\nDear {{name}}\n")
    path.write_text('email,name\n"ann@example.com,Ann\n')
    done = send(relay, path, check=2)
    assert "row 2, byte 11" in done.stderr and "never closed" in done.stderr, done.stderr
    done = relay.run("send", "--merge", str(path), check=2)
    assert "--template" in done.stderr
    done = send(relay, path, "--via", "office", check=2)
    assert "Leave --via away" in done.stderr
    done = send(relay, path, "--via", "out", check=2)
    assert 'profile "out" { route = "out" }' in done.stderr and "--profile out" in done.stderr, done.stderr
    path = table(folder, invoices(folder, 1))
    (folder / "notes.csv").write_text("mine")
    for name in ("notes.csv", "customers.csv", "invoice.eml"):
        kept = (folder / name).read_text()
        done = send(relay, path, "--results", str(folder / name), check=2)
        assert "name another file" in done.stderr.replace("\n", " ") and (folder / name).read_text() == kept


def test_fates(folder):
    """Refused, delayed, held and handed over, each in its words; later ones by --results."""
    sink = Sink(says={"RCPT c1@example.com": "550 5.1.1 No such user here", "RCPT c2@example.com": "451 4.7.1 Greylisted, try again later"})
    relay = serve(folder, sink)
    path = table(folder, invoices(folder, 4))
    relay.run("suppression", "add", "c3@example.com", "--reason", "moved away", check=0)
    done = send(relay, path, "--wait", "--timeout", "2", check=1)
    text = done.stdout.replace("\n", " ")
    assert "1 handed over; 1 waits: c2@example.com" in text and "1 refused: c1@example.com (There is no such mailbox)" in text, text
    rows = {r["recipient"]: r for r in results(path)}
    assert rows["c1@example.com"]["finding"] == "rcpt-user-unknown" and "550 5.1.1" in rows["c1@example.com"]["reply"]
    assert rows["c2@example.com"]["state"] == "delayed" and rows["c2@example.com"]["next try"]
    assert rows["c3@example.com"]["state"] == "suppressed" and "moved away" in rows["c3@example.com"]["meaning"], rows["c3@example.com"]
    relay.run("queue", "cancel", "c2@example.com", check=0)
    done = relay.run("send", "--results", str(folder / "customers.results.csv"), check=1)
    assert "1 withdrawn" in done.stdout.replace("\n", " "), done.stdout


def begin(relay, path):
    return subprocess.Popen([PROGRAM, "send", "--config", relay.conf, "--merge", path, "--template", path.parent / "invoice.eml"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


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
    for row in doubt:
        relay.run("queue", "cancel" if subjects(sink)["2026-" + row["recipient"][1:].split("@")[0]] else "retry", row["id"], check=0)
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


def test_pause(folder):
    """Ctrl-C ends cleanly and says how to go on."""
    n = 3000
    sink = Sink()
    relay = serve(folder, sink, 'retry { first = "1h" }\n')
    sink.close()
    path = table(folder, [[f"c{i}@example.com", f"C {i}", f"2026-{i}", "1", ""] for i in range(n)])
    process = begin(relay, path)
    journal = folder / "customers.results.journal"
    while not journal.exists() or journal.stat().st_size < 2000:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert process.returncode == 1 and "Paused." in said and "The same command again" in said.replace("\n", " "), said
    before = sum(1 for _ in open(journal)) - 1
    assert before < n
    done = send(relay, path)
    assert f"({before} had left before" in done.stderr.replace("\n", " "), (before, done.stderr)
    lines = [x.split("\t") for x in open(journal).read().splitlines()[1:]]
    assert len({x[3] for x in lines}) == n == len(lines)


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


def test_dry_run(folder):
    """The month's end by the caps of the routes; nothing is sent, nothing is written."""
    sink = Sink()
    relay = Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\nroute "out" {{ smarthost = "127.0.0.1:{sink.port}" '
                          'security = "none" rate = "30/1m" daily-cap = 40 }\n', listen=False, start=False)
    path = table(folder, [[f"c{i}@example.com", "", f"{i}", "1", ""] for i in range(100)] + [["bad", "", "1", "1", ""]])
    done = send(relay, path, "--dry-run", check=2)
    assert "100 mails, from today" in done.stdout and "(today): 40" in done.stdout and ": 20\n" in done.stdout, done.stdout
    assert "40 recipients a day" in done.stdout and "30 messages a minute" in done.stdout and "Row 102" in done.stderr
    done = send(relay, path, "--dry-run", "--skip-bad", "--json", check=0)
    lines = [json.loads(x) for x in done.stdout.splitlines()]
    assert lines[0]["leaves"] < lines[1]["leaves"] and lines[0]["held_by"] == "" and "40 recipients a day" in lines[99]["held_by"]
    assert not list(folder.glob("customers.results*")) and not (folder / "data").exists()


def test_in_the_name_of_a_profile(folder):
    """Its sender and route; a batch that would only be held, for want of a test, is not begun."""
    sink, other = Sink(), Sink()
    relay = serve(folder, sink, f'route "office" {{ recipients = {{ "nobody" }} smarthost = "127.0.0.1:{other.port}" security = "none" }}\n'
                  'profile "office" { from = "Desk <desk@acme.example>" route = "office" kind "invoice" { from = "Accounts <bills@acme.example>" } }\n')
    path = table(folder, invoices(folder, 3))
    done = send(relay, path, "--profile", "office", check=2)
    assert "postrider send --test office" in done.stderr.replace("\n", " ") and not list(folder.glob("customers.results*")), done.stderr
    send(relay, path, "--profile", "office", "--kind", "invoice", "--untested", "--wait", check=0)
    assert len(other.messages) == 3 and not sink.messages
    mail = email.message_from_bytes(other.messages[0]["data"], policy=email.policy.default)
    assert mail["From"] == "Accounts <bills@acme.example>" and mail["X-Postrider-Kind"] is None, mail["From"]
    assert other.messages[0]["sender"] == "bills@acme.example"
    assert "none of that name" in send(relay, path, "--profile", "offices", check=2).stderr
    assert "--profile NAME" in send(relay, path, "--kind", "invoice", check=2).stderr.replace("\n", " ")


def test_tour(folder):
    """The ten invoices of `make run`: seven handed over, one refused, one delayed, one that comes back."""
    tour = pathlib.Path(__file__).resolve().parents[2] / "tools/tour-batch.sh"
    done = subprocess.run([PROGRAM, "lab", "run", "healthy-mx", "--", tour, PROGRAM, "{resolver}", "{ca}"], text=True,
                          capture_output=True, timeout=50)
    assert done.returncode == 0, done.stderr
    states = collections.Counter(x.split(",")[2] for x in done.stdout.splitlines()[-10:])
    assert states == {"handed-over": 7, "refused": 1, "delayed": 1, "bounced": 1}, done.stdout
    assert "1 came back: moved@recipient.example (The recipient's mailbox is full)" in done.stdout.replace("\n", " ")


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


def test_files_of_all_kinds(folder):
    """Types by content; a big file goes through whole."""
    sink = Sink()
    relay = serve(folder, sink)
    files = {"notes.txt": "Grüße\n".encode() * 9, "page.html": b"<!doctype html><html><body>x</body></html>",
             "tab ä.csv": b"a,b\n1,2\n", "data.bin": bytes(range(256)) * 2000, "one.ps": b"%!PS-Adobe-3.0\n", "x.tar.gz": b"\x1f\x8b\x08\0" + b"z" * 99}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    path = table(folder, [["ann@example.com", "", "2026-1", "1", "; ".join(files)]])
    send(relay, path, "--attach", str(folder / "notes.txt"), "--wait", check=0)
    mail = email.message_from_bytes(sink.messages[0]["data"], policy=email.policy.default)
    got = [(x.get_filename(), x.get_payload(decode=True)) for x in mail.iter_attachments()]
    assert got == [("notes.txt", files["notes.txt"]), *files.items()], [x[0] for x in got]
    assert [x.get_content_type() for x in mail.iter_attachments()][:3] == ["text/plain", "text/plain", "text/html"]


EXCEL = """E-Mail-Adresse;Firma;Rechnungsnr.;Betrag;Fällig am;Anlage;Bemerkung
mueller@kunde.example\u00a0;Müller & Söhne;2026-001;1.234,56 €;30.11.2026;PDF für November\\R1.pdf;"Zeile 1
mit ""Zitat\"\"\"
weg@kunde.example;Weg KG;2026-002;99,00 €;30.11.2026;PDF für November\\R2.pdf;
 Frau Schmidt <schmidt@kunde.example>;;2026-003;0,50 €;01.12.2026;PDF für November\\R3.pdf;
;;;;;;
;;;;;;
"""


def test_a_clerks_table(folder):
    """As Excel saves it in Germany: semicolons, Windows-1252, line breaks, empty rows, backslashes; a template by an old editor."""
    def came():
        return collections.Counter(x for m in sink.messages for x in m["rcpts"] if x.endswith("@kunde.example"))

    sink = Sink(says={"RCPT weg@kunde.example": "550 5.1.1 No such user here"})
    relay = serve(folder, sink)
    place = folder / "Monatsende Nov"
    (place / "PDF für November").mkdir(parents=True)
    for i in (1, 2, 3):
        (place / "PDF für November" / f"R{i}.pdf").write_bytes(b"%%PDF-1.4 %d" % i)
    path = place / "Kunden Nov.csv"
    path.write_bytes(EXCEL.replace("\n", "\r\n").encode("cp1252"))
    (place / "invoice.eml").write_bytes("From: Büro <clerk@acme.example>\nSubject: Rechnung {{Rechnungsnr.}}\n\nGuten Tag {{Firma|}},\n"
                                        "{{Betrag}} bis {{Fällig am}}. {{Bemerkung|}}\n".encode("cp1252"))
    done = send(relay, path, "--dry-run", check=0)
    assert "3 mails" in done.stdout and "Each mail has an attachment." in done.stdout, done.stdout
    done = send(relay, path, "--wait", check=1)
    assert "2 handed over; 1 refused: weg@kunde.example" in done.stdout and f"--results '{place}" in done.stdout.replace("\n", " "), done.stdout
    mail = email.message_from_bytes(next(m["data"] for m in sink.messages if m["rcpts"] == ["mueller@kunde.example"]),
                                    policy=email.policy.default)
    text = mail.get_body().get_content().replace("\r", "")
    assert text.startswith("Guten Tag Müller & Söhne,\n1.234,56 € bis 30.11.2026. Zeile 1\nmit \"Zitat\"\n"), text
    assert mail["From"] == "Büro <clerk@acme.example>" and [x.get_filename() for x in mail.iter_attachments()] == ["R1.pdf"]
    # the refused one's address is mended, the file saved as UTF-8 with a mark, a row added: two more go, nobody gets two
    table = EXCEL.replace("weg@", "neu@").replace(";;;;;;\n;;;;;;", "lang@kunde.example;L;2026-004;2,00;1.12.2026;;")
    path.write_bytes(b"\xef\xbb\xbf" + table.replace("\n", "\r\n").encode())
    send(relay, path, "--wait", check=1)
    got = came()
    assert got == {"mueller@kunde.example": 1, "schmidt@kunde.example": 1, "neu@kunde.example": 1, "lang@kunde.example": 1}, got
    # a row that was sent is edited, and another has no value: neither goes by mistake
    path.write_bytes((table.replace("1.234,56", "1234,56").replace(";2,00;", ";#REF!;") + "zz\u200bz@kunde.example;Z;2026-005;1,00;1.12.2026;;\n").encode())
    done = send(relay, path, check=2)
    said = " ".join(done.stderr.split())
    assert "Row 2 it has changed since it was sent (as row 2), and mueller@kunde.example would get a second mail" in said, said
    assert 'column "Betrag" holds an error of the spreadsheet: #REF!' in said and "that nobody sees" in said, said
    send(relay, path, "--skip-bad", "--wait")
    assert came() == got
    path.write_bytes(table.replace("1.234,56", "1234,56").encode())
    send(relay, path, "--resume", "--wait")
    assert came() == got + collections.Counter(["mueller@kunde.example"])
    assert relay.stop() == 0
