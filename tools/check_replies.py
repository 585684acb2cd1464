# SPDX-License-Identifier: Apache-2.0
"""What a rule of catalog/replies/ may not be: dead, contradictory, or hidden behind a surer one.

Works on the rules as gen_replies.py reads them.  Every mistake is a line with
file, line, what is wrong and how to mend it.
"""
import re
from collections import Counter
from functools import lru_cache

from reply_anchors import grams

ANY = 0xFFFF
DATE = r"\d{4}(-\d{2}){0,2}"


@lru_cache(maxsize=None)
def pieces_of(phrase):
    """(words, edge before, edge after) of each piece."""
    return [(s.strip(" "), s[:1] == " ", s[-1:] == " ") for s in phrase.split("*")]


def piece_in(piece, text, start):
    """Where a piece ends in the text of a phrase when it surely stands there, else -1."""
    words, before, after = piece
    at = text.find(words, start)
    while at >= 0:
        end = at + len(words)
        # At the ends of a phrase nobody knows what follows.
        if (not before or (at > 0 and not text[at - 1].isalnum())) and \
           (not after or (end < len(text) and not text[end].isalnum())):
            return end
        at = text.find(words, at + 1)
    return -1


def surely_in(phrase, other):
    """True when every text that holds `other` holds `phrase`: other's own words say so."""
    pieces, at = pieces_of(phrase), 0
    if len(pieces) == 1:
        return any(piece_in(pieces[0], part, 0) >= 0 for part in other.split("*"))
    if "*" in other:
        return phrase == other
    for piece in pieces:
        at = piece_in(piece, other, at)
        if at < 0:
            return False
    return True


class Within:
    """Which of many phrases stand in another.  Only those are looked at that are found by three bytes of it: each stands
    under the ones of its own that fewest of the others have."""

    def __init__(self, phrases):
        usual = Counter(g for p in phrases for g in grams(p))
        self.found_by = {}
        for p in phrases:
            self.found_by.setdefault(min(grams(p), key=usual.get), []).append(p)

    def of(self, other):
        return (p for g in set(grams(other)) for p in self.found_by.get(g, ()) if surely_in(p, other))


def dead_phrases(rule):
    for p in rule["texts"]:
        killer = next((n for n in rule["nots"] if surely_in(n, p)), None)
        if killer:
            yield f"{p!r} never counts: {killer!r} in not stands in it; take one of the two out"


def contradictions(rule):
    firsts = {c[0] // 100 for c in rule["codes"]} | {c[1] // 100 for c in rule["codes"]}
    for s in rule["statuses"]:
        if firsts and s[0] != ANY and s[0] not in firsts:
            yield (f"no reply has the status {s[0]}.{'x' if s[1] == ANY else s[1]} and such a code; "
                   "let both begin with the same digit")


def covers(ranges, others):
    """Codes of `ranges` (none: any) hold all of `others`."""
    return not ranges or (others and all(any(a <= c and d <= b for a, b in ranges) for c, d in others))


def status_covers(statuses, others):
    return not statuses or (others and all(any(all(x in (ANY, y) for x, y in zip(s, o)) for s in statuses)
                                           for o in others))


def is_weaker(a, b):
    """Whatever makes rule b fit makes rule a fit, as far as all but the phrases go."""
    return ((not a["providers"] or (b["providers"] and set(b["providers"]) <= set(a["providers"]))) and
            (not a["steps"] or (b["steps"] and not b["steps"] & ~a["steps"])) and
            covers(a["codes"], b["codes"]) and status_covers(a["statuses"], b["statuses"]) and
            a["needs"] & b["needs"] == a["needs"] and set(a["nots"]) <= set(b["nots"]) and
            (not a["withs"] or (b["withs"] and all(any(surely_in(w, o) for w in a["withs"]) for o in b["withs"]))))


def hides(a, b):
    """Rule a answers, and more surely, wherever rule b could."""
    return (a["id"] != b["id"] and a["confidence"] > b["confidence"] and a["texts"] and b["texts"] and not b["chains"] and
            is_weaker(a, b) and all(any(surely_in(s, t) for s in a["texts"]) for t in b["texts"]))


def hidden(rules):
    having = {}  # text -> the rules that have it, by their places
    for n, r in enumerate(rules):
        for t in r["texts"]:
            having.setdefault(t, []).append(n)
    within = Within(having)
    for b in rules:
        if b["second"] or not b["texts"]:
            continue
        near = sorted({n for p in within.of(b["texts"][0]) for n in having[p]})
        a = next((rules[n] for n in near if hides(rules[n], b)), None)
        if a:
            yield b, (f"{a['where']} ({a['id']}) says the same of all its phrases, and more surely; ask for more, "
                      "raise the confidence, or write second = true when it is meant as a second meaning")


def unsourced(rule):
    if not isinstance(rule.get("source"), str) or not rule["source"].strip():
        yield "no source; say whose server, document or report knows these words"
    if "date" in rule and not re.fullmatch(DATE, str(rule["date"])):
        yield f"date {rule['date']!r} is none; write a year, or year-month-day"


def unusable(findings, rules):
    """Findings that a reader could do nothing with."""
    for r in rules:
        finding = findings.get(r["id"])
        if finding is not None and not (finding.get("actor") and finding.get("fix")):
            yield r, f"finding {r['id']} has no {'fix' if finding.get('actor') else 'actor'}; write it in catalog/findings/"


def least(phrases):
    """Without those that hold another of them: where they stand, that one stands too."""
    within = Within(phrases)
    return [p for p in phrases if not any(len(q) < len(p) for q in within.of(p))]


def without_covered(rules):
    """The same rules with the fewest phrases: each one more costs the matcher time."""
    for r in rules:
        r.update({key: least(r[key]) for key in ("texts", "withs", "nots")})
        r["chains"] = [tuple(tuple(least(link)) for link in chain) for chain in r["chains"]]
    return rules


def mistakes(rules):
    for r in rules:
        for what in (*dead_phrases(r), *contradictions(r)):
            yield r, what
    yield from hidden(rules)
