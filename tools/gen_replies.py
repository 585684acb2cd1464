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
from collections import Counter
from pathlib import Path

import check_replies
from gen_fold import fold

STEPS = ("config dns connect banner ehlo starttls tls-cert auth oauth mail-from rcpt data content attachment "
         "post-handoff domain-policy relay-server client-network").split()
FAMILIES = [{"data", "content", "attachment", "post-handoff"}, {"auth", "oauth"}, {"starttls", "tls-cert"}]
NEEDS = {"tls": 1, "no-tls": 2, "logged-in": 4, "not-logged-in": 8}
KEYS = {"id", "provider", "step", "code", "enhanced", "text", "with", "not", "needs", "confidence", "second", "source", "date"}
TEXT, WITH, NOT, SET = range(4)  # reply_use
# How phrases are found, the best first (reply_index): bytes, bits of their hash, only where a word begins.
INDEXES = {"long": (8, 16, True), "wide": (6, 18, False), "short": (3, 14, False)}
PRICES = (0, 20, 400)  # of a phrase in each
PROBE_BYTES = 8  # as reply_bytes()
MARK_SHIFT = 32  # REPLY_MARK_SHIFT
CLASSES_MAX, RULES_MAX, PHRASES_MAX = 64, 2048, 20480  # as in reply_rules.h
SETS_MAX, LINKS_MAX = 1024, 4  # as in reply_chain.h
ANY, SUBJECTS = 0xFFFF, 9
NO_FINDING = 0xFFFF  # past the end


class Refused(Exception):
    pass


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


def pieces(phrase):
    return [s.strip(" ").encode() for s in phrase.split("*")]


def grams(phrase, size=3):
    """Bytes of it that stand together; three are needed to find it at all."""
    return [s[i:i + size] for s in pieces(phrase) for i in range(len(s) - size + 1)]


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


def c_text(s):
    out = []
    for b in s.encode():
        out.append({34: '\\"', 92: "\\\\", 63: "\\?"}.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}"))
    return '"' + "".join(out) + '"'


def hash_of(data):
    """As reply_hash()."""
    return int.from_bytes(data, "little") * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF


def bucket_of(data, bits):
    return hash_of(data) >> (64 - bits)


def mark_of(data):
    return hash_of(data) >> MARK_SHIFT & 0xFF


def is_word(byte):
    """As in reply_pattern.c."""
    return 48 <= byte <= 57 or 97 <= byte <= 122 or byte >= 128


def places_of(phrase, n, words_only):
    """Offsets of n bytes it may be found by and of their piece, and the piece's length."""
    places, at = [], 0
    for raw in phrase.encode().split(b"*"):
        piece = raw.strip(b" ")
        lead = len(raw) - len(raw.lstrip(b" "))
        for i in range(len(piece) - n + 1):
            begins = lead + i > 0 and not is_word(raw[lead + i - 1])
            if begins or not words_only:
                places.append((at + lead + i, at + lead, len(piece)))
        at += len(raw) + 1
    return places


def numbered_chains(rules):
    """The sets of all chains, each once, and (links, rule) by number of set, in order of the first link."""
    sets = {}
    for link in (link for r in rules for chain in r["chains"] for link in chain):
        sets.setdefault(link, len(sets))
    if len(sets) > SETS_MAX:
        raise Refused(f"more than {SETS_MAX} sets of words in chains")
    return sets, sorted(([sets[link] for link in chain], n) for n, r in enumerate(rules) for chain in r["chains"])


