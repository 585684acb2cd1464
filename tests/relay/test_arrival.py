# SPDX-License-Identifier: Apache-2.0
"""send --test looks for its mail where it is to arrive: in a real mailbox, by IMAP and POP3 over verified TLS."""
import json
import pathlib
import shutil
import subprocess
import threading
import time

from dovecots import PASSWORD, Dovecot
from relay import PROGRAM
from sink import Sink

JUNK = """namespace inbox {
  mailbox "Bulk Mail" {
    auto = create
    special_use = \\Junk
  }
}"""


class Office:
    """A profile whose mails a server takes and, when told to, puts into a mailbox."""

    def __init__(self, folder, **box):
        self.folder, self.box, self.sink = folder, Dovecot(folder, user="me", **box), Sink()
        (folder / "password").write_text(PASSWORD + "\n")
        (folder / "wrong").write_text("not-this-one\n")

    def configure(self, protocol, security="tls", more=""):
        port = self.box.ports[protocol + ("s" if security == "tls" else "")]
        (self.folder / "postrider.conf").write_text(
            f'data = "{self.folder}"\nca-file = "{self.box.ca}"\nprofile "office" {{ host = "127.0.0.1"  port = {self.sink.port}  security = "none"\n'
            f'from = "me@example.org"\nmailbox {{ host = "127.0.0.1"  port = {port}  protocol = "{protocol}"  security = "{security}"  user = "me"\n'
            f'{more or chr(10) + "password-file = " + chr(34) + str(self.folder / "password") + chr(34)} }} }}\n')

    def test(self, status, *words, into=None):
        """into: the mailbox's folder that the mail is put into; "" the inbox, None nowhere."""
        before = len(self.sink.messages)

        def deliver():
            end = time.monotonic() + 10
            while len(self.sink.messages) == before and time.monotonic() < end:
                time.sleep(0.01)
            self.put(self.sink.messages[-1]["data"], into)
        if into is not None:
            threading.Thread(target=deliver, daemon=True).start()
        done = subprocess.run([str(PROGRAM), "send", "--config", str(self.folder / "postrider.conf"), "--test", "office", *words], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
        assert done.returncode == status, done
        return " ".join((done.stdout + done.stderr).split())

    def put(self, mail, into):
        self.box.deliver(mail)
        if into:
            place = self.box.maildir / f".{into}"
            for name in ("", "tmp", "new", "cur"):
                if not (place / name).exists():
                    (place / name).mkdir(mode=0o700)
                    shutil.chown(place / name, "mail", "mail")
            newest = max((self.box.maildir / "new").iterdir(), key=lambda p: p.name)
            newest.rename(place / "new" / newest.name)

    def passed(self):
        return list((self.folder / "tested").glob("office.*"))


def test_imap(folder):
    office = Office(folder, more=JUNK)
    office.configure("imap")
    said = office.test(1, "--timeout", "1")
    assert "not in the mailbox at 127.0.0.1 after" in said and "neither in the inbox nor in Bulk Mail" in said, said
    assert "It may still come" in said and not office.passed()
    for security in ("tls", "starttls"):
        office.configure("imap", security)
        said = office.test(0, into="")
        assert "has passed its test: it was handed over and has arrived at 127.0.0.1. Its mail" in said and office.passed(), said
    # taken for spam: it has arrived, and that is said
    said = office.test(0, into="Bulk Mail")
    assert "but in the folder Bulk Mail: it was taken for spam" in said and "postrider check example.org" in said, said
    # the mailbox's own password is wrong: no word against the settings for sending
    office.configure("imap", more=f'\npassword-file = "{folder}/wrong"\n')
    said = office.test(1, "--json", into="")
    answer = json.loads(said)
    assert answer["recipients"][0]["state"] == "handed-over" and not answer["test"]["passed"], answer
    assert "cannot be looked into (the server says:" in answer["test"]["says"] and "AUTHENTICATIONFAILED" in answer["test"]["says"], answer
    assert "give the mailbox's own user and password-file" in answer["test"]["says"] and PASSWORD not in said, answer
    assert "not-this-one" not in said
    # no such folder, and a certificate of nobody we know
    office.configure("imap", more=f'\npassword-file = "{folder}/password"\nfolder = "None such"\n')
    said = office.test(1, into="")
    assert "Its folder stands in the profile's mailbox block." in said, said
    office.configure("imap")
    conf = pathlib.Path(folder / "postrider.conf")
    conf.write_text(conf.read_text().replace(str(office.box.ca), "/etc/ssl/certs/ca-certificates.crt"))
    logins = office.box.log().count("Login: user=")
    said = office.test(1, into="")
    assert "ca-file" in said and office.box.log().count("Login: user=") == logins, said
    office.box.stop()


def test_pop3(folder):
    """A folder for spam cannot be seen by POP3; that is said, too."""
    office = Office(folder)
    office.configure("pop3")
    said = office.test(1, "--timeout", "1", into="Junk")
    assert "by POP3 only the inbox can be seen" in said and not office.passed(), said
    for security in ("tls", "starttls"):
        office.configure("pop3", security)
        assert "has arrived at 127.0.0.1. Its mail" in office.test(0, into="")
    office.configure("pop3", more=f'\npassword-file = "{folder}/wrong"\n')
    said = office.test(1, into="")
    assert "cannot be looked into" in said and "give the mailbox's own user" in said, said
    office.box.stop()


def test_junk_by_its_name(folder):
    """Servers that do not say which folder is for spam."""
    office = Office(folder)
    office.configure("imap")
    said = office.test(0, into="Junk")
    assert "but in the folder Junk" in said, said
    office.box.stop()
