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
from c_rows import wrap

SLOTS_LEAST, HASH_STEP = 1024, 0x01000193
PARTS, POWERS = 25, 250
TENTHS_MAX, CLASSES_MAX, LANES = 127, 64, 16  # LANES: so many are added at once


class Refused(Exception):
    pass


def hash_bytes(data):
    """As in reply_chunk.h: FNV-1a."""
    h = 0x811C9DC5
    for b in data:
        h = (h ^ b) * HASH_STEP & 0xFFFFFFFF
    return h


def hash_of(word):
    """Of two words that stand one after the other, by the hashes of both."""
    first, _, second = word.partition(" ")
    a, b = hash_bytes(first.encode()), hash_bytes(second.encode())
    return (a ^ (b >> 16 | b << 16 & 0xFFFFFFFF)) * HASH_STEP & 0xFFFFFFFF if second else a


def read_classes(path, findings):
    classes = tomllib.loads(path.read_text(encoding="utf-8"))
    places = {name: n for n, name in enumerate(sorted(findings))}
    for name, finding in classes.items():
        if findings.get(finding, {}).get("class") != name:
            raise Refused(f"{path}: {finding!r} is no finding of class {name}; name one that is")
    if len(classes) > CLASSES_MAX:
        raise Refused(f"{path}: more than {CLASSES_MAX} classes")
    return list(classes), [places[f] for f in classes.values()]


def read_weight(text, where):
    if not re.fullmatch(r"-?\d{1,3}|", text) or abs(int(text or 0)) > TENTHS_MAX:
        raise Refused(f"{where}: {text!r} is no weight: tenths of a doubling, {-TENTHS_MAX} to {TENTHS_MAX}, or nothing")
    return int(text or 0)


def read_words(path, classes):
    words, lines = {}, path.read_text(encoding="utf-8").splitlines()
    head = lines[1].split("\t")[1:] if len(lines) > 1 else []
    if sorted(head) != sorted(classes):
        raise Refused(f"{path}:2: the columns are not the classes of classes.toml; learn again with tools/learn_hints.py")
    for n, line in enumerate(lines[2:], 3):
        where = f"{path}:{n}"
        word, *cells = line.split("\t")
        if not word or len(cells) != len(head):
            raise Refused(f"{where}: a word, and a tab and a weight or nothing for each of the {len(head)} classes")
        h = hash_of(word)
        if h in words:
            raise Refused(f"{where}: {word!r} stands there already, or a word that looks like it to the matcher; take one out")
        said = dict(zip(head, (read_weight(c, where) for c in cells)))
        words[h] = [said[c] for c in classes]
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


def write_c(path, classes, places, nfindings, class_of, words):
    slots = slots_of(words)
    numbers = {h: n for n, h in enumerate(sorted(words), 1)}
    width = -(-len(classes) // LANES) * LANES
    rows = [f"{{ {h or 0:#x}, {numbers.get(h, 0)} }}" for h in slots]
    weights = ["{ " + ", ".join(map(str, words[h])) + " }" for h in sorted(words)]
    of = [class_of.get(n, len(classes)) for n in range(nfindings)]
    with open(path, "w", encoding="ascii") as f:
        f.write("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_hints.py; do not edit. */\n"
                f"enum {{ HINT_SLOTS = {len(slots)}, HINT_ROWS = {len(words)}, HINT_CLASSES = {len(classes)}, HINT_WIDTH = {width},\n"
                f"\tHINT_NOT_A_BOUNCE = {classes.index('not-a-bounce')} }};\n"
                f"enum {{ HINT_ADDRESS = {hash_of('addr_'):#x}, HINT_IP = {hash_of('ip_'):#x} }};\n"
                f"static const uint16_t hint_findings[HINT_CLASSES] = {{\n\t{wrap(places)}\n}};\n"
                "/* 2 to the power of so many parts of a doubling below 0; what is further behind has no share. */\n"
                f"enum {{ HINT_PARTS = {PARTS}, HINT_POWERS = {POWERS} }};\n"
                f"static const float hint_powers[HINT_POWERS] = {{\n\t{wrap([f'{2 ** (-i / PARTS):.5f}F' for i in range(POWERS)])}\n}};\n"
                "/* Of each finding; HINT_CLASSES: of none of them. */\n"
                f"static const uint8_t hint_class_of[] = {{\n\t{wrap(of)}\n}};\n"
                f"static const struct hint_word hint_words[HINT_SLOTS] = {{\n\t{wrap(rows)}\n}};\n"
                f"static const int8_t hint_weights[HINT_ROWS][HINT_WIDTH] = {{\n\t{wrap(weights)}\n}};\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-o", required=True)
    ap.add_argument("--findings", type=Path, required=True)
    ap.add_argument("hints", type=Path)
    args = ap.parse_args()
    try:
        findings = gen_replies.read_findings(sorted(args.findings.glob("*.toml")))
        classes, places = read_classes(args.hints / "classes.toml", findings)
        class_of = {n: classes.index(findings[f]["class"]) for n, f in enumerate(sorted(findings))
                    if findings[f]["class"] in classes}
        write_c(args.o, classes, places, len(findings), class_of, read_words(args.hints / "words.tsv", classes))
    except (Refused, OSError, tomllib.TOMLDecodeError, ValueError) as e:
        print(f"gen_hints: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
