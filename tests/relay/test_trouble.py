# SPDX-License-Identifier: Apache-2.0
"""The machine's own trouble: new mail is answered 4xx, nothing is lost, it heals by itself, and the log tells the mend."""
import contextlib
import datetime
import json
import os
import pathlib
import resource
import smtplib
import subprocess
import threading
import time
import urllib.request

from door import PASSWORD, ROUTE, Raw, account, is_sanitized, wait_until
from milter import Milter
from names import Names
from relay import Relay
from run import Skip
from sink import Sink
from test_service import send

DAY = 86400


@contextlib.contextmanager
def disk(folder, size="200M"):
    """The relay's data folder is a file system of its own."""
    data = folder / "data"
    data.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(data)], capture_output=True,
                                      check=False).returncode:
        raise Skip("no file system can be mounted here")
    try:
        yield data
    finally:
        subprocess.run(["umount", "-l", str(data)], check=False)


def remount(data, how):
    return subprocess.run(["mount", "-o", f"remount,{how}", str(data)], capture_output=True, check=False).returncode == 0


def refused(relay):
    code, text = send(relay)
    return code in (421, 451, 452) and text


def test_a_read_only_disk(folder):
    """It says which folder and why, and goes on where it was when it can be written again.  (A disk does so under a
    running relay only after an error: tests/unit/test_store_fault.c.)"""
    sink = Sink(says={"DOT": ["451 4.3.0 not yet", "250 2.0.0 Ok"]})
    with disk(folder) as data:
        r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ first = "1s" most = "1s" }}\n')
        waiting = r.submit()
        r.trail(waiting, {"delayed"})
        r.stop()
        assert remount(data, "ro")
        assert not list(data.glob("index.db-*"))
        for line in ("trace", waiting), ("trace", "b@example.net"), ("queue", "list"):
            looked = r.run(*line)
            assert looked.returncode in (0, 1) and "annot" not in looked.stderr and "451 4.3.0" in looked.stdout, (line, looked)
        held = r.run("queue", "hold", waiting)
        assert held.returncode and "read-only" in held.stderr.lower(), held
        failed = subprocess.run([str(x) for x in (os.environ["POSTRIDER"], "serve", "--config", r.conf)], capture_output=True, text=True,
                                timeout=20, check=False)
        assert failed.returncode == 3 and "read-only" in failed.stderr.lower() and str(data) in failed.stderr, failed
        assert "for writing" in failed.stderr and "must own" not in failed.stderr, failed
        assert remount(data, "rw")
        r.start()
        r.trail(waiting, {"handed-over"}, seconds=20)
        assert r.stop() == 0


def test_full_says_what_to_do(folder):
    """And the mail that was taken before goes out all the while."""
    sink = Sink()
    with disk(folder) as data:
        r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
        first = r.submit()
        r.trail(first, {"handed-over"})
        free = os.statvfs(data).f_bavail * os.statvfs(data).f_frsize
        with open(data / "ballast", "wb") as f:
            os.posix_fallocate(f.fileno(), 0, free - (4 << 20))
        wait_until(lambda: refused(r), 15)
        words = refused(r)
        assert "nothing is lost" in words.lower() and "space" in words.lower() and str(data) not in words, words
        wait_until(lambda: "free" in r.said() and str(data) in r.said(), why=r.said())
        assert r.run("trace", first).returncode == 0
        os.unlink(data / "ballast")
        wait_until(lambda: send(r)[0] == 250, 15)
        assert r.stop() == 0


def test_a_small_disk(folder):
    """Bodies take as much of it as there is; and where not even the least fits, it says how much is wanted."""
    sink = Sink()
    with disk(folder, "24M") as data:
        r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
        for n in range(1, 6):
            r.submit()
            assert sink.wait(n), r.said()
        free = os.statvfs(data).f_bavail * os.statvfs(data).f_frsize
        with open(data / "ballast", "wb") as f:
            os.posix_fallocate(f.fileno(), 0, free - (2 << 20))
        wait_until(lambda: refused(r), 15)
        wait_until(lambda: "6 MB are to stay free there" in r.said(), why=r.said())
        os.unlink(data / "ballast")
        wait_until(lambda: send(r)[0] == 250, 15)
        assert r.stop() == 0


