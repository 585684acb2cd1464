#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every test and ends with one line:  N passed, N failed[, N skipped].

Stages, first those of the optimised program: the order of includes; unit tests; help, manual, completions and the API's
description against the program; flows against real servers; the relay with clients, filters and next servers; the page in
a browser; explaining as people use it; servers that mean ill.  They wait more than they work: the sanitized program (ASan,
UBSan) and the fuzz targets are built meanwhile.  Then, with the sanitized program, unit tests, the lab's scenarios,
explaining and servers that mean ill; and a short run of each fuzz target.  `tests/run.py STAGE ...` runs only those.
Stages of one row of STAGES run side by side: those that wait for servers, or keep one processor busy."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))
ASAN = pathlib.Path(os.environ.get("ASAN", ROOT / "build-asan"))
FUZZ = ROOT / "build-fuzz"
JOBS = str(os.cpu_count() or 2)
WAITING_JOBS = str(2 * (os.cpu_count() or 2))  # of what waits for servers or the disk more than it works
LAB_JOBS = str(3 * (os.cpu_count() or 2))  # waits as long as it works, the sanitized program too
RELAY_JOBS = str(4 * (os.cpu_count() or 2))  # waits seven seconds of eight
# Lines for a report, and not more: the build takes half as long as with all that a debugger wants.
SANITIZED = ("-Doptimization=1", "-Ddebug=true", "-Dc_args=-g1", "-Db_sanitize=address,undefined", "-Db_lundef=false")
SANITIZER_ENV = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
                 "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1:exitcode=99"}
built, building = {}, threading.Lock()  # in this run: folder -> whether it went well
running, beginning = set(), threading.Lock()  # what call() waits for
SHOWN_MOST = 20000  # of the output of one that failed
COUNT = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")


class Unbuilt(Exception):
    """There is nothing to test: its words are a stage's outcome."""


def call(command, env=None, timeout=1200):
    """Output is shown where it matters: all of it on failure."""
    with beginning:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(env or {})}, text=True, errors="replace",
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running.add(process)
    try:
        said, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        running.discard(process)
    return subprocess.CompletedProcess(command, process.returncode, said)


def end_running():
    """Ctrl-C came to all of a terminal's programs: they have time to end what they began; then they are told, and killed."""
    beginning.acquire()  # nothing more begins
    try:
        for number in (0, signal.SIGINT):
            for process in list(running):
                process.send_signal(number)
            end = time.monotonic() + 3
            while running and time.monotonic() < end:
                time.sleep(0.05)
    finally:  # at a second one, too
        for process in list(running):
            process.kill()


def builds_of(folder, *options):
    # A folder set up before the tests' packages came has no tests: look again.
    again = ["--reconfigure"] if (folder / "build.ninja").exists() else []
    return [["meson", "setup", *again, str(folder), *options], ["ninja", "-C", str(folder), "-j", JOBS]]


def build(folder, *options):
    """Once in a run: every stage that wants it fails with it, and the first one shows why."""
    ahead.wait(folder)
    with building:
        if folder not in built:
            built[folder] = False
            for command in builds_of(folder, *options):
                done = call(command)
                if done.returncode:
                    raise Unbuilt(f"{done.stdout}\n{folder.name}: the build failed")
            built[folder] = True
        if not built[folder]:
            raise Unbuilt(f"{folder.name}: the build failed, as another stage shows")


class Ahead:
    """Builds that later stages want, one after the other behind all that runs.  Their stages tell what goes wrong."""

    def __init__(self):
        self.ended = {}

    def start(self, builds):
        self.ended = {folder: threading.Event() for folder in builds}
        threading.Thread(target=self.work, args=(builds,), daemon=True).start()

    def work(self, builds):
        for folder, commands in builds.items():
            try:
                for command in commands:
                    call(["nice", "-n", "15", *command])
            except (OSError, subprocess.TimeoutExpired):
                pass  # in front it is tried once more, and told
            finally:
                self.ended[folder].set()

    def wait(self, folder):
        if folder in self.ended:
            self.ended[folder].wait()


ahead = Ahead()


def meson_tests(folder, env=None):
    done = call(["meson", "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs", "--num-processes",
                 WAITING_JOBS, "--timeout-multiplier", "6"], env=env)
    counts = {"OK": 0, "FAIL": 0, "TIMEOUT": 0, "ERROR": 0, "SKIP": 0}
    log = folder / "meson-logs" / "testlog.json"
    for line in log.read_text().splitlines() if log.exists() else []:
        counts[json.loads(line)["result"]] = counts.get(json.loads(line)["result"], 0) + 1
    bad = counts["FAIL"] + counts["TIMEOUT"] + counts["ERROR"]
    if done.returncode and not bad:
        bad = 1
    return counts["OK"], bad, counts["SKIP"], done.stdout if bad else ""


def counted(command, env=None, timeout=1200):
    done = call(command, env=env, timeout=timeout)
    found = COUNT.findall(done.stdout)
    passed, failed, skipped = [int(x or 0) for x in found[-1]] if found else (0, 0, 0)
    if done.returncode or failed or not found:
        return passed, max(failed, 1), skipped, done.stdout[-SHOWN_MOST:]
    return passed, failed, skipped, ""


def added(*results):
    return tuple(map(sum, zip(*results)))


def build_strictly():
    build(BUILD, "-Dwerror=true")


