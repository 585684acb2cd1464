#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers that mean ill and users that mistype:  tests/hostile/run.py PROGRAM [PATTERN...] [-j N]

Whatever is at the other end: a check ends within --timeout (and a second), with
status 0 or 1 and one valid document that says what went wrong, in bounded
memory; nothing it writes holds a secret or steers a terminal or a page.  What
cannot be right as typed ends with status 2 and the mend, and nothing is contacted.
Runs in a network of its own (loopback only) where namespaces are permitted.
Ends with `N passed, N failed[, N skipped]`."""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cases_dns  # noqa: E402
import cases_end  # noqa: E402
import cases_https  # noqa: E402
import cases_smtp  # noqa: E402
import cases_typed  # noqa: E402
from world import World  # noqa: E402


def all_cases(private):
    """A case is a name and a function of the world that gives what is wrong, or None."""
    for group in (cases_smtp.all_cases(), cases_dns.all_cases(), cases_https.all_cases(private), cases_typed.all_cases(),
                  cases_end.all_cases()):
        yield from group


def in_own_network():
    """Starts itself again in a network with nothing but loopback, where that is permitted."""
    if os.environ.get("HOSTILE_PRIVATE"):
        return os.environ["HOSTILE_PRIVATE"] == "yes"
    probe = subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL, check=False)
    os.environ["HOSTILE_PRIVATE"] = "yes" if probe.returncode == 0 else "no"
    if probe.returncode == 0:
        script = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-rn", "sh", "-c", script, "sh", sys.executable, *sys.argv])
    return False


def ended(pool, futures):
    """Each as it ends; a break begins none of those that wait."""
    try:
        yield from concurrent.futures.as_completed(futures)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("-j", "--jobs", type=int, default=8)
    o = parser.parse_args()
    private = in_own_network()
    if not shutil.which("openssl"):
        print("hostile: no openssl here\n0 passed, 0 failed, 1 skipped")
        return 0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.pop("POSTRIDER_PASSWORD", None)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.realpath(o.program), pathlib.Path(folder))
        chosen = [(n, b) for n, b in all_cases(private)
                  if not o.patterns or any(fnmatch.fnmatch(n, p) for p in o.patterns)]
        with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
            futures = {pool.submit(body, world): name for name, body in chosen}
            for f in ended(pool, futures):
                try:
                    reason = f.result()
                except Exception as e:  # the case itself broke: that is a failure too
                    reason = f"{type(e).__name__}: {e}"
                passed += reason is None
                failed += reason is not None
                if reason:
                    print(f"FAIL {futures[f]}: {reason}", flush=True)
    skipped = "" if private else ", 1 skipped"
    print(f"{passed} passed, {failed} failed{skipped}", flush=True)
    os._exit(1 if failed or not passed else 0)  # server threads may still be flooding


if __name__ == "__main__":
    sys.exit(main())
