# SPDX-License-Identifier: Apache-2.0
"""What people see of their mail: trace, queue, the logs, the control socket."""
import datetime
import json
import os
import random
import re
import signal
import socket
import stat
import subprocess
import time

from door import wait_until
from relay import MAIL, PROGRAM, Relay
from run import Skip
from sink import Sink

GREY = "450 4.2.0 <x>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/"
UNKNOWN = "550 5.1.1 <x>: Recipient address rejected: User unknown in virtual mailbox table"
SAYS = {"RCPT grey@example.net": GREY, "RCPT grey@example.org": GREY, "RCPT no@example.net": UNKNOWN}


def made(folder, says=None, more=""):
    sink = Sink(says=says or SAYS)
    return sink, Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" {more} }}\n')


def state_of(relay, message, recipient=None):
    document = json.loads(relay.run("trace", message, "--json", check=0).stdout.splitlines()[0])
    return [r["state"] for r in document["recipients"] if recipient in (None, r["recipient"])]


def waiting(relay, state):
    rows = relay.json("queue", "list")["destinations"]
    return sum(row["states"][state] for row in rows)


def test_trace_tells_it_all(folder):
    sink, relay = made(folder)
    subprocess.run(["swaks", "-s", "127.0.0.1", "-p", str(relay.port), "-f", "app@example.com", "-t",
                    "anna@example.net,grey@example.net,no@example.net", "--h-Subject", "Invoice 4711"],
                   check=True, capture_output=True, timeout=30)
    assert sink.wait(1)
    wait_until(lambda: "refused" in relay.run("trace", "no@example.net").stdout)
    said = " ".join(relay.run("trace", "anna@example.net", "--zone", "utc", check=0).stdout.split())
    assert re.search(r"127\.0\.0\.1 answered 250 2\.0\.0 Ok: queued as SINK1 at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d: handed over, "
                     r"which is not delivered", said), said
    assert "Subject Invoice 4711" in said and "What to do" not in said and "success" not in said, said
    said = " ".join(relay.run("trace", "no@example.net", check=0).stdout.split())
    assert "REFUSED to no@example.net" in said and "What to do You" in said and "Finding rcpt-user-unknown" in said, said
    assert f"answered {UNKNOWN}" in said, said
    said = " ".join(relay.run("trace", "grey@example.net", check=0).stdout.split())
    assert "DELAYED to grey@example.net" in said and "nothing is lost" in said and "next try" in said, said
    assert relay.stop() == 0


def test_trace_finds_by_anything(folder):
    sink, relay = made(folder)
    mail = MAIL.replace("invoice 17", "Rechnung f\u00fcr M\u00fcller 4711").replace("Subject:", "Message-ID: <m1@example.com>\r\nSubject:")
    ours = relay.submit(mail.encode("utf-8"), rcpts=("anna@kunde.example",))
    other = relay.submit(MAIL, sender="shop@example.org", rcpts=("ben@andere.example",))
    assert sink.wait(2)
    wait_until(lambda: state_of(relay, other) == ["handed-over"] and state_of(relay, ours) == ["handed-over"])
    remote = [m["rcpts"] for m in sink.messages].index(["anna@kunde.example"]) + 1
    for words in (["anna@kunde.example"], ["ANNA@Kunde.example"], ["@kunde.example"], ["kunde.example"], ["anna*"],
                  ["m1@example.com"], ["<m1@example.com>"], ["app@example.com"], ["sender:app@example.com"],
                  ["sender:@example.com"], [f"SINK{remote}"], ["rechnung", "4711"], ["subject:m\u00dcller"], [ours],
                  [ours.upper()], ["anna@kunde.example", "rechnung"], ["@kunde.example", "--state", "handed-over"],
                  ["@kunde.example", "--since", "1h"]):
        lines = relay.run("trace", *words, "--json", check=0).stdout.splitlines()
        assert [json.loads(x)["id"] for x in lines] == [ours], (words, lines)
    for words in (["nobody@kunde.example"], ["@kunde.example", "--state", "refused"], ["anna@kunde.example", "ben"],
                  ["@kunde.example", "--until", "2020-01-01"], ["0000000000000000" + "00"]):
        relay.run("trace", *words, check=1)
    relay.run("trace", "--state", "sent", check=2)
    assert [json.loads(x)["id"] for x in relay.run("trace", "--json", check=0).stdout.splitlines()] == [other, ours]
    assert relay.run("trace", "--format", "json", check=0).stdout == relay.run("trace", "--json", check=0).stdout
    assert relay.run("queue", "list", "--format=json", check=0).stdout.startswith("{")
    assert "text or json" in relay.run("trace", "--format", "html", check=2).stderr
    for command in ("check", "trace", "queue", "serve"):
        said = subprocess.run([str(PROGRAM), command, "--version"], capture_output=True, text=True, timeout=20)
        assert said.returncode == 0 and said.stdout.startswith("postrider "), (command, said)
    assert relay.stop() == 0
    assert state_of(relay, ours) == ["handed-over"]  # without a relay, too