def stage_layers():
    """Includes point downward, and so do calls."""
    build_strictly()
    done = [call([sys.executable, "tests/layers.py"]), call([sys.executable, "tools/rings.py", "-v", str(BUILD)])]
    failed = sum(d.returncode != 0 for d in done)
    return len(done) - failed, failed, 0, "".join(d.stdout for d in done)


def stage_told():
    build_strictly()
    return counted([sys.executable, "tests/told/run.py", str(BUILD)])


def stage_unit():
    build_strictly()
    return meson_tests(BUILD)


def build_sanitized():
    build(ASAN, *SANITIZED)


def stage_unit_asan():
    build_sanitized()
    return meson_tests(ASAN, SANITIZER_ENV)


def stage_lab():
    build_sanitized()
    return counted([str(ASAN / "postrider"), "lab", "test", "-j", LAB_JOBS], SANITIZER_ENV)


def fetch_servers():
    """Before any case's time runs: all of them wait for the one that downloads."""
    call([sys.executable, "tests/flow/debs.py", str(ROOT / "build" / "servers")])


def stage_flow():
    build_strictly()
    fetch_servers()
    return counted([sys.executable, "tests/flow/run.py", "-j", WAITING_JOBS, str(BUILD / "postrider")])


def stage_explain():
    build_strictly()
    return counted([sys.executable, "tests/explain/run.py", str(BUILD / "postrider")])


def stage_explain_asan():
    """The lab's scenarios have a stage of their own."""
    build_sanitized()
    return counted([sys.executable, "tests/explain/run.py", str(ASAN / "postrider"), "-same_words_as_check"], SANITIZER_ENV)


def stage_relay():
    build_strictly()
    fetch_servers()
    return counted([sys.executable, "tests/relay/run.py", "-j", RELAY_JOBS, str(BUILD / "postrider")])


def stage_hostile():
    """For time and memory; the sanitized program for everything else."""
    build_strictly()
    return counted([sys.executable, "tests/hostile/run.py", str(BUILD / "postrider")])


def stage_hostile_asan():
    build_sanitized()
    return counted([sys.executable, "tests/hostile/run.py", str(ASAN / "postrider")])


def stage_page():
    if not shutil.which("chromium"):
        return 0, 0, 1, "skipped: no chromium here and none could be installed"
    build_strictly()
    return counted(["tests/page/run.sh", str(BUILD / "postrider")], timeout=600)


def stage_fuzz():
    if not shutil.which("clang"):
        return 0, 0, 1, "skipped: no clang here"
    ahead.wait(FUZZ)
    return counted(["tests/fuzz/run.sh", "2"])


def build_ahead(names):
    builds = {}
    if SANITIZED_STAGES & names:
        builds[ASAN] = builds_of(ASAN, *SANITIZED)
    if "fuzz" in names and shutil.which("clang"):
        builds[FUZZ] = [["tests/fuzz/run.sh", "build"]]
    ahead.start(builds)


STAGES = (  # a row's are side by side; none with narrow limits of time stands beside one that takes all processors
    {"layers": stage_layers},
    {"unit": stage_unit},
    {"told": stage_told, "flow": stage_flow, "relay": stage_relay},
    {"page": stage_page},
    {"explain": stage_explain, "hostile": stage_hostile},
    {"unit-asan": stage_unit_asan},
    {"lab": stage_lab, "explain-asan": stage_explain_asan},
    {"hostile-asan": stage_hostile_asan},
    {"fuzz": stage_fuzz},
)
SANITIZED_STAGES = {"unit-asan", "lab", "explain-asan", "hostile-asan"}


def outcome_of(stage):
    """What a stage gives: passed, failed, skipped, and what is to be shown, if anything."""
    try:
        return stage()
    except subprocess.TimeoutExpired as late:
        said = (late.output or b"").decode(errors="replace")
        return 0, 1, 0, f"{said[-SHOWN_MOST:]}\n{late}"
    except (Unbuilt, OSError) as broken:
        return 0, 1, 0, str(broken)


def run_stage(name, stage):
    began = time.monotonic()
    *counts, said = outcome_of(stage)
    shown = f"--- {name}\n{said.strip()}\n" if said else ""
    print(f"{shown}{name:12} {counts[0]:5} passed {counts[1]:3} failed {counts[2]:3} skipped"
          f"  {time.monotonic() - began:6.1f} s", flush=True)
    return counts


def run_row(row):
    with concurrent.futures.ThreadPoolExecutor(len(row)) as pool:
        try:
            return added(*[done.result() for done in [pool.submit(run_stage, *stage) for stage in row.items()]])
        except KeyboardInterrupt:  # the stages' threads do not hear of it, and the pool would wait for them
            try:
                end_running()
            finally:
                os._exit(130)


def main():
    total = [0, 0, 0]
    known = {name for row in STAGES for name in row}
    names = sys.argv[1:] or known
    if set(names) - known:
        sys.exit(f"no such stage: {' '.join(sorted(set(names) - known))}; there are {' '.join(sorted(known))}")
    rows = [row for row in ({n: stage for n, stage in row.items() if n in names} for row in STAGES) if row]
    for n, row in enumerate(rows):
        if n == 1:  # the optimised program is there
            build_ahead({name for row in rows[1:] for name in row})
        total = added(total, run_row(row))
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
