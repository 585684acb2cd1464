# SPDX-License-Identifier: Apache-2.0
"""postrider under the name of sendmail: what cron, mail(1), PHP and scripts do with it."""
import email
import email.policy
import json
import os
import re
import shutil
import smtplib
import socket
import subprocess

from ports import free_port
from relay import PROGRAM
from run import Skip
from sink import Sink
from test_send import only, queue

OK, USAGE, DATAERR, NOUSER, UNAVAILABLE, IOERR, TEMPFAIL, NOPERM, CONFIG = 0, 64, 65, 67, 69, 74, 75, 77, 78


def set_up(folder, says=None, port=None):
    """A program named sendmail, and a relay that the test speaks for."""
    sink = None if port else Sink(says=says, extensions=["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN"])
    (folder / "postrider.conf").write_text(f'hostname = "box.example"\ndata = "{folder}/data"\n'
                                           f'listen "127.0.0.1:{port or sink.port}" {{ security = "none" }}\n')
    (folder / "bin").mkdir()
    for name in ("sendmail", "mailq", "newaliases"):
        (folder / "bin" / name).symlink_to(PROGRAM)
    return folder / "bin" / "sendmail", sink


def sendmail(program, *words, stdin="", status=OK):
    conf = program.parent.parent / "postrider.conf"
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([program, "-C", conf, *words], input=data, capture_output=True, timeout=30)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stderr.decode()


def test_as_cron_does(folder):
    program, sink = set_up(folder)
    sendmail(program, "-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root", stdin=
             "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@box> df -h\nMIME-Version: 1.0\n"
             "Content-Type: text/plain; charset=UTF-8\nX-Cron-Env: <SHELL=/bin/sh>\n\n.\ndisk ist voll: 99 \u2030\n")
    message, mail = only(sink)
    assert message["sender"] == "root@box.example" and message["rcpts"] == ["root@box.example"]
    assert mail["From"] == "Cron Daemon <root@box.example>" and mail["To"] == "root@box.example"
    assert message["data"].endswith("\r\n\r\n.\r\ndisk ist voll: 99 \u2030\r\n".encode())


AS_PROGRAMS_DO = {  # what calls, and how; ann@ stands behind, or where -t is in the message
    "cron of Debian": ("-i", "-FCronDaemon", "-B8BITMIME", "-oem"),
    "cronie": ("-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"),
    "anacron": ("-FAnacron", "-odi"),
    "PHP": ("-t", "-i"),
    "PHP with a sender": ("-t", "-i", "-fwww-data@box.example"),
    "PHPMailer": ("-oi", "-f", "www-data@box.example", "-t"),
    "mutt": ("-oem", "-oi", "-f", "me@example.org", "-N", "failure, delay", "-R", "hdrs", "-B8BITMIME", "--"),
    "s-nail": ("-i", "-f", "me@example.org", "--"),
    "bsd-mailx": ("-i", "-m"),
    "git send-email": ("-f", "Me <me@example.org>", "-i"),
    "logwatch, mdadm, smartd": ("-t",),
    "Perl's Mail::Mailer": ("-t", "-oi", "-oem"),
    "RT": ("-oi", "-t", "-ODeliveryMode=b", "-OErrorMode=m"),
    "Sendmail's switches": ("-Am", "-U", "-G", "-n", "-L", "tag", "-h", "3", "-X", "/dev/null", "-D", "/dev/null", "-d0.1", "-O", "X=y", "-Ttag"),
    "Exim's": ("-oMr", "local", "-oMa", "192.0.2.1", "-odb", "-oee", "-x"),
    "in one word": ("-tiv",),
    "a long one": ("-i", "--verbose", "--no-color"),
}


def test_as_programs_do(folder):
    """A switch that means nothing here takes no mail with it, and its value is nobody to send to."""
    program, sink = set_up(folder)
    for who, words in AS_PROGRAMS_DO.items():
        before = len(sink.messages)
        named = [] if any(re.fullmatch("-t|-tiv", w) for w in words) else ["ann@example.com"]
        sendmail(program, *words, *named, stdin="From: me@example.org\nTo: ann@example.com\nSubject: x\n\n.\nhi\n")
        assert sink.wait(before + 1), who
        assert [m["rcpts"] for m in sink.messages[before:]] == [["ann@example.com"]], (who, sink.messages[before:])


