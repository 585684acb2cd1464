# SPDX-License-Identifier: Apache-2.0
"""The relay as a service: who it is, what it may, what it tells its manager, and a disk that has no room."""
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import time

from door import ROUTE, Raw, certificate, is_sanitized, wait_until
from ports import free_port
from relay import PROGRAM, Relay
from run import Skip
from sink import Sink
from web import Api

MB = 1 << 20


def status_of(relay):
    lines = pathlib.Path(f"/proc/{relay.process.pid}/status").read_text().splitlines()
    return {k: v.split() for k, v in (line.split(":", 1) for line in lines)}


def need_root():
    if os.geteuid() != 0:
        raise Skip("only root can become somebody else")


def send(relay, body=b"x"):
    with Raw(relay.port) as c:
        c.hello()
        c.envelope()
        code, text = c.say("DATA")
        if code != 354:
            return code, text
        return c.say(b"Subject: x\r\n\r\n" + body + b"\r\n.\r\n")


def threads_of(relay):
    names = [(task / "comm").read_text().strip() for task in pathlib.Path(f"/proc/{relay.process.pid}/task").iterdir()]
    return {name: names.count(name) for name in names}


def test_threads_have_names(folder):
    """top -H and a crash tell them apart; the filter of system calls lets them be given."""
    sink = Sink()
    api = Api(folder, port=sink.port)
    api.states(api.send()["id"], {"handed-over"})
    wait_until(lambda: {"pr-writer", "pr-index", "pr-log", "pr-work", "pr-news", "pr-check"} <= set(threads_of(api.relay)))
    wait_until(lambda: threads_of(api.relay)["postrider"] == 1, why=threads_of(api.relay))  # the loop's: the program's own name
    if not is_sanitized():
        assert status_of(api.relay)["Seccomp"] == ["2"]
    api.stop()


