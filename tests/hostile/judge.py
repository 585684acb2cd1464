# SPDX-License-Identifier: Apache-2.0
"""What is right: an end in time, a document that tells, no secret, nothing that steers."""
import base64
import json
import os
import re
import urllib.parse

from world import CLIENT_SECRET, PASSWORD, TIMEOUT, TOKEN, run

GRACE, SANITIZER_GRACE, MEMORY_MB = 1.0, 3.0, 60
# What would steer a terminal, a page or the reading order: C0 but line ends and tabs, C1, bidi.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def forms_of(secret):
    """Plain, base64 at each alignment (without the edges), percent-encoded, hex."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield urllib.parse.quote(secret, safe="").encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[4 if shift else 0:][:len(raw) * 4 // 3 - 4]


NEEDLES = [(s, f) for s in (PASSWORD, TOKEN, CLIENT_SECRET) for f in dict.fromkeys(forms_of(s))]


def leaks(what, data):
    for secret, form in NEEDLES:
        if form in data:
            return f"{what} holds {secret[:6]}... as {form.decode(errors='replace')}"
    return None


def steers(what, data):
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        return f"{what} is not UTF-8: {e}"
    found = STEERS.search(text)
    if found:
        return f"{what} holds {found.group()!r} in {text[max(0, found.start() - 40):found.end() + 10]!r}"
    if what == "html" and re.search(r"<script>alert|<img src=x|href=.javascript", text):
        return "html holds a server's markup"
    return None


def judge_forms(world, saved):
    """The kept evidence, shown in each form."""
    for form in ("json", "text", "html", "markdown"):
        shown = run(world, [world.program, "check", "--evidence", str(saved), "--format", form, "--verbose", "--no-color"])
        if shown.status not in (0, 1):
            return f"--evidence --format {form} ended with {shown.status}: {shown.err[:400]}"
        wrong = leaks(form, shown.out + shown.err.encode()) or steers(form, shown.out)
        if wrong:
            return wrong
    return leaks("the kept evidence", saved.read_bytes())


def grace(world):
    """No program is more punctual than its machine: where more wants to run than can, the end may come that much later."""
    crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / 4)
    return (SANITIZER_GRACE if world.sanitized else GRACE) * crowd


def judge_run(world, ran, timeout):
    if ran.status not in (0, 1):
        return f"status {ran.status}: {ran.err[-1500:]}"
    if ran.seconds > timeout + grace(world):
        return f"took {ran.seconds:.1f} s of {timeout} s"
    if ran.peak_mb > MEMORY_MB:
        return f"peak memory {ran.peak_mb:.0f} MB"
    return leaks("stdout", ran.out) or leaks("stderr", ran.err.encode())


def told(document, healthy):
    """A finding that warns, or a verdict that does not claim health."""
    if healthy:
        return None
    if document["verdict"] in ("failing", "unknown") or any(f["severity"] != "note" for f in document["findings"]):
        return None
    return f"nothing is said about it: {document['verdict']}, {document['summary']}"


def judged(world, name, command, timeout=TIMEOUT, healthy=False):
    saved = world.path(name.replace("/", "_") + ".evidence")
    ran = run(world, command + ["--json", "--save", str(saved)], limit=timeout + 15)
    wrong = judge_run(world, ran, timeout)
    if wrong:
        return wrong
    try:
        document = json.loads(ran.out)
    except ValueError as e:
        return f"no JSON: {e}"
    wrong = told(document, healthy) or judge_forms(world, saved)
    saved.unlink()
    return wrong
