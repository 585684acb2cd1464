#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of src/catalog/reply_rules.h out of catalog/replies/*.toml.

    gen_replies.py [--strict] [--depfile F] -o OUT.c --findings catalog/findings catalog/replies

Refuses what could never match or would match twice: unknown keys and steps,
phrases too short to be found, rules that repeat an earlier one.  With --strict
also what check_replies.py knows, and findings that no file defines (else a warning).
"""
import argparse
import os
import re
import sys
import tomllib
from pathlib import Path

import check_replies
from gen_fold import fold
from reply_anchors import grams
from reply_tables import ANY, CLASSES_MAX, LINKS_MAX, STEPS, Refused, write_c

FAMILIES = [{"data", "content", "attachment", "post-handoff"}, {"auth", "oauth"}, {"starttls", "tls-cert"}]
NEEDS = {"tls": 1, "no-tls": 2, "logged-in": 4, "not-logged-in": 8}
KEYS = {"id", "provider", "step", "code", "enhanced", "text", "with", "not", "needs", "confidence", "second", "source", "date"}
NO_FINDING = 0xFFFF  # past the end


def lines_of_entries(path, table):
    with open(path, encoding="utf-8") as f:
        return [n for n, line in enumerate(f, 1) if line.strip() == f"[[{table}]]"]


def as_list(rule, key):
    v = rule.get(key, [])
    v = [v] if isinstance(v, str) else v
    if not isinstance(v, list) or not all(isinstance(x, str) and x for x in v):
        raise Refused(f"{key} must be texts")
    if len(set(v)) != len(v):
        raise Refused(f"{key} says something twice")
    return v


SETS = {}  # name of [sets] -> its words


def read_sets(path, sets):
    """Words that several rules name together: "{name}" stands for any of them."""
    for name, words in sets.items():
        if not re.fullmatch(r"[a-z][a-z-]*", name) or name in SETS or as_list(sets, name) != words:
            raise Refused(f"{path}: set {name!r} must be new, and a list of texts")
        SETS[name] = words


def choices(inside):
    if "|" in inside:
        return inside.split("|")
    if inside not in SETS:
        raise Refused(f"no set {inside!r}")
    return SETS[inside]


def spread(phrase):
    """Every reading of a phrase with {this|that} or {set} in it."""
    m = re.search(r"\{([^{}]*\|[^{}]*|[a-z][a-z-]*)\}", phrase)
    if not m:
        return [phrase]
    return [p for word in choices(m[1]) for p in spread(phrase[:m.start()] + word + phrase[m.end():])]


def folded(phrases):
    """As the matcher sees them: accents and capitals outside ASCII are for the reader of the catalogue."""
    out = list(dict.fromkeys(fold(p) for phrase in phrases for p in spread(phrase)))
    for p in out:
        check_phrase(p)
    return out


def phrases_of(rule, key):
    return folded(p for p in as_list(rule, key) if key != "text" or "~" not in p)


def chains_of(rule):
    """A text with "~": sets of words, one soon after the other."""
    out = [tuple(tuple(folded([link.strip()])) for link in p.split("~")) for p in as_list(rule, "text") if "~" in p]
    for chain in out:
        if not 2 <= len(chain) <= LINKS_MAX:
            raise Refused(f"a chain has two to {LINKS_MAX} links")
        for word in (w for link in chain for w in link):
            if "*" in word or not grams(word):
                raise Refused(f"{word!r} in a chain: one piece of three bytes or more")
    return out


def step_mask(steps):
    mask = 0
    for s in steps:
        if s not in STEPS:
            raise Refused(f"no step {s!r}")
        for name in next((f for f in FAMILIES if s in f), {s}):
            mask |= 1 << STEPS.index(name)
    return mask


def code_range(code):
    if re.fullmatch(r"[2-5]xx", code):
        return int(code[0]) * 100, int(code[0]) * 100 + 99
    if re.fullmatch(r"[2-5]\d\d", code):
        return int(code), int(code)
    raise Refused(f"code {code!r}")


def status(enhanced):
    m = re.fullmatch(r"([245x])\.(\d{1,3}|x)\.(\d{1,3}|x)", enhanced)
    if not m:
        raise Refused(f"enhanced {enhanced!r}")
    return tuple(ANY if g == "x" else int(g) for g in m.groups())


def check_phrase(p):
    if p != re.sub(r"[A-Z]", lambda m: m[0].lower(), p) or "  " in p or "\t" in p or "**" in p:
        raise Refused(f"phrase {p!r} is not folded")
    if len(p.encode()) > 255:
        raise Refused(f"phrase {p!r} is longer than 255 bytes")
    if p.startswith("*") or p.endswith("*"):
        raise Refused(f"phrase {p!r}: '*' at an end says nothing")
    if re.search(r"[a-z]@[a-z0-9-]+\.[a-z]", p):
        raise Refused(f"phrase {p!r}: addresses are masked (reply_mask.h); take the words around it")


def read_rule(rule, path, line):
    for key in rule:
        if key not in KEYS:
            raise Refused(f"no key {key!r}; the keys are {', '.join(sorted(KEYS))}")
    for what in check_replies.unsourced(rule):
        raise Refused(what)
    confidence = rule.get("confidence")
    if not isinstance(confidence, (int, float)) or not 0 < confidence < 1:
        raise Refused("confidence must lie between 0 and 1")
    r = {"id": rule["id"], "where": f"{os.path.basename(path)}:{line}", "confidence": float(confidence),
         "providers": as_list(rule, "provider"), "steps": step_mask(as_list(rule, "step")),
         "codes": [code_range(c) for c in as_list(rule, "code")],
         "statuses": [status(e) for e in as_list(rule, "enhanced")],
         "texts": phrases_of(rule, "text"), "chains": chains_of(rule), "withs": phrases_of(rule, "with"),
         "nots": phrases_of(rule, "not"),
         "needs": sum(NEEDS[n] for n in as_list(rule, "needs")), "second": rule.get("second") is True,
         "place": f"{path}:{line}"}
    for p in r["texts"] + r["withs"] + r["nots"]:
        if not grams(p):
            raise Refused(f"phrase {p!r} has no piece of three bytes")
    if r["withs"] and not r["texts"] and not r["chains"]:
        raise Refused("with goes with text")
    if not any(r[k] for k in ("texts", "chains", "codes", "statuses", "steps")) and r["id"] != "unknown-reply":
        raise Refused("a rule that asks for nothing")
    return r


def refuse_repeats(rules):
    """One phrase may mean two things, if one of them is the likelier; the same thing only once."""
    seen = {}
    for r in rules:
        rest = (tuple(r["providers"]), r["steps"], tuple(r["codes"]), tuple(r["statuses"]), r["needs"], tuple(r["withs"]))
        for p in r["texts"] + r["chains"] or [""]:
            for key in ((rest, p, r["id"]), (rest, p, r["confidence"])):
                first = seen.setdefault(key, r)
                if first is not r and not (set(first["nots"]) ^ set(r["nots"])):
                    raise Refused(f"{r['place']}: {p!r} stands already at {first['where']} ({first['id']}); "
                                  "keep it in one of the two")


def read_rules(paths):
    rules = []
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    for path, found in zip(paths, tables):
        read_sets(path, found.get("sets", {}))
    for path, found in zip(paths, tables):
        lines = lines_of_entries(path, "reply")
        for line, rule in zip(lines, found.get("reply", []), strict=True):
            try:
                rules.append(read_rule(rule, path, line))
            except (Refused, KeyError) as e:
                raise Refused(f"{path}:{line}: {e}") from e
    refuse_repeats(rules)
    return rules


def read_findings(paths):
    findings = {}
    for path in paths:
        findings.update(tomllib.loads(path.read_text(encoding="utf-8")))
    return findings


def number_classes(rules, findings):
    """The same number for rules of the same class, and each rule's place among the findings."""
    numbers, places = {}, {name: n for n, name in enumerate(sorted(findings))}
    for r in rules:
        r["finding"] = places.get(r["id"], NO_FINDING)
        r["class"] = numbers.setdefault(findings.get(r["id"], {}).get("class", ""), len(numbers))
    if len(numbers) > CLASSES_MAX:
        raise Refused(f"more than {CLASSES_MAX} classes")


