# SPDX-License-Identifier: Apache-2.0
"""A reply, as an argument, on standard input, line by line; the forms of the answer."""
import json

from program import ITEM, document, explain, holds, lacks, same, test


@test
def one_argument():
    status, out, err = explain("550 5.1.1 User unknown")
    same((status, err), (1, ""))
    holds(out, "REFUSED  There is no such mailbox", "Why", "What to do", "  You", "Trying again", "How sure", "Proof",
          "550 5.1.1 User unknown", "Finding rcpt-user-unknown, class mailbox-unknown")


@test
def many_arguments_are_one_text():
    same(document("550", "5.1.1", "User", "unknown")[1]["input"], "550 5.1.1 User unknown")


@test
def standard_input():
    for args in ((), ("-",)):
        status, d = document(*args, stdin=b"452 4.2.2 Mailbox full\n")
        same((status, d["class"], d["code"]), (1, "mailbox-full", 452))


@test
def document_has_the_contract():
    for text in ("535 5.7.8 Authentication failed", "xyzzy plugh", "250 2.0.0 Ok: queued as 4AB", "connection timed out"):
        d = document(text)[1]
        same(ITEM - d.keys(), set(), text)
        same(d["retry"] in ("never", "later", "wait") and 0 <= d["confidence"] <= 1, True, d)
        same(d["actor"] in ("user", "it-provider", "mail-admin", "recipient", "nobody"), True, d)
        same(all(f["actor"] and f["text"] for f in d["fixes"]), True, d)


@test
def no_failure_is_no_failure():
    status, out, _ = explain("250 2.0.0 Ok: queued as 4ABCDEF")
    same(status, 0)
    holds(out, "NO FAILURE")
    lacks(out, "Trying again", "Nobody: wait")


@test
def delivery_in_a_log_is_no_failure():
    head = "Feb  2 10:00:01 mx "
    postfix = "postfix/local[9]: 3F2A51C02B4: to=<a@b.example>, relay=local, dsn=2.0.0, status=sent (%s)"
    sendmail = "sm-mta[9]: 612A00Ab008812: to=<a@b.example>, mailer=local, dsn=2.0.0, stat=Sent"
    exim = "2026-02-02 10:00:02 1abcde-000001-AA => a <a@b.example> R=local_user T=maildir_home"
    qmail = "@400000005f3a1b2d0a1b2c3d delivery 77: success: did_0+0+1/"
    for line in (head + postfix % "delivered to maildir", head + postfix % "delivered via dovecot service",
                 head + postfix % "forwarded as 4JhNR36T71zkR2", head + sendmail, exim, qmail):
        status, d = document(line)
        same((status, d["failure"], d["id"]), (0, False, "reply-not-a-failure"), line)
    same(document(head + postfix.replace("sent", "bounced") % "unknown user: \"a\"")[1]["class"], "mailbox-unknown")


@test
def who_tries_again():
    for code, again in (("451", True), ("550", False)):
        words = " ".join(explain(f"{code} Too busy")[1].split())
        same("no mail server tries again on its own" in words, not again, words)
        same("Mail servers try again on their own" in words, again, words)


@test
def nothing_to_explain():
    for args, stdin in ((("",), b""), ((), b""), ((), b" \n\r\n"), (("-",), b"")):
        status, out, err = explain(*args, stdin=stdin)
        same((status, out), (2, ""), args)
        holds(err, "nothing to explain")


@test
def file_that_is_not_there():
    for args in (("boune.eml",), ("/nowhere/mail.log",), ("./x",), ("--log", "mail"), ("--lines", "errors")):
        status, out, err = explain(*args)
        same((status, out), (2, ""), args)
        holds(err, "No such file")


@test
def names_and_addresses_are_no_files():
    for text in ("550 https://support.google.com/mail/?p=NoSuchUser no", "smtp.gmail.com", "554 blocked using zen.spamhaus.org"):
        same(document(text)[1]["input"], text)


@test
def hints():
    d = document("550 5.7.1 Not accepted", "--provider", "smtp.gmail.com", "--step", "rcpt", "--recipient", "a@b.example")[1]
    same((d["provider"], d["step"], d["recipient"]), ("google", "rcpt", "a@b.example"))
    status, _, err = explain("x", "--provider", "nobody")
    same(status, 2)
    holds(err, "--provider")


@test
def lines():
    text = b"550 5.1.1 unknown\n\n250 ok\r\n452 4.2.2 full"
    status, out, _ = explain("--lines", "--json", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    same(status, 1)
    same([(r["line"], r["class"]) for r in rows], [(1, "mailbox-unknown"), (3, "not-a-bounce"), (4, "mailbox-full")])
    same(explain("--lines", stdin=b"250 ok\n")[0], 0)


@test
def lines_without_end():
    """A line longer than any limit, and one of NULs, are lines all the same."""
    text = b"550 5.1.1 User unknown " + b"x" * 3_000_000 + b"\n" + b"\0" * 5000 + b"\n550 5.1.1 User unknown\n"
    status, out, _ = explain("--lines", "--json", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    same((status, rows[0]["class"], rows[-1]["class"]), (1, "mailbox-unknown", "mailbox-unknown"))


@test
def several_errors_in_one_text():
    d = document(stdin=b"RCPT TO:<a@b.example>\n452 4.2.2 <a@b.example> mailbox full\nRCPT TO:<c@b.example>\n"
                       b"550 5.1.1 <c@b.example> User unknown in virtual mailbox table\n")[1]
    same({d["class"], *(x["class"] for x in d["also"])}, {"mailbox-full", "mailbox-unknown"}, d)


@test
def quiet_is_one_line():
    status, out, _ = explain("--quiet", "550 5.1.1 User unknown")
    same((status, out), (1, "There is no such mailbox (you)\n"))


@test
def forms():
    for form, start in (("html", "<!doctype html>"), ("markdown", "# REFUSED: "), ("json", "{")):
        status, out, _ = explain("--format", form, "550 5.1.1 User unknown")
        same((status, out.startswith(start)), (1, True), out[:80])
