# SPDX-License-Identifier: Apache-2.0
"""Monitors on their schedule, their history, and who is told of what."""
import contextlib
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import threading
import time
import urllib.request

from certs import Authority
from door import wait_until
from relay import PROGRAM, Relay
from sink import Sink

QUICK = 'every = "2s" again = "1s" timeout = "6s"'


class Hook:
    """A webhook's other end: keeps what is posted; refuses the first `refuse` posts."""

    def __init__(self, refuse=0):
        hook = self
        self.posts = []
        self.refuse = refuse

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posts.append((dict(self.headers), body))
                self.send_response(503 if len(hook.posts) <= hook.refuse else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def letters(sink):
    return [email.message_from_bytes(m["data"], policy=email.policy.default) for m in sink.messages]


def subjects(sink):
    return [str(m["Subject"]) for m in letters(sink)]


def health(relay):
    return json.loads(relay.run("monitor", "list", "--json").stdout)


def state(relay, name):
    return next(m["state"] for m in health(relay)["monitors"] if m["name"] == name)


def away(port=0):
    """A server's port at which nobody listens, until somebody does."""
    with socket.create_server(("127.0.0.1", port)) as s:
        return s.getsockname()[1]


def test_bad_and_well_again(folder):
    out, server, hook = Sink(), Sink(extensions=("AUTH PLAIN LOGIN",)), Hook()
    (folder / "secret").write_text("s3cret\n")
    (folder / "pw").write_text("hunter22\n")
    command = folder / "tell"
    # Whole or not there: the second alert's writes while the first one's is read.
    command.write_text(f"#!/bin/sh\ncd {folder}\ncat >> told; echo >> told\nenv > new.env; mv new.env env\n"
                       "ls -l /proc/self/fd > new.fds; mv new.fds fds\n")
    command.chmod(0o755)
    relay = Relay(folder, f'''
route "out" {{ smarthost = "{out.where}" security = "none" }}
profile "office" {{ host = "127.0.0.1" port = {server.port} security = "none" user = "clerk@example.com" password-file = "pw" }}
monitor "office" {{ target = "profile:office" {QUICK} until = "auth" }}
alert "ops" {{ mail = {{ "ops@example.com" }} webhook = "{hook.url}" secret-file = "secret" command = "{command}" }}
''')
    wait_until(lambda: state(relay, "office") == "well")
    server.says["AUTH"] = "535 5.7.8 Error: authentication failed"
    assert out.wait(1, 15), relay.said()
    wait_until(lambda: hook.posts and (folder / "told").exists() and (folder / "fds").exists())
    server.says.pop("AUTH")
    assert out.wait(2, 15), relay.said()
    wait_until(lambda: len(hook.posts) == 2)

    bad, well = letters(out)
    assert bad["Subject"].startswith("[postrider] office is bad: "), bad["Subject"]
    assert str(well["Subject"]) == "[postrider] office is well again"
    text = " ".join(bad.get_content().split())
    assert "535 5.7.8 Error: authentication failed" in text and "What to do" in text and "auth-" in text, text
    assert "hunter22" not in bad.get_content()
    assert bad["To"] == "ops@example.com" and "postrider@relay.test" in bad["From"]

    headers, body = hook.posts[0]
    told = json.loads(body)
    assert told["kind"] == "bad" and told["monitors"][0]["name"] == "office" and told["monitors"][0]["finding"]["id"]
    stamp, mark = (x.split("=", 1)[1] for x in headers["Postrider-Signature"].split(","))
    assert mark == hmac.new(b"s3cret", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert json.loads((folder / "told").read_text().splitlines()[0])["kind"] == "bad"
    environment = (folder / "env").read_text()
    assert "HOME" not in environment and "PATH=" in environment, environment
    assert "socket" not in (folder / "fds").read_text(), (folder / "fds").read_text()

    document = health(relay)
    assert [a["kind"] for a in document["alerts"] if a["way"] == "mail"] == ["well", "bad"]
    assert all(a["result"].startswith(("queued", "delivered", "run")) for a in document["alerts"]), document["alerts"]
    runs = document["monitors"][0]["history"]
    assert {"ok", "failing"} <= {r["verdict"] for r in runs} and all(r["steps"]["connect"] >= 0 for r in runs)
    assert relay.run("monitor", "show", "office", "--bad").returncode == 1
    shown = " ".join(relay.run("monitor", "show", "office", "--bad").stdout.split())
    assert "535 5.7.8" in shown and "What to do" in shown, shown
    assert "% of them well" in relay.run("monitor", "history", "office", check=0).stdout
    assert relay.run("monitor", "run", "office", check=0).stdout
    assert relay.stop() == 0


def test_who_has_stopped_looking_vouches_for_nothing(folder):
    """A relay that ended an hour ago: its monitors are told as late, also to a script that asks for what is not well."""
    server = Sink()
    relay = Relay(folder, f'monitor "office" {{ target = "{server.where}" {QUICK} security = "none" until = "connect" }}\n')
    wait_until(lambda: state(relay, "office") == "well")
    assert "WELL" in relay.run("monitor", check=0).stdout and not relay.run("monitor", "--quiet", check=0).stdout
    assert relay.stop() == 0
    with contextlib.closing(sqlite3.connect(relay.data / "watch.db")) as db, db:
        (text,) = db.execute("SELECT text FROM state WHERE monitor = 'office'").fetchone()
        db.execute("UPDATE state SET text = ?", (re.sub(r"\b\d{13}\b", lambda ms: str(int(ms[0]) - 3600000), text),))
    for words in (["monitor"], ["monitor", "--quiet"]):
        said = relay.run(*words, check=3).stdout
        assert said.startswith("LATE ") and "was well" in said and "is `postrider serve` running?" in said, said


def test_flapping_is_told_once_and_survives_a_restart(folder):
    out, server = Sink(), Sink()
    config = f'''
route "out" {{ smarthost = "{out.where}" security = "none" }}
monitor "office" {{ target = "{server.where}" {QUICK} security = "none" until = "connect" }}
alert "ops" {{ mail = {{ "ops@example.com" }} }}
'''
    relay = Relay(folder, config)
    wait_until(lambda: state(relay, "office") == "well")
    count = [0]

    def flap(_):
        count[0] += 1
        return "220 sink.test" if count[0] % 2 else "554 5.7.1 no"

    server.says["CONNECT"] = flap
    assert out.wait(1, 20), relay.said()
    assert relay.stop() == 0
    relay.start()
    wait_until(lambda: count[0] >= 9, seconds=30)
    assert state(relay, "office") == "bad"
    assert len(out.messages) == 1, subjects(out)
    server.says.pop("CONNECT")
    assert out.wait(2, 15)
    assert [s.split(":")[0] for s in subjects(out)] == ["[postrider] office is bad", "[postrider] office is well again"]
    assert relay.stop() == 0


def test_the_network_is_away(folder):
    """No resolver answers: each monitor fails alike, which is one alert; later those that work stay silent."""
    from names import Names
    hook, server = Hook(), Sink()
    port = away()
    names = f"127.0.0.1:{port}"
    relay = Relay(folder, f'''
resolver = "{names}"
route "out" {{ smarthost = "127.0.0.1:1" security = "none" }}
monitor "a" {{ target = "a.example:{server.port}" {QUICK} security = "none" until = "connect" }}
monitor "b" {{ target = "b.example:{server.port}" {QUICK} security = "none" until = "connect" }}
alert "ops" {{ webhook = "{hook.url}" }}
''')
    wait_until(lambda: hook.posts, seconds=30)
    time.sleep(2)
    kinds = [json.loads(body)["kind"] for _, body in hook.posts]
    assert kinds == ["away"], kinds
    assert "all 2 monitors fail" in json.loads(hook.posts[0][1])["subject"]
    resolver = Names({("a.example", "A"): ["127.0.0.1"], ("b.example", "A"): ["127.0.0.1"]}, port=port)
    wait_until(lambda: state(relay, "a") == state(relay, "b") == "well", seconds=30)
    time.sleep(2)
    kinds = [json.loads(body)["kind"] for _, body in hook.posts]
    assert kinds == ["away", "back"], kinds
    resolver.close()
    assert relay.stop() == 0


def test_reload_and_expiring(folder):
    out, server = Sink(), Sink()
    head = f'''
route "out" {{ smarthost = "{out.where}" security = "none" }}
alert "ops" {{ mail = {{ "ops@example.com" }} when = {{ "expiring" }} }}
'''
    monitor = f'monitor "%s" {{ target = "{server.where}" {QUICK} security = "none" until = "connect" secret-expires = "%s" }}\n'
    soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 5 * 86400))
    late = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 50 * 86400))
    relay = Relay(folder, head + monitor % ("one", late))
    wait_until(lambda: state(relay, "one") == "well")
    relay.write(head + monitor % ("two", soon))
    relay.signal(signal.SIGHUP)
    assert out.wait(1, 15), relay.said()
    wait_until(lambda: state(relay, "two") == "well")
    time.sleep(3)
    assert len(out.messages) == 1 and "of two runs out in" in subjects(out)[0], subjects(out)
    document = health(relay)
    assert [m["name"] for m in document["monitors"]] == ["two"]
    assert [(x["name"], x["warn"]) for x in document["expiring"]] == [("two", True)], document["expiring"]
    server.says["CONNECT"] = "554 no"        # bad is not what this alert wants to hear
    wait_until(lambda: state(relay, "two") == "bad", seconds=15)
    time.sleep(2)
    assert len(out.messages) == 1, subjects(out)
    relay.write(head.replace("ops@example.com", "ops") + monitor % ("two", soon))
    relay.signal(signal.SIGHUP)
    wait_until(lambda: "an address such as ops@example.com" in relay.said())
    assert relay.stop() == 0