def test_a_domain_in_each_form(folder):
    """A client may hand it in with U-labels or with A-labels: it is one domain, whoever asks."""
    sink, relay = made(folder, says={"RCPT": GREY})
    sink.extensions.append("SMTPUTF8")
    u, a = "info@m\u00fcller.example", "info@xn--mller-kva.example"
    ids = {relay.submit(MAIL.encode(), sender=s, rcpts=(r,), options=["SMTPUTF8"]) for s, r in ((a, u), (u, a))}
    other = relay.submit(rcpts=("info@mueller.example",))
    for message in ids | {other}:
        wait_until(lambda: state_of(relay, message) == ["delayed"])
    for words in ([u], [a], ["m\u00fcller.example"], ["xn--mller-kva.example"], ["@M\u00dcLLER.example"], [f"to:{a}"],
                  [f"sender:{u}"], [f"sender:{a}"], [a, "--state", "delayed"]):
        assert set(found_by(relay, "trace", *words)) == ids, words
    for words in ([f"@{a.split('@')[1]}"], [f"@{u.split('@')[1]}"], ["--sender", u], ["--to-domain", "m\u00fcller.example"]):
        assert {i for i, _ in found_by(relay, "queue", "list", *words)} == ids, words
    assert "Held 2 of 2" in relay.run("queue", "hold", f"@{a.split('@')[1]}", "--yes", check=0).stdout
    assert relay.stop() == 0


def test_trace_right_after_the_250(folder):
    _, relay = made(folder, says={"RCPT": GREY})
    for _ in range(20):
        assert relay.run("trace", relay.submit(), "--quiet", check=0).stdout


def test_queue_right_after_the_250(folder):
    _, relay = made(folder, says={"RCPT": GREY})
    for _ in range(20):
        done = relay.run("queue", "hold", relay.submit())
        assert "no such mail" not in done.stderr, done


def test_trace_follow(folder):
    replies = [GREY, "250 2.1.5 Ok"]
    _, relay = made(folder, says={"RCPT b@example.net": replies})
    message = relay.submit()
    wait_until(lambda: state_of(relay, message) == ["delayed"])
    process = subprocess.Popen([str(PROGRAM), "trace", "--config", str(relay.conf), message, "--follow", "--json"],
                               stdout=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline())["recipients"][0]["state"] == "delayed"
    relay.run("queue", "retry", message, check=0)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert [json.loads(x)["state"] for x in rest.splitlines()][-1] == "handed-over", rest


def test_trace_quiet_follow_tells_once(folder):
    _, relay = made(folder, says={"RCPT b@example.net": [GREY, "250 2.1.5 Ok"]})
    message = relay.submit()
    wait_until(lambda: state_of(relay, message) == ["delayed"])
    process = subprocess.Popen([str(PROGRAM), "trace", "--config", str(relay.conf), "b@example.net", "--follow", "--quiet"],
                               stdout=subprocess.PIPE, text=True)
    assert " delayed " in process.stdout.readline()
    relay.run("queue", "retry", message, check=0)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and "handed-over" in rest and "taken from" not in rest and "Greylisted" not in rest, rest