def anchored_phrases(rules, sets):
    """((index, bucket), phrase, anchor, uses), each phrase once, under bytes that few others have."""
    uses = {}
    for words, n in sets.items():
        for p in words:
            uses.setdefault(p, []).append((n, SET))
    for n, r in enumerate(rules):
        for use, name in ((TEXT, "texts"), (WITH, "withs"), (NOT, "nots")):
            for p in r[name]:
                uses.setdefault(p, []).append((n, use))
    usual = Counter(g for p in uses for size, *_ in INDEXES.values() for g in set(grams(p, size)))
    load, out = Counter(), []
    for p in sorted(uses, key=lambda p: (len(p), p)):
        data = p.encode()
        candidates = [(index, size, bits, place) for index, (size, bits, words) in enumerate(INDEXES.values())
                      for place in places_of(p, size, words)]

        def bucket_at(index, size, bits, place):
            return index, bucket_of(data[place[0]:place[0] + size], bits)

        def cost(candidate):
            index, size, _, place = candidate
            found_by = data[place[0]:place[0] + size]
            return (PRICES[index] + usual[found_by] + 20 * load[bucket_at(*candidate)], candidate)
        best = min(candidates, key=cost)
        load[bucket_at(*best)] += 1
        out.append((bucket_at(*best), p, best[3], uses[p]))
    return sorted(out)


def bare_rules(rules):
    """reply_bare: rules without phrases, by the subject of the status they ask for, by step, and the rest."""
    bare = [(n, r) for n, r in enumerate(rules) if not r["texts"] and not r["chains"]]

    def speaks_of(rule, subject):
        return any(s[1] == ANY or min(s[1], SUBJECTS - 1) == subject for s in rule["statuses"])
    return [*([n for n, r in bare if speaks_of(r, subject)] for subject in range(SUBJECTS)),
            [n for n, r in bare if r["steps"] and not r["statuses"]],
            [n for n, r in bare if not r["steps"] and not r["statuses"]]]