def test_certificates_run_out(folder):
    authority = Authority(folder)
    own, server = authority.certificate("relay.test", days=6), authority.certificate("127.0.0.1", days=3)
    out, next_hop = Sink(), Sink(certificate=server)
    relay = Relay(folder, f'''
ca-file = "{authority.file}"
certificate {{ file = "{own[0]}" key = "{own[1]}" }}
route "out" {{ smarthost = "{out.where}" security = "none" }}
monitor "hop" {{ target = "{next_hop.where}" {QUICK} security = "starttls" until = "tls" }}
alert "ops" {{ mail = {{ "ops@example.com" }} }}
''')
    wait_until(lambda: len({x["kind"] for x in health(relay)["expiring"]}) == 2)
    left = {x["kind"]: (x["name"], x["days_left"]) for x in health(relay)["expiring"]}
    assert left == {"certificate": (next_hop.where, 2), "own-certificate": (own[0], 5)}, left
    wait_until(lambda: {"certificate of " + next_hop.where, own[0]} <=
               {x for m in letters(out) for x in ("certificate of " + next_hop.where, own[0]) if x in m.get_content()},
               seconds=20, why=subjects(out))
    told = len(out.messages)
    time.sleep(4)
    assert len(out.messages) == told <= 3, subjects(out)     # each once; a new warning of the check may be told, too
    assert relay.stop() == 0