def test_hold_release_cancel_bounce(folder):
    sink, relay = made(folder)
    held = relay.submit(rcpts=("grey@example.net",))
    wait_until(lambda: state_of(relay, held) == ["delayed"])
    assert relay.run("queue", "hold", held, "--reason", "wrong price", check=0).stdout == "Held 1 of 1 recipient.\n"
    assert state_of(relay, held) == ["held"]
    assert "example.net: held by" in relay.run("queue", "why", held, check=0).stdout
    assert "wrong price, until it is released" in " ".join(relay.run("queue", "why", held, check=0).stdout.split())
    relay.run("queue", "retry", held, check=1)  # it is held
    sink.says["RCPT grey@example.net"] = "250 2.1.5 Ok"
    relay.run("queue", "release", held, check=0)
    wait_until(lambda: state_of(relay, held) == ["handed-over"])
    relay.run("queue", "cancel", held, check=1)  # too late
    gone = relay.submit(rcpts=("grey@example.org", "b@example.net"))
    wait_until(lambda: sorted(state_of(relay, gone)) == ["delayed", "handed-over"])
    relay.run("queue", "cancel", gone, "--recipient", "grey@example.org", check=0)
    assert state_of(relay, gone, "grey@example.org") == ["cancelled"]
    wait_until(lambda: [x["recipient"] for x in relay.log_lines("failed.log") if x.get("state") == "cancelled"] == ["grey@example.org"])
    given_up = relay.submit(rcpts=("grey@example.org",))
    wait_until(lambda: state_of(relay, given_up) == ["delayed"])
    relay.run("queue", "bounce", given_up, check=0)
    assert state_of(relay, given_up) == ["expired"]
    wait_until(lambda: any(m["sender"] == "" and m["rcpts"] == ["app@example.com"] for m in sink.messages),
               why="the sender was not told")
    said = " ".join(relay.run("trace", given_up, check=0).stdout.split())
    assert "given up by" in said and "did not arrive" in said and "tries again by itself" not in said, said
    told = " ".join(next(m["data"] for m in sink.messages if m["sender"] == "").decode().split())
    assert "given up by" in told and "again and again" not in told, told
    assert relay.stop() == 0


def test_many_are_counted_first(folder):
    _, relay = made(folder, says={"RCPT": GREY})
    for i in range(6):
        relay.submit(rcpts=(f"a{i}@example.net", f"b{i}@example.org"))
    wait_until(lambda: waiting(relay, "delayed") == 12)
    counted = relay.run("queue", "hold", "@example.net", check=2)
    assert "hold 6 recipients of 6 mails" in counted.stderr and "--yes" in counted.stderr, counted.stderr
    assert waiting(relay, "held") == 0
    assert "Held 6 of 6" in relay.run("queue", "hold", "@example.net", "--yes", check=0).stdout
    listed = relay.json("queue", "list")
    row = listed["destinations"][0]
    assert listed["running"] and listed["waiting"] == 12 and row["destination"] == "out", listed
    assert row["states"]["held"] == 6 and row["states"]["delayed"] == 6 and row["finding"] == "rcpt-greylisted", row
    assert row["reply"] and row["oldest"] and row["title"], row
    done = json.loads(relay.run("queue", "release", "--finding", "rcpt-greylisted", "--yes", "--json", check=0).stdout)
    assert done["done"] == 6 and not done["not_done"], done
    wait_until(lambda: waiting(relay, "delayed") == 12)
    assert len(relay.run("queue", "list", "out", check=0).stdout.splitlines()) == 12
    # What was released is being tried; what is on its way just then cannot be withdrawn.
    withdrawn = 0
    while waiting(relay, "delayed") + waiting(relay, "sending"):
        withdrawn += json.loads(relay.run("queue", "cancel", "--all", "--yes", "--json").stdout or '{"done": 0}')["done"]
    assert withdrawn == 12, withdrawn
    assert relay.run("queue", "list", check=0).stdout == "Nothing waits.\n"
    for words in (["hold"], ["hold", "--all", "--state", "refused"], ["release", "--until", "2h"], ["hodl", "x"],
                  ["why"], ["why", "nonsense"], ["hold", "@a.example", "--recipient", "b@b.example"],
                  ["cancel", "--all", "--yes", "--limit", "1"]):
        relay.run("queue", *words, check=2)


