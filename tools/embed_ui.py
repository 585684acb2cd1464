#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the web page's files into a C table.

    embed_ui.py OUT FOLDER

OUT gets `const struct web_asset web_assets[]` (src/web/assets.h): a row for each
file of FOLDER that a browser may ask for, sorted by path, ended by an empty row.
Texts are packed by gzip, the same bytes each time; fonts are packed already.
OUT is left alone when nothing changed, so that a build step may call this every
time.  The page has a budget: more than LIMIT bytes, packed, is an error.
"""
import gzip
import hashlib
import pathlib
import sys

LIMIT = 150 * 1000
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml", ".woff2": "font/woff2"}
PACKED = {".woff2"}


def c_string(data: bytes) -> str:
    return "\n\t  ".join('"' + "".join("\\%03o" % b for b in data[i:i + 32]) + '"' for i in range(0, len(data), 32))


def row(folder: pathlib.Path, file: pathlib.Path) -> tuple[str, int]:
    data = file.read_bytes()
    etag = hashlib.sha256(data).hexdigest()[:16]
    packed = file.suffix not in PACKED
    if packed:
        data = gzip.compress(data, 9, mtime=0)
    path = "/" + file.relative_to(folder).as_posix()
    head = f'"{path}", "{TYPES[file.suffix]}"'
    return (f'\t{{ {head},\n\t  (const unsigned char *){c_string(data)},\n'
            f'\t  {len(data)}, {str(packed).lower()}, "\\"{etag}\\"" }},\n'), len(data)


def main(out: pathlib.Path, folder: pathlib.Path) -> int:
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix in TYPES)
    rows = [row(folder, f) for f in files]
    total = sum(n for _, n in rows)
    if total > LIMIT:
        print(f"the page has {total} bytes, packed: more than its budget of {LIMIT}", file=sys.stderr)
        return 1
    text = ('/* made by tools/embed_ui.py */\n#include "web/assets.h"\n\nconst struct web_asset web_assets[] = {\n'
            + "".join(r for r, _ in rows) + "\t{ 0 },\n};\n")
    if not out.exists() or out.read_text(encoding="ascii") != text:
        out.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