def test_metrics(folder):
    server = Sink()
    relay = Relay(folder, f'''
route "out" {{ smarthost = "127.0.0.1:1" security = "none" }}
http {{ listen = "127.0.0.1:0" open = "read" }}
monitor "an \\"odd\\" name" {{ target = "{server.where}" {QUICK} security = "none" until = "connect" secret-expires = "2030-01-01" }}
''')
    odd = 'an \\"odd\\" name'

    def metrics():
        with urllib.request.urlopen(f"http://127.0.0.1:{relay.ports[-1]}/metrics", timeout=10) as answer:
            return answer.read().decode()
    wait_until(lambda: f'postrider_monitor_last_run_timestamp_seconds{{monitor="{odd}"}} 1' in metrics())
    assert f'postrider_monitor_bad{{monitor="{odd}"}} 0\n' in metrics()
    assert f'postrider_expiry_timestamp_seconds{{kind="client-secret",name="{odd}"}} 1893456000\n' in metrics()
    server.says["CONNECT"] = "554 no"
    wait_until(lambda: f'postrider_monitor_bad{{monitor="{odd}"}} 1\n' in metrics(), seconds=15)
    assert relay.stop() == 0


def test_config_check_looks_at_files(folder):
    relay = Relay(folder, 'alert "x" { command = "/nope/x" }\n', start=False)
    said = subprocess.run([PROGRAM, "config", "check", str(relay.conf)], capture_output=True, text=True, timeout=30).stderr
    assert "postrider.conf:4: /nope/x cannot be run" in said, said
    assert relay.run("monitor", check=0).stdout.startswith("No monitor is configured")


def test_the_relay_counts(folder):
    out = Sink(says={"RCPT no@example.net": "550 5.1.1 User unknown"})
    relay = Relay(folder, f'''
route "out" {{ smarthost = "{out.where}" security = "none" daily-cap = 50 }}
account "app" {{ password-hash = "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0" daily-cap = 7 }}
''')
    relay.trail(relay.submit(), {"handed-over"})
    relay.trail(relay.submit(rcpts=("no@example.net",)), {"refused"})
    assert out.wait(2)
    wait_until(lambda: len(relay.log_lines("handed-over.log")) == 2)
    assert relay.stop() == 0                    # the last figures are written at the end
    document = health(relay)
    day = document["days"][-1]
    # The report to the sender of what was refused is handed over, too.
    assert (day["taken"], day["handed_over"], day["refused"], day["bounced"]) == (2, 2, 1, 0), day
    assert document["queue"] and document["queue"][0]["waiting"] == 0
    used = {(c["kind"], c["name"]): (c["used"], c["most"]) for c in document["caps"]}
    assert used[("account", "app")] == (0, 7) and used[("route", "out")][1] == 50, document["caps"]
    mode = stat.S_IMODE(os.stat(relay.data / "watch.db").st_mode)
    assert mode == 0o600, oct(mode)
