#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of src/catalog/reply_hint.c out of catalog/hints/.

    gen_hints.py -o OUT.inc --findings catalog/findings catalog/hints

Refuses classes without a finding of theirs, words that stand there twice, and weights that are none.
"""
import argparse
import re
import sys
import tomllib
from pathlib import Path

import gen_replies
from reply_tables import wrap

SLOTS_LEAST = 1024
TENTHS_MAX, CLASSES_MAX, WEIGHTS_MAX = 255, 64, 65535


class Refused(Exception):
    pass


def hash_of(data):
    """As in reply_hint.c: FNV-1a."""
    h = 0x811C9DC5
    for b in data:
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h


def read_classes(path, findings):
    classes = tomllib.loads(path.read_text(encoding="utf-8"))
    places = {name: n for n, name in enumerate(sorted(findings))}
    for name, finding in classes.items():
        if findings.get(finding, {}).get("class") != name:
            raise Refused(f"{path}: {finding!r} is no finding of class {name}; name one that is")
    if len(classes) > CLASSES_MAX:
        raise Refused(f"{path}: more than {CLASSES_MAX} classes")
    return list(classes), [places[f] for f in classes.values()]


def read_weight(text, classes, where):
    m = re.fullmatch(r"(\S+) (\d{1,2})\.(\d)", text)
    if not m or m[1] not in classes:
        raise Refused(f"{where}: {text!r} is no class of classes.toml and a weight such as 1.5")
    tenths = int(m[2]) * 10 + int(m[3])
    if not 0 < tenths <= TENTHS_MAX:
        raise Refused(f"{where}: a weight lies between 0.1 and 25.5")
    return classes.index(m[1]), tenths


def read_words(path, classes):
    words = {}
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if n <= 2:
            continue
        where = f"{path}:{n}"
        word, _, said = line.partition("\t")
        if not word or not said:
            raise Refused(f"{where}: a word, a tab, and what it speaks for")
        h = hash_of(word.encode())
        if h in words:
            raise Refused(f"{where}: {word!r} stands there already, or a word that looks like it to the matcher; take one out")
        words[h] = [read_weight(s, classes, where) for s in said.split(", ")]
    return words


def slots_of(words):
    n = SLOTS_LEAST
    while n < 2 * len(words):
        n *= 2
    slots = [None] * n
    for h in sorted(words):
        at = h % n
        while slots[at] is not None:
            at = (at + 1) % n
        slots[at] = h
    return slots


def write_c(path, places, words):
    slots = slots_of(words)
    at, rows, weights = 0, [], []
    for h in slots:
        said = words.get(h, []) if h is not None else []
        rows.append(f"{{ {h or 0:#x}, {at}, {len(said)} }}")
        weights += [f"{{ {c}, {tenths} }}" for c, tenths in said]
        at += len(said)
    if at > WEIGHTS_MAX:
        raise Refused(f"more than {WEIGHTS_MAX} weights")
    with open(path, "w", encoding="ascii") as f:
        f.write("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_hints.py; do not edit. */\n"
                f"enum {{ HINT_SLOTS = {len(slots)}, HINT_CLASSES = {len(places)} }};\n"
                f"static const uint16_t hint_findings[HINT_CLASSES] = {{\n\t{wrap(places)}\n}};\n"
                f"static const struct hint_word hint_words[HINT_SLOTS] = {{\n\t{wrap(rows)}\n}};\n"
                f"static const struct hint_weight hint_weights[] = {{\n\t{wrap(weights)}\n}};\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-o", required=True)
    ap.add_argument("--findings", type=Path, required=True)
    ap.add_argument("hints", type=Path)
    args = ap.parse_args()
    try:
        findings = gen_replies.read_findings(sorted(args.findings.glob("*.toml")))
        classes, places = read_classes(args.hints / "classes.toml", findings)
        write_c(args.o, places, read_words(args.hints / "words.tsv", classes))
    except (Refused, OSError, tomllib.TOMLDecodeError, ValueError) as e:
        print(f"gen_hints: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
