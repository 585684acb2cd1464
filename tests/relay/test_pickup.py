# SPDX-License-Identifier: Apache-2.0
"""Folders that programs drop mails into: both forms, whole files only, the truth beside them, nothing twice."""
import json
import os
import time

from door import account, wait_until
from relay import Relay
from sink import Sink
from test_inbox import REPORT, report

EML = "From: app@example.com\r\nTo: {to}\r\nMessage-ID: <{n}@example.com>\r\nSubject: invoice {n}\r\n\r\nHello {n}.\r\n"


def world(folder, sink=None, more="", top="", start=True):
    sink = sink or Sink()
    drop = folder / "drop"
    drop.mkdir()
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}"  security = "none" }}\n'
              f'pickup "{drop}" {{ sender = "app@example.com"  json = true  {more} }}\n{top}', start=start)
    return r, sink, drop


def put(drop, name, text):
    data = text.encode() if isinstance(text, str) else text
    (drop / f".{name}.new").write_bytes(data)
    (drop / f".{name}.new").rename(drop / name)


def told(drop, name, state, seconds=10):
    path = drop / f"{name}.{state}"
    wait_until(path.exists, seconds, f"{path} is not there: {sorted(os.listdir(drop))}")
    others = {"waiting", "sent", "failed"} - {state}
    wait_until(lambda: not any((drop / f"{name}.{x}").exists() for x in others))
    return path.read_text()


def test_both_forms(folder):
    r, sink, drop = world(folder, more=f'archive = "{folder}/done"')
    (folder / "done").mkdir()
    put(drop, "one.eml", EML.format(n=1, to="b@far.example"))
    (drop / "r17.pdf").write_bytes(b"%PDF-1.7 seventeen")
    with open(drop / "two.txt", "wb") as f:  # written where it lies, in pieces
        f.write("To: b@far.example; c@far.example\nSubject: Überweisung\nAttachment: C:\\export\\r17.pdf\n".encode("cp1252"))
        f.flush()
        time.sleep(0.5)
        assert not (drop / ".taken" / "two.txt").exists() and (drop / "two.txt").exists()
        f.write("\nGrüße\n".encode("cp1252"))
    words = told(drop, "one.eml", "sent")
    assert words.startswith("HANDED OVER") and "not yet" in words and "queued as SINK" in words, words
    words = told(drop, "two.txt", "sent")
    by_subject = {b"invoice 1" in m["data"]: m for m in sink.messages}
    second = by_subject[False]
    assert sorted(second["rcpts"]) == ["b@far.example", "c@far.example"] and second["sender"] == "app@example.com"
    import email
    import email.policy
    mail = email.message_from_bytes(second["data"], policy=email.policy.default)
    assert mail["Subject"] == "Überweisung" and "Grüße" in mail.get_body().get_content(), mail
    attached = list(mail.iter_attachments())
    assert [(x.get_filename(), x.get_content_type(), x.get_content()) for x in attached] == \
        [("r17.pdf", "application/pdf", b"%PDF-1.7 seventeen")], attached
    assert sorted(os.listdir(folder / "done")) == ["one.eml", "two.txt"]
    document = json.loads((drop / "two.txt.json").read_text())
    assert document["state"] == "sent" and {x["state"] for x in document["recipients"]} == {"handed-over"}, document
    assert (drop / "r17.pdf").exists()
    assert r.stop() == 0


def test_what_cannot_be_sent(folder):
    """The reason, in words, beside it; the file itself is kept; others go on."""
    secret = folder / "secret.key"
    secret.write_text("PRIVATE")
    r, sink, drop = world(folder, sink=Sink(says={"RCPT no@far.example": "550 5.1.1 No such user"}))
    (drop / "link.pdf").symlink_to(secret)
    bad = {"nobody.txt": "Subject: x\n\nto whom?\n", "address.txt": "To: b at far\n\nx\n",
           "gone.txt": "To: b@far.example\nAttachment: gone.pdf\n\nx\n",
           "up.txt": f"To: b@far.example\nAttachment: ../secret.key\n\nx\n",
           "abs.txt": f"To: b@far.example\nAttachment: {secret}\n\nx\n",
           "link.txt": "To: b@far.example\nAttachment: link.pdf\n\nx\n"}
    for name, text in bad.items():
        put(drop, name, text)
    put(drop, "some.eml", EML.format(n=2, to="no@far.example, b@far.example"))
    put(drop, "notes.txt", "Milk, eggs.\n")
    for name in bad:
        words = told(drop, name, "failed")
        assert words.startswith("NOT SENT") and "Because:" in words, words
        assert (drop / "refused" / name).exists()
    words = told(drop, "some.eml", "failed")
    assert "There is no such mailbox" in words and "no@far.example" in words and "What to do" in words, words
    assert "handed-over" in words and "550 5.1.1 No such user" in words, words
    assert (drop / "notes.txt").exists() and not list(drop.glob("notes.txt.*"))
    assert not any(b"PRIVATE" in m["data"] for m in sink.messages)
    assert [m["rcpts"] for m in sink.messages if m["sender"]] == [["b@far.example"]], sink.messages
    assert r.stop() == 0


