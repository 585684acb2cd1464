#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page's modules as one script: twenty requests less before somebody sees something.

Each module becomes a function that runs when it is first asked for, and gives back what the module exports:

    import { html } from "./lib.js";     const { html } = $($js_lib);
    export const sum = ...               const sum = ...   and at the end: return { sum };
    import("./queue.js")                 Promise.resolve($($js_queue))

Nothing else is changed, and no line moves within its module.  Taken are imports and exports that begin a line (what
is packed for shipping may have them anywhere); a circle, or an export that could change later, is an error.
"""
import pathlib
import re

NAMES = r"\{([^}]*)\}"
IMPORT = re.compile(r'^import\s*(?:' + NAMES + r'|\* as (\w+)|(\w+)\s)\s*from\s*"([^"]+)";?', re.M)
LATER = re.compile(r'\bimport\("([^"]+)"\)')
EXPORT = re.compile(r"^export (?=(?:const|(?:async )?function|class) (\w+))", re.M)
EXPORT_DEFAULT = re.compile(r"(?:^|(?<=;))export default ", re.M)
EXPORT_NAMES = re.compile(r"(?:^|(?<=[;}]))export\s*" + NAMES + ";?", re.M)
LEFT = re.compile(r"^(?:import|export)\b(?!\()", re.M)
ONCE = "const $ = (module) => (module.made ??= module());\n"


class Odd(Exception):
    """A module that is written in a way that is not taken here."""


def named(names: str, flip: bool) -> str:
    """`a, b as c` as a pattern that takes apart (flip: as an object that is put together)."""
    pairs = [re.split(r"\s+as\s+", n.strip()) for n in names.split(",") if n.strip()]
    return "{ " + ", ".join(p[0] if len(p) == 1 else f"{p[1]}: {p[0]}" if flip else f"{p[0]}: {p[1]}" for p in pairs) + " }"


class Bundle:
    def __init__(self, root: pathlib.Path):
        self.root = root.resolve()
        self.made: dict[pathlib.Path, str] = {}  # in the order in which they need each other
        self.under_way: list[pathlib.Path] = []

    def name(self, file: pathlib.Path) -> str:
        return "$" + re.sub(r"\W", "_", file.relative_to(self.root).with_suffix("").as_posix())

    def other(self, file: pathlib.Path, path: str) -> str:
        """What a module calls another one; that one is added."""
        to = (file.parent / path).resolve()
        self.add(to)
        return f"$({self.name(to)})"

    def taken(self, file: pathlib.Path, m: re.Match) -> str:
        names, everything, default, path = m.groups()
        other = self.other(file, path)
        if names is not None:
            return f"const {named(names, False)} = {other};"
        return f"const {everything} = {other};" if everything else f"const {default} = {other}.default;"

    def body(self, file: pathlib.Path, text: str) -> str:
        given = []
        text = IMPORT.sub(lambda m: self.taken(file, m), text)
        text = LATER.sub(lambda m: f"Promise.resolve().then(() => {self.other(file, m[1])})", text)
        text = EXPORT.sub(lambda m: given.append(m[1]) or "", text)
        text = EXPORT_NAMES.sub(lambda m: given.append(named(m[1], True)[2:-2]) or "", text)
        if EXPORT_DEFAULT.search(text):
            text = EXPORT_DEFAULT.sub("const $default = ", text)
            given.append("default: $default")
        if LEFT.search(text):
            raise Odd(f"{file}: {text[LEFT.search(text).start():].splitlines()[0]}")
        return text.rstrip() + f"\nreturn {{ {', '.join(given)} }};"

    def add(self, file: pathlib.Path) -> None:
        if file in self.under_way:
            raise Odd(f"{file}: needs itself, by way of {', '.join(f.name for f in self.under_way)}")
        if file not in self.made:
            self.under_way.append(file)
            body = self.body(file, file.read_text(encoding="utf-8"))
            self.under_way.pop()
            self.made[file] = f"// {file.relative_to(self.root).as_posix()}\nfunction {self.name(file)}() {{\n{body}\n}}\n"


def bundle(root: pathlib.Path, first: pathlib.Path) -> str:
    """The script that runs the module `first`, with all that it needs.  Raises Odd."""
    b = Bundle(root)
    b.add(first.resolve())
    return ONCE + "".join(b.made.values()) + f"$({b.name(first.resolve())});\n"
