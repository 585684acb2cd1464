#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the C tables of the findings out of catalog/findings/*.toml.

Reads the classes and every entry, checks them, and writes findings.inc, which
src/catalog/finding.c includes.  A mistake ends the run with file, line, entry
and what is wrong.  An id in `alike` that no file defines is a warning, and with
--strict a mistake.

  gen_findings.py [--strict] [--depfile F] --classes classes.toml -o findings.inc findings/
"""
import argparse
import re
import sys
import tomllib
from pathlib import Path

from c_rows import c_text

STEPS = ["config", "dns", "connect", "banner", "ehlo", "starttls", "tls-cert", "auth", "oauth", "mail-from",
         "rcpt", "data", "content", "attachment", "post-handoff", "domain-policy", "relay-server",
         "client-network"]
SEVERITIES = ["note", "warning", "failure"]
ACTORS = ["user", "it-provider", "mail-admin", "recipient", "nobody"]
RETRIES = ["never", "later", "wait"]
ENTRY_KEYS = ["class", "severity", "actor", "title", "why", "alike", "tell", "refs", "fix"]
FIX_KEYS = ["actor", "text", "command"]
CLASS_KEYS = ["title", "actor", "retry"]
PLACES = set("""host port security provider user from to domain ip address reply suggest problem value names date
    days issuer record term count limit size selector zone other seconds mechanisms claim expected step""".split())
FOREIGN = {"reply", "names", "issuer"}
TITLE_MAX = 80
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PLACE = re.compile(r"\{([a-z_]+)\|([^{}|]+)\}")


class Report:
    """Mistakes and warnings, each with its place."""

    def __init__(self):
        self.mistakes, self.warnings = [], []

    def bad(self, where, text):
        self.mistakes.append(f"{where}: {text}")

    def doubt(self, where, text):
        self.warnings.append(f"{where}: {text}")


def line_of(source, entry):
    for n, line in enumerate(source.splitlines(), 1):
        if line.strip() == f"[{entry}]":
            return n
    return 1


def load(path):
    source = path.read_text(encoding="utf-8")
    try:
        return source, tomllib.loads(source)
    except tomllib.TOMLDecodeError as e:
        sys.exit(f"{path}: {e}")


def check_sentence(where, key, text, report, ends=".?!)"):
    """One sentence or more, of one line, with places that are well formed."""
    if not isinstance(text, str) or not text.strip():
        report.bad(where, f"{key} must be a text and not empty")
        return
    if text != text.strip() or re.search(r"[\x00-\x1f\x7f]|  ", text):
        report.bad(where, f"{key} holds a line break, a control character, or blanks too many")
    if ends and text[-1] not in ends:
        report.bad(where, f"{key} does not end like a sentence")
    for name, _ in PLACE.findall(text):
        if name not in PLACES:
            report.bad(where, f"{key} has an unknown place {{{name}}}")
    if re.search(r"[{}]", PLACE.sub("", text)):
        report.bad(where, f"{key} has a place that is not {{name|default words}}")


def check_one_of(where, key, value, words, report):
    if value not in words:
        report.bad(where, f"{key} {value!r} is none of: {' '.join(words)}")


def check_keys(where, table, known, needed, report):
    for key in table:
        if key not in known:
            report.bad(where, f"unknown key {key!r}")
    for key in needed:
        if key not in table:
            report.bad(where, f"{key} is missing")
    present = [k for k in table if k in known]
    if present != sorted(present, key=known.index):
        report.bad(where, f"keys must stand in this order: {' '.join(known)}")


def check_command(where, command, report):
    """What a person may paste into a shell holds no words of a server.  Several systems have a line each, by name."""
    if isinstance(command, dict):
        if len(command) < 2:
            report.bad(where, "command names systems: there must be two or more, or none")
        for system, line in command.items():
            check_sentence(where, "the name of a system", system, report, ends="")
            check_command(where, line, report)
        return
    check_sentence(where, "command", command, report, ends="")
    for name, _ in PLACE.findall(command if isinstance(command, str) else ""):
        if name in FOREIGN:
            report.bad(where, f"command has the place {{{name}}}, whose words come from a stranger")


def check_fixes(where, entry, report):
    fixes = entry.get("fix", [])
    for n, fix in enumerate(fixes, 1):
        at = f"{where} fix {n}"
        check_keys(at, fix, FIX_KEYS, ["actor", "text"], report)
        check_one_of(at, "actor", fix.get("actor"), ACTORS, report)
        check_sentence(at, "text", fix.get("text"), report, ends=".?!):" if "command" in fix else ".?!)")
        if "command" in fix:
            check_command(at, fix["command"], report)
    if not any(f.get("actor") == entry.get("actor") for f in fixes):
        report.bad(where, f"no fix for its actor {entry.get('actor')!r}")
    if entry.get("severity") == "failure" and not any(f.get("actor") in ("user", "nobody") for f in fixes):
        report.bad(where, "no fix for the user: whoever reads of a failure must find what he can do himself")


def check_title(where, title, report):
    check_sentence(where, "title", title, report, ends="")
    plain = PLACE.sub(r"\2", title) if isinstance(title, str) else ""
    if len(plain) > TITLE_MAX:
        report.bad(where, f"title has {len(plain)} characters, at most {TITLE_MAX}")
    if plain.endswith("."):
        report.bad(where, "title ends with a full stop")


def check_entry(where, name, entry, classes, report):
    if not ID.fullmatch(name):
        report.bad(where, "an id is lower-case words joined by '-'")
    check_keys(where, entry, ENTRY_KEYS, [k for k in ENTRY_KEYS if k not in ("alike", "tell", "refs")], report)
    check_one_of(where, "class", entry.get("class"), sorted(classes), report)
    check_one_of(where, "severity", entry.get("severity"), SEVERITIES, report)
    check_one_of(where, "actor", entry.get("actor"), ACTORS, report)
    check_title(where, entry.get("title"), report)
    check_sentence(where, "why", entry.get("why"), report)
    for key in ("alike", "refs"):
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            report.bad(where, f"{key} must be a list of texts")
        elif len(set(value)) != len(value):
            report.bad(where, f"{key} names something twice")
    if entry.get("alike") or "tell" in entry:
        check_sentence(where, "tell", entry.get("tell"), report)
    check_fixes(where, entry, report)


def check_classes(path, source, classes, report):
    for name, c in classes.items():
        where = f"{path}:{line_of(source, name)}: [{name}]"
        check_keys(where, c, CLASS_KEYS, CLASS_KEYS, report)
        check_sentence(where, "title", c.get("title"), report, ends="")
        check_one_of(where, "actor", c.get("actor"), ACTORS, report)
        check_one_of(where, "retry", c.get("retry"), RETRIES, report)


def read_entries(folder, classes, report):
    entries = {}
    for path in sorted(folder.glob("*.toml")):
        source, table = load(path)
        step = path.name.split(".")[0]
        if step not in STEPS:
            report.bad(path, "the file's name does not begin with a step and a full stop")
            continue
        for name, entry in table.items():
            where = f"{path}:{line_of(source, name)}: [{name}]"
            if not isinstance(entry, dict):
                report.bad(where, "stands outside an entry")
            elif name in entries:
                report.bad(where, f"already defined at {entries[name]['where']}")
            else:
                check_entry(where, name, entry, classes, report)
                entries[name] = {**entry, "where": where, "step": step}
    return entries


def check_alike(entries, strict, report):
    for name, entry in entries.items():
        for other in entry.get("alike", []):
            if other == name:
                report.bad(entry["where"], "is alike itself")
            elif other not in entries:
                say = report.bad if strict else report.doubt
                say(entry["where"], f"alike names {other!r}, which no file defines")


def c_command(command):
    """A line; or for each system its name, a tab, and its line (src/catalog/fix_line.h)."""
    lines = [f"{system}\t{line}" for system, line in command.items()] if isinstance(command, dict) else [command]
    return c_text("\n".join(lines))


def c_enum(prefix, word):
    return prefix + "_" + word.upper().replace("-", "_")


def c_texts(name, texts):
    return [f"static const char *const {name}[] = {{ {', '.join([c_text(t) for t in texts] + ['NULL'])} }};"]


def c_entry(n, name, e):
    """The rows an entry points at, and its own row."""
    before = [f"static const struct finding_fix fixes_{n}[] = {{"]
    for f in e["fix"]:
        before.append(f"\t{{ {c_enum('ACTOR', f['actor'])}, {c_text(f['text'])}, {c_command(f.get('command', ''))} }},")
    before.append("};")
    before += c_texts(f"refs_{n}", e.get("refs", []))
    before += c_texts(f"alike_{n}", e.get("alike", []))
    row = (f"\t{{ {c_text(name)}, {c_text(e['class'])}, {c_enum('STEP', e['step'])}, "
           f"{c_enum('SEVERITY', e['severity'])}, {c_enum('ACTOR', e['actor'])}, {c_text(e['title'])}, "
           f"{c_text(e['why'])}, fixes_{n}, {len(e['fix'])}, refs_{n}, alike_{n}, {c_text(e.get('tell', ''))} }},")
    return before, row


def c_tables(entries, classes):
    out = ["/* Generated from catalog/findings/ and catalog/classes.toml: do not edit. */"]
    rows = []
    for n, name in enumerate(sorted(entries)):
        before, row = c_entry(n, name, entries[name])
        out += before
        rows.append(row)
    out += ["static const struct finding_entry finding_rows[] = {", *rows, "};"]
    out.append("static const struct class_entry class_rows[] = {")
    for name in sorted(classes):
        c = classes[name]
        out.append(f"\t{{ {c_text(name)}, {c_text(c['title'])}, {c_enum('ACTOR', c['actor'])}, "
                   f"{c_enum('RETRY', c['retry'])} }},")
    out.append("};")
    return "\n".join(out) + "\n"


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--strict", action="store_true", help="an unknown id in alike is a mistake")
    args.add_argument("--depfile", type=Path)
    args.add_argument("--classes", type=Path, required=True)
    args.add_argument("-o", dest="out", type=Path, help="without it, only check")
    args.add_argument("folder", type=Path)
    args = args.parse_args()

    report = Report()
    source, classes = load(args.classes)
    check_classes(args.classes, source, classes, report)
    entries = read_entries(args.folder, classes, report)
    if not entries:
        report.bad(args.folder, "holds no entries")
    check_alike(entries, args.strict, report)
    for text in report.mistakes:
        print(text, file=sys.stderr)
    if report.warnings:
        print(f"{args.folder}: {len(report.warnings)} ids in alike are not defined yet (--strict lists them)",
              file=sys.stderr)
    if report.mistakes:
        return 1
    if args.out:
        args.out.write_text(c_tables(entries, classes), encoding="utf-8")
    if args.depfile:
        needs = [args.classes, args.folder, *sorted(args.folder.glob("*.toml"))]
        args.depfile.write_text(f"{args.out}: {' '.join(str(p) for p in needs)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
