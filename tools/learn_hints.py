#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Learns catalog/hints/words.tsv: how much likelier a word makes each class, or less.

    learn_hints.py [--more FILE.tsv] -o catalog/hints/words.tsv

Run by hand, after rules or labelled replies have changed; the result is part of
the catalogue.  Learns from tests/fixtures/replies/*.tsv but the held-out ones,
from --more (a file with columns reply, enhanced, class, source), and, with less
weight, from the phrases of catalog/replies/.  A word counts only when several
sources have it; lines of one wording count as one.  The same input gives the
same table.  Takes a minute or two.
"""
import argparse
import itertools
import math
import random
import re
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import gen_replies
from gen_fold import fold

TOP = Path(__file__).resolve().parent.parent
SETS = ("servers", "clients", "languages", "programs", "field", "fresh")
WORD = re.compile(rb"[a-z_\x80-\xff][a-z0-9_'\x80-\xff]*")
WORD_LEAST, WORD_MOST, STEM_LETTERS = 2, 40, 5  # as in reply_chunk.c
ADDRESSES = ("addr_", "ip_")
# Names of people, hosts and corpora that the labelled replies come from: they say nothing of other replies.
NAMES = frozenset("anna db8 hl home jp kijitora libsisimai mx1 mx3 neko nemesis nyaan sironeko tss04".split())
ROUNDS, RATE, DECAY = 12, 0.2, 0.01
SOURCES_LEAST, TENTHS_MAX = 6, 127
PHRASE_COUNTS, READINGS_MAX = 0.1, 6
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


def sequence_of(text):
    """As reply_chunk.c reads a text: its words, one after the other."""
    folded = re.sub(r"\s+", " ", re.sub(r"[A-Z]", lambda m: m[0].lower(), fold(text))).encode()
    return [w.decode("utf-8", "replace") for chunk in folded.split(b" ") for w in chunk_words(chunk)]


def words_of(sequence):
    """Words, two that stand one after the other, and the first letters of longer ones ("recip~")."""
    pairs = {a + " " + b for a, b in zip(sequence, sequence[1:]) if a not in NAMES and b not in NAMES}
    words = set(sequence) - NAMES
    return words | pairs | {w[:STEM_LETTERS] + "~" for w in words if len(w) > STEM_LETTERS}


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
        enhanced = row["enhanced"] if row["enhanced"] not in ("-", "") else e[0] if e else ""
        sequence = sequence_of(row["reply"])
        words = words_of(sequence) | numbers_of(m[1] if m else "", enhanced) | {"*"}
        wording = " ".join(w for w in sequence if w not in ADDRESSES)
        yield words, row["class"], f"{path.name}:{row['source']}", wording


def of_one_weight(texts):
    """However often a wording was met, it counts once."""
    times = Counter((c, wording) for _, c, _, wording in texts)
    return [(words, c, source, 1 / times[c, wording]) for words, c, source, wording in texts]


def phrase_readings(text):
    links = [gen_replies.folded([link.strip()]) for link in text.split("~")]
    some = list(itertools.islice(itertools.product(*links), 400))
    return some[::max(1, len(some) // READINGS_MAX)][:READINGS_MAX]


def phrases(classes):
    for path in sorted((TOP / "catalog/replies").glob("*.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("reply", []):
            for text in rule.get("text", []) if rule["id"] != "unknown-reply" else []:
                for reading in phrase_readings(text):
                    words = set().union(*(words_of(sequence_of(p.replace("*", " "))) for p in reading))
                    if words:
                        yield words, classes[rule["id"]], f"{path.name}:{rule['id']}", PHRASE_COUNTS


def known_to_several(texts):
    sources = defaultdict(set)
    for words, _, source, _ in texts:
        for w in words:
            sources[w].add(source)
    return sorted(w for w, s in sources.items() if len(s) >= SOURCES_LEAST)


def errors(rows, right, counts):
    """Of each class that the weights give too much or too little: how much."""
    scores = [sum(column) for column in zip(*rows)]
    most = max(scores)
    power = [math.exp(s - most) for s in scores]
    total = sum(power)
    found = ((c, (p / total - (c == right)) * counts) for c, p in enumerate(power))
    return [(c, e) for c, e in found if abs(e) >= ERROR_LEAST]


def learn(texts, nwords, nclasses):
    """Multinomial logistic regression; each weight has a step of its own, and is drawn to 0."""
    weights = [[0.0] * nclasses for _ in range(nwords)]
    steps = [[0.01] * nclasses for _ in range(nwords)]
    order = random.Random(1)
    for _ in range(ROUNDS):
        order.shuffle(texts)
        for words, right, counts in texts:
            found = errors([weights[w] for w in words], right, counts)
            for w in words:
                weight, step = weights[w], steps[w]
                for c, error in found:
                    slope = error + DECAY * weight[c]
                    step[c] += slope * slope
                    weight[c] -= RATE * slope / math.sqrt(step[c])
    return weights


def write(path, classes, words, weights):
    with open(path, "w", encoding="utf-8") as f:
        f.write("# Made by tools/learn_hints.py; how it is used: catalog/README.md, \"A hint\".\n"
                "word\t" + "\t".join(classes) + "\n")
        for word, row in zip(words, weights):
            tenths = [max(-TENTHS_MAX, min(TENTHS_MAX, round(10 * w / math.log(2)))) for w in row]
            if any(tenths):
                f.write(word + "\t" + "\t".join(str(t or "") for t in tenths) + "\n")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--more", type=Path, action="append", default=[], help="labelled replies besides those of the tree")
    ap.add_argument("-o", type=Path, required=True, help="where the table goes")
    args = ap.parse_args()
    gen_replies.read_rules(sorted((TOP / "catalog/replies").glob("*.toml")))  # the sets of words
    findings = gen_replies.read_findings(sorted((TOP / "catalog/findings").glob("*.toml")))
    classes = list(tomllib.loads((TOP / "catalog/hints/classes.toml").read_text(encoding="utf-8")))
    class_of = {name: f["class"] for name, f in findings.items()}
    files = [TOP / f"tests/fixtures/replies/{name}.tsv" for name in SETS] + args.more
    texts = of_one_weight([t for path in files for t in labelled(path)]) + list(phrases(class_of))
    texts = [t for t in texts if t[1] in classes]
    words = known_to_several(texts)
    places = {w: n for n, w in enumerate(words)}
    taught = [(sorted(places[w] for w in has if w in places), classes.index(c), counts) for has, c, _, counts in texts]
    taught = [t for t in taught if t[0]]
    write(args.o, classes, words, learn(taught, len(words), len(classes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