def test_a_log_that_cannot_be_opened_again(folder):
    """At SIGHUP: it is told, /metrics and the health have it, mail is taken, lines go on into the old file, and it heals."""
    sink = Sink()
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nhttp {{ listen = "127.0.0.1:0" open = "read" }}\n')

    def asked(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{r.ports[-1]}{path}", timeout=10) as answer:
            return answer.read().decode()

    def failing():
        return "\npostrider_log_reopen_failing 1\n" in asked("/metrics")

    def trouble():
        return json.loads(asked("/api/v1/health"))["trouble"] or ""
    assert not failing() and not trouble()
    log, old = r.data / "log/queue.log", r.data / "log/queue.log.1"
    log.rename(old)
    log.mkdir()
    r.signal(1)
    wait_until(lambda: "open again" in r.said() and str(log) in r.said(), why=r.said())
    assert failing()
    name = r.submit()
    wait_until(lambda: name in old.read_text())
    wait_until(lambda: "open again the log" in trouble() and str(log) in trouble(), 20, trouble)
    assert asked("/readyz") == "ready\n" and str(log) in "".join(r.run("monitor", "list").stdout.split("\n  "))
    log.rmdir()
    wait_until(lambda: log.is_file() and not failing())
    wait_until(lambda: not trouble(), 20, trouble)
    assert r.said().count("open again") == 1
    assert r.stop() == 0


def damage(path, at, n=4096):
    with open(path, "r+b") as f:
        f.seek(at)
        f.write(b"\xa5" * n)


def test_a_damaged_index_is_made_anew(folder):
    """Rows that cannot be read, while it runs and at a start: what was taken is found and goes on."""
    sink = Sink(says={"RCPT late@example.net": ["451 4.3.0 not yet", "250 ok"]})
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ first = "2s" most = "2s" }}\n')
    gone = [r.submit(mail=f"Subject: {i}\r\n\r\n{i}\r\n") for i in range(20)]
    assert sink.wait(20)
    waiting = r.submit(rcpts=["late@example.net"])
    r.trail(waiting, {"delayed"})
    r.stop()
    index = r.data / "index.db"
    for at in range(8192, index.stat().st_size - 4096, 8192):
        damage(index, at)
    r.start()
    assert send(r)[0] == 250
    for x in (gone[0], gone[-1]):
        r.trail(x, {"handed-over"})
    r.trail(waiting, {"handed-over"}, seconds=20)
    assert "index" in r.said() and "anew" in r.said(), r.said()
    assert r.stop() == 0


OWN_COPY = "rs-own-copy-unreadable"


def damage_text(relay, text, before=0, n=6):
    """Where that text of a mail stands in the store, or so much before it."""
    for path in (relay.data / "bodies").iterdir():
        at = path.read_bytes().find(text)
        if at >= 0:
            damage(path, at - before, n)
            return
    raise AssertionError(f"{text} stands nowhere")


def test_a_damaged_message_is_seen_and_told(folder):
    """Its text or all of its record: the trail says so, its sender is told in the end, an operator can end it, and
    what lies beside it goes on."""
    sink = Sink()
    dead = 'route "out" { smarthost = "127.0.0.1:9" security = "none" }\nretry { first = "1s"  most = "1s"  expire = "8s" }\n'
    r = Relay(folder, dead)
    lost, ended, whole = [r.submit(mail=f"Subject: {i}\r\n\r\nTEXT{i}\r\n", rcpts=["b@example.net", "c@example.net"]) for i in range(3)]
    wait_until(lambda: r.run("trace", whole).returncode == 0)  # the index knows them all
    r.kill()
    damage_text(r, b"TEXT0")
    damage_text(r, b"TEXT1", before=400, n=400)  # envelope and header
    r.write(dead.replace("127.0.0.1:9", sink.where))
    r.start()
    wait_until(lambda: "cannot read its own copy" in r.run("queue", "why", lost).stdout)
    assert "sender is told that it did not go out" in r.run("queue", "why", lost).stdout
    r.run("queue", "cancel", ended, check=0)
    r.trail(ended, {"cancelled"})
    r.trail(whole, {"handed-over"})
    assert "checksum is wrong" in str(r.trail(lost, {"expired"}, seconds=20)["trail"])
    wait_until(lambda: [x for x in sink.messages if not x["sender"]], seconds=20, why="its sender is not told")
    report = [x for x in sink.messages if not x["sender"]][0]
    text = report["data"].replace(b"=\r\n", b"")
    assert report["rcpts"] == ["app@example.com"] and b"checksum is wrong" in text, report
    assert b"damaged on the relay's disk" in text and b"Status: 5.3.0" in text and b"dmesg" not in text, report
    last = [x for x in r.json("trace", lost)["trail"] if x["state"] == "expired"][-1]
    assert last["meaning"]["id"] == "rs-own-copy-unreadable" and last["meaning"]["actor"] == "mail-admin", last
    assert r.stop() == 0


