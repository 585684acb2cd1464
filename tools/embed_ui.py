#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the web page's files into a C table.

    embed_ui.py OUT FOLDER

OUT gets `const struct web_asset web_assets[]` (src/web/assets.h): a row for each file that a browser asks for, sorted
by path, ended by an empty row; and the hashes by which the page's policy knows the scripts and styles inside it.

A browser asks for little: the style sheets and scripts that index.html names are put into it (modules as one script, by
esbuild), since each request costs more than it brings.  Fonts are named after what is in them, so that
they are never asked for again.  Texts are packed by gzip, the same bytes each time; fonts are packed already.
OUT is left alone when nothing changed, so that a build step may call this every time.  The page has a budget: more than
LIMIT bytes, packed, is an error.
"""
import base64
import gzip
import hashlib
import pathlib
import re
import subprocess
import sys

LIMIT = 150 * 1000
TYPES = {".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
PACKED = {".woff2"}
STYLES = re.compile(r'(?:^<link rel="stylesheet" href="[^"]+">\n)+', re.M)
SCRIPT = re.compile(r'<script( type="module")? src="([^"]+)"></script>')
BUNDLER = ["esbuild", "--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8", "--log-level=warning",
           "--legal-comments=inline"]


class Odd(Exception):
    """A page that can't be put into one file."""


def bundle(file: pathlib.Path) -> str:
    """The module and all that it needs as one script."""
    try:
        done = subprocess.run([*BUNDLER, str(file)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Odd("esbuild is missing: apt-get install esbuild") from None
    if done.returncode or done.stderr:
        raise Odd(done.stderr)
    return done.stdout


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def lasting_name(folder: pathlib.Path, file: pathlib.Path) -> str:
    name = file.relative_to(folder)
    return name.with_stem(f"{name.stem}.{digest(file.read_bytes())}").as_posix() if file.suffix in PACKED else name.as_posix()


class Page:
    """index.html with what it names inside it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.hashes: dict[str, list[str]] = {"script": [], "style": []}
        text = (folder / "index.html").read_text(encoding="utf-8")
        text = SCRIPT.sub(self.script, STYLES.sub(self.styles, text))
        for file in (f for f in folder.rglob("*") if f.suffix in PACKED):
            text = text.replace(file.relative_to(folder).as_posix(), lasting_name(folder, file))
        for kind in self.hashes:
            for inside in re.findall(rf"<{kind}[^>]*>(.*?)</{kind}>", text, re.S):
                self.hashes[kind].append(base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode())
        self.bytes = text.encode()

    def inside(self, kind: str, attributes: str, text: str) -> str:
        if f"</{kind}" in text.lower() or "<!--" in text:
            raise Odd(f"the page's {kind} would end too early: it has </{kind} or <!-- in it")
        return f"<{kind}{attributes}>\n{text}</{kind}>"

    def styles(self, m: re.Match) -> str:
        files = [self.folder / name for name in re.findall(r'href="([^"]+)"', m[0])]
        return self.inside("style", "", "".join(f.read_text(encoding="utf-8") for f in files).replace('url("../', 'url("')) + "\n"

    def script(self, m: re.Match) -> str:
        file = self.folder / m[2]
        text = bundle(file) if m[1] else file.read_text(encoding="utf-8")
        return self.inside("script", m[1] or "", text)


def c_string(data: bytes) -> str:
    return "\n\t  ".join('"' + "".join("\\%03o" % b for b in data[i:i + 32]) + '"' for i in range(0, len(data), 32))


def row(folder: pathlib.Path, file: pathlib.Path, data: bytes) -> tuple[str, int]:
    etag = digest(data)
    packed = file.suffix not in PACKED
    if packed:
        data = gzip.compress(data, 9, mtime=0)
    head = f'"/{lasting_name(folder, file)}", "{TYPES[file.suffix]}"'
    return (f'\t{{ {head},\n\t  (const unsigned char *){c_string(data)},\n'
            f'\t  {len(data)}, {str(packed).lower()}, {str(file.suffix in PACKED).lower()}, "\\"{etag}\\"" }},\n'), len(data)


def hashes_of(page: Page, kind: str) -> str:
    return f'const char web_page_{kind}s[] = "' + " ".join(f"'sha256-{h}'" for h in page.hashes[kind]) + '";\n'


def main(out: pathlib.Path, folder: pathlib.Path) -> int:
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix in TYPES)
    page = Page(folder)
    rows = [row(folder, f, page.bytes if f == folder / "index.html" else f.read_bytes()) for f in files]
    total = sum(n for _, n in rows)
    if total > LIMIT:
        print(f"the page has {total} bytes, packed: more than its budget of {LIMIT}", file=sys.stderr)
        return 1
    text = ('/* made by tools/embed_ui.py */\n#include "web/assets.h"\n\n' + hashes_of(page, "script") + hashes_of(page, "style")
            + "\nconst struct web_asset web_assets[] = {\n" + "".join(r for r, _ in rows) + "\t{ 0 },\n};\n")
    if not out.exists() or out.read_text(encoding="ascii") != text:
        out.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
    except Odd as odd:
        sys.exit(str(odd))
