#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes text files into a C table.

    embed.py OUT HEADER STRUCT ROOT PATTERN...

OUT gets `const struct STRUCT STRUCT[]` of {name, text, length}, names relative
to ROOT, sorted, ended by an empty row.  OUT is left alone when nothing changed,
so that a build step may call this every time.
"""
import glob
import os
import sys


def c_string(data: bytes) -> str:
    lines = []
    for i in range(0, len(data), 64):
        piece = data[i:i + 64]
        lines.append('"' + "".join(
            chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b for b in piece) + '"')
    return "\n\t  ".join(lines) or '""'


def main(out: str, header: str, struct: str, root: str, patterns: list[str]) -> None:
    names = sorted({os.path.relpath(p, root) for pattern in patterns
                    for p in glob.glob(os.path.join(root, pattern), recursive=True)})
    text = f'/* made by tools/embed.py */\n#include "{header}"\n\nconst struct {struct} {struct}[] = {{\n'
    for name in names:
        with open(os.path.join(root, name), "rb") as f:
            data = f.read()
        text += f'\t{{ "{name}",\n\t  {c_string(data)},\n\t  {len(data)} }},\n'
    text += "\t{ 0 },\n};\n"
    try:
        with open(out, encoding="ascii") as f:
            if f.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(out, "w", encoding="ascii") as f:
        f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:5], sys.argv[5:])
