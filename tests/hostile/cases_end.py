# SPDX-License-Identifier: Apache-2.0
"""Runs that are stopped, or that have nowhere to write."""
import contextlib
import json
import signal
import threading
import time

from dns import Dns
from harm import Server, silence
from judge import grace, leaks
from smtp import Smtp
from world import TIMEOUT, run, zone


def interrupted(sig, moment):
    """The signal comes when the server has seen the moment, however long the machine took to get there."""
    def body(world):
        seen, poked = {"connected": threading.Event(), "silent": threading.Event()}, []

        def silent(c, step):
            seen["silent"].set()
            return silence(c, step)

        talk_smtp = Smtp(world.tls, "ehlo2", silent)

        def talk(c):
            seen["connected"].set()
            talk_smtp(c)

        def poke(p):
            seen[moment].wait(TIMEOUT)
            poked.append(time.monotonic())
            p.send_signal(sig)

        with Dns(zone()) as dns, Server(talk) as server:
            saved = world.path(f"interrupted{sig}{moment}.json")
            ran = run(world, world.base(dns, server.port, "--timeout", "30", "--json", "--save", str(saved)), after=poke)
            took = time.monotonic() - poked[0]
            if ran.status not in (3, 130, 143):  # it could not do its work
                return f"status {ran.status}: {ran.err[-500:]}"
            if took > (3 if world.sanitized else 1.5):
                return f"took {took:.1f} s to end"
            document = json.loads(ran.out)
            if document["verdict"] == "ok" or not document["facts"]:
                return f"the document says {document['verdict']}, with {len(document['facts'])} facts"
            return leaks("stdout", ran.out) or leaks("evidence", saved.read_bytes())
    return body


def output_case(stdout=None, save=None, closed=False):
    def body(world):
        with Dns(zone()) as dns, Server(Smtp(world.tls)) as server, contextlib.ExitStack() as stack:
            more = {}
            command = world.base(dns, server.port, "--json")
            if save:
                command += ["--save", save]
            if stdout:
                more["stdout"] = stack.enter_context(open(stdout, "wb"))
            if closed:
                command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
            ran = run(world, command, **more)
            if ran.status != 3:
                return f"status {ran.status}, not 3: {ran.err[-500:]}"
            if not ran.err.strip():
                return "nothing is said on stderr"
            if save and not json.loads(ran.out)["findings"] is not None:
                return "the answer is missing"
            return leaks("stderr", ran.err.encode())
    return body


def few_files(world):
    """Descriptors run out: an answer or status 3, no crash."""
    with Dns(zone()) as dns, Server(Smtp(world.tls)) as server:
        command = ["sh", "-c", 'ulimit -n "$1"; shift; exec "$@"', "sh", None, *world.base(dns, server.port, "--json")]
        for n in (4, 6, 8, 10, 12, 14, 16):
            command[4] = str(n)
            ran = run(world, command)
            if ran.status not in (0, 1, 3, 127) or ran.seconds > TIMEOUT + grace(world) + 2:
                return f"with {n} descriptors: status {ran.status} after {ran.seconds:.1f} s: {ran.err[-500:]}"
    return None


def all_cases():
    for moment in ("connected", "silent"):
        yield f"ends/interrupt-{moment}", interrupted(signal.SIGINT, moment)
        yield f"ends/terminate-{moment}", interrupted(signal.SIGTERM, moment)
    yield "ends/stdout-full", output_case(stdout="/dev/full")
    yield "ends/stdout-closed", output_case(closed=True)
    yield "ends/save-full", output_case(save="/dev/full")
    yield "ends/few-descriptors", few_files
