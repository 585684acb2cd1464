#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the web page's files into a C table.

    embed_ui.py OUT FOLDER

OUT gets `const struct web_asset web_assets[]` (src/web/assets.h): a row for each file that a browser asks for, sorted
by path, ended by an empty row; and the hashes by which the page's policy knows the scripts and styles inside it.

A browser asks for little, since each request costs more than it brings: the style sheets, signs and plain scripts that
index.html names are put into it, the modules that they ask for become one script (esbuild).  There is the page for who chose nothing,
light and dark.  Fonts and the script are named after what is in them, so that they are never asked for again.
Texts are packed by gzip, the same bytes each time; fonts are packed already.
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
TYPES = {".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
         ".js": "text/javascript; charset=utf-8"}
LASTING = {".woff2", ".js"}
STYLES = re.compile(r'(?:^<link rel="stylesheet" href="[^"]+">\n)+', re.M)
SCRIPT = re.compile(r'<script src="([^"]+)"></script>')
MODULE = re.compile(r'"\./([^"]+\.js)"')
ICON = re.compile(r'<svg data-icon="(\w+)" width="(\d+)"></svg>')
CHOICES = ("light", "dark")
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


def lasting_name(name: str, data: bytes) -> str:
    stem, dot, kind = name.rpartition(".")
    return f"{stem}.{digest(data)}{dot}{kind}"


class Page:
    """What a browser asks for: files by name, index.html with what it names inside it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*.svg"))}
        self.hashes: dict[str, list[str]] = {"script": [], "style": []}
        text = (folder / "index.html").read_text(encoding="utf-8")
        text = ICON.sub(self.icon, SCRIPT.sub(self.script, STYLES.sub(self.styles, text)))
        for file in sorted(folder.rglob("*.woff2")):
            name = file.relative_to(folder).as_posix()
            lasting = lasting_name(name, file.read_bytes())
            self.files[lasting] = file.read_bytes()
            text = text.replace(name, lasting)
        for kind, known in self.hashes.items():
            for inside in re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.S):
                known.append(base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode())
        self.files["index.html"] = text.encode()
        for choice in CHOICES:
            self.files[f"index.{choice}.html"] = text.replace("<html ", f'<html data-theme="{choice}" ').encode()

    def inside(self, kind: str, text: str) -> str:
        if f"</{kind}" in text.lower() or "<!--" in text:
            raise Odd(f"the page's {kind} would end too early: it has </{kind} or <!-- in it")
        return f"<{kind}>\n{text}</{kind}>"

    def styles(self, m: re.Match) -> str:
        files = [self.folder / name for name in re.findall(r'href="([^"]+)"', m[0])]
        return self.inside("style", "".join(f.read_text(encoding="utf-8") for f in files).replace('url("../', 'url("')) + "\n"

    def script(self, m: re.Match) -> str:
        file = self.folder / m[1]
        text = MODULE.sub(lambda n: f'"./{self.module(file.parent / n[1])}"', file.read_text(encoding="utf-8"))
        return self.inside("script", text)

    def module(self, file: pathlib.Path) -> str:
        data = bundle(file).encode()
        name = lasting_name("page.js", data)
        self.files[name] = data
        return name

    def icon(self, m: re.Match) -> str:
        """As Icon in ui/js/icons.js draws it, which takes it over."""
        shape = re.search(rf'^\t{m[1]}: "([^"]+)",$', (self.folder / "js/icons.js").read_text(encoding="utf-8"), re.M)
        if not shape:
            raise Odd(f"no sign is called {m[1]}")
        return (f'<svg width="{m[2]}" height="{m[2]}" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" '
                f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{shape[1]}"/></svg>')


def c_string(data: bytes) -> str:
    return "\n\t  ".join('"' + "".join("\\%03o" % b for b in data[i:i + 32]) + '"' for i in range(0, len(data), 32))


def row(name: str, data: bytes) -> tuple[str, int]:
    kind = pathlib.PurePath(name).suffix
    etag = digest(data)
    packed = kind != ".woff2"
    if packed:
        data = gzip.compress(data, 9, mtime=0)
    return (f'\t{{ "/{name}", "{TYPES[kind]}",\n\t  (const unsigned char *){c_string(data)},\n'
            f'\t  {len(data)}, {str(packed).lower()}, {str(kind in LASTING).lower()}, "\\"{etag}\\"" }},\n'), len(data)


def hashes_of(page: Page, kind: str) -> str:
    return f'const char web_page_{kind}s[] = "' + " ".join(f"'sha256-{h}'" for h in page.hashes[kind]) + '";\n'


def main(out: pathlib.Path, folder: pathlib.Path) -> int:
    page = Page(folder)
    rows = [row(name, page.files[name]) for name in sorted(page.files)]
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