def test_a_damaged_message_to_many(folder):
    """Its recipients are told of a hundred at a time, not one by one with all that is known of the others."""
    sink = Sink()
    dead = 'route "out" { smarthost = "127.0.0.1:9" security = "none" }\n'
    r = Relay(folder, dead + 'retry { first = "1s" most = "1s" }\n')  # who was tried before the kill is due again
    lost = r.submit(mail="Subject: x\r\n\r\nTEXT0\r\n", rcpts=[f"b{i}@example.net" for i in range(500)])
    wait_until(lambda: r.run("trace", lost).returncode == 0)
    r.kill()
    damage_text(r, b"TEXT0")
    r.write(dead.replace("127.0.0.1:9", sink.where) + 'retry { first = "1s" most = "1h" factor = 100 }\n')
    r.start()
    wait_until(lambda: r.json("queue", "list")["destinations"][0]["unreadable"] == 500, 20)
    here = r.json("queue", "list")["destinations"][0]
    assert (here["code"], here["reply"], here["finding"]) == (0, "", OWN_COPY), here
    assert "all of them: This relay cannot read its own copy" in r.run("queue", "list").stdout
    assert [x for x in r.json("trace", lost)["trail"] if x.get("meaning", {}).get("id") == OWN_COPY][0]["meaning"]["confidence"] >= 0.99
    def told():
        return [x["time"] for x in r.json("trace", lost)["trail"] if "checksum is wrong" in x.get("why", "")]
    wait_until(lambda: len(told()) >= 500, 20)
    assert len(set(told())) < 30, len(set(told()))  # who is marked together has one time
    assert r.stop() == 0


def preload(folder):
    """Its environment, and how many seconds its clock is ahead."""
    if is_sanitized():
        raise Skip("a sanitizer wants to be loaded first")
    source, library, ahead = pathlib.Path(__file__).with_name("clock_ahead.c"), folder / "clock.so", folder / "ahead"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    ahead.write_bytes(bytes(8))

    def jump(seconds):
        with open(ahead, "r+b", buffering=0) as f:
            f.write(seconds.to_bytes(8, "little", signed=True))
    return {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(ahead)}, jump


def test_a_clock_that_jumps(folder):
    """Ten days ahead and back again: nothing expires, nothing waits ten days, new mail is taken."""
    env, jump = preload(folder)
    sink = Sink(says={"RCPT": "451 4.3.0 not yet"})
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
              'retry { first = "1s" factor = 1 most = "1s" expire = "1d" }\n', env=env)
    early, soon = r.submit(), (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=9)).isoformat()
    r.trail(early, {"delayed"})
    for seconds in (10 * DAY, 0):
        jump(seconds)
        tries = len(sink.lines)
        fresh = r.submit(mail=f"Subject: at {seconds}\r\n\r\nx\r\n")
        wait_until(lambda: sum(x.startswith("RCPT") for x in sink.lines[tries:]) >= 4, 20, r.said)
        r.trail(early, {"delayed"})
        arrived = r.trail(fresh, {"delayed"})["arrived"]
        assert (arrived > soon) == (seconds > 0), (arrived, soon)
    assert "put ahead by 10 days" in r.said() and "put back by 10 days" in r.said(), r.said()
    sink.says = {}
    r.trail(early, {"handed-over"}, seconds=15)
    assert sink.wait(3, 15)
    assert r.stop() == 0


