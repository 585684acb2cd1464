#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes src/catalog/letters.c's table: what letters outside ASCII become when a reply is folded.

    gen_fold.py -o letters.inc

Letters lose their accents and capitals (Unicode's NFKD), so that a text reads the
same composed, decomposed, or without accents; blanks, dashes and quotes become
ASCII; what only steers the display is dropped.  fold() does the same here, for
the phrases of the catalogue.
"""
import argparse
import unicodedata

from c_rows import c_text

PAGES = [(0x0080, 0x0700), (0x1E00, 0x2200), (0x3000, 0x3100), (0xFF00, 0xFFF0)]
# Letters that Unicode does not take apart, as their readers write them without the key for it.
WORDS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
         "ς": "σ", "´": "'", "¨": "", "¸": "", "„": '"', "″": '"'}
SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2039\u203a\u02bc\u2032"
EXPANDED = 0xE000  # the first of the values that stand for several letters


def fold_letter(c):
    if c in WORDS:
        return WORDS[c]
    if c in SINGLE_QUOTES:
        return "'"
    out = ""
    for d in unicodedata.normalize("NFKD", c):
        kind = unicodedata.category(d)
        if kind in ("Mn", "Cf", "Cc"):
            continue
        if kind in ("Zs", "Zl", "Zp"):
            d = " "
        elif kind == "Pd":
            d = "-"
        elif kind in ("Pi", "Pf"):
            d = '"'
        out += "".join(WORDS.get(low, low) for low in d.lower() if unicodedata.category(low) != "Mn")
    return out


def on_a_page(c):
    return any(first <= ord(c) < end for first, end in PAGES)


def fold(text):
    return text if text.isascii() else "".join(fold_letter(c) if on_a_page(c) else c for c in text)


def page_values(first, end, expansions):
    values = []
    for n in range(first, end):
        out = fold_letter(chr(n))
        if not out:
            values.append(0)
        elif len(out) == 1:
            values.append(ord(out))
        else:
            if out not in expansions:
                expansions.append(out)
            values.append(EXPANDED + expansions.index(out))
    return values


def rows(items, width=16):
    return ",\n\t".join(", ".join(items[i:i + width]) for i in range(0, len(items), width))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-o", required=True)
    args = ap.parse_args()
    expansions, tables = [], []
    for first, end in PAGES:
        tables.append((first, end, page_values(first, end, expansions)))
    with open(args.o, "w", encoding="ascii") as f:
        f.write("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_fold.py; do not edit. */\n")
        for first, _, values in tables:
            f.write(f"static const uint16_t page_{first:04x}[] = {{\n\t{rows([hex(v) for v in values])}\n}};\n")
        f.write("static const struct page pages[] = {\n" +
                "".join(f"\t{{ {first:#x}, {end:#x}, page_{first:04x} }},\n" for first, end, _ in tables) + "};\n")
        f.write(f"enum {{ EXPANDED = {EXPANDED:#x} }};\n")
        f.write(f"static const char *const expansions[] = {{\n\t{rows([c_text(e) for e in expansions], 8)}\n}};\n")


if __name__ == "__main__":
    main()
