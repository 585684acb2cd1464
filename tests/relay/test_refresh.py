# SPDX-License-Identifier: Apache-2.0
"""Refresh tokens that come in the place of others: shown once each, by whoever comes next (RFC 6749, 6)."""
import fcntl
import os
import signal
import stat
import subprocess
import threading
import time

from certs import Authority
from door import wait_until
from relay import PROGRAM, Relay
from signin import Rotating, SignIn
from sink import Sink
from test_mailbox import TokenImap


class World:
    """A relay that logs in by a token of a service that takes each refresh token once."""

    def __init__(self, folder, file="refresh"):
        self.folder, self.service, self.ca = folder, Rotating("refresh-0"), Authority(folder)
        self.sink = Sink(certificate=self.ca.certificate("127.0.0.1"), extensions=["PIPELINING", "AUTH XOAUTH2"])
        (folder / file).write_text("refresh-0\n")
        self.relay = Relay(folder, self.settings(file))

    def settings(self, file):
        return SignIn.smarthost(self.service, self.folder, self.ca, self.sink).replace(
            "client-secret-file", f'refresh-token-file = "{self.folder}/{file}" client-secret-file') + self.profile(file)

    def profile(self, file):
        return (f'profile "same" {{ host = "127.0.0.1" port = {self.sink.port} security = "starttls" user = "me@example.com" '
                f'auth = "xoauth2" from = "me@example.com"\n  oauth {{ client-id = "app" refresh-token-file = "{self.folder}/{file}" '
                f'client-secret-file = "{self.folder}/secret" token-url = "http://127.0.0.1:{self.service.port}/token" '
                'scope = "smtp" } }\n')

    def again(self, settings=None):
        """A restart: the access token is forgotten."""
        assert self.relay.stop() == 0
        if settings:
            self.relay.write(settings)
        self.relay.start()

    def submit(self):
        n = len(self.sink.messages)
        self.relay.submit()
        assert self.sink.wait(n + 1), self.relay.log_lines("queue.log")

    def slow_service(self):
        """It was asked; it may answer."""
        asked, go, answer = threading.Event(), threading.Event(), self.service.answer

        def slowly(shown):
            asked.set()
            go.wait(5)
            return answer(shown)
        self.service.answer = slowly
        return asked, go

    def kept(self):
        return [x for x in (self.relay.data / "tokens").iterdir() if x.suffix != ".lock"]

    def secret_words(self):
        return self.relay.said() + "".join(p.read_text() for p in (self.relay.data / "log").iterdir())


def test_over_restarts(folder):
    w = World(folder)
    for _ in range(3):
        w.submit()
        w.again()
    assert w.service.asked == ["refresh-0", "refresh-1", "refresh-2"], w.service.asked
    assert [stat.S_IMODE(x.stat().st_mode) for x in w.kept()] == [0o600]
    assert w.kept()[0].read_text() == "refresh-3\n"
    assert "refresh-" not in w.secret_words() and "access-" not in w.secret_words()
    w.service.good = "signed-in-anew"
    (folder / "refresh").write_text("signed-in-anew\n")
    w.submit()
    assert w.service.asked[3:] == ["signed-in-anew"], w.service.asked


def test_renamed_file(folder):
    """The file of the settings is the same under another name; another client of the same token is not."""
    w = World(folder)
    w.submit()
    (folder / "refresh").rename(folder / "moved")
    w.again(w.settings("moved"))
    w.submit()
    assert w.service.asked == ["refresh-0", "refresh-1"], w.service.asked
    assert len(w.kept()) == 1, w.kept()


def test_all_share_it(folder):
    """The relay, a check and a program that sends show one token in turn, and each has the newest."""
    w = World(folder)
    w.submit()
    check = w.relay.run("check", "profile:same", "--until", "auth", "--json", "--ca-file", w.ca.file, check=0)
    assert '"refresh": "kept"' in check.stdout and "refresh-1" not in check.stdout, check.stdout
    assert "refresh-2" not in check.stdout + check.stderr
    w.relay.run("send", "--untested", "--via", "profile:same", "--to", "b@example.net", "--text", "-", stdin="x\n", check=0)
    w.again()
    w.submit()
    assert w.service.asked == [f"refresh-{n}" for n in range(4)], w.service.asked
    assert len(w.kept()) == 1 and w.kept()[0].read_text() == "refresh-4\n"


def test_monitor_shares_it(folder):
    w = World(folder)
    w.submit()
    w.again(w.settings("refresh") + 'monitor "same" { target = "profile:same" every = "2s" }\n')
    wait_until(lambda: len(w.service.asked) >= 3)
    w.submit()
    assert w.relay.stop() == 0
    assert not w.service.ended and w.service.asked == [f"refresh-{n}" for n in range(len(w.service.asked))], w.service.asked


def test_check_that_fails_keeps_it(folder):
    """What the service gave is kept, whatever comes of the check: here nobody listens at the server."""
    w = World(folder)
    w.relay.stop()
    w.relay.write(w.settings("refresh").replace(f"port = {w.sink.port}", "port = 9"))
    w.relay.run("check", "profile:same", "--until", "auth", "--no-experiments", check=1)
    assert [x.read_text() for x in w.kept()] == ["refresh-1\n"], w.kept()


