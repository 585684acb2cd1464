# SPDX-License-Identifier: Apache-2.0
"""The tables of src/catalog/reply_rules.h and reply_chain.h, written as C; for gen_replies.py, which has read the rules."""
from collections import Counter

from c_rows import c_text, wrap
from reply_anchors import HEAD_BITS, HEAD_BYTES, INDEXES, anchored, bucket_of, found_bytes, grams, head_of, mark_of, places_of

STEPS = ("config dns connect banner ehlo starttls tls-cert auth oauth mail-from rcpt data content attachment "
         "post-handoff domain-policy relay-server client-network").split()
TEXT, WITH, NOT, SET = range(4)  # reply_use
PROBE_BYTES = 8  # as eight_at()
BEGIN_BYTES, USES_WORDS = 16, 6  # REPLY_BEGIN_BYTES, REPLY_USES_WORDS
GRAM_BITS = 11  # REPLY_GRAM_BITS
PAD = 24  # REPLY_PAD
CLASSES_MAX, RULES_MAX = 64, 2048  # as in reply_rules.h
SETS_MAX, LINKS_MAX = 1024, 4  # as in reply_chain.h
ANY = 0xFFFF
USE_WORDS = (SET * RULES_MAX + SETS_MAX) // 64  # REPLY_USE_WORDS
NO_USES = [(USE_WORDS + n, 0) for n in range(USES_WORDS)]
SUBJECTS, DETAILS = 9, 8  # as in reply_rules.h
CODES = range(200, 600)  # REPLY_CODE_FIRST, REPLY_CODES


class Refused(Exception):
    pass


def numbered_chains(rules):
    """The sets of all chains, each once, and (set, links, rule) in order of the set that a chain is looked at with: the
    link that is the least usual.  How usual a word is, the other phrases tell.  Sets with the same usual words stand
    together, so that such a word sets few words of bits."""
    links = list(dict.fromkeys(link for r in rules for chain in r["chains"] for link in chain))
    if len(links) > SETS_MAX:
        raise Refused(f"more than {SETS_MAX} sets of words in chains")
    phrases = "\n".join(f" {p} " for r in rules for name in ("texts", "withs", "nots") for p in r[name])
    usual = {word: -phrases.count(word) for word in {word for link in links for word in link}}
    links.sort(key=lambda link: sorted((usual[word], word) for word in link))
    sets = {link: n for n, link in enumerate(links)}

    def rarest(chain):
        return max(chain, key=lambda link: sum(usual[word] for word in link))
    return sets, sorted((sets[rarest(chain)], [sets[link] for link in chain], n) for n, r in enumerate(rules) for chain in r["chains"])


def uses_of(rules, sets):
    """(number, reply_use) of each phrase: rules that have it, and sets of words."""
    uses = {}
    for words, n in sets.items():
        for p in words:
            uses.setdefault(p, []).append((n, SET))
    for n, r in enumerate(rules):
        for use, name in ((TEXT, "texts"), (WITH, "withs"), (NOT, "nots")):
            for p in r[name]:
                uses.setdefault(p, []).append((n, use))
    return uses


def fits_code(rule, code):
    return not rule["codes"] or any(a <= code <= b for a, b in rule["codes"])


def write_code_sets(w, rules):
    """reply_code_sets; the number of each set of codes that rules ask for, of which 0 is none."""
    sets = {key: n for n, key in enumerate(dict.fromkeys([(), *(tuple(sorted(r["codes"])) for r in rules)]))}
    w("const uint64_t reply_code_sets[][REPLY_CODE_WORDS] = {\n")
    for codes in sets:
        bits = {code - CODES[0] for code in CODES if codes and fits_code({"codes": codes}, code)}
        w(f"\t{{ {', '.join(f'{word:#x}' for word in bit_words(bits, len(CODES)))} }},\n")
    w("};\n")
    return sets


def bare_rules(rules):
    """reply_bare: rules without phrases, by subject and detail of the status they ask for, by step, and the rest,
    without a code and by code."""
    bare = [(n, r) for n, r in enumerate(rules) if not r["texts"] and not r["chains"]]

    def speaks_of(rule, subject, detail):
        return any(s[1] in (subject, ANY) or min(s[1], SUBJECTS - 1) == subject
                   for s in rule["statuses"] if s[2] == ANY or s[2] % DETAILS == detail)
    return [*([n for n, r in bare if speaks_of(r, subject, detail)] for subject in range(SUBJECTS) for detail in range(DETAILS)),
            *([n for n, r in bare if r["steps"] >> step & 1 and not r["statuses"]] for step in range(len(STEPS))),
            [n for n, r in bare if not r["steps"] and not r["statuses"] and not r["codes"]],
            *([n for n, r in bare if not r["steps"] and not r["statuses"] and fits_code(r, code)] for code in CODES)]