def next_of(r, message):
    """Seconds from the true time until it is tried again."""
    at = r.trail(message, {"delayed", "held"} & {x["state"] for x in r.json("trace", message)["recipients"]})["recipients"][0]["next"]
    return datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() - time.time()


def test_a_clock_put_back_a_day(folder):
    """Nobody hands anything in, and what waits waits no day more; a pause, neither."""
    env, jump = preload(folder)
    sink = Sink(says={"RCPT": "451 4.3.0 not yet"})
    gone = Sink(says={"CONNECT": "421 4.3.0 not now"})
    jump(DAY)
    r = Relay(folder, f'route "gone" {{ recipients = {{ "*@gone.test" }} smarthost = "{gone.where}" security = "none" }}\n'
              f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
              'retry { first = "4s" factor = 1 most = "4s" expire = "1d" }\n', env=env)
    one, two = r.submit(), r.submit(rcpts=["b@gone.test"])
    r.trail(one, {"delayed"})
    r.trail(two, {"delayed"})
    sink.says, gone.says = {}, {}
    jump(0)
    r.trail(one, {"handed-over"}, seconds=15)
    r.trail(two, {"handed-over"}, seconds=40)
    assert "put back by 24 hours" in r.said()
    assert r.stop() == 0


def test_a_pause_noted_right_after_a_clock_was_put_back(folder):
    """It lasts as long as it was meant: it bears the new clock, and is not moved with what bears the old one."""
    env, jump = preload(folder)
    go, asked = threading.Event(), []

    def later(line):
        asked.append(time.monotonic())
        go.wait(30)
        return "421 4.3.0 not now"

    sink = Sink(says={"CONNECT": later})
    jump(DAY)
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
              'retry { first = "1s" factor = 1 most = "1s" expire = "1d" }\n', env=env)
    message = r.submit()
    wait_until(lambda: asked)
    jump(0)
    go.set()
    wait_until(lambda: "put back by 24 hours" in r.said(), why=r.said)
    r.trail(message, {"delayed"})
    time.sleep(5)  # a quarter of a minute it rests
    assert len(asked) == 1, asked
    assert r.stop() == 0


def test_a_clock_put_back_while_a_filter_has_a_message(folder):
    """It came by the clock of before, and is due all the same."""
    env, jump = preload(folder)
    sink, slow = Sink(), Milter(says={"E": "later"})
    jump(3600)
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n'
              f'filter "slow" {{ milter = "{slow.where}" }}\n', env=env)
    client = threading.Thread(target=r.submit)
    client.start()
    wait_until(lambda: "E" in slow.letters())
    jump(0)
    client.join()
    assert sink.wait(1), r.said()
    assert r.stop() == 0


