# SPDX-License-Identifier: Apache-2.0
"""postrider send: to a server by a profile, and through the running relay."""
import email
import email.policy
import json
import os
import pty
import select
import subprocess

from door import wait_until
from names import Names
from ports import free_port
from relay import PROGRAM, Relay
from sink import Sink


def certificate(folder, name="localhost"):
    """An authority (ca.pem) and a certificate of that name."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "ca.key",
            "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "30")
    openssl("req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "key.pem",
            "-out", "req.pem", "-subj", "/CN=" + name)
    (folder / "ext").write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "req.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "ext", "-out", "cert.pem")
    return folder / "cert.pem", folder / "key.pem"


def configure(folder, sink, extra="", profile=""):
    conf = folder / "postrider.conf"
    conf.write_text(f'hostname = "client.test"\n{extra}\n'
                    f'profile "office" {{ host = "127.0.0.1" port = {sink.port} security = "none" '
                    f'from = "me@example.org"  test = "off" {profile} }}\n')
    return conf


def send(conf, *words, stdin="", status=None, env=None):
    done = subprocess.run([PROGRAM, "send", "--config", conf, *words], input=stdin, text=True, capture_output=True,
                          timeout=40, env={**os.environ, **(env or {})})
    if status is not None:
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def only(sink):
    assert sink.wait(1), "no message came"
    assert len(sink.messages) == 1
    message = sink.messages[0]
    return message, email.message_from_bytes(message["data"], policy=email.policy.default)


def test_profile(folder):
    sink = Sink()
    conf = configure(folder, sink)
    done = send(conf, "--to", "Ann Example <ann@example.com>, ben@example.net", "--subject", "Grüße", "--text", "-",
                "--via", "profile", "office", stdin="Hallo, schöne Welt\n.\nFrom here\n", status=0)
    assert "Handed over" in done.stdout and "not delivered" in done.stdout, done.stdout
    message, mail = only(sink)
    assert message["sender"] == "me@example.org"
    assert message["rcpts"] == ["ann@example.com", "ben@example.net"]
    assert mail["Subject"] == "Grüße"
    assert mail["From"] == "me@example.org" and mail["To"] == "ann@example.com, ben@example.net"
    assert mail.get_content().replace("\r\n", "\n") == "Hallo, schöne Welt\n.\nFrom here\n"
    assert mail["Date"] and mail["Message-ID"].endswith("@example.org>")


def test_the_port_tried_is_the_port_told(folder):
    """What is to be typed to look further names the port of the profile, not a usual one."""
    conf = folder / "postrider.conf"
    port = free_port()
    conf.write_text(f'profile "office" {{ host = "127.0.0.1" port = {port} security = "none" from = "me@example.org" test = "off" }}\n')
    said = send(conf, "--to", "ann@example.com", "--text", "-", stdin="x", status=1).stdout
    assert f"sport = :{port}" in said and f"postrider check 127.0.0.1:{port}" in said, said
    document = json.loads(send(conf, "--to", "ann@example.com", "--text", "-", "--json", stdin="x", status=1).stdout)
    assert "587" not in json.dumps(document["recipients"][0]["explanation"]["fixes"][1:]), document


def test_blind_copy_is_not_told(folder):
    sink = Sink()
    send(configure(folder, sink), "--to", "ann@example.com", "--cc", "cc@example.com", "--bcc", "secret@example.com",
         "--text", "-", "--via", "office", stdin="x", status=0)
    message, mail = only(sink)
    assert message["rcpts"] == ["ann@example.com", "cc@example.com", "secret@example.com"]
    assert mail["Cc"] == "cc@example.com" and mail["Bcc"] is None
    assert b"secret@" not in message["data"]


def test_page_and_attachments(folder):
    sink = Sink()
    name = "Übersicht für das Jahr 2026; alle Kunden.pdf"
    (folder / name).write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 100)
    (folder / "page.html").write_text("<p>Hello &amp; <b>welcome</b></p>")
    (folder / "table.csv").write_text("a;b\n1;2\n")
    send(configure(folder, sink), "-f", "Büro <me@example.org>", "--to", "ann@example.com", "--html", folder / "page.html",
         "--attach", folder / name, "--attach", folder / "table.csv", "--via", "profile:office", status=0)
    _, mail = only(sink)
    assert mail.get_content_type() == "multipart/mixed" and not mail.defects
    assert mail["From"].addresses[0].display_name == "Büro"
    words, page, *_ = [p for p in mail.walk() if p.get_content_maintype() == "text"]
    assert words.get_content_type() == "text/plain" and "Hello & welcome" in words.get_content()
    assert "<b>welcome</b>" in page.get_content()
    files = list(mail.iter_attachments())
    assert [(f.get_filename(), f.get_content_type()) for f in files] == [(name, "application/pdf"), ("table.csv", "text/csv")]
    assert files[0].get_content() == (folder / name).read_bytes()
    assert all(p.get_content_charset() in (None, "utf-8") for p in mail.walk())


def test_one_bad_recipient_does_not_sink_the_rest(folder):
    sink = Sink(says={"RCPT bad@example.com": "550 5.1.1 No such user here"})
    conf = configure(folder, sink)
    done = send(conf, "--to", "ann@example.com", "--to", "bad@example.com", "--json", "--via", "office", status=1)
    answer = json.loads(done.stdout)
    states = {r["address"]: r for r in answer["recipients"]}
    assert states["ann@example.com"]["state"] == "handed-over"
    assert states["bad@example.com"]["state"] == "refused" and states["bad@example.com"]["code"] == 550
    assert states["bad@example.com"]["explanation"]["class"] == "mailbox-unknown"
    assert not answer["well"]
    assert only(sink)[0]["rcpts"] == ["ann@example.com"]


def test_refusal_is_explained(folder):
    sink = Sink(says={"DOT": "552 5.2.3 Message size exceeds fixed limit"})
    done = send(configure(folder, sink), "--to", "ann@example.com", "--via", "office", status=1)
    assert "Refused" in done.stdout and "552 5.2.3" in done.stdout
    assert "What to do" in done.stdout, done.stdout
    assert not sink.messages


def test_greylisting_says_try_again(folder):
    sink = Sink(says={"RCPT": "451 4.7.1 Greylisted, try again in 300 seconds"})
    done = send(configure(folder, sink), "--to", "ann@example.com", "--via", "office", "--json", status=1)
    explanation = json.loads(done.stdout)["recipients"][0]["explanation"]
    assert explanation["retry"] in ("later", "wait") and explanation["class"] == "greylisted", explanation


def nothing_keeps_it(done):
    """No queue has it, and nobody is told to wait for one."""
    assert "Not handed over" in done.stdout and "send it again later" in done.stdout, done.stdout
    for wrong in ("Nobody", "again by itself", "on their own", "Refused  "):
        assert wrong not in done.stdout, done.stdout


def not_taken(done):
    answer = json.loads(done.stdout)
    told, = answer["recipients"]
    assert (told["state"], answer["id"], told["explanation"]["actor"]) == ("not-handed-over", "", "user"), answer
    assert "nobody" not in [x["actor"] for x in told["explanation"]["fixes"]], told
    return told


def test_later_from_a_profiles_server_is_kept_by_nobody(folder):
    for words in ("451 4.7.1 Greylisted, try again in 300 seconds", "450 4.2.0 Greylisted"):
        conf = configure(folder, Sink(says={"RCPT": words}))
        assert not_taken(send(conf, "--to", "ann@example.com", "--via", "office", "--json", status=1))["code"] == int(words[:3])
        nothing_keeps_it(send(conf, "--to", "ann@example.com", "--via", "office", status=1))
        brief = send(conf, "--to", "ann@example.com", "--via", "office", "--quiet", status=1).stdout
        assert "(you)" in brief and "nobody" not in brief, brief


def test_later_from_the_relay_is_kept_by_nobody(folder):
    relay = queue(folder, Sink(), f'filter "f" {{ milter = "127.0.0.1:{free_port()}" on-failure = "delay" }}\n')
    words = ("send", "--from", "me@example.org", "--to", "ann@example.com", "--via", "queue")
    assert not_taken(relay.run(*words, "--json", check=1))["code"] == 451
    nothing_keeps_it(relay.run(*words, check=1))
    assert relay.stop() == 0


def test_one_that_the_relay_refuses_is_explained_beside_the_rest(folder):
    relay = Sink(says={"RCPT who@example.com": "550 5.7.1 not by this one", "RCPT late@example.com": "452 4.7.1 enough for today",
                       "DOT": "250 2.0.0 queued as 0123456789abcdefgh (durable)"})
    conf = configure(folder, relay, f'data = "{folder}/data"\nlisten "127.0.0.1:{relay.port}" {{ security = "none" }}')
    done = send(conf, "--from", "me@example.org", "--to", "ann@example.com, who@example.com, late@example.com", "--via", "queue",
                "--json", status=1)
    answer = json.loads(done.stdout)
    taken, no, later = answer["recipients"]
    assert answer["id"] and taken["state"] == "queued" and "explanation" not in taken, answer
    assert no["state"] == "refused" and no["explanation"]["fixes"], answer
    assert later["state"] == "not-handed-over" and later["explanation"]["actor"] != "nobody", answer


def test_no_answer_to_the_dot_is_in_doubt(folder):
    sink = Sink(says={"DOT": ""})
    done = send(configure(folder, sink), "--to", "ann@example.com", "--via", "office", "--json", status=1)
    assert json.loads(done.stdout)["recipients"][0]["state"] == "in-doubt"


def test_nobody_listens(folder):
    sink = Sink()
    conf = configure(folder, sink)
    conf.write_text(conf.read_text().replace(str(sink.port), str(free_port())))
    done = send(conf, "--to", "ann@example.com", "--via", "office", status=1)
    assert "Not handed over" in done.stdout and "Finding tcp-refused" in done.stdout, done.stdout


def test_login_over_verified_tls(folder):
    cert = certificate(folder)
    sink = Sink(certificate=cert, extensions=["PIPELINING", "AUTH PLAIN LOGIN"])
    (folder / "hosts").write_text("")
    (folder / "pw").write_text("s3cret-words\n")
    conf = folder / "postrider.conf"
    conf.write_text(f'hostname = "client.test"\nca-file = "{folder}/ca.pem"\nprofile "office" {{ host = "localhost" '
                    f'port = {sink.port} security = "starttls" user = "me@example.org" password-file = "pw" }}\n')
    done = send(conf, "--to", "ann@example.com", "--via", "profile", "office", "--verbose", status=0)
    message, mail = only(sink)
    assert message["tls"] and message["login"] and mail["From"] == "me@example.org"
    assert "s3cret" not in done.stdout + done.stderr and "[hidden]" in done.stderr
    # an authority nobody trusts: no password, no mail
    conf.write_text(conf.read_text().replace(f'ca-file = "{folder}/ca.pem"', ""))
    done = send(conf, "--to", "ann@example.com", "--via", "profile", "office", status=1)
    assert "certificate" in done.stdout, done.stdout
    assert len(sink.messages) == 1 and sum(x.startswith("AUTH") for x in sink.lines) == 1


def test_password_never_in_clear(folder):
    sink = Sink(address="127.0.0.1", extensions=["AUTH PLAIN"])
    conf = configure(folder, sink)
    conf.write_text(conf.read_text().replace('security = "none"', 'security = "starttls" user = "me@example.org"'))
    done = send(conf, "--to", "ann@example.com", "--via", "office", status=1, env={"POSTRIDER_PASSWORD": "s3cret-words"})
    assert "STARTTLS" in done.stdout
    assert not any(x.startswith(("AUTH", "MAIL")) for x in sink.lines)


def test_wrong_use(folder):
    sink = Sink()
    conf = configure(folder, sink)
    for words, mend in [((), "--to"), (("--to", "nobody"), "address"), (("--to", "a@example.com", "--attach", "/no/such"), "No such file"),
                        (("--to", "a@example.com", "--via", "offices"), "office"), (("--to", "a@b.example\nBcc: x@y"), "")]:
        words = words if isinstance(words, tuple) else (words,)
        done = send(conf, *words, status=2)
        assert mend in done.stderr, (words, done.stderr)
    assert not sink.lines
    done = send(folder / "none.conf", "--to", "a@example.com", status=2)
    assert "none.conf" in done.stderr


def queue(folder, sink, extra=""):
    """A relay whose only next server is the sink."""
    relay = Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\n'
                          f'route "out" {{ smarthost = "127.0.0.1:{sink.port}" security = "none" }}\n{extra}', listen=False)
    return relay


def test_queue_and_wait(folder):
    sink = Sink(says={"RCPT bad@example.com": "550 5.1.1 No such user here"})
    relay = queue(folder, sink)
    done = relay.run("send", "--from", "me@example.org", "--to", "ann@example.com", "--subject", "one", "--via", "queue", "--quiet",
                     check=0)
    assert len(done.stdout.strip()) == 18 and sink.wait(1)
    done = relay.run("send", "--from", "me@example.org", "--to", "ann@example.com", "--wait", "--json", check=0)
    answer = json.loads(done.stdout)
    assert answer["via"] == "queue" and answer["id"] and answer["recipients"][0]["state"] == "handed-over"
    assert "SINK2" in answer["recipients"][0]["reply"]
    done = relay.run("send", "--from", "me@example.org", "--to", "bad@example.com, ben@example.com", "--wait", check=1)
    assert "Refused" in done.stdout and "550 5.1.1" in done.stdout and "Handed over" in done.stdout, done.stdout
    assert "What to do" in done.stdout
    assert relay.stop() == 0


def test_wait_tells_what_the_relay_found(folder):
    """The relay's own words are no server's reply: what they say is told by its finding, as trace tells it."""
    sink = Sink("127.0.0.11", extensions=("PIPELINING", "SIZE 500"))
    names = Names({("noa.test", "MX"): ["10 no.test"], ("txt.test", "TXT"): ["x"], ("own.test", "MX"): ["10 relay.test"],
                   ("ok.test", "MX"): ["10 a.test"], ("a.test", "A"): ["127.0.0.11"]})
    relay = Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\nresolver = "{names.where}"\n'
                          f'route "direct" {{ via = "mx" port = {sink.port} }}\n', listen=False)
    (folder / "big").write_text("x" * 3000)
    for to, more in [("x@noa.test", ()), ("x@txt.test", ()), ("x@own.test", ()), ("x@ok.test", ("--attach", folder / "big")),
                     ("ü@ok.test", ())]:
        done = relay.run("send", "--from", "me@example.org", "--to", to, "--wait", "--timeout", "2", "--json", *more, check=1)
        answer = json.loads(done.stdout)
        told, = answer["recipients"]
        traced, = relay.json("trace", answer["id"])["recipients"]
        assert told["finding"] == told["explanation"]["id"] == traced["finding"] != "text-unknown", (to, told, traced)
    said = relay.run("send", "--from", "me@example.org", "--to", "x@noa.test", "--wait", check=1).stdout
    assert "Finding mx-target-missing," in said and "Also considered" not in said, said
    assert relay.stop() == 0


def test_a_domain_with_umlauts_needs_no_smtputf8(folder):
    """Only the domain is not ASCII: every server takes its other form; an address with ü before the @ has none."""
    sink = Sink()
    relay = queue(folder, sink)
    relay.run("send", "--from", "me@bäcker.test", "--to", "Ann <info@müller.test>", "--subject", "one", "--wait", check=0)
    done = subprocess.run([PROGRAM, "sendmail", "-C", relay.conf, "-f", "me@bäcker.test", "-t", "-i", "Post@Müller.test"],
                          input="To: Jörg <info@müller.test>\nSubject: two\n\nx\n".encode(), capture_output=True, timeout=20)
    assert done.returncode == 0 and sink.wait(2), done
    one, two = sink.messages
    assert one["sender"] == two["sender"] == "me@xn--bcker-gra.test", sink.messages
    assert one["rcpts"] == ["info@xn--mller-kva.test"], one
    assert sorted(two["rcpts"]) == ["Post@xn--mller-kva.test", "info@xn--mller-kva.test"], two
    for message in (one, two):
        mail = email.message_from_bytes(message["data"], policy=email.policy.default)
        assert mail["To"].addresses[0].addr_spec == "info@xn--mller-kva.test", message
    for query in ("info@müller.test", "info@xn--mller-kva.test", "@müller.test"):
        wait_until(lambda q=query: len(relay.run("trace", q, "--quiet").stdout.splitlines()) >= 2)
    assert "ü@ok.test" in relay.run("send", "--to", "ü@ok.test", "--wait", "--timeout", "5", check=1).stdout
    assert relay.stop() == 0


def test_json_has_one_shape_over_both_ways(folder):
    sink = Sink(says={"RCPT bad@example.com": "550 5.1.1 No such user here"})
    relay = queue(folder, sink, f'profile "office" {{ host = "127.0.0.1" port = {sink.port} security = "none" test = "off" }}\n')
    for way in (("--via", "queue", "--wait"), ("--via", "office")):
        done = relay.run("send", "--from", "me@example.org", "--to", "bad@example.com", "--json", *way, check=1)
        told, = json.loads(done.stdout)["recipients"]
        assert (told["code"], told["reply"]) == (550, "5.1.1 No such user here"), (way, told)
        assert told["finding"] == told["explanation"]["id"] == "rcpt-user-unknown", (way, told)
    assert relay.stop() == 0


def test_wait_ends_by_itself(folder):
    sink = Sink(says={"MAIL": "451 4.3.0 not now"})
    relay = queue(folder, sink)
    done = relay.run("send", "--from", "me@example.org", "--to", "ann@example.com", "--wait", "--timeout", "2", "--json", check=1)
    answer = json.loads(done.stdout)
    assert answer["waiting_ended"] and answer["recipients"][0]["state"] == "delayed"
    assert answer["recipients"][0]["next_try"] and answer["recipients"][0]["code"] == 451


def test_relay_is_not_running(folder):
    conf = folder / "postrider.conf"
    conf.write_text(f'hostname = "relay.test"\ndata = "{folder}/data"\nlisten "127.0.0.1:{free_port()}" {{ security = "none" }}\n')
    done = send(conf, "--to", "ann@example.com", "--wait", status=1)
    assert "Not handed over" in done.stdout and "postrider serve" in done.stdout


def test_progress_only_on_a_terminal(folder):
    sink = Sink(delay=0.1)
    conf = configure(folder, sink)
    assert send(conf, "--to", "ann@example.com", "--via", "office", status=0).stderr == ""
    master, slave = pty.openpty()
    process = subprocess.Popen([PROGRAM, "send", "--config", conf, "--to", "ann@example.com", "--via", "office"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    out, _ = process.communicate(timeout=20)
    shown = b""
    while select.select([master], [], [], 0.2)[0]:
        try:
            shown += os.read(master, 65536)
        except OSError:
            break
    assert b"\x1b" not in out and b"Handed over" in out
    assert b"rcpt" in shown and shown.endswith(b"\r\x1b[K"), shown
