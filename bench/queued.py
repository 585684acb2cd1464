#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The relay with a million messages waiting: bench/queued.py PROGRAM BENCH_STORE [MESSAGES 1000000]

Its owner was killed, so nothing was tidied up. From the start of `serve` to its first 250, and the memory it
then has and has 20 s later, while it tries the next server of each lane that is due. Bars: 5 s, 400 MB."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "relay"))
READY_S, MEMORY_MB = 5, 400
# Nobody answers at this port: what is due is tried, and waits again.
ROUTE = 'route "next" { smarthost = "127.0.0.1:9" security = "none" }\nallow-from = { "127.0.0.0/8" }\n'


def memory_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def show(what, value, most, unit):
    print(f"{what:44} {value:7.1f} {unit} (bar {most}){'' if value < most else '  MISSED'}", flush=True)
    return value >= most


def main():
    program, fill = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    many = sys.argv[3] if len(sys.argv) > 3 else "1000000"
    os.environ["POSTRIDER"] = str(program)
    from relay import Relay
    missed = 0
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        relay = Relay(folder, ROUTE, start=False)
        subprocess.run([fill, "fill", relay.data, many, "killed"], check=True)
        subprocess.run(["chown", "-R", "--reference", folder, relay.data], check=True)
        begin = time.monotonic()
        relay.start(120)
        missed += show("ready after", time.monotonic() - begin, READY_S, "s")
        relay.submit()
        missed += show("the first 250 after", time.monotonic() - begin, READY_S, "s")
        missed += show("memory", memory_mb(relay.process.pid), MEMORY_MB, "MB")
        time.sleep(20)
        missed += show("memory 20 s later", memory_mb(relay.process.pid), MEMORY_MB, "MB")
        waiting = relay.run("queue", "list", "--json", check=0).stdout
        print(f"{len(re.findall('state', waiting))} destinations in `queue list`")
        relay.stop(120)
        shutil.rmtree(relay.data)
    return missed > 0


if __name__ == "__main__":
    sys.exit(main())