def test_hold_ends_so_long_from_now(folder):
    _, relay = made(folder, says={"RCPT": GREY})
    message = relay.submit()
    wait_until(lambda: waiting(relay, "delayed") == 1)
    relay.run("queue", "hold", message, "--until", "2h", check=0)
    held, = relay.json("trace", message)["recipients"]
    until = datetime.datetime.fromisoformat(held["next"].replace("Z", "+00:00"))
    left = (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert held["state"] == "held" and 7100 < left <= 7200, held
    for past in ("2h ago", "now", "2020-01-01"):
        told = relay.run("queue", "hold", message, "--until", past, check=2).stderr
        example = re.search(r'"(\d{4}-\d\d-\d\d) 08:00"', told)
        assert example and example[1] > datetime.date.today().isoformat(), told


def test_signs_alone_find_nothing(folder):
    _, relay = made(folder)
    relay.submit()
    for signs in ("%", "...", "???"):
        told = relay.run("trace", signs, check=2)
        assert "nothing in it can be searched for" in told.stderr and not told.stdout, told


def states_seen(relay, message):
    """Of its recipients in order: as trace shows them, and as queue show does."""
    shown = json.loads(relay.run("queue", "show", message, "--json", check=0).stdout)
    assert [r["state"] for r in shown["recipients"]] == state_of(relay, message)
    return state_of(relay, message)


def found_by(relay, *words):
    done = relay.run(*words, "--json")
    if words[0] == "queue":
        return [(m["id"], m["state"]) for m in json.loads(done.stdout)["messages"]]
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


def test_sending_while_a_session_is_under_way(folder):
    """The disk learns of a try when it is over; the relay, asked, knows of it before."""
    sink, relay = made(folder, says={"RCPT b@example.net": None}, more="connections = 1")
    message = relay.submit()
    wait_until(lambda: any(line.startswith("RCPT") for line in sink.lines))
    behind = relay.submit(rcpts=("c@example.net",))
    wait_until(lambda: states_seen(relay, behind) == ["queued"])
    assert states_seen(relay, message) == ["sending"]
    said = relay.run("trace", message, check=0).stdout
    assert "SENDING to b@example.net" in " ".join(said.split()) and "session with the next server is under way" in said, said
    assert "sending" in relay.run("trace", message, "--quiet", check=0).stdout
    assert found_by(relay, "trace", "--state", "sending") == found_by(relay, "trace", "state:sending") == [message]
    assert found_by(relay, "trace", "b@example.net", "--state", "sending") == [message]
    assert found_by(relay, "trace", "--state", "queued") == [behind]
    relay.run("trace", "c@example.net", "--state", "sending", check=1)
    relay.run("trace", message, "--state", "queued", check=1)
    assert found_by(relay, "queue", "list", "--state", "sending") == [(message, "sending")]
    assert sorted(found_by(relay, "queue", "list", "out")) == sorted([(message, "sending"), (behind, "queued")])
    assert waiting(relay, "sending") == waiting(relay, "queued") == 1
    why = json.loads(relay.run("queue", "why", message, "--json", check=0).stdout)
    assert why["state"] == "sending" and "a session for its destination (out) has it in hand" in why["says"], why
    assert "going out right now" in relay.run("queue", "hold", message, check=1).stderr  # nothing else is to be done with it
    relay.kill()
    assert states_seen(relay, message) == ["queued"]  # nobody is left to ask: what is on disk


def test_killed_while_all_of_it_goes_out(folder):
    """Beside a relay that is no more nothing is going out right now: what holds in both cases is said."""
    sink, relay = made(folder, says={"DOT b@example.net": None, "DOT": None})
    message = relay.submit()
    wait_until(lambda: "may have arrived already" in " ".join(relay.run("trace", message).stdout.split()))
    relay.kill()
    said = " ".join(relay.run("trace", message).stdout.split())
    assert "may have arrived already" in said and "right now" not in said, said
    sink.says.clear()
    relay.start()
    wait_until(lambda: state_of(relay, message) == ["handed-over"])
    assert "in-doubt" in [x.get("state") for x in relay.json("trace", message)["trail"]]
    relay.run("trace", "--state", "sending", check=1)


def test_looking_waits_for_no_relay(folder):
    """One that hangs is asked in vain, and not for long."""
    _, relay = made(folder, says={"RCPT": GREY})
    message = relay.submit()
    wait_until(lambda: state_of(relay, message) == ["delayed"])
    relay.signal(signal.SIGSTOP)
    begun = time.monotonic()
    try:
        assert state_of(relay, message) == ["delayed"]
    finally:
        relay.signal(signal.SIGCONT)
    assert time.monotonic() - begun < 5
    assert relay.stop() == 0


def test_next_try_is_the_destinations(folder):
    """Which rests longer after a failure than the retry of one mail, and is asked by one session then."""
    relay = Relay(folder, 'route "out" { smarthost = "127.0.0.1:1"  security = "none" }\nretry { first = "1s"  most = "1s" }\n')
    message = relay.submit()

    def rests():
        until = "".join(d.get("paused_until") or "" for d in relay.json("queue", "list")["destinations"])
        left = until and (datetime.datetime.fromisoformat(until) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        return until if left and left > 8 and state_of(relay, message) == ["delayed"] else None
    wait_until(rests, 30)
    until = rests()
    for words in (("trace", message), ("queue", "show", message)):
        said = relay.run(*words, check=0).stdout
        if rests() == until:
            assert f"next try {until[:19].replace('T', ' ')} (try " in said and "It is tried again in" in said and "due to be" not in said, (until, said)
    known = [relay.json("trace", message)["recipients"][0], relay.json("queue", "list")["destinations"][0]]
    assert rests() != until or [x["next"] for x in known] == [until] * 2, (until, known)
    assert rests() == until, "it moved on meanwhile"
    assert relay.stop() == 0
    assert "next try" in relay.run("trace", message, check=0).stdout  # as the trail knows it, without a relay


def test_why_of_many_says_that_there_is_more(folder):
    _, relay = made(folder, says={"RCPT": GREY})
    for i in range(3):
        relay.submit(rcpts=(f"a{i}@example.net", f"b{i}@example.net"))
    wait_until(lambda: waiting(relay, "delayed") == 6)
    cut = relay.run("queue", "why", "@example.net", "--limit", "4", "--json", check=0)
    assert len(cut.stdout.splitlines()) == 4 and cut.stderr == "There is more: --limit 40\n", cut
    every = relay.run("queue", "why", "@example.net", "--limit", "40", "--json", check=0)
    assert len({json.loads(x)["recipient"] for x in every.stdout.splitlines()}) == 6 and not every.stderr, every
    assert "nothing waits" in relay.run("queue", "why", "@example.org", check=1).stderr


def test_without_a_relay(folder):
    _, relay = made(folder, says={"RCPT": GREY})
    message = relay.submit()
    wait_until(lambda: state_of(relay, message) == ["delayed"])
    assert relay.stop() == 0
    assert "no relay is running" in " ".join(relay.run("queue", "why", message, check=0).stdout.split()).lower() or \
        "waiting after" in relay.run("queue", "why", message, check=0).stdout
    relay.run("queue", "hold", message, check=0)
    assert state_of(relay, message) == ["held"]
    assert not relay.json("queue", "list")["running"]
    assert "no relay runs" in relay.run("queue", "bounce", message, check=3).stderr
    relay.start()
    time.sleep(0.3)
    assert state_of(relay, message) == ["held"]
    relay.run("queue", "cancel", message, check=0)
    assert state_of(relay, message) == ["cancelled"]


def test_logs(folder):
    sink, relay = made(folder)
    first = relay.submit()
    assert sink.wait(1)
    wait_until(lambda: relay.log_lines("handed-over.log"))
    log = relay.data / "log"
    for name in ("conversation.log", "queue.log", "handed-over.log", "failed.log"):
        assert stat.S_IMODE((log / name).stat().st_mode) == 0o600, name
    x = relay.log_lines("handed-over.log")[0]
    assert x["id"] == first and x["recipient"] == "b@example.net" and x["hop"] == "smarthost" and x["code"] == 250, x
    assert x["remote_id"] == "SINK1" and x["sender"] == "app@example.com" and len(x["config"]) == 16, x
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ", x["time"]), x
    for name in os.listdir(log):  # as logrotate does it
        os.rename(log / name, log / (name + ".1"))
    relay.conf.write_text(relay.conf.read_text() + "nonsense = 1\n")  # the logs are opened again all the same
    relay.signal(signal.SIGHUP)
    wait_until(lambda: (log / "queue.log").exists())
    second = relay.submit()
    assert sink.wait(2)
    wait_until(lambda: relay.log_lines("handed-over.log"))
    assert relay.log_lines("handed-over.log")[0]["id"] == second
    assert first in (log / "handed-over.log.1").read_text() and second not in (log / "queue.log.1").read_text()
    assert relay.stop() == 0


def test_explain_reads_our_log(folder):
    _, relay = made(folder)
    message = relay.submit(rcpts=("no@example.net", "b@example.net"))
    relay.trail(message, {"refused", "handed-over"})
    wait_until(lambda: relay.log_lines("failed.log"))
    done = subprocess.run([str(PROGRAM), "explain", "--log", str(relay.data / "log/queue.log"), "--all"], text=True,
                          capture_output=True, timeout=30)
    said = " ".join(done.stdout.split())
    assert done.returncode == 1 and "no@example.net" in said and "b@example.net" in said, said


def control(relay):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    here = os.getcwd()
    os.chdir(relay.data)  # a socket's path is short
    s.connect("control")
    os.chdir(here)
    return s


def ask(s, line):
    s.sendall(line + b"\n")
    answer = b""
    while not answer.endswith(b"\n"):
        piece = s.recv(65536)
        if not piece:
            break
        answer += piece
    return json.loads(answer) if answer else None


def test_control_socket_hostile(folder):
    sink, relay = made(folder)
    assert stat.S_IMODE((relay.data / "control").stat().st_mode) == 0o600
    s = control(relay)
    assert ask(s, b'{"do":"hello"}')["ok"]
    for line in (b"", b"{", b"[]", b"null", b"\0\0", b'{"do":1}', b'{"do":"shutdown"}', b'{"do":"hold"}', b"[" * 5000,
                 b'{"do":"hold","items":"x"}', b'{"do":"hold","items":[]}', b'{"do":"lanes","lanes":{"a":1}}',
                 b'{"do":"hello","do":"hello"}', b'{"do":"hold","items":' + json.dumps(["x/1"] * 501).encode() + b"}"):
        answer = ask(s, line)
        assert answer["ok"] is False and answer["mend"] or line.startswith(b'{"do":"lanes"'), (line[:40], answer)
    answer = ask(s, json.dumps({"do": "hold", "items": ["x", "zzz/1", "1af3ze9s000bks48d1/0", 7, "1af3ze9s000bks48d1/-1",
                                                        "1af3ze9s000bks48d1/99999999999"]}).encode())
    assert answer["ok"] and answer["done"] == 0 and len(answer["not"]) == 6, answer
    rng = random.Random(7)
    for _ in range(300):  # garbage, and sentences with holes
        line = bytearray(b'{"do":"hold","items":["1af3ze9s000bks48d1/0"],"by":"x","reason":"y","until_ms":5}')
        for _ in range(rng.randrange(1, 6)):
            line[rng.randrange(len(line))] = rng.choice([b for b in range(256) if b != 10])
        assert "ok" in ask(s, bytes(line))
    s.sendall(b"x" * 200000)  # no line end: told, then closed
    got = b""
    try:
        while piece := s.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    assert b"too long" in got, got[:200]
    many = [control(relay) for _ in range(70)]  # more than there may be: the quiet ones give way
    assert ask(many[-1], b'{"do":"hello"}')["ok"]
    half = control(relay)
    half.sendall(b'{"do":')
    half.close()
    relay.submit()
    assert sink.wait(1)  # nobody else noticed
    for x in many:
        x.close()
    assert relay.stop() == 0
    assert not (relay.data / "control").exists()


def test_stale_socket(folder):
    _, relay = made(folder)
    relay.kill()
    assert (relay.data / "control").exists()
    assert not relay.json("queue", "list")["running"]
    relay.start()
    assert relay.json("queue", "list")["running"]


def test_not_for_others(folder):
    _, relay = made(folder)
    relay.submit()
    if os.geteuid() != 0:
        raise Skip("not root")
    os.chmod(folder, 0o755)
    for words in (["trace"], ["queue", "list"], ["queue", "hold", "--all", "--yes"]):
        done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", str(PROGRAM), *words, "--data",
                               str(relay.data)], capture_output=True, text=True, timeout=20)
        assert done.returncode == 3 and "sudo" in done.stderr, done


