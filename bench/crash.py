#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the relay at random instants under load: bench/crash.py PROGRAM [ROUNDS 300] [SESSIONS 20]

With $POWERCUT (see tests/flow/test_store_cut.py) the power goes each time: what was never synced is lost.

Clients hand over mail, and what was not answered once more, while the relay hands it on to a server here; the
relay is killed and started again on the same folder, over and over, sometimes while it starts.  Then: every
mail that was answered 250 must have arrived, and one that arrived twice must have `in-doubt` on its trail."""
import asyncio
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

BODY = b"x" * 70 + b"\r\n"
LONG = 5000  # lines of one mail in 16: in pieces, so before it is whole
EARLY = 0.3  # of the starts do not come to their end
QUIET_S = 60  # nothing arrives for so long: what is missing then is lost


class NextServer:
    def __init__(self):
        self.arrived = collections.Counter()
        self.by_key = {}

    async def talk(self, reader, writer):
        say = writer.write
        say(b"220 sink ESMTP\r\n")
        try:
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    say(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
                elif verb == b"MAIL":
                    report = b"<>" in line  # of ours, to who sent one
                    say(b"250 ok\r\n")
                elif verb == b"DATA":
                    say(b"354 go on\r\n")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    if not report:
                        self.arrived[int(re.search(rb"X-Bench: (\d+)", text).group(1))] += 1
                    await asyncio.sleep(random.random() * 0.004)
                    say(b"250 2.0.0 Ok\r\n")
                elif verb == b"QUIT":
                    say(b"221 bye\r\n")
                    break
                else:
                    say(b"250 ok\r\n")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class Load:
    def __init__(self, port):
        self.port, self.next, self.answered, self.ids, self.again, self.on = port, 0, set(), {}, 0, True

    async def ask(self, reader, writer, line, want):
        writer.write(line)
        while True:
            reply = await reader.readline()
            if reply[:1] != want:
                raise ConnectionError(reply)
            if reply[3:4] == b" ":
                return reply

    async def session(self):
        reader = writer = number = None
        while self.on:
            if number is None:  # what was not answered is sent again, as clients do
                number, self.next = self.next, self.next + 1
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    await self.ask(reader, writer, b"", b"2")
                    await self.ask(reader, writer, b"EHLO load\r\n", b"2")
                await self.ask(reader, writer, b"MAIL FROM:<a@load.test>\r\n", b"2")
                await self.ask(reader, writer, b"RCPT TO:<b@sink.test>\r\n", b"2")
                await self.ask(reader, writer, b"DATA\r\n", b"3")
                head = b"From: a@load.test\r\nMessage-ID: <%d@load.test>\r\nX-Bench: %d\r\n\r\n" % (number, number)
                lines = random.randrange(1, 300 if number % 16 else LONG)
                reply = await self.ask(reader, writer, head + BODY * lines + b".\r\n", b"2")
                self.answered.add(number)
                self.ids[number] = re.search(rb"queued as (\w+)", reply).group(1).decode()
                self.again += b"already" in reply
                number = None
            except (OSError, ConnectionError):
                if writer:
                    writer.close()
                writer = None
                await asyncio.sleep(0.005)
        if writer:
            writer.close()


class Disk:
    """A folder; by tool, a mount of it that loses with each cut what was never synced."""

    def __init__(self, folder, tool):
        self.path, self.control, self.server, self.cuts = pathlib.Path(folder), None, None, 0
        if not tool:
            return
        backing, self.path = self.path / "backing", self.path / "mount"
        backing.mkdir()
        self.path.mkdir()
        self.server = subprocess.Popen([tool, str(backing), str(self.path), "-f"])
        self.control = self.path / ".powercut"
        while self.server.poll() is None and not self.control.exists():
            time.sleep(0.02)

    def cut(self, process):
        if self.control:
            self.cuts += 1
            names, mode = ("posix", "random") if self.cuts % 2 else ("ext4", "strict")
            self.control.write_text(f"seed {self.cuts};names {names};off {mode}\n")
        process.kill()
        process.wait()
        if self.control:
            self.control.write_text("on\n")

    def close(self):
        if self.server:
            subprocess.run(["fusermount3", "-u", "-z", str(self.path)], check=False)
            self.server.wait(10)


def launch(program, conf, log):
    return subprocess.Popen([program, "serve", "--config", str(conf)], stdout=log, stderr=subprocess.STDOUT)


def start(program, conf, log):
    begin = log.tell()
    process = launch(program, conf, log)
    for _ in range(3000):
        if b"ready on" in pathlib.Path(log.name).read_bytes()[begin:]:
            return process
        if process.poll() is not None:
            break
        time.sleep(0.005)
    sys.exit("the relay does not start:\n" + pathlib.Path(log.name).read_text()[-2000:])


def states(program, conf, message):
    """All states on the trail of a message."""
    done = subprocess.run([program, "trace", "--config", str(conf), message, "--json"], text=True, capture_output=True)
    return [event["state"] for line in done.stdout.splitlines()[:1] for event in json.loads(line)["trail"]]


async def main(program, rounds, sessions):
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/var/tmp")) as folder:
        sink = NextServer()
        server = await asyncio.start_server(sink.talk, "127.0.0.1", 0, limit=1 << 22)
        free = await asyncio.start_server(sink.talk, "127.0.0.1", 0)
        port = free.sockets[0].getsockname()[1]
        free.close()
        conf = pathlib.Path(folder) / "postrider.conf"
        disk = Disk(folder, os.environ.get("POWERCUT"))
        conf.write_text(f'hostname = "relay.test"\ndata = "{disk.path}/data"\nlisten "127.0.0.1:{port}" {{ security = "none" }}\n'
                        f'retry {{ first = "1s" most = "2s" }}\n'
                        f'route "out" {{ smarthost = "127.0.0.1:{server.sockets[0].getsockname()[1]}" security = "none" }}\n')
        log = open(f"{folder}/log", "ab")
        load, begin, slowest = Load(port), time.time(), 0
        tasks = [asyncio.create_task(load.session()) for _ in range(sessions)]
        early = 0
        for i in range(rounds):
            while random.random() < EARLY:
                process = launch(program, conf, log)
                await asyncio.sleep(random.random() * slowest)
                await asyncio.to_thread(disk.cut, process)
                early += 1
            began = time.time()
            process = await asyncio.to_thread(start, program, conf, log)
            slowest = max(slowest, time.time() - began)
            await asyncio.sleep(random.random() * 0.6)
            await asyncio.to_thread(disk.cut, process)
            if sys.stderr.isatty():
                print(f"\r{i + 1}/{rounds}  {len(load.answered)} answered", end="", file=sys.stderr)
        load.on = False
        await asyncio.gather(*tasks)
        process = await asyncio.to_thread(start, program, conf, log)
        seen, end = 0, time.time() + QUIET_S
        while time.time() < end and any(n not in sink.arrived for n in load.answered):
            if sink.arrived.total() > seen: # what waits may be much
                seen, end = sink.arrived.total(), time.time() + QUIET_S
            await asyncio.sleep(0.5)
        await asyncio.sleep(3)
        process.terminate()
        process.wait()
        lost = [n for n in load.answered if n not in sink.arrived]
        twice = [n for n, times in sink.arrived.items() if times > 1 and n in load.ids]
        unsaid = [n for n in twice if "in-doubt" not in states(program, conf, load.ids[n])]
        print(f"\r{rounds} {'power cuts' if disk.control else 'kills'}, and {early} while it started, "
              f"in {time.time() - begin:.0f} s: {len(load.answered)} mails answered 250, "
              f"{load.again} of these when they came again, {len(lost)} lost, "
              f"{len(twice)} arrived twice, {len(unsaid)} of these without in-doubt on the trail; slowest start {slowest:.2f} s")
        for n in (lost + unsaid)[:10]:
            print(f"  {n} {load.ids[n]}: {sink.arrived[n]} times, trail {states(program, conf, load.ids[n])}")
        disk.close()
        if lost or unsaid:
            os.rename(folder, kept := folder + ".kept")
            print(f"  what is left of it is kept in {kept}")
        return 1 if lost or unsaid else 0


if __name__ == "__main__":
    words = sys.argv[1:] + ["300", "20"][len(sys.argv) - 2:]
    sys.exit(asyncio.run(main(str(pathlib.Path(words[0]).resolve()), int(words[1]), int(words[2]))))