def check(rules, findings, strict):
    unknown = [(r, f"no such finding: {r['id']}; write it in catalog/findings/, or use one that is there")
               for r in rules if r["id"] not in findings]
    if strict:
        found = unknown + [*check_replies.unusable(findings, rules), *check_replies.mistakes(rules)]
        if found:
            raise Refused("\n".join(f"{r['place']}: {what}" for r, what in found))
    elif unknown:
        print(f"gen_replies: {len(unknown)} findings are not written yet", file=sys.stderr)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--strict", action="store_true")
    ap.add_argument("--depfile")
    ap.add_argument("-o", required=True)
    ap.add_argument("--findings", type=Path, required=True)
    ap.add_argument("replies", type=Path)
    args = ap.parse_args()
    replies, findings = sorted(args.replies.glob("*.toml")), sorted(args.findings.glob("*.toml"))
    try:
        rules = read_rules(replies)
        known = read_findings(findings)
        check(rules, known, args.strict)
        number_classes(check_replies.without_covered(rules), known)
        write_c(args.o, rules)
    except (Refused, OSError, tomllib.TOMLDecodeError, ValueError) as e:
        print(f"gen_replies: {e}", file=sys.stderr)
        return 1
    if args.depfile:
        inputs = [str(p) for p in replies + findings] + [str(args.replies), str(args.findings)]
        Path(args.depfile).write_text(f"{args.o}: {' '.join(inputs)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