def test_words_where_no_server_spoke(folder):
    relay = Relay(folder, 'route "box" { recipients = { "box.example" } smarthost = "127.0.0.1:1" security = "none" }\n'
                          'route "out" { smarthost = "127.0.0.1:2" security = "none" }\n')
    message = relay.submit(rcpts=("a@box.example",))
    wait_until(lambda: state_of(relay, message) == ["delayed"])
    said = " ".join(relay.run("trace", message, check=0).stdout.split())
    assert "Connection refused" in said and "127.0.0.1 takes no connection" in said and "Finding tcp-refused" in said, said
    said = " ".join(relay.run("queue", "why", message, check=0).stdout.split())
    assert "waiting after 1 try" in said and "{" not in said, said
    said = " ".join(relay.run("queue", "list", check=0).stdout.split())
    assert "1 delayed" in said and "{" not in said, said
    assert relay.stop() == 0


def test_root_leaves_nothing_of_its_own(folder):
    if os.geteuid() != 0:
        raise Skip("not root")
    (folder / "data").mkdir(mode=0o700)
    os.chown(folder / "data", 65534, 65534)
    _, relay = made(folder, says={"RCPT": GREY}, more='} user = "nobody"\nretry { first = "1h"')
    message = relay.submit()
    wait_until(lambda: state_of(relay, message) == ["delayed"])
    relay.run("queue", "retry", message, check=0)
    assert relay.stop() == 0
    relay.run("queue", "hold", message, check=0)
    relay.run("queue", "list", check=0)
    assert "held by root" in relay.run("trace", message, check=0).stdout
    assert not [x for x in relay.data.rglob("*") if x.stat().st_uid != 65534]
    relay.start()
    relay.run("queue", "release", message, check=0)
    assert relay.stop() == 0


