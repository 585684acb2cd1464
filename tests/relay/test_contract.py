# SPDX-License-Identifier: Apache-2.0
"""The command line against what scripts rely on: JSON where it is asked for, exit statuses, standard output kept clean."""
import json
import os
import re
import signal
import subprocess

from ports import free_port
from relay import PROGRAM, Relay


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
    assert good.returncode == 0 and document["ok"] and document["blocks"]["listen"] == 1 and document["doubts"] == [], good
    assert "no open relay" in document["says"][0]
    relay.conf.write_text("hostnam = x\n")
    bad = run("config", "check", relay.conf, "--format", "json")
    document = json.loads(bad.stdout)
    assert bad.returncode == 2 and not document["ok"] and "postrider.conf:1" in document["error"], bad
    assert document["error"] in bad.stderr


def test_report_as_json(folder):
    run("check", f"127.0.0.1:{free_port()}", "--security", "none", "--save", folder / "case.json", "--timeout", "5")
    whole = json.loads(run("report", folder / "case.json", "--json", cwd=folder).stdout)
    assert whole["schema"] == 1 and whole["about"] and set(whole["gives_away"]) == {"addresses", "hosts", "ips", "subject", "dialogue"}
    assert whole["markdown"].split("\n")[:5] == run("report", folder / "case.json", cwd=folder).stdout.split("\n")[:5]
    preview = json.loads(run("report", folder / "case.json", "--format", "json", "--preview", cwd=folder).stdout)
    assert "markdown" not in preview and preview["gives_away"] == whole["gives_away"]
    assert run("report", folder / "case.json", "--json", "--output", folder / "out.json").stdout == ""
    assert json.loads((folder / "out.json").read_text())["about"] == whole["about"]
    lost = run("report", folder / "case.json", "--json", "--output", folder / "nowhere" / "out.json")
    assert lost.returncode == 2 and not lost.stdout and "No such file" in lost.stderr, lost
    full = run("report", folder / "case.json", "--json", "--output", "/dev/full")
    assert full.returncode == 3 and not full.stdout and "No space left" in full.stderr, full


def test_what_may_not_be_read(folder):
    """No permission is no wrong use: 3, with who may."""
    relay = Relay(folder, start=False)
    relay.conf.chmod(0)
    user = {"user": 65534} if os.geteuid() == 0 else {}
    for words in (["config", "check"], ["trace"], ["queue", "list"], ["suppression", "list"], ["serve"]):
        done = run(*words, "--config", relay.conf, **user)
        assert done.returncode == 3 and not done.stdout and "Permission denied" in done.stderr, (words, done)
