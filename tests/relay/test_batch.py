# SPDX-License-Identifier: Apache-2.0
"""postrider send --merge: a table's rows as mails, and each row's fate."""
import collections
import csv
import email
import email.policy
import json
import pathlib
import signal
import subprocess
import time

from batches import TEMPLATE, begin, invoices, results, send, serve, subjects, table
from ports import free_port
from relay import PROGRAM, Relay
from sink import Sink


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