def test_becomes_a_user(folder):
    """Bound as root, then nobody special: no privilege, none to be had, no program to be started."""
    need_root()
    shutil.chown(folder, "root")
    r = Relay(folder, certificate(folder) + ROUTE + 'user = "nobody"\nlisten "127.0.5.5:587" { security = "starttls" }\n',
              listen=False)
    status = status_of(r)
    assert all(x != "0" for x in status["Uid"] + status["Gid"]), status["Uid"]
    assert status["NoNewPrivs"] == ["1"] and int(status["CapEff"][0], 16) == int(status["CapPrm"][0], 16) == 0
    if not is_sanitized():  # the sanitizers' own work would be refused
        assert status["Seccomp"] == ["2"], "no filter of system calls"
        threads = [t.read_text() for t in pathlib.Path(f"/proc/{r.process.pid}/task").glob("*/status")]
        assert len(threads) > 1 and all("Seccomp:\t2" in t for t in threads)
    assert "running as root" not in r.said()
    with Raw(587, "127.0.5.5") as c:
        c.hello()
        c.envelope()
        assert c.say("DATA")[0] == 354
        assert c.say(b"Subject: x\r\n\r\nx\r\n.\r\n")[0] == 250
    for path in [r.data, *r.data.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode & 0o077 == 0, (path, oct(mode))
        assert path.lstat().st_uid != 0, path
    r.signal(1)  # what it may read as this user, it reads again
    os.chmod(f"{folder}/cert.key", 0o644)
    r.signal(1)
    wait_until(lambda: "read again" in r.said())
    assert r.stop() == 0


def test_keys_that_root_alone_can_read(folder):
    """They are told at the start, and go on at SIGHUP: what else is new there must not wait for them."""
    need_root()
    folder.chmod(0o755)
    subprocess.run(["openssl", "genrsa", "-out", f"{folder}/dkim.key", "2048"], check=True, capture_output=True)
    config = (certificate(folder) + ROUTE + f'user = "nobody"\nsign "example.com" {{ selector = "s1" key = "{folder}/dkim.key" }}\n'
              'listen "127.0.5.6:587" { security = "starttls" }\n')
    for key in ("cert.key", "dkim.key"):
        os.chown(folder / key, 0, 0)
        os.chmod(folder / key, 0o600)
    r = Relay(folder, config, listen=False)
    for key in ("cert.key", "dkim.key"):
        assert f"nobody, as whom the relay runs, cannot read {folder}/{key}" in r.said(), r.said()
    r.write(config + 'listen "127.0.5.6:2525" { security = "none" }\n', listen=False)
    r.signal(1)
    wait_until(lambda: "read again" in r.said(), why=r.said)
    said = r.said()
    assert "cert.key" in said and "the certificate before it goes on, until 20" in said, said
    assert "dkim.key" in said and "the signing keys read before go on" in said, said
    with Raw(2525, "127.0.5.6") as new, Raw(587, "127.0.5.6") as old:
        assert "STARTTLS" in old.hello()
        new.hello()
    certificate(folder, "other")
    os.chmod(folder / "other.key", 0o600)
    r.write(config.replace("cert.", "other."), listen=False)  # another pair: not to be taken for that one
    r.signal(1)
    wait_until(lambda: r.said().count("other.key") > 1 and "Permission denied" in r.said().splitlines()[-1], why=r.said)
    assert r.said().count("read again") == 1, r.said()
    assert r.stop() == 0


def test_root_that_reads_of_a_user(folder):
    """Started by root without one, it stays root: at SIGHUP it tries nothing as the new one, and lives on."""
    need_root()
    folder.chmod(0o755)
    config = certificate(folder) + ROUTE
    os.chmod(folder / "cert.key", 0o600)
    r = Relay(folder, config)
    assert "running as root" in r.said(), r.said()
    r.write(config + 'user = "nobody"\n')
    r.signal(1)
    wait_until(lambda: "read again" in r.said(), why=r.said)
    assert "cannot read" not in r.said(), r.said()
    assert status_of(r)["Uid"] == ["0"] * 4 and send(r)[0] == 250
    assert r.stop() == 0


def test_no_such_user(folder):
    need_root()
    r = Relay(folder, ROUTE + 'user = "no-such-user-here"\n', start=False)
    done = subprocess.run([str(PROGRAM), "serve", "--config", str(r.conf)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "adduser" in done.stderr, (done.returncode, done.stderr)


def test_what_cannot_be_started(folder):
    """Wrong configurations end with 2 and the mend; what is not possible here with 3."""
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    cases = [
        ("", False, 2, "listen"),
        ('listen "127.0.0.1:0" { security = "tls" }\n', False, 2, "certificate"),
        (f'listen "127.0.0.1:{port}" {{ security = "none" }}\n', False, 3, "another program listens"),
        ('certificate { file = "/nonexistent.pem"  key = "/nonexistent.key" }\n', True, 2, "nonexistent"),
        ("allow-from = { \"0.0.0.0/0\" }\n", True, 2, "allow-from"),
    ]
    for i, (config, listen, code, word) in enumerate(cases):
        own = folder / str(i)
        own.mkdir()
        r = Relay(own, ROUTE + config, listen=listen, start=False)
        done = subprocess.run([str(PROGRAM), "serve", "--config", str(r.conf)], capture_output=True, text=True, timeout=20)
        assert done.returncode == code and word in done.stderr and not done.stdout, (config, done.returncode, done.stderr)
    done = subprocess.run([str(PROGRAM), "serve", "--config", str(folder / "none")], capture_output=True, text=True, timeout=20)
    assert done.returncode in (2, 3) and "none" in done.stderr, done.stderr


def test_one_store_one_relay(folder):
    r = Relay(folder, ROUTE)
    done = subprocess.run([str(PROGRAM), "serve", "--config", str(r.conf)], capture_output=True, text=True, timeout=20)
    assert done.returncode in (2, 3) and str(r.data) in done.stderr, (done.returncode, done.stderr)
    assert send(r)[0] == 250
    assert r.stop() == 0


def test_tells_its_manager(folder):
    """sd_notify: ready, reloading, the watchdog, stopping."""
    path = folder / "notify"
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(path))
    os.chmod(path, 0o666)
    manager.settimeout(10)
    r = Relay(folder, ROUTE, env={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "400000"})

    def until(word):
        seen = []
        while not any(word in x for x in seen):
            seen.append(manager.recv(4096).decode())
        return seen
    until("READY=1")
    until("WATCHDOG=1")
    until("WATCHDOG=1")
    r.signal(1)
    seen = until("RELOADING=1")
    assert "MONOTONIC_USEC=" in seen[-1]
    until("READY=1")
    r.signal(15)
    until("STOPPING=1")
    r.process.wait(10)
    assert r.process.returncode == 0


def test_disk_full(folder):
    """New mail is answered 452 with what to do, none of it is lost, and it heals by itself."""
    need_root()
    data = folder / "data"
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200M", "tmpfs", str(data)], capture_output=True).returncode:
        raise Skip("no file system can be mounted here")
    try:
        r = Relay(folder, ROUTE)
        assert send(r)[0] == 250
        free = os.statvfs(data).f_bavail * os.statvfs(data).f_frsize
        with open(data / "ballast", "wb") as f:
            os.posix_fallocate(f.fileno(), 0, free - 10 * MB)
        wait_until(lambda: send(r)[0] == 452, 15)
        code, text = send(r)
        assert code == 452 and "4.3.1" in text and "nothing is lost" in text.lower() and len(text) > 60, text
        os.unlink(data / "ballast")
        wait_until(lambda: send(r)[0] == 250, 15)
        assert r.stop() == 0
    finally:
        subprocess.run(["umount", "-l", str(data)], check=False)


def test_nothing_can_be_written(folder):
    """No byte more can be written (a quota, a fault): 452 with the mend, and it heals."""
    need_root()
    data = folder / "data"
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300M", "tmpfs", str(data)], capture_output=True).returncode:
        raise Skip("no file system can be mounted here")
    try:
        r = Relay(folder, ROUTE)
        assert send(r)[0] == 250
        limit = subprocess.run(["prlimit", "--fsize=4096:unlimited", "--pid", str(r.process.pid)], capture_output=True)
        if limit.returncode:
            raise Skip("no limit can be set")
        wait_until(lambda: send(r)[0] == 452, 15)
        code, text = send(r)
        assert code == 452 and "nothing is lost" in text.lower(), text
        subprocess.run(["prlimit", "--fsize=unlimited:unlimited", "--pid", str(r.process.pid)], check=True)
        wait_until(lambda: send(r)[0] == 250, 20)
        assert r.stop() == 0
    finally:
        subprocess.run(["umount", "-l", str(data)], check=False)


def test_budget(folder):
    r = Relay(folder, ROUTE + 'keep { budget = "160M" }\n')
    got = []
    end = time.monotonic() + 40
    while time.monotonic() < end and (not got or got[-1] == 250):
        got.append(send(r, (b"y" * 998 + b"\r\n") * 4000)[0])
    assert got[-1] == 452 and len(got) > 3, got
    used = sum(x.stat().st_blocks * 512 for x in r.data.rglob("*") if x.is_file())
    assert 120 * MB < used < 165 * MB, used
    assert r.stop() == 0


def test_wait_for_the_next_server(folder):
    """wait = "8s": the answer to the dot carries what the next server said, when it comes in time."""
    from sink import Sink
    sink = Sink(says={"DOT": "250 2.0.0 Ok: queued as REMOTE17", "RCPT bad@example.net": "550 5.1.1 no such user here",
                      "RCPT busy@example.net": "451 4.3.2 come back later", "RCPT slow@example.net": None})
    r = Relay(folder, f'route "out" {{ recipients = {{ "*" }}  smarthost = "{sink.where}"  security = "none" }}\n'
              'listen "127.0.0.1:0" { security = "none"  wait = "3s" }\n', listen=False)

    def to(*rcpts):
        with Raw(r.port) as c:
            c.hello()
            c.envelope("app@example.com", *rcpts)
            assert c.say("DATA")[0] == 354
            begin = time.monotonic()
            code, text = c.say(b"Subject: x\r\nFrom: app@example.com\r\n\r\nx\r\n.\r\n")
            assert c.say("NOOP")[0] == 250
            return code, text, time.monotonic() - begin
    code, text, _ = to("good@example.net")
    assert code == 250 and "handed over" in text and "REMOTE17" in text, text
    code, text, _ = to("bad@example.net")
    assert code == 550 and "5.1.1" in text and "no such user here" in text, text
    code, text, _ = to("good@example.net", "bad@example.net")
    assert code == 250 and "1 recipient handed over, 1 refused, 0 tried again; refused: bad@example.net: 550 " in text, text
    code, text, _ = to("busy@example.net")
    assert code == 250 and "durable" in text and "come back later" in text, text
    code, text, took = to("slow@example.net")
    assert code == 250 and "queued as" in text and 2.5 < took < 6, (text, took)
    # The refused one was told at the dot; only the one of two recipients is reported.
    wait_until(lambda: sum(1 for x in r.log_lines("queue.log") if x.get("state") == "queued" and x.get("sender") == "") == 1)
    time.sleep(0.3)
    assert sum(1 for x in r.log_lines("queue.log") if x.get("state") == "queued" and x.get("sender") == "") == 1
    r.stop()


def test_the_package_ships_what_works(folder):
    """The example configuration is in order, and the unit calls the program as it wants to be called."""
    packaging = pathlib.Path(__file__).resolve().parents[2] / "packaging"
    example = packaging / "examples" / "postrider.conf"
    checked = subprocess.run([PROGRAM, "config", "check", "--config", example], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "This is no open relay" in checked.stdout, checked.stdout
    (folder / "postrider.conf").write_text(example.read_text().replace("/var/lib/postrider", str(folder / "data"))
                                           .replace(":2525", ":0").replace('user = "postrider"', 'user = ""'))  # none such here
    unit = dict(line.split("=", 1) for line in (packaging / "systemd" / "postrider.service").read_text().splitlines()
                if line.startswith("ExecStart"))
    for command in unit.values():
        words = command.replace("/usr/bin/postrider", str(PROGRAM)).replace(
            "/etc/postrider/postrider.conf", str(folder / "postrider.conf")).split()
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
            if "serve" in words:
                wait_until(lambda: (folder / "data" / "control").exists())
                running.terminate()
            said, _ = running.communicate(timeout=20)
            assert running.returncode == 0, said


def test_config_check_is_exact(folder):
    """Words it does not know are no files' names; a folder or an empty file holds no password."""
    def said(*words, status=2):
        done = subprocess.run([PROGRAM, "config", "check", *words], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == status, done
        return done.stdout + done.stderr
    conf = folder / "a.conf"
    conf.write_text('\ufefflisten "127.0.0.1:0" {}\n')
    assert "in order" in said("-c", str(conf), status=0)
    quiet = said(str(conf), "--quiet", status=0)
    assert quiet == "" or os.geteuid() == 0 and "it stays root" in quiet and quiet.count("\n") == 1, quiet
    for words, why in ((["--bogus"], "cannot understand"), (["--config"], "without a value"),
                       ([str(conf), str(conf)], "cannot understand")):
        assert why in said(*words), words
    (folder / "empty").write_text("")
    for name, why in ((folder, "is a folder"), (folder / "empty", "is empty")):
        conf.write_text(f'listen "127.0.0.1:0" {{}}\nroute "a" {{ smarthost = "x.example:587" user = "u" password-file = "{name}" }}\n')
        assert f"a.conf:2: {name} {why}" in said(str(conf))


def test_all_addresses(folder):
    """"*" takes IPv4 and IPv6 alike, and the command line finds its way in."""
    sink = Sink()
    port = free_port()
    relay = Relay(folder, f'listen "*:{port}" {{ security = "none" }}\nroute "out" {{ smarthost = "{sink.where}" security = "none" }}\n',
                  listen=False)
    for address in ("127.0.0.1", "::1"):
        with socket.create_connection((address, port), timeout=10) as s:
            assert s.recv(4) == b"220 ", address
    relay.run("send", "--via", "queue", "-f", "a@example.com", "--to", "b@example.net", "--subject", "x", "--text", "-", stdin="x\n", check=0)
    assert sink.wait(1)
    assert relay.stop() == 0
