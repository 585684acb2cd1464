# SPDX-License-Identifier: Apache-2.0
"""Commands that read the index say so when the relay cannot write it."""
import os
import subprocess

from door import wait_until
from relay import Relay
from run import Skip
from sink import Sink

GREY = "450 4.2.0 Greylisted"


def full(data):
    with open(data / "ballast", "wb") as f:
        try:
            while f.write(b"x" * 65536):
                f.flush()
        except OSError:
            pass


def test_said_while_disk_is_full(folder):
    data = folder / "data"
    data.mkdir()
    if os.getuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200M", "tmpfs", str(data)],
                                     capture_output=True).returncode:
        raise Skip("no file system can be mounted here")
    try:
        sink = Sink(says={"RCPT": GREY})
        r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ first = "1s" most = "1s" }}\n')
        message = r.submit()
        r.trail(message, {"delayed"})
        assert "behind" not in r.json("queue", "list")
        assert "behind" not in r.run("queue", "list").stdout
        full(data)
        wait_until(lambda: r.json("queue", "list").get("behind"), 20)
        behind = r.json("queue", "list")["behind"]
        assert behind["changes"] > 0 and "No space left" in behind["why"], behind
        assert "behind" in r.json("trace", message) and "behind" in r.json("queue", "why", message)
        for words in (("trace", message), ("queue", "list"), ("queue", "show", message), ("queue", "why", message)):
            said = r.run(*words).stdout
            assert said.startswith("The index is ") and "behind" in said.splitlines()[0], said
        nothing = r.run("trace", "nobody@example.org")
        assert nothing.returncode == 1 and "behind" in nothing.stdout and "not kept" not in nothing.stderr, nothing
        os.unlink(data / "ballast")
        wait_until(lambda: "behind" not in r.json("queue", "list"), 20)
        assert "behind" not in r.run("trace", message).stdout
        assert r.stop() == 0
    finally:
        subprocess.run(["umount", "-l", str(data)], check=False)
