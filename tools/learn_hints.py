#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Learns catalog/hints/words.tsv: how much likelier a word makes each class.

    learn_hints.py [--more FILE.tsv] -o catalog/hints/words.tsv

Run by hand, after rules or labelled replies have changed; the result is part of
the catalogue.  Learns from tests/fixtures/replies/*.tsv but the held-out one,
from --more (a file with columns reply, enhanced, class, source), and, with less
weight, from the phrases of catalog/replies/.  A word counts only when several
sources have it.  The same input gives the same table.
"""
import argparse
import itertools
import math
import random
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import gen_replies
from gen_fold import fold

TOP = Path(__file__).resolve().parent.parent
SETS = ("servers", "clients", "languages", "programs", "field", "fresh")
WORD = re.compile(rb"[a-z_\x80-\xff][a-z0-9_'\x80-\xff]*")
WORD_LEAST, WORD_MOST = 2, 40  # as in reply_hint.c
ROUNDS, RATE, DECAY = 12, 0.2, 0.003
SOURCES_LEAST, WEIGHT_LEAST = 4, 0.5
PHRASE_COUNTS, READINGS_MAX = 0.3, 6
ERROR_LEAST = 0.005  # smaller ones teach nothing


def chunk_words(chunk):
    if b"://" in chunk:
        return []
    if b"@" in chunk:
        return [b"addr_"]
    if chunk.count(b".") >= 3 and re.fullmatch(rb"[^a-z\x80-\xff]*[0-9][^a-z\x80-\xff]*", chunk):
        return [b"ip_"]
    words = [w.rstrip(b"'") for w in WORD.findall(chunk)]
    return [w for w in words if WORD_LEAST <= len(w) <= WORD_MOST]


def words_of(text):
    """As reply_hint.c reads a text: its words, and those that stand one after the other."""
    folded = re.sub(r"\s+", " ", re.sub(r"[A-Z]", lambda m: m[0].lower(), fold(text))).encode()
    words = [w for chunk in folded.split(b" ") for w in chunk_words(chunk)]
    pairs = [a + b" " + b for a, b in zip(words, words[1:])]
    return {w.decode("utf-8", "replace") for w in words + pairs}


def numbers_of(code, enhanced):
    out = {code, code[0] + "xx"} if code else set()
    if enhanced:
        out |= {enhanced, "x" + enhanced[1:]}
    return out


def labelled(path):
    lines = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")]
    for cells in lines[1:]:
        row = dict(zip(lines[0], cells))
        m = re.search(r"(?:^|[:;>\"' ])([245]\d\d)[ -](?=\D|[245]\.)", row["reply"])
        e = re.search(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])", row["reply"])
        enhanced = row["enhanced"] if row["enhanced"] != "-" else e[0] if e else ""
        words = words_of(row["reply"]) | numbers_of(m[1] if m else "", enhanced) | {"*"}
        yield words, row["class"], f"{path}:{row['source']}", 1.0


def phrase_readings(text):
    links = [gen_replies.folded([link.strip()]) for link in text.split("~")]
    some = list(itertools.islice(itertools.product(*links), 400))
    return some[::max(1, len(some) // READINGS_MAX)][:READINGS_MAX]


def phrases(classes):
    for path in sorted((TOP / "catalog/replies").glob("*.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("reply", []):
            for text in rule.get("text", []) if rule["id"] != "unknown-reply" else []:
                for reading in phrase_readings(text):
                    words = set().union(*(words_of(p.replace("*", " ")) for p in reading))
                    if words:
                        yield words, classes[rule["id"]], f"{path.name}:{rule['id']}", PHRASE_COUNTS


def known_to_several(texts):
    sources = defaultdict(set)
    for words, _, source, _ in texts:
        for w in words:
            sources[w].add(source)
    return {w for w, s in sources.items() if len(s) >= SOURCES_LEAST}


def shares(weights, words):
    scores = defaultdict(float)
    for w in words:
        for c, weight in weights[w].items():
            scores[c] += weight
    return scores


def learn(texts, classes):
    """Multinomial logistic regression with weights from 0 up: words speak for a class, none speaks against one."""
    weights, steps = defaultdict(dict), defaultdict(lambda: defaultdict(lambda: 0.01))
    order = random.Random(1)
    for _ in range(ROUNDS):
        order.shuffle(texts)
        for words, right, _, counts in texts:
            scores = shares(weights, words)
            most = max(scores.values(), default=0)
            power = {c: math.exp(scores.get(c, 0) - most) for c in classes}
            total = sum(power.values())
            for c in classes:
                error = (power[c] / total - (c == right)) * counts
                if abs(error) < ERROR_LEAST:
                    continue
                for w in words:
                    old = weights[w].get(c, 0)
                    if error > 0 and not old:
                        continue
                    slope = error + DECAY * old
                    steps[w][c] += slope * slope
                    new = old - RATE * slope / math.sqrt(steps[w][c])
                    weights[w][c] = max(new, 0)
    return weights


def write(path, weights):
    with open(path, "w", encoding="utf-8") as f:
        f.write("# Made by tools/learn_hints.py; how it is used: catalog/README.md, \"A hint\".\nword\tspeaks for\n")
        for word in sorted(weights):
            said = sorted(((round(w / math.log(2), 1), c) for c, w in weights[word].items() if w >= WEIGHT_LEAST), reverse=True)
            if said:
                f.write(f"{word}\t{', '.join(f'{c} {w}' for w, c in said)}\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--more", type=Path, action="append", default=[])
    ap.add_argument("-o", type=Path, required=True)
    args = ap.parse_args()
    gen_replies.read_rules(sorted((TOP / "catalog/replies").glob("*.toml")))  # the sets of words
    findings = gen_replies.read_findings(sorted((TOP / "catalog/findings").glob("*.toml")))
    given = tomllib.loads((TOP / "catalog/hints/classes.toml").read_text(encoding="utf-8"))
    classes = {name: f["class"] for name, f in findings.items()}
    files = [TOP / f"tests/fixtures/replies/{name}.tsv" for name in SETS] + args.more
    texts = [t for path in files for t in labelled(path)] + list(phrases(classes))
    texts = [t for t in texts if t[1] in given]
    known = known_to_several(texts)
    texts = [(sorted(words & known), c, source, counts) for words, c, source, counts in texts]
    write(args.o, learn(texts, sorted({c for _, c, *_ in texts})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
