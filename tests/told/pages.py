# SPDX-License-Identifier: Apache-2.0
"""What the manual says: mdoc(7), as far as the pages here use it."""
import re

MACROS = {"Ar", "Cm", "Dl", "Em", "Ev", "Fl", "Ic", "Li", "Nm", "No", "Ns", "Op", "Pa", "Pq", "Ql", "Sx", "Xr", "It", "Dv"}


def arguments(line, macro):
    """What stands behind each `macro` of a line, up to the next one."""
    taking = False
    for word in line.lstrip(".").split():
        if word in MACROS:
            taking = word == macro
        elif taking and re.search(r"[\w-]", word):
            yield word


def options_of(line):
    return {"-" + word for word in arguments(line, "Fl") if word.strip("-")}


class Page:
    def __init__(self, path):
        self.name = path.name
        self.text = path.read_text()
        self.lines = self.text.splitlines()

    def options(self):
        """Those with an entry of their own, and all that are spoken of."""
        entries = set().union(*(options_of(line) for line in self.lines if line.startswith(".It ")))
        return entries, set().union(*map(options_of, self.lines))

    def entries(self, macro):
        return {next(arguments(line, macro)) for line in self.lines if line.startswith(f".It {macro} ")}

    def section(self, title):
        m = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", self.text, re.M | re.S)
        return m[1] if m else ""

    def statuses(self):
        text = self.section("EXIT STATUS")
        return set(re.findall(r"(?:^\.It |^|, )(\d+)(?=$| [a-z])", text, re.M))


class Blocks:
    """postrider.conf(5): each block's own part of the page, and the keys named there."""

    def __init__(self, page):
        self.parts = {"": []}
        stack = [""]
        for line in page.lines:
            self.read(line, stack)

    def read(self, line, stack):
        words = line.split()
        if words[:1] in ([".Ss"], [".Sh"]):
            del stack[1:]
            stack.append(words[1] if words[0] == ".Ss" and words[1].islower() else "")
        elif words[:1] == [".Bl"]:
            stack.append(stack[-1])
        elif words[:1] == [".El"]:
            stack.pop()
        elif words[:2] == [".It", "Ic"] and ("{" in line or "{}" in line):
            stack[-1] = words[2]
        elif words[:1] == [".It"] and len(stack) > 1:
            stack[-1] = stack[-2]
        self.parts.setdefault(stack[-1], []).append(line)
