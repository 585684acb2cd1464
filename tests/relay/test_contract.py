# SPDX-License-Identifier: Apache-2.0
"""The command line against what scripts rely on: JSON where it is asked for, exit statuses, standard output kept clean."""
import json
import os
import re
import signal
import socket
import subprocess

from ports import free_port
from relay import PROGRAM, Relay
from run import Skip
from sink import Sink


def run(*words, **more):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=30, **more)


def test_ready_line_as_json(folder):
    relay = Relay(folder, start=False)
    process = subprocess.Popen([PROGRAM, "serve", "--config", relay.conf, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    document = json.loads(process.stdout.readline())
    assert document["schema"] == 1 and re.fullmatch(r"127\.0\.0\.1:\d+", document["ready"][0]) and "http" not in document
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_configuration_as_json(folder):
    relay = Relay(folder, start=False)
    good = run("config", "check", "--config", relay.conf, "--json")
    document = json.loads(good.stdout)
    assert good.returncode == 0 and document["ok"] and document["blocks"]["listen"] == 1 and not document["doubts"][1:], good
    assert all("it stays root" in x for x in document["doubts"]), good  # where root asks
    assert "no open relay" in document["says"][0]
    relay.conf.write_text("hostnam = x\n")
    bad = run("config", "check", relay.conf, "--format", "json")
    document = json.loads(bad.stdout)
    assert bad.returncode == 2 and not document["ok"] and "postrider.conf:1" in document["error"], bad
    assert document["error"] in bad.stderr
    if not os.path.exists("/etc/postrider/postrider.conf"):
        (folder / "empty").mkdir()
        none = run("config", "check", "--json", cwd=folder / "empty")
        document = json.loads(none.stdout)
        assert none.returncode == 2 and not document["ok"] and document["file"] is None, none
        assert document["error"] in none.stderr


def test_report_as_json(folder):
    run("check", f"127.0.0.1:{free_port()}", "--security", "none", "--save", folder / "case.json", "--timeout", "5")
    whole = json.loads(run("report", folder / "case.json", "--json", cwd=folder).stdout)
    assert whole["schema"] == 1 and whole["about"] and set(whole["gives_away"]) == {"addresses", "hosts", "ips", "subject", "dialogue"}
    assert whole["markdown"].split("\n")[:5] == run("report", folder / "case.json", cwd=folder).stdout.split("\n")[:5]
    preview = json.loads(run("report", folder / "case.json", "--format", "json", "--preview", cwd=folder).stdout)
    assert "markdown" not in preview and preview["gives_away"] == whole["gives_away"]
    assert run("report", folder / "case.json", "--json", "--output", folder / "out.json").stdout == ""
    assert json.loads((folder / "out.json").read_text())["about"] == whole["about"]
    run("report", folder / "case.json", "--output", folder / "named.json")
    assert json.loads((folder / "named.json").read_text())["about"] == whole["about"]  # as its name says
    run("report", folder / "case.json", "--preview", "--json", "--output", folder / "preview.json")
    assert json.loads((folder / "preview.json").read_text()) == preview
    seen = run("report", folder / "case.json", "--preview", "--output", folder / "unseen.json")
    assert "gives away" in seen.stdout and not (folder / "unseen.json").exists(), seen
    assert run("report", folder / "case.json", "--json", "--format", "html").returncode == 2
    lost = run("report", folder / "case.json", "--json", "--output", folder / "nowhere" / "out.json")
    assert lost.returncode == 2 and not lost.stdout and "No such file" in lost.stderr, lost
    for form in ("json", "markdown", "html"):
        full = run("report", folder / "case.json", "--format", form, "--output", "/dev/full")
        assert full.returncode == 3 and not full.stdout and "No space left" in full.stderr, full
        gone, end = os.pipe()
        os.close(gone)
        unread = subprocess.run([PROGRAM, "report", folder / "case.json", "--format", form], stdout=end, stderr=subprocess.PIPE, timeout=30)
        os.close(end)
        assert unread.returncode == 3 and not unread.stderr, unread  # nobody reads: nothing to complain of


def test_what_may_not_be_read(folder):
    """No permission is no wrong use: 3, with who may."""
    relay = Relay(folder, start=False)
    relay.conf.chmod(0)
    user = {"user": 65534} if os.geteuid() == 0 else {}
    for words in (["config", "check"], ["trace"], ["queue", "list"], ["suppression", "list"], ["serve"]):
        done = run(*words, "--config", relay.conf, **user)
        assert done.returncode == 3 and not done.stdout and "Permission denied" in done.stderr, (words, done)
    document = json.loads(run("config", "check", relay.conf, "--json", **user).stdout)
    assert not document["ok"] and "Permission denied" in document["error"], document
    for words in (["profile:x", "--config", relay.conf], ["mail.example", "--password-file", relay.conf]):
        done = run("check", *words, **user)
        assert done.returncode == 3 and "Permission denied" in done.stderr, (words, done)


def test_a_key_that_may_not_be_read(folder):
    relay = Relay(folder, start=False)
    cert, key = (folder / name for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=relay", "-keyout", key, "-out", cert],
                   check=True, capture_output=True, timeout=30)
    relay.conf.write_text(relay.conf.read_text() + 'certificate { file = "cert.pem" key = "key.pem" }\n')
    os.chmod(relay.conf, 0o644)
    os.chmod(key, 0)
    user = {"user": 65534} if os.geteuid() == 0 else {}
    for words in (["config", "check"], ["serve"]):
        done = run(*words, "--config", relay.conf, **user)
        assert done.returncode == 3 and "key.pem: Permission denied" in done.stderr and "PEM," not in done.stderr, (words, done)


def test_others_are_told_what_to_type(folder):
    """Where only files within the folder are the relay's own, it is still the reader who is another."""
    if os.geteuid() != 0:
        raise Skip("not root")
    relay = Relay(folder)
    (folder / "mailq").symlink_to(PROGRAM)
    for path in (folder, relay.data, relay.data / "bodies"):
        os.chmod(path, 0o755)
        os.chmod(relay.conf, 0o644)
        done = subprocess.run([folder / "mailq", "-C", relay.conf], capture_output=True, text=True, timeout=20, user=65534)
        assert done.returncode == 69 and not done.stdout and "sudo mailq" in done.stderr and "chown" not in done.stderr, done
    assert relay.stop() == 0


def test_a_second_relay(folder):
    """No mistake in what was typed: the folder is another's, who is named, and nothing of his is lost."""
    relay = Relay(folder)
    done = run("serve", "--config", relay.conf)
    assert done.returncode == 3 and f"(process {relay.process.pid}) has it" in done.stderr, done
    relay.submit()
    assert relay.stop() == 0
    relay.start()
    assert relay.stop() == 0


SAYS = {"RCPT later@a.example": "451 4.7.1 Greylisted", "RCPT later@b.example": "452 4.2.2 Mailbox full"}


def made(folder):
    """A mail that went, and one of which two of three recipients wait."""
    sink = Sink(says=SAYS)
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
    went = relay.submit(rcpts=("ok@a.example",))
    waits = relay.submit(rcpts=("later@a.example", "later@b.example", "ok@c.example"))
    relay.trail(went, {"handed-over"})
    relay.trail(waits, {"delayed", "handed-over"})
    return sink, relay, went, waits


def unknown(message):
    return message[:-1] + ("0" if message[-1] != "0" else "1")


def test_queue_list_of_mails(folder):
    _, relay, _, waits = made(folder)
    for words in (["@a.example"], ["--recipient", "later@a.example"], ["--finding", "rcpt-greylisted"]):
        document = relay.json("queue", "list", *words)
        assert [(m["id"], m["rcpt"], m["state"]) for m in document["messages"]] == [(waits, 0, "delayed")], document
        assert document["schema"] == 1 and document["running"] and not document["more"]
    assert relay.json("queue", "list", "out", "--limit", "1")["more"]
    relay.run("queue", "hold", f"{waits}/0", check=0)
    for limit, n, more in ((1, 1, True), (2, 2, False), (3, 2, False)):  # of all states together
        document = relay.json("queue", "list", "out", "--limit", str(limit))
        assert (len(document["messages"]), document["more"]) == (n, more), (limit, document)
    relay.run("queue", "release", f"{waits}/0", check=0)
    none = relay.run("queue", "list", "nowhere", "--json", check=1)
    assert json.loads(none.stdout)["messages"] == []
    assert relay.run("queue", "list", "--quiet", check=0).stdout == "out\n"
    names = relay.run("queue", "list", "out", "--quiet", check=0).stdout.split()
    assert sorted(names) == [f"{waits}/0", f"{waits}/1"]
    relay.run("queue", "hold", *names, check=0)  # as the other words take them
    for words in ([waits], ["@a.example", waits], ["--finding", "greylisted"]):
        wrong = relay.run("queue", "list", *words, check=2)
        assert not wrong.stdout and "postrider queue" in wrong.stderr, (words, wrong)


def test_queue_list_of_names(folder):
    """--quiet names so many as --limit says, and that there is more."""
    where = Sink(says={"RCPT": "451 4.7.1 Greylisted"}).where
    relay = Relay(folder, "".join(f'route "{name}" {{ recipients = {{ "*@{name}.example" }} smarthost = "{where}" security = "none" }}\n'
                                  for name in "ab"))
    relay.trail(relay.submit(rcpts=("x@a.example", "x@b.example")), {"delayed"})
    every = relay.run("queue", "list", "--quiet", check=0)
    assert sorted(every.stdout.split()) == ["a", "b"] and not every.stderr, every
    one = relay.run("queue", "list", "--quiet", "--limit", "1", check=0)
    assert one.stdout.split() == every.stdout.split()[:1] and "There is more" in one.stderr, one


def test_queue_says_what_it_did_not(folder):
    """An id that nobody knows among others is no success, and what is passed over is said before."""
    _, relay, went, waits = made(folder)
    stranger = unknown(went)
    mixed = relay.run("queue", "hold", f"{waits}/0", stranger, f"{waits}/9", check=1)
    assert f"there is no such mail here ({stranger})" in mixed.stderr and "fewer recipients" in mixed.stderr, mixed
    assert "Held 1 of 1 recipient." in mixed.stdout
    twice = relay.run("queue", "release", f"{waits}/0", f"{waits}/0", check=0)
    assert "Released 1 of 1 recipient." in twice.stdout, twice
    for words in (["retry", stranger], ["hold", waits, "--recipient", "nobody@a.example"], ["cancel", went], ["retry", "nowhere"]):
        done = relay.run("queue", *words, "--json", check=1)
        document = json.loads(done.stdout)
        assert document["done"] == 0 and not document["dry"], document
    assert document["not_done"] == []
    for words in (["@a.example", waits], [waits, "@a.example"], [waits, "--account", "app"], [waits, "--to-domain", "a.example"],
                  [waits, "--all"], ["--finding", "nonsense"]):
        done = relay.run("queue", "cancel", *words, "--yes", check=2)
        assert not done.stdout and done.stderr, (words, done)
    assert {r["state"] for r in relay.json("trace", waits)["recipients"]} == {"delayed", "handed-over"}
    assert "@DOMAIN" in relay.run("queue", "why", "out", check=2).stderr


def test_trace_takes_all_that_is_given(folder):
    _, relay, went, waits = made(folder)
    for words in ([went, "--state", "refused"], [went, "--since", "2h", "--until", "1h"], [went, "--until", "2020-01-01"],
                  ["state:handed-over", "--state", "delayed"], [unknown(went)]):
        done = relay.run("trace", *words, check=1)
        assert not done.stdout and "Nothing found" in done.stderr, (words, done)
        assert ("that mail is here" in done.stderr) == (words[0] == went), (words, done)
    assert relay.json("trace", went, "--state", "handed-over", "--since", "1h")["id"] == went
    for words, mend in (([went, waits], "one id at a time"), (["id:nonsense"], "18 letters and digits"), (["  "], "has to stand there"),
                        (["--since", "2026-02-30"], "a time such as"), (["--since", "2026-11-22T10:00:00+99:00"], "a time such as")):
        done = relay.run("trace", *words, check=2)
        assert not done.stdout and mend in done.stderr, (words, done)
    lines = relay.run("trace", waits, "--quiet", check=0).stdout.splitlines()
    assert len(lines) == 3 and all(waits in x for x in lines), lines
    lines = relay.run("trace", waits, "--state", "handed-over", "--quiet", check=0).stdout.splitlines()
    assert len(lines) == 1 and "ok@c.example" in lines[0], lines
    assert "There is more" in relay.run("trace", "--limit", "1", "--json", check=0).stderr


def test_without_a_relay(folder):
    _, relay, _, waits = made(folder)
    assert relay.stop() == 0
    done = relay.run("queue", "bounce", waits, check=3)
    assert not done.stdout and "no relay runs" in done.stderr, done
    assert json.loads(relay.run("queue", "list", "--json", check=0).stdout)["running"] is False
    with open("/dev/full", "wb") as full:
        for words in (["queue", "list"], ["trace", "--json"], ["queue", "hold", waits]):
            lost = subprocess.run([PROGRAM, *words, "--config", relay.conf], stdout=full, stderr=subprocess.PIPE, timeout=30)
            assert lost.returncode == 3 and b"No space left" in lost.stderr, (words, lost)
    os.rename(relay.data, folder / "elsewhere")
    for command in ("trace", "queue", "suppression", "bounces"):
        done = relay.run(command, *(["list"] if command != "trace" else []), check=2)
        assert not done.stdout and "--data DIR" in done.stderr, done


def test_what_is_not_what_it_should_be(folder):
    """Wrong use, with the mend: a folder for a file, a file of something else, a folder without mail, an option alone."""
    (folder / "empty").mkdir()
    (folder / "text").write_text("hello\n")
    (folder / "list").write_text("[]\n")
    for words, mend in ((["check", "127.0.0.1:1", "--attach", folder / "empty"], "this is a folder"),
                        *((["check", "--evidence", folder / x], "check --save") for x in ("empty", "text", "list")),
                        (["report", folder / "text"], "check --save"), (["trace", "--data", folder / "empty"], "no relay has kept mail there"),
                        (["queue", "list", "--data", folder / "empty"], "--config FILE"), (["serve", folder / "text"], "--config FILE"),
                        (["--jsn"], "a command comes first"), (["sendmail", "--jsn"], "did you mean --json?"),
                        (["lab", "list", "--jsn"], "did you mean --json?"), (["lab", "run", "tls-cert-expird"], "tls-cert-expired"),
                        (["lab", "list", "more"], "takes no more words")):
        done = run(*words)
        assert done.returncode == (64 if words[0] == "sendmail" else 2) and not done.stdout, (words, done)
        assert mend in " ".join(done.stderr.split()) and done.stderr.count("\n") == 1, (words, done)


def test_a_check_that_was_stopped(folder):
    """Ctrl-C: what was seen is told and kept, and that it is not the whole; a server that had a second is not "silent" with 1."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = subprocess.Popen([PROGRAM, "check", f"127.0.0.1:{silent.getsockname()[1]}", "--save", folder / "case.json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with silent.accept()[0]:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    assert process.returncode == 3 and "it was stopped" in err and "Connection" in out, (process.returncode, out, err)
    assert (folder / "case.json").stat().st_size


def test_head_takes_what_it_wants(folder):
    """`trace | head -1`: no complaint, and following ends with its reader."""
    _, relay, _, waits = made(folder)
    for words in (f"trace --json --config {relay.conf}", f"trace {waits} --follow --config {relay.conf}", f"queue list --config {relay.conf}"):
        done = subprocess.run(["sh", "-c", f"{PROGRAM} {words} | head -1"], capture_output=True, text=True, timeout=20)
        assert done.stdout and not done.stderr, (words, done)
    process = subprocess.Popen([PROGRAM, "trace", waits, "--follow", "--config", relay.conf], stdout=subprocess.PIPE)
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == -signal.SIGINT


def test_suppression_as_json(folder):
    relay = Relay(folder)
    added = [json.loads(x) for x in relay.run("suppression", "add", "a@example.com", "@b.example", "--json", check=0).stdout.splitlines()]
    assert [x["address"] for x in added] == ["a@example.com", "@b.example"], added
    kept = json.loads(relay.run("suppression", "show", "a@example.com", "--json", check=0).stdout)
    removed = json.loads(relay.run("suppression", "remove", "a@example.com", "--json", check=0).stdout)
    assert removed == {**kept, "until": removed["until"], "active": False}, (removed, kept)
    none = relay.run("suppression", "remove", "nobody@example.com", "--json", check=1)
    assert not none.stdout and "not on the list" in none.stderr
    shown = relay.run("suppression", "show", "x@b.example", "a@example.com", "--json", check=1)
    assert json.loads(shown.stdout)["address"] == "@b.example" and "a@example.com is not on the list" in shown.stderr, shown


def test_a_mail_is_no_report(folder):
    _, relay, went, _ = made(folder)
    for word in ("show", "forget"):
        done = relay.run("bounces", word, went, unknown(went), check=1)
        assert "Subject" not in done.stdout and done.stderr.count("There is no report") == 2, done
