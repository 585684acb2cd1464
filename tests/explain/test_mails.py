# SPDX-License-Identifier: Apache-2.0
"""Bounce mails, mailboxes and folders of them; mails that are none."""
import base64
import json
import pathlib
import tempfile

from made import report
from program import ITEM, MAILS, document, explain, holds, same, test


@test
def bounce_mail():
    status, d = document(MAILS / "gmail.eml")
    same(status, 1)
    same(ITEM - d.keys(), set())
    same({"message_id", "subject", "from"} - d["original"].keys(), set())
    same(bool(d["recipients"]), True, d)
    for r in d["recipients"]:
        same({"address", "action", "status", "remote", "class", "id"} - r.keys(), set())
    holds(explain(MAILS / "gmail.eml")[1], "was not delivered", d["recipients"][0]["address"])


@test
def mail_on_standard_input():
    a = document(MAILS / "gmail.eml")[1]
    b = document(stdin=(MAILS / "gmail.eml").read_bytes())[1]
    a.pop("input"), b.pop("input")
    same(a, b)


@test
def same_cause_is_told_once():
    mail = report(*[(f"u{i}@b.example", "failed", "5.1.1", "550 5.1.1 User unknown") for i in range(30)],
                  ("full@b.example", "delayed", "4.2.2", "452 4.2.2 Mailbox full"),
                  ("well@b.example", "delivered", "2.0.0", "250 Ok"))
    status, out, _ = explain(stdin=mail)
    same(status, 1)
    same(out.count("Check the address letter by letter"), 1, out)
    holds(out, "Of 32 recipients", "30 did not get the mail", "Invoice 4711", "<one@a.example>", "full@b.example",
          "well@b.example", "and 20 more")
    d = document(stdin=mail)[1]
    same([r["class"] for r in d["recipients"]], ["mailbox-unknown"] * 30 + ["mailbox-full", "not-a-bounce"])
    same([r["action"] for r in d["recipients"][-2:]], ["delayed", "delivered"])
    same((d["original"]["message_id"], d["original"]["subject"]), ("<one@a.example>", "Invoice 4711"))
    same([x["class"] for x in d["also"]], ["mailbox-full"])


@test
def reports_of_success_and_mails_are_no_bounces():
    for mail, finding in ((report(("a@b.example", "delivered", "2.0.0", "250 Ok")), "report-delivered"),
                          (b"From: a@b.example\nTo: c@d.example\nSubject: Lunch\n\nAt noon?\n", "report-ordinary-mail"),
                          (b"From: a@b.example\nTo: c@d.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\n"
                           b"I am away until Monday.\n", "report-auto-reply")):
        status, d = document(stdin=mail)
        same((status, d["id"], d["class"], d["bounce"]), (0, finding, "not-a-bounce", False), mail)
        holds(explain(stdin=mail)[1], "NO FAILURE")


@test
def bounce_that_somebody_forwards_in_the_text():
    mail = MAILS.parent / "neg-forward-inline.eml"
    status, d = document(mail)
    same((status, d["id"], d["class"], d["bounce"], d["kind"], d["recipients"]),
         (0, "report-quotes-bounce", "not-a-bounce", False, "mail", []))
    q = d["quoted"]
    same(ITEM - q.keys(), set())
    same((q["id"], q["class"], q["bounce"], q["recipients"][0]["address"]),
         ("rcpt-user-unknown", "mailbox-unknown", True, "you@example.com"), q)
    for form in ("text", "html", "markdown"):
        status, out, _ = explain("--format", form, mail)
        same(status, 0)
        holds(out, "no bounce itself", "The quoted bounce", "you@example.com", "Check the address letter by letter")
    same(len(explain("--quiet", mail)[1].splitlines()), 2)
    same("quoted" in document(stdin=b"From: a@b.example\nTo: c@d.example\nSubject: Lunch\n\nAt noon?\n")[1], False)


@test
def mbox_and_folders():
    mail = report(("a@b.example", "failed", "5.1.1", "550 5.1.1 User unknown"))
    with tempfile.TemporaryDirectory() as folder:
        box = pathlib.Path(folder, "box")
        box.write_bytes(b"".join(b"From MAILER-DAEMON Sat Nov 21 08:49:38 2026\n" + mail + b"\n" for _ in range(3)))
        status, out, _ = explain("--json", box)
        same((status, len(out.splitlines())), (1, 3), out)
        same({json.loads(line)["class"] for line in out.splitlines()}, {"mailbox-unknown"})
        for part in ("new", "cur", "tmp"):
            pathlib.Path(folder, "Mail", part).mkdir(parents=True)
            pathlib.Path(folder, "Mail", part, "1:2,S").write_bytes(mail)
        same(len(explain("--quiet", folder + "/Mail")[1].splitlines()), 2)
        pathlib.Path(folder, "none").mkdir()
        same(explain(folder + "/none")[0], 2)


@test
def mails_as_windows_and_gmail_save_them():
    mail = report(("a@b.example", "failed", "5.1.1", "550 5.1.1 User unknown"))
    plain = document(stdin=mail)[1]
    for changed in (mail.decode().encode("utf-16"), b" " * 80 + b"\r\n" + mail, b"\xef\xbb\xbf" + mail.replace(b"\n", b"\r\n")):
        d = document(stdin=changed)[1]
        same((d["kind"], d["recipients"], d["original"]), (plain["kind"], plain["recipients"], plain["original"]))
    same(document(stdin="535 5.7.8 Error: authentication failed".encode("utf-16"))[1]["class"], "auth-bad-credentials")
    two = "550 5.1.1 User unknown\r\n550 5.1.1 User unknown\r\n".encode("utf-16")
    status, out, _ = explain("--lines", "--quiet", stdin=two)
    same((status, len(out.splitlines())), (1, 2))
    many = (("x" * 3_500_000 + "\n") * 10 + "550 5.1.1 User unknown\n").encode("utf-16")  # more than one mail may be
    told = [json.loads(line) for line in explain("--lines", "--json", stdin=many)[1].splitlines()]
    same((len(told), told[-1]["class"]), (11, "mailbox-unknown"))


@test
def bounce_that_webmail_attached_as_a_file():
    mail = report(("a@b.example", "failed", "5.1.1", "550 5.1.1 User unknown"))
    plain = document(stdin=mail)[1]
    cover = (b"From: clerk@acme.example\nTo: help@it.example\nSubject: what is this?\nMIME-Version: 1.0\n"
             b"Content-Type: multipart/mixed; boundary=X\n\n--X\nContent-Type: text/plain\n\nPlease help.\n\n--X\n"
             b"Content-Type: application/octet-stream%s\nContent-Transfer-Encoding: base64\n"
             b"Content-Disposition: attachment; filename=%s\n\n%s\n--X--\n")
    for type_name, name in ((b"", b'"Undelivered Mail.eml"'), (b"; name=b.EML", b"b.EML")):
        d = document(stdin=cover % (type_name, name, base64.encodebytes(mail)))[1]
        same((d["kind"], d["recipients"], d["original"]), (plain["kind"], plain["recipients"], plain["original"]))
    other = document(stdin=cover % (b"", b"photo.jpg", base64.encodebytes(mail)))[1]
    same((other["kind"], other["bounce"]), ("mail", False))
