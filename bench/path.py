#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A check with login over a path of 50 ms round trip, beside swaks.

    postrider lab run path --dir DIR -- bench/path.py far PROGRAM LINK {dir} {password} [RUNS]

runs in the lab's network (the far end), makes two more namespaces (the path and
the near end) and starts itself in the near end, where it measures.  Needs no
root: the lab's user namespace has the rights.

The serial chain is what the protocol itself makes one wait for.  It is counted
here, not measured: each row is one round trip that cannot begin before the one
above has come back."""
import json
import os
import statistics
import subprocess
import sys
import time

RTT_MS = 50
HOST, ADDRESS, RESOLVER = "mail.acme.example", "192.0.2.25", "192.0.2.44"
NEAR, FAR = "10.50.0.1", "10.50.0.2"
CHAIN_LOGIN = ["DNS question", "TCP handshake", "greeting", "EHLO", "STARTTLS", "TLS 1.3 handshake",
               "EHLO after TLS", "AUTH PLAIN with initial response"]
CHAIN_MAIL = CHAIN_LOGIN + ["MAIL FROM", "RCPT TO"]
RATIO_BAR = 1.3


def sh(*command, **more):
    return subprocess.run(command, check=True, **more)


def ip(*words):
    sh("ip", *words)


def ip_in(pid, *words):
    sh("nsenter", "--net", "-t", str(pid), "ip", *words)


def own_network(*command, mount=False):
    """A process in a network of its own; it runs on only when it is told to."""
    script = 'echo up; read go; exec "$@"'
    p = subprocess.Popen(["unshare", "--net", *(["--mount"] if mount else []), "sh", "-c", script, "sh", *command],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    p.stdout.readline()
    return p


def go_on(p):
    p.stdin.write("go\n")
    p.stdin.flush()


def mac_of(text):
    return json.loads(text)[0]["address"]


def lay(near, path):
    """near -- path -- here, with fixed neighbours: no ARP is in what is measured."""
    for inner, outer, pid in (("near0", "path0", near.pid), ("far0", "path1", None)):
        ip("link", "add", inner, "type", "veth", "peer", "name", outer)
        ip("link", "set", outer, "netns", str(path.pid))
        ip_in(path.pid, "link", "set", outer, "up")
        if pid:
            ip("link", "set", inner, "netns", str(pid))
    far_mac = mac_of(subprocess.check_output(["ip", "-j", "link", "show", "far0"], text=True))
    near_mac = mac_of(subprocess.check_output(["nsenter", "--net", "-t", str(near.pid), "ip", "-j", "link", "show",
                                               "near0"], text=True))
    ip("addr", "add", FAR + "/24", "dev", "far0")
    ip("link", "set", "far0", "up")
    ip("neigh", "add", NEAR, "lladdr", near_mac, "dev", "far0", "nud", "permanent")
    ip_in(near.pid, "link", "set", "lo", "up")
    ip_in(near.pid, "addr", "add", NEAR + "/24", "dev", "near0")
    ip_in(near.pid, "link", "set", "near0", "up")
    ip_in(near.pid, "neigh", "add", FAR, "lladdr", far_mac, "dev", "near0", "nud", "permanent")
    ip_in(near.pid, "route", "add", "192.0.2.0/24", "via", FAR)


def far(program, link, folder, password, runs):
    path = own_network(link, "path0", "path1", str(RTT_MS * 1000 // 2))
    near = own_network(sys.executable, os.path.abspath(__file__), "near", program, folder, password, runs, mount=True)
    try:
        lay(near, path)
        go_on(path)
        if path.stdout.readline() != "ready\n":
            sys.exit("the path is not up")
        go_on(near)
        sys.stdout.write(near.communicate(timeout=300)[0])
        return near.returncode
    finally:
        path.kill()
        near.kill()


def once(command):
    """Elapsed ms, and the exit status."""
    began = time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    return (time.monotonic() - began) * 1000, done.returncode, done.stdout + done.stderr


def round_trip_ms():
    took = []
    for _ in range(5):
        began = time.monotonic()
        import socket
        socket.create_connection((ADDRESS, 587)).close()
        took.append((time.monotonic() - began) * 1000)
    return statistics.median(took)


def measure(command, runs):
    took = []
    for _ in range(runs):
        ms, status, said = once(command)
        if status:
            print(said.decode(errors="replace"))
            sys.exit(f"{command[0]} ended with {status}")
        took.append(ms)
    return took


def near(program, folder, password, runs):
    resolv = os.path.join(folder, "resolv.far")
    with open(resolv, "w", encoding="ascii") as f:
        f.write(f"nameserver {RESOLVER}\n")
    sh("mount", "--bind", resolv, "/etc/resolv.conf")
    with open(password, encoding="utf-8") as f:
        word = f.read()
    common = [program, "check", HOST + ":587", "--security", "starttls", "--user", "clerk@acme.example",
              "--password-file", password, "--resolver", RESOLVER, "--ca-file", os.path.join(folder, "ca.pem")]
    mail = ["--from", "clerk@acme.example", "--to", "clara@recipient.example"]
    swaks = ["swaks", "--server", HOST, "--port", "587", "-tls", "--auth", "PLAIN", "--auth-user",
             "clerk@acme.example", "--auth-password", word]
    rows = [("check with login", common, CHAIN_LOGIN, True),
            ("  the same, --no-experiments", common + ["--no-experiments"], CHAIN_LOGIN, True),
            ("swaks --quit-after AUTH", swaks + ["--quit-after", "AUTH", "--from", "clerk@acme.example"],
             CHAIN_LOGIN, False),
            ("check with login, sender, recipient", common + mail, CHAIN_MAIL, True),
            ("swaks --quit-after RCPT", swaks + ["--quit-after", "RCPT"] + mail, CHAIN_MAIL, False)]
    rtt = round_trip_ms()
    print(f"path: {rtt:.1f} ms round trip (TCP connect, median of 5); {runs} runs each, interleaved")
    print(f"{'':38}{'chain':>9}{'median ms':>11}{'lowest':>8}{'highest':>9}{'x chain':>9}")
    took = {name: [] for name, *_ in rows}
    for _ in range(runs):
        for name, command, _, _ in rows:
            took[name] += measure(command, 1)
    missed = 0
    for name, _, chain, ours in rows:
        median, least = statistics.median(took[name]), len(chain) * RTT_MS
        missed += ours and median > RATIO_BAR * least
        print(f"{name:38}{len(chain):>3} x {RTT_MS}{median:>11.0f}{min(took[name]):>8.0f}{max(took[name]):>9.0f}"
              f"{median / least:>9.2f}")
    print(f"chain: {', '.join(CHAIN_MAIL)}; bar for ours: {RATIO_BAR}: {'missed' if missed else 'kept'}")
    return 1 if missed else 0


def main():
    role, *rest = sys.argv[1:]
    if role == "far":
        program, link, folder, password, runs = rest
        return far(program, link, folder, password, runs)
    program, folder, password, runs = rest
    return near(program, folder, password, int(runs))


if __name__ == "__main__":
    sys.exit(main())