def test_a_failure_moves_nobody_elses_retry(folder):
    """What has waited for an hour is told of it; that is no clock that was put back by an hour."""
    sink = Sink(says={"RCPT": "451 4.3.0 not yet"})
    r = Relay(folder, 'route "gone" { recipients = { "*@gone.test" } smarthost = "127.0.0.1:9" security = "none" }\n'
              f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\nretry {{ first = "1h" }}\n')
    r.trail(r.submit(rcpts=[f"b{i}@example.net" for i in range(20)]), {"delayed"})
    r.trail(r.submit(rcpts=["b@gone.test"]), {"delayed"})
    time.sleep(3)
    assert sum(x.startswith("RCPT") for x in sink.lines) == 20, sink.lines
    assert r.stop() == 0


def test_addresses_that_take_longer_than_a_lease(folder):
    """Nine minutes each, four of them: who was claimed for that long is marked all the same."""
    env, jump = preload(folder)
    tried = []

    def silent(line):
        tried.append(line)
        jump(540 * len(tried))
        time.sleep(5.5)  # the store is told the time every few seconds
        return ""

    first = Sink(address="127.0.0.41", says={"CONNECT": silent})
    others = [Sink(address=f"127.0.0.{n}", port=first.port, says={"CONNECT": silent}) for n in (42, 43, 44)]
    names = Names({("many.test", "A"): [first.address] + [x.address for x in others]})
    r = Relay(folder, f'resolver = "{names.where}"\nroute "out" {{ smarthost = "many.test:{first.port}" security = "none" '
              'connections = 1 }\nretry { first = "1h" }\n', env=env)
    message = r.submit()
    r.trail(message, {"delayed"}, seconds=35)
    assert len(tried) == 4, tried
    assert r.stop() == 0


def test_caps_under_a_clock_that_jumps(folder):
    """A day and a half ahead and back: no second cap, no day more of waiting, and nothing held expires."""
    env, jump = preload(folder)
    sink = Sink()
    r = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" daily-cap = 1 }}\n'
              'retry { expire = "1d" }\n', env=env)
    first, early = r.submit(), r.submit()
    r.trail(first, {"handed-over"})
    r.trail(early, {"held"})
    jump(3 * DAY // 2)
    wait_until(lambda: "put ahead by 36 hours" in r.said(), why=r.said)
    late = r.submit()
    r.trail(late, {"held"})
    wait_until(lambda: next_of(r, early) > 2 * DAY, why="it is judged again")
    jump(0)
    wait_until(lambda: next_of(r, early) < DAY + 60 and next_of(r, late) < 2 * DAY + 60, why=lambda: (next_of(r, early), next_of(r, late)))
    r.stop()
    r.start()
    assert [x["state"] for m in (early, late) for x in r.json("trace", m)["recipients"]] == ["held", "held"]
    assert len(sink.messages) == 1
    assert r.stop() == 0


def test_a_restart_gives_no_second_rate(folder):
    """What an account may hand in within an hour, over a kill."""
    r = Relay(folder, ROUTE + account(more='rate = "5/1h"'))

    def hand_in():
        with smtplib.SMTP("127.0.0.1", r.port, timeout=20) as c:
            c.login("app@example.com", PASSWORD)
            c.mail("app@example.com")
            return c.rcpt("b@example.net")[0] == 250 and c.data(b"Subject: x\r\n\r\nx\r\n")[0] == 250
    assert [hand_in() for _ in range(6)] == [True] * 5 + [False]
    r.kill()
    r.start()
    assert not hand_in()
    assert r.stop() == 0


def test_descriptors_run_out_while_it_runs(folder):
    """Clients hear 421, deliveries wait and no try counts; when there are some it goes on, and the log says which setting."""
    sink = Sink()
    r = Relay(folder, f'route "other" {{ recipients = {{ "*@other.test" }} smarthost = "{sink.where}" security = "none" }}\n'
              f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
    kept = Raw(r.port)
    kept.hello()
    used = max(int(x.name) for x in pathlib.Path(f"/proc/{r.process.pid}/fd").iterdir()) + 1
    old = resource.prlimit(r.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(r.process.pid, resource.RLIMIT_NOFILE, (used, old[1]))
    kept.envelope()
    assert kept.say("DATA")[0] == 354
    answer, text = kept.say(b"Subject: x\r\n\r\nx\r\n.\r\n")  # who is in is served
    assert answer == 250, text
    late, message = Raw(r.port, greeting=False), text.split()[3]
    wait_until(lambda: r.said().count("LimitNOFILE") == 2, why=r.said)
    assert "not the server" in r.said() and not sink.messages
    for c in (late, Raw(r.port, greeting=False)):
        code, text = c.reply()
        assert code == 421 and "4.3.2" in text, (code, text)
    resource.prlimit(r.process.pid, resource.RLIMIT_NOFILE, old)
    wait_until(lambda: Raw(r.port, greeting=False).reply()[0] == 220)
    r.submit(rcpts=["b@other.test"])
    assert sink.wait(2, 8), r.said()  # no destination has failed: none rests
    own = r.trail(message, {"handed-over"})
    assert not [x for x in own["trail"] if x["state"] == "delayed"], own
    assert send(r)[0] == 250
    assert r.stop() == 0