def test_steering_makes_no_store(folder):
    """Where no relay has kept mail there is nothing to steer, and nothing is left behind."""
    empty = folder / "empty"
    empty.mkdir()
    for words in (["queue", verb, "--all", "--yes"] for verb in ("hold", "release", "retry", "bounce", "cancel")):
        refused = subprocess.run([str(PROGRAM), *words, "--data", str(empty)], capture_output=True, text=True, timeout=20)
        assert refused.returncode == 2 and "no relay has kept mail there" in refused.stderr, (words, refused)
    for words in (["queue", "list"], ["queue", "hold", "1af3ze9s000bks48d1"], ["bounces", "forget", "--all"],
                  ["suppression", "remove", "a@example.net"]):
        refused = subprocess.run([str(PROGRAM), *words, "--data", str(empty)], capture_output=True, text=True, timeout=20)
        assert refused.returncode == 2 and "no relay has kept mail there" in refused.stderr, (words, refused)
    assert not list(empty.iterdir())
    added = subprocess.run([str(PROGRAM), "suppression", "add", "a@example.net", "--data", str(empty)], capture_output=True,
                           text=True, timeout=20)
    assert added.returncode == 0, added  # a list may be there before the first start


def test_a_file_is_no_folder(folder):
    """The mend is no other user, but another name."""
    (folder / "x").write_text("")
    done = subprocess.run([str(PROGRAM), "queue", "list", "--data", str(folder / "x")], capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 2 and "it is a file" in done.stderr and "root" not in done.stderr, done