def grouped_uses(used):
    """Of struct reply_phrase: first, and what reply_uses has of the others."""
    words = {}
    for n, use in used:
        word = use * (RULES_MAX // 64) + n // 64
        words.setdefault(word, set()).add(n % 64)
    first = min(words, key=lambda word: (len(words[word]), word))  # mostly nothing is left of that word
    bit = words[first].pop()
    bits = sorted((word, sum(1 << b for b in of_word)) for word, of_word in words.items() if of_word)
    uses = [bits[i:i + USES_WORDS] for i in range(0, len(bits), USES_WORDS)]
    for of_line in uses:
        of_line += NO_USES[len(of_line):]
    return first * 64 + bit, uses


def signs_of(phrase, found_by, piece, usual):
    """Three bytes of it, twice, as they are numbered among the grams of a text: those that fewest phrases have, of other
    pieces than the one it is found by, or else of other bytes."""
    data = phrase.encode()

    def cost(place):
        at, of, _ = place
        return of == piece, abs(at - found_by) < PROBE_BYTES, usual[data[at:at + HEAD_BYTES]], at
    places = sorted(places_of(phrase, HEAD_BYTES), key=cost)
    apart = [p for p in places if abs(p[0] - places[0][0]) >= HEAD_BYTES]
    return [bucket_of(data[at:at + HEAD_BYTES], GRAM_BITS) for at, *_ in (places[0], (apart or places)[0])]


def form_of(phrase, used):
    """reply_form"""
    in_set = any(use == SET for _, use in used)
    return 0 if "*" in phrase else 1 | (phrase[0] == " ") << 1 | (phrase[-1] == " ") << 2 | in_set << 3


def bit_words(numbers, end):
    """A bit for each of the numbers, in words of 64."""
    return [sum(1 << b for b in range(64) if n + b in numbers) for n in range(0, end, 64)]


def write_buckets(w, phrases):
    """reply_buckets_full, _before and _first: the buckets of the indexes, one after the other."""
    base = [sum(1 << bits for *_, bits in list(INDEXES.values())[:index]) for index in range(len(INDEXES) + 1)]
    first = {}  # bucket -> where its phrases begin
    for at, ((index, bucket), *_) in enumerate(phrases):
        first.setdefault(base[index] + bucket, at)
    words = bit_words(first, base[-1])
    before = [0]
    for word in words:
        before.append(before[-1] + word.bit_count())
    w(f"const uint64_t reply_buckets_full[] = {{\n\t{wrap(f'{word:#x}' for word in words)}\n}};\n"
      f"const uint32_t reply_buckets_before[] = {{\n\t{wrap(before)}\n}};\n"
      f"const uint32_t reply_buckets_first[] = {{\n\t{wrap([*first.values(), len(phrases)])}\n}};\n")


def write_heads(w, phrases):
    """reply_heads"""
    heads = {bucket_of(head_of(p, index, place[0]), HEAD_BITS) for (index, _), p, place in phrases}
    w(f"const uint64_t reply_heads[] = {{\n\t{wrap(f'{word:#x}' for word in bit_words(heads, 1 << HEAD_BITS))}\n}};\n")


def c_bool(value):
    return "true" if value else "false"


def write_rule_parts(w, n, r):
    def strings(name, items):
        if items:
            w(f"static const char *const {name}_{n}[] = {{ " + ", ".join(map(c_text, items)) + ", 0 };\n")
    strings("providers", r["providers"])
    if r["statuses"]:
        w(f"static const struct reply_status statuses_{n}[] = {{ " +
          ", ".join("{ { %d, %d, %d } }" % s for s in r["statuses"]) + ", { { 0, 0, 0 } } };\n")


def write_chains(w, sets, chains):
    w("const struct reply_chain reply_chains[] = {\n")
    for _, links, rule in chains:
        w(f"\t{{ {rule}, {len(links)}, {{ {', '.join(map(str, links))} }} }},\n")
    starts = [sum(1 for rarest, *_ in chains if rarest < n) for n in range(len(sets) + 1)]
    w("\t{ 0, 0, { 0 } },\n")
    begins = [sum(1 << n for n in {rarest for rarest, *_ in chains} if n // 64 == word) >> 64 * word for word in range(SETS_MAX // 64)]
    w(f"}};\nconst unsigned reply_nsets = {len(sets)};\nconst uint16_t reply_chain_start[] = {{\n\t{wrap(starts)}\n}};\n"
      f"const uint64_t reply_chain_begin[] = {{\n\t{wrap(f'{word:#x}' for word in begins)}\n}};\n")


def write_with_rules(w, rules):
    words = [sum(1 << n % 64 for n, r in enumerate(rules) if r["withs"] and n // 64 == word) for word in range(RULES_MAX // 64)]
    w(f"const uint64_t reply_with_rules[] = {{\n\t{wrap(f'{word:#x}' for word in words)}\n}};\n")


def write_texts(w, texts):
    """reply_texts; where in it each begins."""
    starts, at = [], 0
    w("const char reply_texts[] = {\n")
    for text in texts:
        data = text.encode() + b"\0"
        starts.append(at)
        at += len(data)
        w(f"\t{c_text(text)} \"\\0\"\n")
    w("\t\"" + "\\0" * PAD + "\"\n};\n")
    return starts


def write_phrases(w, phrases, uses):
    starts = write_texts(w, [p for _, p, _ in phrases])
    used, signs = [NO_USES], []
    usual = Counter(g for _, p, _ in phrases for g in set(grams(p)))
    w("const struct reply_phrase reply_phrases[] = {\n")
    for ((index, _), p, (found_by, piece, length)), start in zip(phrases, starts):
        first, more = grouped_uses(uses[p])
        begin = ", ".join(map(str, p.encode()[piece:piece + min(length, BEGIN_BYTES)]))
        w(f"\t{{ {{ {begin} }}, {start + piece}, {len(used) if more else 0}, {first}, {max(len(more) - 1, 0)}, {found_by - piece}, {length}, {piece}, "
          f"{form_of(p, uses[p])} }},\n")
        used += more
        signs.append((mark_of(found_bytes(p, index, found_by)), *signs_of(p, found_by, piece, usual)))
    w(f"}};\nconst unsigned reply_nphrases = {len(phrases)};\nconst struct reply_uses reply_uses[] = {{\n")
    for of_line in used:
        w(f"\t{{ {{ {', '.join(f'{bits:#x}' for _, bits in of_line)} }}, {{ {', '.join(str(word) for word, _ in of_line)} }} }},\n")
    w("};\nconst struct reply_sign reply_signs[] = {\n")
    for mark, one, other in signs:
        w(f"\t{{ {mark}, {one}, {other} }},\n")
    w("\t{ 0 },\n};\n")


def write_c(path, rules):
    if len(rules) > RULES_MAX:
        raise Refused(f"more than {RULES_MAX} rules")
    sets, chains = numbered_chains(rules)
    uses = uses_of(rules, sets)
    phrases = anchored(uses)
    bare = bare_rules(rules)
    with open(path, "w", encoding="ascii") as f:
        w = f.write
        w("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_replies.py; do not edit. */\n"
          '#include <stddef.h>\n\n#include "catalog/reply_chain.h"\n#include "catalog/reply_rules.h"\n\n')
        for n, r in enumerate(rules):
            write_rule_parts(w, n, r)
        codes = write_code_sets(w, rules)

        def ref(name, n, r):
            return f"{name}_{n}" if r[name] else "NULL"
        w("const struct reply_rule reply_rules[] = {\n")
        for n, r in enumerate(rules):
            w(f"\t{{ {round(r['confidence'] * 1000)} / 1000.0, {c_text(r['where'])}, " +
              ", ".join(ref(k, n, r) for k in ("providers", "statuses")) +
              f", {c_bool(r['texts'] or r['chains'])}, {c_bool(r['withs'])}, {codes[tuple(sorted(r['codes']))]}, {r['steps']}u, {r['needs']}, "
              f"{r['class']}, {r['finding']} }},\n")
        w(f"}};\nconst unsigned reply_nrules = {len(rules)};\n")
        write_with_rules(w, rules)
        write_phrases(w, phrases, uses)
        write_buckets(w, phrases)
        write_heads(w, phrases)
        write_chains(w, sets, chains)
        w(f"const uint16_t reply_bare_rules[] = {{\n\t{wrap(sum(bare, []))}\n}};\n")
        starts = [sum(map(len, bare[:kind])) for kind in range(len(bare) + 1)]
        w(f"const uint16_t reply_bare_start[REPLY_BARE_END + 1] = {{\n\t{wrap(starts)}\n}};\n")
    return phrases
