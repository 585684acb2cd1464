#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a loaded store, or cuts its power, and asks for everything it had acknowledged.

test_store_cut.py STORE_LOAD kill ROUNDS
test_store_cut.py STORE_LOAD power ROUNDS   needs $POWERCUT, a program that mounts a file system which loses what
                                            was never synced (BACKING MOUNTPOINT -f; control file .powercut)"""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIP = 77


def load(program, folder, acks):
    return subprocess.Popen([program, "write", str(folder), "100", "3000", "100000000"], stdout=acks,
                            stderr=subprocess.DEVNULL)


def wait_for_acks(path, dice):
    """Returns once some more messages are acknowledged, at a moment nobody chose."""
    begin = path.stat().st_size
    end = time.monotonic() + 20
    while path.stat().st_size < begin + 20000 and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(dice.random() * 0.1)


def check(program, folder, acks):
    with open(acks) as lines:
        done = subprocess.run([program, "check", str(folder)], stdin=lines, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def one_round(program, folder, acks, dice, control):
    with open(acks, "ab") as out:
        child = load(program, folder, out)
        wait_for_acks(acks, dice)
        if control:
            control.write_text(dice.choice(["off strict", "off random"]) + "\n")
        child.send_signal(signal.SIGKILL)
        child.wait()
        if control:
            control.write_text("on\n")
    return check(program, folder, acks)


def rounds(program, folder, acks, n, control):
    for i in range(n):
        dice = random.Random(i)
        if control:
            control.write_text(f"sync;seed {i + 1};names {'posix' if i % 2 else 'ext4'}\n")
        place = folder / f"s{i // 5}"
        if i % 5 == 0:
            acks.write_bytes(b"")
            if control and i:
                shutil.rmtree(folder / f"s{i // 5 - 1}", ignore_errors=True)
        good, says = one_round(program, place, acks, dice, control)
        print(f"round {i + 1}: {says[:400]}", flush=True)
        if not good:
            return 1
    return 0


def power(program, base, n):
    tool = os.environ.get("POWERCUT", "")
    if not tool or not os.path.exists(tool) or not os.path.exists("/dev/fuse"):
        print("skipped: no FUSE, or $POWERCUT names no program")
        return SKIP
    for name in ("backing", "mount"):
        (base / name).mkdir()
    server = subprocess.Popen([tool, str(base / "backing"), str(base / "mount"), "-f"])
    control = base / "mount" / ".powercut"
    try:
        for _ in range(100):
            if control.exists():
                break
            time.sleep(0.05)
        return rounds(program, base / "mount", base / "acks", n, control)
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(base / "mount")], check=False)
        server.wait(timeout=10)


def main():
    program, kind, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    base = pathlib.Path(tempfile.mkdtemp(prefix="store-cut-", dir="/var/tmp"))
    (base / "acks").write_bytes(b"")
    code = power(program, base, n) if kind == "power" else rounds(program, base, base / "acks", n, None)
    if code == 1:
        print(f"what it left is kept in {base}")
    else:
        shutil.rmtree(base, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
