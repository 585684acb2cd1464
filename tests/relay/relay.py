# SPDX-License-Identifier: Apache-2.0
"""A relay of a test's own: `postrider serve` in a folder of its own, and what tests ask of it."""
import json
import os
import pathlib
import re
import signal
import smtplib
import subprocess
import time

PROGRAM = pathlib.Path(os.environ.get("POSTRIDER", pathlib.Path(__file__).resolve().parents[2] / "build/postrider"))
MAIL = "From: app@example.com\r\nTo: b@example.net\r\nSubject: invoice 17\r\n\r\nHello.\r\n"


class Relay:
    """config: text behind hostname and data; `listen "127.0.0.1:0" {}` where it names none."""

    def __init__(self, folder, config="", listen=True, start=True, env=None, prefix=()):
        self.folder = pathlib.Path(folder)
        self.conf = self.folder / "postrider.conf"
        self.data = self.folder / "data"
        self.env = {**os.environ, **(env or {})}
        self.prefix = list(prefix)
        self.process = None
        self.ports = []
        self.write(config, listen)
        if start:
            self.start()

    def write(self, config, listen=True):
        self.conf.write_text(f'hostname = "relay.test"\ndata = "{self.data}"\n' +
                             ('listen "127.0.0.1:0" { security = "none" }\n' if listen else "") + config)

    def start(self, seconds=15):
        """Waits for the ready line, `postrider: ready on ADDRESS:PORT ...`."""
        self.log = open(self.folder / "serve.log", "ab")
        begin = self.log.tell()
        self.process = subprocess.Popen([*self.prefix, str(PROGRAM), "serve", "--config", str(self.conf)],
                                        stdout=self.log, stderr=subprocess.STDOUT, env=self.env)
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            said = (self.folder / "serve.log").read_bytes()[begin:].decode("utf-8", "replace")
            ready = re.search(r"ready on (.*)\n", said)
            if ready:
                self.ports = [int(x) for x in re.findall(r":(\d+)\b", ready.group(1))]
                return
            time.sleep(0.01)
        raise AssertionError("the relay is not ready:\n" + self.said())

    def said(self):
        return (self.folder / "serve.log").read_text(errors="replace")

    @property
    def port(self):
        return self.ports[0]

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=20):
        """SIGTERM; returns the exit status."""
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
            self.process.wait(seconds)
        return self.process.returncode if self.process else None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def run(self, *words, stdin=None, check=None):
        """Another command of the program, with this relay's configuration."""
        done = subprocess.run([str(PROGRAM), words[0], "--config", str(self.conf), *words[1:]], input=stdin, text=True,
                              capture_output=True, timeout=60, env=self.env)
        if check is not None:
            assert done.returncode == check, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *words):
        return json.loads(self.run(*words, "--json").stdout)

    def submit(self, mail=MAIL, sender="app@example.com", rcpts=("b@example.net",), port=None, options=(), rcpt_options=()):
        """By smtplib; returns the id in `queued as ID (durable)`."""
        with smtplib.SMTP("127.0.0.1", port or self.port, timeout=20) as client:
            client.ehlo("client.test")
            for code, text in ([client.mail(sender, list(options))] +
                               [client.rcpt(x, list(rcpt_options)) for x in rcpts]):
                assert code == 250, (code, text)
            code, text = client.data(mail.encode() if isinstance(mail, str) else mail)
        found = re.search(rb"queued as ([0-9a-z]+)", text)
        assert code == 250 and found, (code, text)
        return found.group(1).decode()

    def log_lines(self, name):
        path = self.data / "log" / name
        return [json.loads(x) for x in path.read_text().splitlines()] if path.exists() else []

    def trail(self, message, states, seconds=10):
        """Waits until the recipients of the message are in these states (a set); returns the trace's JSON."""
        end = time.monotonic() + seconds
        while True:
            found = self.run("trace", message, "--json")
            if found.returncode == 0:
                document = json.loads(found.stdout.splitlines()[0])
                if {r["state"] for r in document["recipients"]} == set(states):
                    return document
            assert time.monotonic() < end, f"{message}: not {states}:\n{found.stdout}{found.stderr}{self.said()[-2000:]}"
            time.sleep(0.05)