def grouped_uses(used):
    """((use, word of the rules' bits), bits) for each word of them; of a set ((SET, set), 0)."""
    words = {}
    for n, use in used:
        key, bit = ((SET, n), 0) if use == SET else ((use, n // 64), 1 << n % 64)
        words[key] = words.get(key, 0) | bit
    return sorted(words.items())


def form_of(phrase, used):
    """reply_form"""
    in_set = any(use == SET for _, use in used)
    return 0 if "*" in phrase else 1 | (phrase[0] == " ") << 1 | (phrase[-1] == " ") << 2 | in_set << 3


def write_buckets(w, name, index, bits, phrases):
    """struct reply_buckets"""
    first = {}  # bucket -> where its phrases begin
    for at, ((of, bucket), *_) in enumerate(phrases):
        if of == index:
            first.setdefault(bucket, at)
    words = [sum(1 << b for b in range(64) if n + b in first) for n in range(0, 1 << bits, 64)]
    before = [0]
    for word in words:
        before.append(before[-1] + word.bit_count())
    ends = sum(1 for (of, _), *_ in phrases if of <= index)
    w(f"static const uint64_t {name}_full[] = {{\n\t{wrap(f'{word:#x}' for word in words)}\n}};\n"
      f"static const uint16_t {name}_before[] = {{\n\t{wrap(before)}\n}};\n"
      f"static const uint16_t {name}_first[] = {{\n\t{wrap([*first.values(), ends])}\n}};\n"
      f"const struct reply_buckets reply_{name} = {{ {name}_full, {name}_before, {name}_first }};\n")


def c_bool(value):
    return "true" if value else "false"


def wrap(numbers, width=100):
    out, line = [], ""
    for n in numbers:
        if len(line) + len(str(n)) + 2 > width:
            out.append(line)
            line = ""
        line += f"{n}, "
    return "\n\t".join(out + [line])


def write_rule_parts(w, n, r):
    def strings(name, items):
        if items:
            w(f"static const char *const {name}_{n}[] = {{ " + ", ".join(map(c_text, items)) + ", 0 };\n")
    strings("providers", r["providers"])
    if r["codes"]:
        w(f"static const struct reply_code_range codes_{n}[] = {{ " +
          ", ".join(f"{{ {a}, {b} }}" for a, b in r["codes"]) + ", { 0, 0 } };\n")
    if r["statuses"]:
        w(f"static const struct reply_status statuses_{n}[] = {{ " +
          ", ".join("{ { %d, %d, %d } }" % s for s in r["statuses"]) + ", { { 0, 0, 0 } } };\n")


def write_chains(w, sets, chains):
    w("const struct reply_chain reply_chains[] = {\n")
    for links, rule in chains:
        w(f"\t{{ {rule}, {len(links)}, {{ {', '.join(map(str, links))} }} }},\n")
    starts = [sum(1 for links, _ in chains if links[0] < n) for n in range(len(sets) + 1)]
    w("\t{ 0, 0, { 0 } },\n")
    w(f"}};\nconst unsigned reply_nsets = {len(sets)};\nconst uint16_t reply_chain_start[] = {{\n\t{wrap(starts)}\n}};\n")


def write_c(path, rules):
    if len(rules) > RULES_MAX:
        raise Refused(f"more than {RULES_MAX} rules")
    sets, chains = numbered_chains(rules)
    phrases = anchored_phrases(rules, sets)
    if len(phrases) > PHRASES_MAX:
        raise Refused(f"more than {PHRASES_MAX} phrases")
    bare = bare_rules(rules)
    with open(path, "w", encoding="ascii") as f:
        w = f.write
        w("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_replies.py; do not edit. */\n"
          '#include <stddef.h>\n\n#include "catalog/reply_chain.h"\n#include "catalog/reply_rules.h"\n\n')
        for n, r in enumerate(rules):
            write_rule_parts(w, n, r)

        def ref(name, n, r):
            return f"{name}_{n}" if r[name] else "NULL"
        w("const struct reply_rule reply_rules[] = {\n")
        for n, r in enumerate(rules):
            w(f"\t{{ {c_text(r['where'])}, " +
              ", ".join(ref(k, n, r) for k in ("providers", "codes", "statuses")) +
              f", {c_bool(r['texts'] or r['chains'])}, {c_bool(r['withs'])}, {r['steps']}u, {r['needs']}, "
              f"{r['class']}, {r['finding']}, {round(r['confidence'] * 1000)} }},\n")
        w(f"}};\nconst unsigned reply_nrules = {len(rules)};\n\nconst struct reply_phrase reply_phrases[] = {{\n")
        at = 0
        marks = []
        uses = []
        for (index, _), p, (found_by, piece, length), used_by in phrases:
            used = grouped_uses(used_by)
            data = p.encode()[found_by:min(piece + length, found_by + PROBE_BYTES)]
            w(f"\t{{ {int.from_bytes(data, 'little'):#x}, {c_text(p)}, {at}, {len(used)}, {len(data)}, "
              f"{found_by - piece}, {piece}, {length}, {form_of(p, used_by)} }},\n")
            at += len(used)
            uses += used
            marks.append(mark_of(data[:list(INDEXES.values())[index][0]]))
        w(f"}};\nconst unsigned reply_nphrases = {len(phrases)};\n")
        w("const struct reply_uses reply_uses[] = {\n")
        for (use, word), bits in uses:
            w(f"\t{{ {bits:#x}, {word}, {use} }},\n")
        w("};\n")
        w(f"const uint8_t reply_marks[] = {{\n\t{wrap(marks)}\n}};\n")
        for index, (name, (_, bits, _)) in enumerate(INDEXES.items()):
            write_buckets(w, name, index, bits, phrases)
        write_chains(w, sets, chains)
        w(f"const uint16_t reply_bare_rules[] = {{\n\t{wrap(sum(bare, []))}\n}};\n")
        starts = [sum(map(len, bare[:kind])) for kind in range(len(bare) + 1)]
        w(f"const uint16_t reply_bare_start[REPLY_BARE_END + 1] = {{ {', '.join(map(str, starts))} }};\n")
    return phrases


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
