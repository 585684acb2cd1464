#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is told of the program is what it does: --help, manual, completions and the API's description against what the
program takes and gives out.  Nothing is listed here: each side is asked or read.

    tests/told/run.py BUILD"""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys

import common
from pages import Blocks, Page, arguments
from program import LETTERS, OPTION, Program
from shells import Bash, Zsh

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
PAGES = {p.stem.removeprefix("postrider-"): Page(p) for p in sorted((ROOT / "doc/man").iterdir())}
COMMON = PAGES["postrider"]
program = Program(BUILD / "postrider")
shells = [Bash(ROOT / "packaging/completions/postrider.bash", program.folder.name),
          Zsh(ROOT / "packaging/completions/_postrider")]
helped = {c: program.options(c) for c in program.commands()}  # those of --help
commands = [c for c in helped if helped[c]]
taken = {}  # command -> what it takes, asked of all that is spoken of anywhere


def same(where, has, wants, faults):
    """All of `wants` and nothing else."""
    faults += [f"{where} lacks {x}" for x in sorted(wants - has)]
    faults += [f"{where} has {x}, which is none" for x in sorted(has - wants)]


def ask_what_is_taken():
    spoken = set().union(*helped.values(), *(p.options()[1] for p in PAGES.values()),
                         *(s.options(c) for s in shells for c in commands))
    names = sorted(o for o in spoken if o.startswith("--"))
    for command in commands:
        asked = LETTERS + names
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = pool.map(lambda o, c=command: program.takes(c, o), asked)
            found = {o for o, yes in zip(asked, answers) if yes}
        # getopt takes "--to" for "--to-domain" where nothing else begins so.
        taken[command] = {o for o in found if o in helped[command] or len(o) == 2
                          or not any(h.startswith(o) for h in helped[command])}


def shortened(options):
    """sendmail's -bs and -oi are -b and -o with a value."""
    return {o if o.startswith("--") else o[:2] for o in options}


def options_in_help(faults):
    for c in commands:
        same(f"{c} --help", shortened(helped[c]), taken[c], faults)


def options_in_manual(faults):
    common = COMMON.options()[0]
    for c in commands:
        if c not in PAGES:
            faults.append(f"{c} has no page")
            continue
        own, spoken = PAGES[c].options()
        same(PAGES[c].name, shortened(own) | (common & taken[c]), taken[c], faults)
        faults += [f"{PAGES[c].name} speaks of {o}" for o in sorted(shortened(spoken) - taken[c] - common)]


def options_in_completions(faults):
    """All that --help explains; a letter need not be offered where a long name is."""
    for shell in shells:
        for c in commands:
            offers = shell.options(c)
            for explained, options in program.entries(c):
                names = {o for o in options if o.startswith("--")} or options
                faults += [f"{shell.name}: {c} lacks {o}" for o in sorted(names - offers) if explained]
            faults += [f"{shell.name}: {c} offers {o}" for o in sorted(shortened(offers) - taken[c])]


def commands_and_verbs(faults):
    names = set(program.commands())
    same(COMMON.name, COMMON.entries("Cm"), names, faults)
    for shell in shells:
        same(shell.name, shell.commands(), names, faults)
        same(f"{shell.name}: help", shell.help(), names - {"help"}, faults)
    for c in commands:
        verbs = set(program.verbs(c))
        if not verbs:
            continue
        shown = set(re.findall(r"^  ([a-z]+)\b(?! \")", program.help(c), re.M)) | set(
            re.findall(rf"^Use:  postrider {c} ([a-z]+)", program.help(c), re.M))
        same(f"{c} --help", shown - {"postrider"}, verbs, faults)
        same(PAGES[c].name if c in PAGES else f"page of {c}", PAGES[c].entries("Cm") if c in PAGES else set(), verbs, faults)
        for shell in shells:
            same(f"{shell.name}: {c}", shell.verbs(c), verbs, faults)


def examples(faults):
    """Each command line that somebody may copy."""
    texts = {p.name: p.text for p in PAGES.values()} | {f"{c} --help": program.help(c) for c in commands}
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "doc").glob("*.md"), *(ROOT / "catalog").glob("**/*.toml")]:
        texts[path.name] = path.read_text()
    for where, text in texts.items():
        text = re.sub(r' "[^"\n]*"(?= )', " WORDS", text.replace("\\\n", " "))
        for c, rest in re.findall(r"\bpostrider ([a-z]+) ([^\n`'|;#<>\"]*)", text):
            words = re.findall(rf"(?:^| )({OPTION})(?=[\s=]|$)", rest.split(" -- ")[0])
            faults += [f"{where}: postrider {c} takes no {o}" for o in words if c in taken and o not in taken[c] | {"--version"}]


def statuses(faults):
    for c in commands:
        text = program.help(c).split("Exit status", 1)[-1]
        shown = set(re.findall(r"(?:[:,] |,\n)(\d+) ", text))
        if not shown:
            faults.append(f"{c} --help tells no exit status")
        if c in PAGES:
            same(f"{PAGES[c].name}: exit status", PAGES[c].statuses(), shown, faults)
        wrong = program.run(c, "--zz-nobody").returncode
        if str(wrong) not in shown:
            faults.append(f"{c} --help does not tell {wrong}, the status of wrong use")


def common_options(faults):
    common.everywhere(program, COMMON.options()[0], faults)


