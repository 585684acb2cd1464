#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider that takes 30 mails a second and 3 connections, and counts; batches whose sender and relay are killed
(kill -9) all the while.

    bench/caps.py build/postrider [--mails 10000] [--kills 100] [--rows 500] [--profile]

A minute is a second here.  Nothing is configured for what is in doubt: a batch's mail (with --profile: as a profile's)
waits then by itself for a person, who looks at the provider's whether it came: queue cancel, or queue retry.
Ends with one line: mails, kills, violations, lost, twice, how many were in doubt, and how many of those had come."""
import argparse
import csv
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

TEMPLATE = "From: clerk@acme.example\nTo: {{email}}\nSubject: Invoice {{number}}\nX-Bench: {{number}}\n\nPlease pay {{number}}.\n"


class World:
    def __init__(self, folder, options):
        from persona import Persona
        from ports import free_port
        from relay import Relay
        self.folder, self.options, self.dice = folder, options, random.Random(4)
        self.persona = Persona(messages=30, window=1.0, connections=3, field="X-Bench")
        self.relay = Relay(folder, f'listen "127.0.0.1:{free_port()}" {{ security = "none" }}\nprofile "office" {{ test = "off" }}\n'
                           f'route "box" {{ smarthost = "{self.persona.where}"  security = "none"  rate = "30/1s"  connections = 3 }}\n'
                           'retry { first = "1s"  most = "2s" }\n', listen=False)
        (folder / "invoice.eml").write_text(TEMPLATE)
        self.tables = [self.table(n) for n in range(0, options.mails, options.rows)]
        self.begun, self.sender, self.kills = [], None, {"sender": 0, "relay": 0}

    def table(self, first):
        path = self.folder / f"batch{first}.csv"
        with open(path, "w", newline="") as f:
            rows = [[f"c{n}@sink.test", n] for n in range(first, min(first + self.options.rows, self.options.mails))]
            csv.writer(f).writerows([["email", "number"], *rows])
        return path

    def send(self, path, **more):
        return subprocess.Popen([self.options.program, "send", "--config", self.relay.conf, "--merge", path, "--template",
                                 self.folder / "invoice.eml", *(["--profile", "office"] if self.options.profile else [])],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)

    def go_on(self):
        """The next batch once the last is in the queue; one that was killed is begun again by the same command."""
        if self.sender and self.sender.poll() is None:
            return
        if self.sender and self.sender.returncode in (0, 1):
            self.sender = None
            self.begun.append(self.tables.pop(0))
        if self.tables:
            self.sender = self.send(self.tables[0])

    def kill(self):
        time.sleep(self.dice.random() / 2)
        self.go_on()
        if self.sender and self.dice.random() < 0.5:
            time.sleep(self.dice.random() / 20)
            self.sender.kill()
            self.sender.wait()
            self.kills["sender"] += 1
            return
        self.relay.kill()
        while self.persona.open:  # it has to notice first
            time.sleep(0.01)
        self.relay.start()
        self.kills["relay"] += 1

    def rows(self):
        """Each row of each batch, as its result file has it."""
        for path in self.begun:
            results = path.with_suffix(".results.csv")
            self.relay.run("send", "--results", str(results))
            with open(results, newline="") as f:
                yield from csv.DictReader(f)

    def settle(self, rows):
        """A person looks at each that is in doubt: (how many, how many of these had come, how many were not really)."""
        doubt = [r for r in rows if r["state"] == "in-doubt"]
        came = unreal = 0
        for r in doubt:
            number = re.match(r"c(\d+)@", r["recipient"]).group(1)
            events = json.loads(self.relay.run("trace", r["id"], "--json").stdout.splitlines()[0])["trail"]
            unreal += not any(e["state"] == "sending" and e.get("dot") for e in events)
            there = number in self.persona.taken()
            came += there
            self.relay.run("queue", "cancel" if there else "retry", r["id"], check=0)
        return len(doubt), came, unreal


def run(folder, options):
    world = World(folder, options)
    persona, wanted, killed = world.persona, {str(n) for n in range(options.mails)}, 0
    end = time.monotonic() + 60 + options.mails / 10 + options.kills * 8
    quiet, before = time.monotonic(), 0
    while time.monotonic() < end and set(persona.taken()) != wanted:
        if not world.tables or len(persona.taken()) > options.mails - sum(1 for _ in world.tables) * options.rows - options.rows:
            world.go_on()
        if killed < options.kills and len(persona.taken()) >= killed * options.mails // (options.kills + 2):
            world.kill()
            killed += 1
            print(f"\r{killed} kills, {len(persona.ids)} taken, {len(persona.violations)} violations", end="", file=sys.stderr, flush=True)
        if len(persona.taken()) != before:
            quiet, before = time.monotonic(), len(persona.ids)
        if time.monotonic() - quiet > 10 and killed == options.kills and not world.tables:
            break  # what is missing waits for a person
        time.sleep(0.02)
    states = list(world.rows())
    doubt, came, unreal = world.settle(states)
    while time.monotonic() < end and set(persona.taken()) != wanted:
        time.sleep(0.05)
    time.sleep(2)
    lost, twice = len(wanted - set(persona.taken())), sum(1 for n in persona.ids.values() if n > 1)
    handed = sum(r["state"] == "handed-over" for r in states)
    assert world.relay.stop() == 0
    print(f"\r{options.mails} mails, {killed} kills ({world.kills['relay']} of the relay, {world.kills['sender']} of the sender), "
          f"{len(persona.violations)} violations, {lost} lost, {twice} twice; by the results {handed} handed over and {doubt} in doubt: "
          f"{came} had come, {unreal} were not really")
    return not (persona.violations or lost or twice or unreal or handed + doubt != options.mails)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--mails", type=int, default=10000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=500, help="of a batch")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    os.environ["POSTRIDER"] = options.program
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/relay"))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="caps-", ignore_cleanup_errors=True) as folder:
        well = run(pathlib.Path(folder), options)
    seconds = time.monotonic() - begin
    print(f"{seconds:.0f} s: {options.mails / seconds:.1f} a second of 30")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
