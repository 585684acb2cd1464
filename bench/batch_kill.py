#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of a batch's sender and of the relay, at random instants: bench/batch_kill.py PROGRAM [KILLS 100] [ROWS 1500]

Batch after batch is sent, each begun again by the same command until it is done, while sender and relay are
killed and started anew.  What went out whole and was never answered waits in doubt for a person, who looks whether it
came (queue retry, or cancel).  Then: every row must have arrived, none twice."""
import asyncio
import csv
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

from crash import NextServer, start, states

TEMPLATE = """From: clerk@acme.example
To: {{email}}
Subject: Invoice {{number}}
X-Bench: {{number}}

Please pay {{number}}.
"""


class World:
    def __init__(self, program, folder, port, sink_port):
        self.program, self.folder = program, folder
        self.conf = folder / "postrider.conf"
        self.conf.write_text(f'hostname = "relay.test"\ndata = "{folder}/data"\nlisten "127.0.0.1:{port}" {{ security = "none" }}\n'
                             f'retry {{ first = "1s" most = "2s" }}\n'
                             f'route "out" {{ smarthost = "127.0.0.1:{sink_port}" security = "none" }}\n')
        (folder / "invoice.eml").write_text(TEMPLATE)
        self.log = open(folder / "log", "ab")
        self.relay, self.kills, self.batches = None, 0, []

    def table(self, rows):
        path = self.folder / f"batch{len(self.batches)}.csv"
        first = len(self.batches) * rows
        with open(path, "w", newline="") as f:
            csv.writer(f).writerows([["email", "number"], *([f"c{i}@sink.test", i] for i in range(first, first + rows))])
        self.batches.append(path)
        return path

    async def start_relay(self):
        self.relay = await asyncio.to_thread(start, self.program, self.conf, self.log)

    async def kill_relay(self):
        self.relay.kill()
        self.relay.wait()
        self.kills += 1
        await self.start_relay()

    async def send(self, path):
        return await asyncio.create_subprocess_exec(self.program, "send", "--config", self.conf, "--merge", path, "--template",
                                                    self.folder / "invoice.eml", stdout=asyncio.subprocess.DEVNULL, stderr=self.log)

    async def batch(self, path, kills):
        """Sent again until it is over; what is killed next is a matter of chance."""
        while True:
            sender = await self.send(path)
            try:
                await asyncio.wait_for(sender.wait(), random.random() * 0.4 if self.kills < kills else 60)
                if sender.returncode in (0, 1):  # 1: some of it is in doubt, or delayed
                    return
                sys.exit(f"the sender ended with {sender.returncode}:\n{(self.folder / 'log').read_text()[-2000:]}")
            except asyncio.TimeoutError:
                if random.random() < 0.5:
                    await self.kill_relay()
                    await asyncio.sleep(random.random() * 0.3)  # the sender goes on meanwhile
                try:
                    sender.kill()
                    self.kills += 1
                except ProcessLookupError:
                    pass
                await sender.wait()
            if sys.stderr.isatty():
                print(f"\r{self.kills} kills, {len(self.batches)} batches", end="", file=sys.stderr)


    async def in_doubt(self):
        """Ids of what waits for a person, by the results."""
        ids = []
        for path in self.batches:
            results = path.with_suffix(".results.csv")
            await asyncio.to_thread(subprocess.run, [self.program, "send", "--config", self.conf, "--results", results],
                                    stdout=subprocess.DEVNULL, stderr=self.log, check=False)
            with open(results, newline="") as f:
                ids += [x["id"] for x in csv.DictReader(f) if x["state"] == "in-doubt"]
        return set(ids)


def ids_of(path):
    """Invoice -> queue id, by the journal."""
    ids = {}
    for line in open(path.with_suffix(".results.journal")).read().splitlines()[1:]:
        fields = line.split("\t")
        ids[int(re.search(r"c(\d+)@", fields[6]).group(1))] = fields[3]
    return ids


async def main(program, kills, rows):
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/var/tmp")) as name:
        sink = NextServer()
        server = await asyncio.start_server(sink.talk, "127.0.0.1", 0, limit=1 << 22)
        free = await asyncio.start_server(sink.talk, "127.0.0.1", 0)
        port = free.sockets[0].getsockname()[1]
        free.close()
        world = World(program, pathlib.Path(name), port, server.sockets[0].getsockname()[1])
        begin = time.time()
        await world.start_relay()
        while world.kills < kills:
            await world.batch(world.table(rows), kills)
        wanted = range(len(world.batches) * rows)
        ids = {n: i for path in world.batches for n, i in ids_of(path).items()}
        end = time.time() + 180
        while time.time() < end and len([n for n in wanted if n in sink.arrived]) < len(wanted) - len(await world.in_doubt()):
            await asyncio.sleep(0.5)
        await asyncio.sleep(3)
        waiting = await world.in_doubt()
        doubt = [n for n in wanted if ids[n] in waiting]
        came = [n for n in doubt if n in sink.arrived]
        for n in doubt:
            await asyncio.to_thread(subprocess.run, [program, "queue", "--config", world.conf, "cancel" if n in came else "retry", ids[n]],
                                    stdout=subprocess.DEVNULL, stderr=world.log, check=True)
        while time.time() < end and any(n not in sink.arrived for n in wanted):
            await asyncio.sleep(0.2)
        world.relay.terminate()
        world.relay.wait()
        lost = [n for n in wanted if n not in sink.arrived]
        twice = [n for n in wanted if sink.arrived[n] > 1]
        print(f"\r{world.kills} kills in {time.time() - begin:.0f} s: {len(world.batches)} batches, {len(wanted)} rows, {len(lost)} lost, "
              f"{len(twice)} twice; {len(doubt)} were in doubt, of which {len(came)} had come")
        for n in (lost + twice)[:10]:
            print(f"  {n} {ids.get(n)}: {sink.arrived[n]} times, trail {states(program, world.conf, ids.get(n, '-'))}")
        return 1 if lost or twice else 0


if __name__ == "__main__":
    words = sys.argv[1:] + ["100", "1500"][len(sys.argv) - 2:]
    sys.exit(asyncio.run(main(str(pathlib.Path(words[0]).resolve()), int(words[1]), int(words[2]))))