def ways_to_end(faults):
    for look in (common.wrong_use, common.full_disk, common.nobody_reads, common.documents):
        look(program, faults)


def configuration(faults):
    """Every key in its block's part of the page; nothing there that is no key."""
    page = PAGES["postrider.conf"]
    parts = Blocks(page).parts
    paths = subprocess.run([BUILD / "tests/told/config_keys"], capture_output=True, text=True, check=True).stdout.split()
    keys = {}
    for path in paths:
        *blocks, key = path.rstrip("/").split("/")
        keys.setdefault(blocks[-1] if blocks else "", set()).add(key)
        lines = sum((parts.get(b, []) for b in blocks or [""]), [])
        if key not in {w for line in lines for w in arguments(line, "Ic")} and key not in parts:
            faults.append(f"{page.name} lacks {path}")
    every = set().union(*keys.values())
    for block, lines in parts.items():
        entries = {w for line in lines if line.startswith(".It ") for w in arguments(line, "Ic")}
        faults += [f"{page.name}: {block or 'the program'} has no {w}" for w in sorted(entries - keys.get(block, every) - {block})
                   if block]
        spoken = {w for line in lines for w in arguments(line, "Ic")}
        faults += [f"{page.name}: {w} is no key" for w in sorted(spoken - every)]


def enclosures(faults):
    """Op, Ql and their like reach to the line's end: what follows behind a comma would stand inside them."""
    for page in PAGES.values():
        faults += [f"{page.name}: {line}" for line in page.lines
                   if re.search(r"^\..*\b(Op|Ql|Dq|Sq|Qq) .* [,;:] [A-Z][a-z] ", line)]


def metrics(faults):
    sources = (ROOT / "src/web").glob("*.c")
    given = set().union(*(re.findall(r'"(postrider_[a-z_]+)', p.read_text()) for p in sources))
    same("postrider-serve.1", PAGES["serve"].entries("Li"), given, faults)


def endpoints(faults):
    """The table of routes: method, path, who may, parameters."""
    table = re.findall(r'\{ "([A-Z]+)", "(/[^"]*)", (\w+), \w+, \w+,\s*(NULL|"[^}]*") \}', (ROOT / "src/web/route.c").read_text())
    routes = {(m, p): (role, set("".join(re.findall(r'"([^"]*)"', q)).split())) for m, p, role, q in table}
    described = {}
    for path, methods in json.loads((ROOT / "src/web/openapi.json").read_text())["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            told = operation.get("parameters", [])
            same(f"openapi.json: {where}", {p["name"] for p in told if p["in"] == "path"},
                 set(re.findall(r"\{([^}]*)\}", path)), faults)
            if not operation.get("summary"):
                faults.append(f"openapi.json: {where} says nothing")
            described[method.upper(), re.sub(r"\{[^}]*\}", "*", path)] = (
                operation["x-role"], {p["name"] for p in told if p["in"] == "query"})
    same("openapi.json", {" ".join(k) for k in described}, {" ".join(k) for k in routes}, faults)
    for key in described.keys() & routes.keys():
        role, query = routes[key]
        same(f"openapi.json: {' '.join(key)}", described[key][1], query, faults)
        if described[key][0].upper() != role.replace("NOBODY", "NONE"):
            faults.append(f"openapi.json: {' '.join(key)} is for {described[key][0]}")


def files_there():
    """Each file with and without its ending, each folder; those of src/ by their room, too."""
    there = set()
    for top in ("src", "lab", "ui", "catalog", "tests", "tools", "doc", "bench", "packaging"):
        for path in (ROOT / top).rglob("*"):
            if "node_modules" not in path.parts:
                name = str(path.relative_to(ROOT))
                there |= {n.removeprefix(p) for n in (name, name.removesuffix(path.suffix)) for p in ("", "src/")}
    return there


def architecture(faults):
    """Each file and folder that ARCHITECTURE.md speaks of is there, also as "room/one, another*"; CAPITALS stand for many."""
    there = files_there()
    rooms = {name.split("/")[0] for name in there if "/" in name}
    text = (ROOT / "doc/ARCHITECTURE.md").read_text()
    names = re.findall(r"(?<![\w/.:-])([a-z]+/[\w/.-]*[\w*])", text)
    for folder, others in re.findall(r"^([a-z]+(?:/[a-z]+)*)/[\w.]+\*?((?:, [\w*/]+)+)  ", text, re.M):
        names += [other if other.split("/")[0] in rooms else f"{folder.split('/')[0]}/**/{other}"
                  for other in others.split(", ")[1:]]
    for name in sorted(set(names)):
        if name.split("/")[0] in rooms and not re.search("[A-Z]", name):
            pattern = re.compile(re.escape(name).replace(r"/\*\*/", "/(?:.*/)?").replace(r"\*", ".*"))
            faults += [] if any(map(pattern.fullmatch, there)) else [f"ARCHITECTURE.md speaks of {name}"]


def main():
    ask_what_is_taken()
    passed = failed = 0
    for test in (options_in_help, options_in_manual, options_in_completions, commands_and_verbs, examples, statuses,
                 common_options, ways_to_end, configuration, enclosures, metrics, endpoints, architecture):
        faults = []
        test(faults)
        passed, failed = passed + (not faults), failed + bool(faults)
        print(*(f"{test.__name__}: {f}" for f in faults), sep="\n", end="\n" if faults else "")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