def test_what_is_no_switch(folder):
    """Refused before a mail is read, as Postfix and Sendmail do: nothing is sent, and the caller knows."""
    program, sink = set_up(folder)
    for words in (("-z",), ("--zz",), ("-bv",), ("-bt",), ("-N", "bogus"), ("-R", "bogus"), ("-O",)):
        assert sendmail(program, *words, *([] if words == ("-O",) else ["ann@example.com"]), stdin="\nhi\n", status=USAGE)
    for words, named in ((("--quiet", "-Zt"), "-Z:"), (("-t", "--quiet", "--zz"), "--zz:"), (("--quiet=x",), "--quiet=x:"),
                         (("--quiet", "-O"), "-O:"), (("--config",), "--config:")):
        assert f"cannot take {named}" in sendmail(program, *words, status=USAGE), words
    for words in (("-I",), ("-bi",), ("--version",), ("-oi", "--help")):
        sendmail(program, *words, stdin="To: ann@example.com\n\nhi\n")
    assert not sink.messages


def test_outcome_as_json(folder):
    """One document, of what went wrong too; people still read it on stderr."""
    program, _ = set_up(folder, says={"RCPT bad@example.com": "550 5.1.1 No such user"})
    conf = folder / "postrider.conf"
    mail = "Subject: x\n\nhi\n"
    for words, status, error in ((["ann@example.com"], OK, ""), (["bad@example.com", "ann@example.com"], NOUSER, "bad@example.com: 550 5.1.1"),
                                 ([], USAGE, "nobody is named"), (["-C", "/nowhere", "a@b.example"], CONFIG, "/nowhere")):
        done = subprocess.run([program, "-C", conf, "--json", *words], input=mail, capture_output=True, text=True, timeout=30)
        document = json.loads(done.stdout)
        assert done.returncode == status == document["status"] and document["ok"] == (status == OK), (words, done)
        assert error in " ".join(document["errors"]) and error in done.stderr and bool(document["errors"]) == bool(error), done
        assert bool(document["reply"]) == (status in (OK, NOUSER)), document


