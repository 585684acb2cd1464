#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far two readers of the held-out replies agree, and that nobody has changed a label both gave.

    label_agreement.py [FOLDER]

FOLDER (tests/fixtures/replies) holds heldout.labels.tsv: a line of a set, what
the first reader called it, what the second.  Prints agreement, Cohen's kappa
and the pairs of classes that were taken for each other; no line of a set.  Ends
with 1 when the label of a set is neither reader's, or differs from one that
both gave.
"""
import sys
from collections import Counter, defaultdict
from pathlib import Path

SHOWN = 12


def rows(path):
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def kappa(pairs):
    """Agreement beyond what both would reach by guessing with their own habits."""
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum(a == b for a, b in pairs) / n
    chance = sum(first[c] * second[c] for c in first) / n ** 2
    return (seen - chance) / (1 - chance)


def report(name, pairs):
    same = sum(a == b for a, b in pairs)
    print(f"{name}: {same} of {len(pairs)} alike ({100 * same / len(pairs):.1f} %), kappa {kappa(pairs):.3f}")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "tests/fixtures/replies"
    pairs, wrong = defaultdict(list), 0
    sets = {}
    for row in rows(folder / "heldout.labels.tsv"):
        name, both = row["set"], (row["first"], row["second"])
        final = sets.setdefault(name, rows(folder / f"{name}.tsv"))[int(row["line"]) - 2]["class"]
        if final not in both:
            print(f"{name}.tsv:{row['line']}: the label is neither reader's")
            wrong += 1
        pairs[name].append(both)
    for name, of in pairs.items():
        report(name, of)
        if len(of) != len(sets[name]):
            print(f"{name}.tsv: {len(sets[name])} lines, {len(of)} of them read twice")
            wrong += 1
    every = [p for of in pairs.values() for p in of]
    report("together", every)
    for pair, n in Counter(tuple(sorted(p)) for p in every if p[0] != p[1]).most_common(SHOWN):
        print(f"{n:4} {pair[0]} / {pair[1]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