def test_check_without_a_place_says_so(folder):
    w = World(folder)
    w.relay.stop()
    (w.relay.data / "tokens").write_text("no folder")
    said = w.relay.run("check", "profile:same", "--until", "auth", check=0).stderr
    assert "another refresh token, which is not kept" in said and str(w.relay.data / "tokens") in said, said
    w.service.good = "refresh-0"  # a service that forgives
    said = w.relay.run("send", "--untested", "--via", "profile:same", "--to", "b@example.net", "--text", "-", stdin="x\n", check=0).stderr
    assert "another refresh token, which is not kept" in said and "refresh-" not in said, said


def test_what_cannot_be_had_is_not_passed_over(folder):
    """A newer one was kept and cannot be read, or not be locked: nobody shows the one of the settings."""
    w = World(folder)
    w.submit()
    w.relay.stop()
    kept, lock = w.kept()[0], next((w.relay.data / "tokens").glob("*.lock"))
    kept.write_text("refre")
    for words in ("damaged", "symbolic link"):
        check = w.relay.run("check", "profile:same", "--until", "auth", "--json", "--no-experiments")
        assert check.returncode and '"not-asked"' in check.stdout and words in check.stdout, check.stdout
        assert "oauth-endpoint-unreachable" not in check.stdout, check.stdout
        sent = w.relay.run("send", "--untested", "--via", "profile:same", "--to", "b@example.net", "--text", "-", stdin="x\n")
        assert sent.returncode and words in sent.stderr, sent.stderr
        w.relay.start()
        w.relay.submit()
        time.sleep(0.5)
        w.relay.stop()
        assert w.service.asked == ["refresh-0"], w.service.asked
        lock.unlink()
        lock.symlink_to("nowhere")
        kept.write_text("refresh-1\n")


def test_stopped_check_keeps_it(folder):
    """Ctrl-C while the service answers: the old token may be spent by then."""
    w = World(folder)
    w.relay.stop()
    asked, go = w.slow_service()
    check = subprocess.Popen([str(PROGRAM), "check", "--config", str(w.relay.conf), "profile:same", "--until", "auth"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=w.relay.env)
    assert asked.wait(10)
    check.send_signal(signal.SIGINT)
    time.sleep(0.3)
    go.set()
    check.wait(20)
    assert [x.read_text() for x in w.kept()] == ["refresh-1\n"], w.kept()


def test_stopped_monitor_keeps_it(folder):
    w = World(folder)
    w.relay.stop()
    asked, go = w.slow_service()
    w.relay.write(w.settings("refresh") + 'monitor "same" { target = "profile:same" every = "2s" }\n')
    w.relay.start()
    assert asked.wait(15)
    threading.Timer(0.5, go.set).start()
    assert w.relay.stop() == 0
    assert go.is_set() and [x.read_text() for x in w.kept()] == ["refresh-1\n"], w.kept()


def test_waits_for_another_program(folder):
    """While another shows it, nobody does."""
    w = World(folder)
    w.submit()
    lock = next((w.relay.data / "tokens").glob("*.lock"))
    w.again()
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        w.relay.submit()
        time.sleep(0.5)
        assert w.service.asked == ["refresh-0"], w.service.asked
        w.kept()[0].write_text("refresh-1\n")
    assert w.sink.wait(2), w.relay.log_lines("queue.log")
    assert w.service.asked == ["refresh-0", "refresh-1"], w.service.asked


def test_mailbox_and_route_share_one(folder):
    w = World(folder)
    box = TokenImap(w.ca.certificate("127.0.0.1"), "access-1", "From: a@b.example\r\n\r\nx\r\n")
    w.relay.stop()
    w.relay.write(w.settings("refresh") +
                  f'mailbox "box" {{ host = "127.0.0.1" port = {box.socket.getsockname()[1]} user = "me@example.com"\n'
                  f'  oauth {{ client-id = "app" client-secret-file = "{folder}/secret" refresh-token-file = "{folder}/refresh"\n'
                  f'  token-url = "http://127.0.0.1:{w.service.port}/token" scope = "imap" }} }}\n')
    w.relay.start()
    threads = [threading.Thread(target=w.relay.submit) for _ in range(3)]
    for x in threads:
        x.start()
    for x in threads:
        x.join()
    assert w.sink.wait(3), w.relay.log_lines("queue.log")
    wait_until(lambda: len(w.service.asked) == 2)
    assert w.service.asked == ["refresh-0", "refresh-1"] and not w.service.ended, w.service.asked
    w.again()
    w.submit()
    wait_until(lambda: len(w.service.asked) == 4)
    assert sorted(w.service.asked)[2:] == ["refresh-2", "refresh-3"] and not w.service.ended, w.service.asked
    wait_until(lambda: len(w.kept()) == 1)  # the last may be on its way to the disk


def test_forgotten_when_nobody_names_it(folder):
    """What no settings name goes when nobody showed it for a long time; what a route names stays."""
    w = World(folder)
    w.submit()
    tokens = w.relay.data / "tokens"
    mine, other = w.kept()[0].name, "0" * 64
    (tokens / other).write_text("old\n")
    (tokens / f"{other}.lock").write_text("")
    for name in (mine, other):
        os.utime(tokens / f"{name}.lock", (1000, 1000))
    w.relay.stop()
    w.relay.run("config", "check", check=0)
    assert (tokens / other).exists()
    w.relay.start()
    wait_until(lambda: not (tokens / other).exists())
    assert {x.name for x in tokens.iterdir()} == {mine, f"{mine}.lock"}