def test_queue_as_json(folder):
    relay = queue(folder, Sink())
    (folder / "bin").mkdir()
    (folder / "bin" / "mailq").symlink_to(PROGRAM)
    words = [folder / "bin" / "mailq", "-C", folder / "postrider.conf", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    assert done.returncode == OK and json.loads(done.stdout)["waiting"] == 0, done
    for form, first in (("json", "{"), ("text", "Nothing waits.")):
        done = subprocess.run([*words[:-1], f"--format={form}"], capture_output=True, text=True, timeout=20)
        assert done.returncode == OK and done.stdout.startswith(first), done
    done = subprocess.run([*words[:-1], "--format=zz"], capture_output=True, text=True, timeout=20)
    assert done.returncode == USAGE and not done.stdout and "text or json" in done.stderr, done
    with open("/dev/full", "wb") as full:
        assert subprocess.run(words, stdout=full, stderr=subprocess.PIPE, timeout=20).returncode == 74
    assert relay.stop() == 0


def test_recipients_of_the_header(folder):
    program, sink = set_up(folder)
    sendmail(program, "-t", "-oi", "-f", "me@example.org", "extra@example.com", stdin=
             "From: me@example.org\nTo: ann@example.com\nCc: Ben <ben@example.com>\nBcc: secret@example.com\nSubject: x\n\nhi\n")
    message, mail = only(sink)
    assert set(message["rcpts"]) == {"extra@example.com", "ann@example.com", "ben@example.com", "secret@example.com"}
    assert b"secret@" not in message["data"] and mail["Bcc"] is None


def test_several_in_one_word(folder):
    """As Postfix's and Exim's take them: commas between addresses."""
    program, sink = set_up(folder)
    sendmail(program, "-i", "ann@example.com, ben@example.com,ann@example.com", stdin="Subject: x\n\nx\n")
    assert only(sink)[0]["rcpts"] == ["ann@example.com", "ben@example.com"]
    sendmail(program, "-i", "ann@example.com,,broken@", stdin="Subject: x\n\nx\n", status=USAGE)


def test_dot_ends_without_i(folder):
    program, sink = set_up(folder)
    sendmail(program, "ann@example.com", stdin="Subject: x\n\none\n.\ntwo\n")
    message, mail = only(sink)
    assert message["data"].endswith(b"\r\n\r\none\r\n") and "<" in mail["From"] or "@box.example" in mail["From"]


def test_reports_wanted(folder):
    program, sink = set_up(folder)
    sendmail(program, "-N", "success,failure", "-R", "hdrs", "-V", "my id+1", "-f", "<>", "ann@example.com", stdin="\nhi\n")
    lines = "\n".join(sink.lines)
    assert "MAIL FROM:<> " in lines and "RET=HDRS" in lines and "ENVID=my+20id+2B1" in lines, lines
    assert "RCPT TO:<ann@example.com> NOTIFY=SUCCESS,FAILURE" in lines


def test_international(folder):
    program, sink = set_up(folder)
    sendmail(program, "-i", "-f", "me@example.org", "jürgen@bücher.example", stdin="From: me@example.org\nSubject: Grüße\n\nhallo\n")
    assert any("SMTPUTF8" in x for x in sink.lines)
    assert "Grüße" == only(sink)[1]["Subject"]


def test_exit_statuses(folder):
    says = {"RCPT no@example.com": "550 5.1.1 No such user", "RCPT later@example.com": "451 4.7.1 Greylisted",
            "MAIL bad@example.org": "553 5.7.1 Not your address", "DOT": "250 2.0.0 queued as 1"}
    program, sink = set_up(folder, says)
    mail = "From: me@example.org\nSubject: x\n\nhi\n"
    assert "No such user" in sendmail(program, "no@example.com", stdin=mail, status=NOUSER)
    assert "Greylisted" in sendmail(program, "later@example.com", stdin=mail, status=TEMPFAIL)
    assert "Not your address" in sendmail(program, "-f", "bad@example.org", "a@example.com", stdin=mail, status=NOPERM)
    assert not sink.messages
    assert "no@example.com: 550" in sendmail(program, "a@example.com", "no@example.com", stdin=mail, status=NOUSER)
    assert sink.wait(1) and sink.messages[0]["rcpts"] == ["a@example.com"]
    sendmail(program, stdin=mail, status=USAGE)
    sendmail(program, "-t", stdin="From: me@example.org\n\nhi\n", status=USAGE)
    sendmail(program, "-t", stdin="From: me@example.org\nTo: ann <\n\nhi\n", status=DATAERR)
    sendmail(program, "-bd", status=USAGE)
    sendmail(program, "-W", status=USAGE)
    sendmail(program, "two words", stdin=mail, status=USAGE)
    (folder / "postrider.conf").write_text("hostnam = x\n")
    sendmail(program, "a@example.com", stdin=mail, status=CONFIG)
    assert len(sink.messages) == 1


def test_refused_as_a_whole(folder):
    program, sink = set_up(folder, {"DOT": "552 5.3.4 Too big"})
    assert "Too big" in sendmail(program, "a@example.com", stdin="\nhi\n", status=UNAVAILABLE)
    sink.says["DOT"] = ""
    assert "may have been taken or not" in sendmail(program, "a@example.com", stdin="\nhi\n", status=TEMPFAIL)


def test_relay_is_down(folder):
    program, _ = set_up(folder, port=free_port())
    assert "postrider serve" in sendmail(program, "a@example.com", stdin="\nhi\n", status=TEMPFAIL)
    done = subprocess.run([program, "-C", folder / "postrider.conf", "-bs"], input=b"EHLO x\r\n", capture_output=True, timeout=20)
    assert done.returncode == TEMPFAIL and done.stdout.startswith(b"421 "), done


def test_smtp_on_standard_input(folder):
    program, sink = set_up(folder)
    lines = b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\nhi\r\n.\r\nQUIT\r\n"
    done = subprocess.run([program, "-C", folder / "postrider.conf", "-bs"], input=lines, capture_output=True, timeout=20)
    assert done.returncode == OK and done.stdout.startswith(b"220 ") and b"221 " in done.stdout, done
    assert only(sink)[0]["data"] == b"\r\nhi\r\n"


def test_smtp_with_the_line_ends_of_this_machine(folder):
    program, sink = set_up(folder)
    lines = b"EHLO x\nMAIL FROM:<a@example.com>\nRCPT TO:<b@example.com>\nDATA\nSubject: x\n\nhi\n..\n.\nQUIT\n"
    done = subprocess.run([program, "-C", folder / "postrider.conf", "-bs"], input=lines, capture_output=True, timeout=20)
    assert done.returncode == OK and b"221 " in done.stdout, done
    assert only(sink)[0]["data"].endswith(b"Subject: x\r\n\r\nhi\r\n.\r\n"), sink.messages
    # the network's way goes on as it is: a lone LF is the relay's to judge
    lines = b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\nhi\n.\nMAIL FROM:<c@example.com>\r\n.\r\nQUIT\r\n"
    done = subprocess.run([program, "-C", folder / "postrider.conf", "-bs"], input=lines, capture_output=True, timeout=20)
    assert not any(m["sender"] == "c@example.com" for m in sink.messages), sink.messages


def test_smtp_that_is_cut(folder):
    program, sink = set_up(folder)
    envelope = b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n"
    for lines, status in ((envelope + b"DATA\r\n\r\nhi\r\n", IOERR), (envelope[:-5], IOERR), (b"EHLO x\r\n", OK)):
        done = subprocess.run([program, "-C", folder / "postrider.conf", "-bs"], input=lines, capture_output=True, timeout=20)
        assert done.returncode == status and (b"not taken" in done.stderr) == (status == IOERR), (lines, done)
    assert not sink.messages
    done = subprocess.run([program, "-C", folder / "postrider.conf", "-bs"], input=envelope + b"DATA\r\n\r\nhi\r\n.\r\n", capture_output=True, timeout=20)
    assert done.returncode == OK and len(only(sink)) and b"250" in done.stdout, done  # whole, without a goodbye


def test_other_names(folder):
    program, _ = set_up(folder)
    assert subprocess.run([program.parent / "newaliases"], capture_output=True, timeout=20).returncode == OK
    done = subprocess.run([PROGRAM, "sendmail", "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == OK and "-t " in done.stdout


def test_python(folder):
    """subprocess, as the standard library's examples have it."""
    program, sink = set_up(folder)
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "me@example.org", "ann@example.com", "Übersicht"
    mail.set_content("Grüße\n" * 100)
    mail.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="all.bin")
    sendmail(program, "-t", "-oi", stdin=mail.as_bytes())
    got = only(sink)[1]
    assert got["Subject"] == "Übersicht" and next(got.iter_attachments()).get_content() == bytes(range(256))


def test_php(folder):
    if not shutil.which("php"):
        raise Skip("no php here")
    program, sink = set_up(folder)
    script = ('exit(mail("ann@example.com, Ben <ben@example.com>", "=?UTF-8?B?R3LDvMOfZQ==?=", "Zeile eins\\nZeile zwei\\r\\n.\\nEnde", '
              '"From: shop@example.org\\r\\nBcc: archive@example.org\\r\\nX-Mailer: PHP", "-fbounce@example.org") ? 0 : 1);')
    path = f"{program} -C {folder}/postrider.conf -t -i"
    done = subprocess.run(["php", "-d", f"sendmail_path={path}", "-r", script], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done
    message, mail = only(sink)
    assert message["sender"] == "bounce@example.org"
    assert set(message["rcpts"]) == {"ann@example.com", "ben@example.com", "archive@example.org"}
    assert mail["Subject"] == "Grüße" and b"archive@" not in message["data"]
    assert message["data"].endswith(b"\r\n\r\nZeile eins\r\nZeile zwei\r\n.\r\nEnde\r\n"), message["data"]
    sink.says["RCPT"] = "550 5.1.1 no"
    assert subprocess.run(["php", "-d", f"sendmail_path={path}", "-r", script], capture_output=True, timeout=20).returncode == 1


def test_mail_command(folder):
    if not shutil.which("mail"):
        raise Skip("no mail(1) here")
    program, sink = set_up(folder)
    wrapper = folder / "bin" / "sendmail-here"
    wrapper.write_text(f'#!/bin/sh\nexec {program} -C {folder}/postrider.conf "$@"\n')
    wrapper.chmod(0o755)
    (folder / "mailrc").write_text(f"set sendmail={wrapper}\n")
    done = subprocess.run(["mail", "-s", "Report of the night", "-b", "secret@example.com", "ann@example.com"],
                          input="All is well.\n.\nReally.\n", text=True, capture_output=True, timeout=20,
                          env={**os.environ, "MAILRC": str(folder / "mailrc"), "HOME": str(folder)})
    assert done.returncode == 0, done
    message, mail = only(sink)
    assert mail["Subject"] == "Report of the night" and "ann@example.com" in message["rcpts"]
    assert "secret@example.com" in message["rcpts"] and b"secret@" not in message["data"]


def test_through_the_real_relay(folder):
    sink = Sink()
    relay = queue(folder, sink)
    (folder / "bin").mkdir()
    (folder / "bin" / "sendmail").symlink_to(PROGRAM)
    program = folder / "bin" / "sendmail"
    sendmail(program, "-t", "-i", "-f", "me@example.org", stdin="To: ann@example.com\nSubject: x\n\nline\n.\n..\nend")
    message, mail = only(sink)
    assert message["data"].endswith(b"\r\n\r\nline\r\n.\r\n..\r\nend\r\n")
    assert mail["From"] and mail["Date"] and mail["Message-ID"] and mail["Received"]
    done = subprocess.run([folder / "bin" / "sendmail", "-bp", "-C", folder / "postrider.conf"], capture_output=True, timeout=20)
    assert done.returncode == OK, done
    done = subprocess.run([program, "-q", "-C", folder / "postrider.conf"], capture_output=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (OK, b"", b""), done  # cron would mail a word
    assert "cannot show a mail that is not named" in relay.run("queue", "why", check=2).stderr
    # smtplib over -bs, as some libraries do
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([program, "-C", folder / "postrider.conf", "-bs"], stdin=theirs, stdout=theirs)
    theirs.close()
    client = smtplib.SMTP()
    client.sock, client.file = ours, None
    assert client.getreply()[0] == 220
    client.sendmail("me@example.org", ["ben@example.com"], "From: me@example.org\r\n\r\nhi\r\n")
    client.quit()
    assert process.wait(10) == OK and sink.wait(2)
    assert relay.stop() == 0
    sendmail(program, "ann@example.com", stdin="\nhi\n", status=TEMPFAIL)
