#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The relay as people use it: tests/relay/run.py PROGRAM [PATTERN...] [-v] [-j N].

Each function test_* of test_*.py is a case; it gets a folder of its own, and may
raise Skip.  Loopback only.  A case that failed beside others is tried once more,
alone, and said.  Ends with `N passed, N failed[, N skipped]`."""
import argparse
import fnmatch
import importlib
import multiprocessing
import os
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
CASE_LIMIT = 60
AGAIN_MOST = 5  # failed cases that get a second try, alone; more are no accident


class Skip(Exception):
    """What the case needs is not on this machine."""


sys.modules["run"] = sys.modules[__name__]


def cases(patterns):
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, function in vars(module).items():
            full = f"{path.stem[5:]}/{name[5:]}"
            if name.startswith("test_") and callable(function) and any(fnmatch.fnmatch(full, p) for p in patterns):
                yield full, function


def work(function, answer):
    os.setpgrp()
    with tempfile.TemporaryDirectory(prefix="relay-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        try:
            function(pathlib.Path(folder))
            answer.put(("passed", ""))
        except Skip as e:
            answer.put(("skipped", str(e)))
        except BaseException:
            log = pathlib.Path(folder) / "serve.log"
            said = log.read_text(errors="replace")[-3000:] if log.exists() else ""
            answer.put(("failed", traceback.format_exc() + said))


def begin(name, function):
    answer = multiprocessing.Queue()
    process = multiprocessing.Process(target=work, args=(function, answer))
    process.start()
    return {"name": name, "process": process, "answer": answer, "begin": time.monotonic()}


def ended(case):
    """The outcome of a case, None while it goes on.  What it started ends with it."""
    late, dead = time.monotonic() - case["begin"] > CASE_LIMIT, not case["process"].is_alive()
    try:
        outcome = case["answer"].get(timeout=1 if dead else 0.02)  # it was alive when it answered
    except Exception:
        outcome = ("failed", f"not done after {CASE_LIMIT} s") if late else ("failed", "it died") if dead else None
    if outcome:
        case["process"].join(5)
        kill(case["process"])
    return outcome


def kill(process):
    """With what it started."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass


def report(case, outcome, verbose):
    if verbose or outcome[0] != "passed":
        print(f"{outcome[0]:8}{case['name']} ({time.monotonic() - case['begin']:.1f} s) {outcome[1]}", flush=True)


def alone(name, function):
    """Once more, with nothing beside it: a fault fails again, a machine that was busy does not."""
    case, outcome = begin(name, function), None
    while not outcome:
        outcome = ended(case)
    print(f"again, alone: {name}", flush=True)
    report(case, outcome, True)
    return outcome[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("pattern", nargs="*", default=["*"])
    parser.add_argument("-v", action="store_true")
    parser.add_argument("-j", type=int, default=4)
    options = parser.parse_args()
    os.environ["POSTRIDER"] = str(pathlib.Path(options.program).resolve())
    waiting, running, failed = list(cases(options.pattern)), [], []
    count = {"passed": 0, "failed": 0, "skipped": 0}
    while waiting or running:
        while waiting and len(running) < options.j:
            name, function = waiting.pop(0)
            running.append({**begin(name, function), "function": function})
        for case in list(running):
            outcome = ended(case)
            if not outcome:
                continue
            running.remove(case)
            report(case, outcome, options.v)
            if outcome[0] == "failed":
                failed.append((case["name"], case["function"]))
            else:
                count[outcome[0]] += 1
    for name, function in failed:
        count[alone(name, function) if len(failed) <= AGAIN_MOST else "failed"] += 1
    print(", ".join(f"{n} {what}" for what, n in count.items() if n or what != "skipped"))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # cases are groups of their own: none has heard of it
        for child in multiprocessing.active_children():
            kill(child)
        sys.exit(130)
