#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of src/mail/bounce_rules.h out of catalog/bounces/*.toml.

    gen_bounces.py [--depfile F] -o OUT.c catalog/bounces

Refuses what could never match or stands twice: unknown keys, patterns that are
not folded, placeholders in the wrong place, dialects that nothing can recognise.
"""
import argparse
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

from c_rows import c_text, wrap

ROLES = ["header", "begin", "recipient", "reply", "original", "section", "drop", "failed", "delayed", "delivered", "step"]
KINDS = ["report", "reply", "challenge", "feedback"]
STEPS = "connect banner ehlo starttls mail-from rcpt data content auth".split()
KEYS = {"name", "kind", "enough", "source", "language", "step"} | set(ROLES)
SPECIAL = {"{address}": "\1", "{reply}": "\2", "{host}": "\3", "*": "\4", "$": "\5", "{user}": "\6"}
NEEDS_ONE = {"recipient": "\1\6", "reply": ""}
GRAM_BITS, SIEVE_BITS = 12, 16
AT_ANY = 255
DIALECTS_MAX, PATTERNS_MAX = 250, 4000  # as in bounce_rules.h
STRONG_LETTERS = 14  # letters beside the placeholders that make a pattern safe outside its dialect


class Refused(Exception):
    pass


def encode(text):
    if text != re.sub(r"[A-Z]", lambda m: m[0].lower(), text) or "  " in text or "\t" in text:
        raise Refused(f"{text!r} is not folded")
    out = re.sub(r"\{[a-z]+\}|\*|\$", lambda m: special(m[0], m.end() == len(text)), text)
    if re.search("[\4][\1-\4\6]", out):
        raise Refused(f"{text!r}: nothing can follow a '*' but words")
    if re.search("\2.", out):
        raise Refused(f"{text!r}: {{reply}} takes the rest of the line")
    if out.endswith("\4") or out.startswith((" ", "\5")) or len(out.encode()) > 200:
        raise Refused(f"{text!r}: a '*' at the end, a blank or '$' at the start, or too long")
    if re.search("[\1\3\6][\1\3\6]", out):
        raise Refused(f"{text!r}: two placeholders in a row")
    return out


def special(word, last):
    if word not in SPECIAL:
        raise Refused(f"no placeholder {word}")
    if word == "$" and not last:
        raise Refused("'$' means the end of the line")
    return SPECIAL[word]


def grams(encoded):
    pieces = re.split(b"[\1-\6]", encoded.encode())
    return [p[i:i + 4] for p in pieces for i in range(len(p) - 3)]


def letters(encoded):
    return sum(c.isalpha() for c in encoded)


def read_pattern(role, text, dialect, step=None):
    points = 1 if role == "header" else 2
    if m := re.match(r"\+(\d) ", text):
        points, text = int(m[1]), text[3:]
        if role not in ("header", "begin"):
            raise Refused(f"{text!r}: only marks have points")
    encoded = encode(text)
    if role == "recipient" and not re.search("[\1\6]", encoded):
        raise Refused(f"{text!r} names no recipient")
    if role != "recipient" and not grams(encoded):
        raise Refused(f"{text!r} has no piece of four bytes")
    if role == "header" and ":" not in encoded and not encoded.startswith("x-"):
        raise Refused(f"{text!r} is no header field")
    if "\2" in encoded and role not in ("recipient", "reply"):
        raise Refused(f"{text!r}: {{reply}} has no use here")
    return {"text": encoded, "role": ROLES.index(role), "dialect": dialect, "points": points, "step": step,
            "strong": letters(encoded) >= STRONG_LETTERS or role in ("original", "step")}


def texts(entry, key):
    v = entry.get(key, [])
    if not isinstance(v, list) or not all(isinstance(x, str) and x for x in v):
        raise Refused(f"{key} must be a list of texts")
    if len(set(v)) != len(v):
        raise Refused(f"{key} says something twice")
    return v


def read_dialect(entry, number):
    for key in entry:
        if key not in KEYS:
            raise Refused(f"no key {key!r}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", entry.get("name", "")) or not entry.get("source"):
        raise Refused("a dialect has a name and a source")
    kind, enough = entry.get("kind", "report"), entry.get("enough", 2)
    if kind not in KINDS or not isinstance(enough, int) or not 1 <= enough <= 20:
        raise Refused(f"{entry['name']}: kind {kind!r}, enough {enough!r}")
    patterns = [read_pattern(role, t, number) for role in ROLES if role != "step" for t in texts(entry, role)]
    for step in entry.get("step", {}):
        if step not in STEPS:
            raise Refused(f"no step {step!r}")
        patterns += [read_pattern("step", t, number, step) for t in texts(entry["step"], step)]
    marks = sum(p["points"] for p in patterns if p["role"] < 2)
    if marks < enough and entry["name"] != "general":
        raise Refused(f"{entry['name']}: nothing makes it known ({marks} of {enough} points)")
    return {"name": entry["name"], "kind": KINDS.index(kind), "enough": enough}, patterns


def read_dialects(paths):
    dialects, patterns, seen = [], [], {}
    for path in paths:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        if set(entries) - {"dialect"}:
            raise Refused(f"{path}: only [[dialect]] stands here")
        for entry in entries.get("dialect", []):
            try:
                dialect, its = read_dialect(entry, len(dialects))
                if any(d["name"] == dialect["name"] for d in dialects):
                    raise Refused("stands twice")
                for p in its:
                    key = p["text"], p["role"], p["dialect"] if p["role"] < 3 or not p["strong"] else -1
                    if key in seen:
                        raise Refused(f"{p['text']!r} stands already in {seen[key]}")
                    seen[key] = dialect["name"]
            except Refused as e:
                raise Refused(f"{path}: {entry.get('name', '?')}: {e}") from e
            dialects.append(dialect)
            patterns += its
    if not dialects or len(dialects) > DIALECTS_MAX or len(patterns) > PATTERNS_MAX:
        raise Refused(f"{len(dialects)} dialects with {len(patterns)} patterns")
    return dialects, patterns


def gram_hash(g, bits=GRAM_BITS):
    return (int.from_bytes(g, "little") * 2654435761 & 0xFFFFFFFF) >> (32 - bits)


def place(text, header):
    """(floats, first words, where four bytes are chosen from): the first words where they are long enough;
    of a header field what stands behind its name, for the names are few."""
    floats = text.startswith("\4")
    first, *rest = [p for p in re.split(b"[\1-\6]", text.encode()[floats:])]
    pieces = [first] if len(first) >= 4 else rest
    if header and any(len(p) >= 4 for p in rest):
        pieces = rest
    return floats, first, [(p[i:i + 4], i if p is first else AT_ANY) for p in pieces for i in range(len(p) - 3)]


def in_buckets(patterns):
    """Each under the rarest four bytes of its first words; those without any at the end."""
    usual = Counter(g for p in patterns for g in set(grams(p["text"])))
    bare = 1 << GRAM_BITS
    for p in patterns:
        p["floats"], first, choice = place(p["text"], p["role"] == 0)
        g, p["at"] = min(choice, key=lambda x: (usual[x[0]] + 3 * x[0].count(b" "), x)) if choice else (b"\0\0\0\0", AT_ANY)
        p["gram"], p["lead"] = int.from_bytes(g, "little"), len(first)
        p["bucket"] = gram_hash(g) if choice else bare
    return sorted(patterns, key=lambda p: p["bucket"]), sum(p["bucket"] == bare for p in patterns)


def write_c(path, dialects, patterns):
    patterns, nbare = in_buckets(patterns)
    starts, at = [], 0
    for bucket in range((1 << GRAM_BITS) + 1):
        while at < len(patterns) and patterns[at]["bucket"] < bucket:
            at += 1
        starts.append(at)
    with open(path, "w", encoding="ascii") as f:
        w = f.write
        w("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_bounces.py; do not edit. */\n"
          '#include <stddef.h>\n\n#include "mail/bounce_rules.h"\n\n')
        w("const struct bounce_dialect bounce_dialects[] = {\n")
        for d in dialects:
            w(f"\t{{ {c_text(d['name'])}, {d['kind']}, {d['enough']} }},\n")
        w(f"}};\nconst unsigned bounce_ndialects = {len(dialects)};\n\nconst struct bounce_pattern bounce_patterns[] = {{\n")
        for p in patterns:
            w(f"\t{{ {c_text(p['text'])}, {p['role']}, {p['dialect']}, {int(p['strong'])}, {p['points']}, "
              f"{c_text(p['step'])}, {p['gram']}u, {p['at']}, {p['lead']}, {int(p['floats'])} }},\n")
        w(f"}};\nconst unsigned bounce_npatterns = {len(patterns)};\nconst unsigned bounce_nbare = {nbare};\n")
        names = sorted({re.match(r"[a-z0-9-]+", p["text"])[0] for p in patterns if p["role"] == 0})
        w("const char *const bounce_fields[] = {\n" + "".join(f"\t{c_text(n)},\n" for n in names) +
          f"}};\nconst unsigned bounce_nfields = {len(names)};\n")
        w(f"const uint16_t bounce_gram_start[BOUNCE_GRAM_BUCKETS + 1] = {{\n\t{wrap(starts)}\n}};\n")
        sieve = [0] * ((1 << SIEVE_BITS) // 64)
        for p in patterns:
            h = gram_hash(p["gram"].to_bytes(4, "little"), SIEVE_BITS)
            sieve[h // 64] |= (p["gram"] > 0) << h % 64
        w("const uint64_t bounce_sieve[(1 << BOUNCE_SIEVE_BITS) / 64] = {\n\t" +
          wrap([f"{v}u" for v in sieve]) + "\n};\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--depfile")
    ap.add_argument("-o", required=True)
    ap.add_argument("bounces", type=Path)
    args = ap.parse_args()
    paths = sorted(args.bounces.glob("*.toml"))
    try:
        write_c(args.o, *read_dialects(paths))
    except (Refused, OSError, tomllib.TOMLDecodeError, ValueError) as e:
        print(f"gen_bounces: {e}", file=sys.stderr)
        return 1
    if args.depfile:
        Path(args.depfile).write_text(f"{args.o}: {' '.join(map(str, paths))} {args.bounces}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
