#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`postrider explain` as people and scripts use it:  run.py PATH-OF-POSTRIDER [TEST ... | -TEST ...]

Arguments, standard input, files, folders, packed logs, a terminal, full disks, closed pipes, Ctrl-C, bytes that mean
ill.  The last line counts."""
import importlib
import pathlib
import sys
import traceback

from program import TESTS


def main():
    for path in sorted(pathlib.Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(path.stem)
    wanted, failed = [a for a in sys.argv[2:] if not a.startswith("-")], 0
    tests = [t for t in TESTS if "-" + t.__name__ not in sys.argv and (not wanted or t.__name__ in wanted)]
    for t in tests:
        try:
            t()
        except Exception:
            failed += 1
            print(f"explain {t.__name__}: {traceback.format_exc(limit=-1)}"[:6000])
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