def test_traps(folder):
    """Who may write in the folder makes neither the relay wait, nor write or move anything elsewhere."""
    r, sink, drop = world(folder, more=f'archive = "{folder}/drop/done"', start=False)
    other, precious = folder / "other", folder / "precious"
    (other / ".taken").mkdir(parents=True)
    precious.write_text("precious")
    for state in ("waiting", "sent", "failed"):
        os.mkfifo(drop / f".one.eml.{state}.tmp")
        os.link(precious, drop / f".two.eml.{state}.tmp")
        os.link(precious, drop / f"two.eml.{state}")
    (drop / "refused").symlink_to(other)
    (drop / "done").symlink_to(other / ".taken")
    put(drop, "one.eml", EML.format(n=1, to="b@far.example"))
    put(drop, "two.eml", EML.format(n=2, to="c@far.example"))
    put(drop, "bad.txt", "Subject: x\n\nto whom?\n")
    r.start()
    for name in ("one.eml", "two.eml"):
        told(drop, name, "sent")
    told(drop, "bad.txt", "failed")
    wait_until(lambda: len(sink.messages) == 2)
    assert precious.read_text() == "precious"
    assert os.listdir(other) == [".taken"] and not os.listdir(other / ".taken")
    assert sorted(os.listdir(drop / ".taken")) == ["bad.txt", "one.eml", "two.eml"]
    (drop / "refused").unlink()  # and once the links are gone it goes on
    (drop / "done").unlink()
    (drop / "done").mkdir()
    r.stop()
    r.start()
    wait_until(lambda: not os.listdir(drop / ".taken"), 10, "they stay")
    assert sorted(os.listdir(drop / "done")) == ["one.eml", "two.eml"] and os.listdir(drop / "refused") == ["bad.txt"]
    assert len(sink.messages) == 2
    assert r.stop() == 0


def test_too_many(folder):
    """A mail to more than a thousand goes to none of them, and that is told."""
    r, sink, drop = world(folder)
    put(drop, "many.eml", EML.format(n=1, to=",\r\n ".join(f"r{i}@far.example" for i in range(700)))
        .replace("Subject:", "Cc: " + ",\r\n ".join(f"c{i}@far.example" for i in range(700)) + "\r\nSubject:"))
    words = told(drop, "many.eml", "failed")
    assert words.startswith("NOT SENT") and "at most 1000" in words, words
    wait_until((drop / "refused" / "many.eml").exists, 10, "it is put away after it was told")
    assert not sink.messages
    assert r.stop() == 0


def test_over_the_accounts_limit(folder):
    """To several: it waits for tomorrow, as a mail to one does."""
    r, sink, drop = world(folder, more='account = "app@example.com"', top=account(more="daily-cap = 2"))
    put(drop, "one.eml", EML.format(n=1, to="b@far.example, c@far.example"))
    told(drop, "one.eml", "sent")
    put(drop, "two.eml", EML.format(n=2, to="d@far.example, e@far.example"))
    assert "tomorrow" in told(drop, "two.eml", "waiting")
    assert sorted(sink.messages[0]["rcpts"]) == ["b@far.example", "c@far.example"] and len(sink.messages) == 1
    assert r.stop() == 0


def test_fate_changes(folder):
    """Waiting while the next server does not answer; sent; and failed when a report comes back."""
    sink = Sink(says={"RCPT": ["451 4.3.0 later", "250 ok"]})
    r, sink, drop = world(folder, sink, top='local-domains = { "bounces.example.com" }\n')
    put(drop, "one.eml", EML.format(n=1, to="b@far.example").replace("<1@example.com>", "<m1@example.com>"))
    words = told(drop, "one.eml", "waiting")
    wait_until(lambda: "451 4.3.0 later" in (drop / "one.eml.waiting").read_text())
    message = (drop / "one.eml.waiting").read_text().split("Our id:")[1].split()[0]
    r.run("queue", "retry", message, check=0)
    told(drop, "one.eml", "sent")
    assert report(r, "failed", "5.1.1", "550 5.1.1 User unknown", text=REPORT)[0] == 250
    words = told(drop, "one.eml", "failed")
    assert words.startswith("NOT DELIVERED") and "bounced" in words and "User unknown" in words, words
    assert r.stop() == 0


def test_nothing_lost_or_doubled(folder):
    """Killed again and again while files come in: each goes out once, each is told of."""
    r, sink, drop = world(folder)
    names = []
    for n in range(24):
        names.append(f"mail{n:02}.eml")
        put(drop, names[-1], EML.format(n=n, to=f"r{n}@far.example"))
        if n % 4 == 3:
            time.sleep(0.02 * n)
            r.kill()
            r.start()
    for name in names:
        told(drop, name, "sent", 20)
    wait_until(lambda: len({m["rcpts"][0] for m in sink.messages}) == 24)
    ids = {(drop / f"{name}.sent").read_text().split("Our id:")[1].split()[0] for name in names}
    assert len(ids) == 24, len(ids)
    found = [x for n in range(24) for x in r.run("trace", f"r{n}@far.example", "--all", "--quiet").stdout.splitlines()]
    assert len(found) == 24, found
    assert not os.listdir(drop / ".taken")
    # The same file written again is another mail.
    put(drop, names[0], EML.format(n=0, to="r0@far.example").replace("<0@", "<again@"))
    wait_until(lambda: sum(m["rcpts"] == ["r0@far.example"] for m in sink.messages) >= 2)
    assert r.stop() == 0


def test_in_doubt_waits_for_a_person(folder):
    """A profile's mail that was never answered: the file says so, and what sends it again."""
    r, sink, drop = world(folder, Sink(says={"DOT": ["", "250 2.0.0 Ok: queued as X1"]}), top='profile "office" { test = "off" }\n')
    put(drop, "one.eml", "X-Postrider-Profile: office\r\n" + EML.format(n=1, to="b@far.example"))
    path = drop / "one.eml.waiting"
    wait_until(lambda: path.exists() and "in-doubt" in path.read_text())
    words = " ".join(path.read_text().split())
    assert "it may have arrived already" in words and "postrider queue retry" in words, words
    ours = words.split("Our id: ")[1].split()[0]
    r.run("queue", "retry", ours, check=0)
    assert "queued as X1" in told(drop, "one.eml", "sent")
    assert r.stop() == 0
