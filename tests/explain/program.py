# SPDX-License-Identifier: Apache-2.0
"""The program under test, what it says, and what is expected of that."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAILS = ROOT / "tests/fixtures/bounces/heldout"
ENV = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8", "TZ": "UTC",
       **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
ITEM = {"input", "code", "enhanced", "provider", "id", "class", "title", "why", "actor", "fixes", "retry", "confidence",
        "instead"}
POSTRIDER = os.path.abspath(sys.argv[1])
TESTS = []


def test(f):
    TESTS.append(f)
    return f


def explain(*args, stdin=b"", env=None, cwd=None):
    p = subprocess.run([POSTRIDER, "explain", *map(str, args)], input=stdin, capture_output=True, env={**ENV, **(env or {})},
                       cwd=cwd, timeout=120, check=False)
    return p.returncode, p.stdout.decode("utf-8", "strict"), p.stderr.decode("utf-8", "strict")


def same(got, want, *shown):
    if got != want:
        raise AssertionError(f"{got!r}, not {want!r}\n" + "\n".join(map(str, shown)))


def holds(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"lacks {part!r}:\n{text}")


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError(f"holds {part!r}:\n{text}")


def document(*args, **kw):
    status, out, err = explain("--json", *args, **kw)
    same(err, "", out)
    return status, json.loads(out)
