#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every #include of src/ and lab/ against the order of the house (doc/ARCHITECTURE.md).

A folder may include itself and what stands in its row; a foreign library is
included by one family of files only."""
import pathlib
import re
import sys

ALLOWED = {
    "base": set(),
    "smtp": {"base"},
    "mail": {"base"},
    "catalog": {"base", "smtp"},
    "explain": {"base", "smtp", "mail", "catalog"},
    "net": {"base", "smtp"},
    "check": {"base", "smtp", "mail", "catalog", "net"},
    "store": {"base"},
    "relay": {"base", "smtp", "mail", "catalog", "explain", "net", "store"},
    "batch": {"base", "smtp", "mail", "catalog", "explain", "net", "store", "relay"},
    "watch": {"base", "smtp", "mail", "catalog", "explain", "net", "check", "store", "relay"},
    "show": {"base", "smtp", "mail", "catalog", "explain", "net", "store", "relay"},
    "report": {"base", "smtp", "mail", "catalog", "explain", "check", "store", "relay", "show"},
    "web": {"base", "smtp", "mail", "catalog", "explain", "net", "check", "store", "relay", "batch", "watch", "show", "report"},
    "lab": {"base", "smtp", "mail", "catalog", "net"},
    "cli": {"base", "smtp", "mail", "catalog", "explain", "net", "check", "relay", "batch", "store", "watch", "show", "report", "web", "lab"},
}
# catalog sees of smtp/ only replies.
ONLY = {("catalog", "smtp"): {"smtp/reply.h"}}
# A header "..._inner.h" is for its own room; who else may look into one.
GUESTS = {"relay/relay_inner.h": {"web", "watch"}}
# A room within a room: what it may include of the room around it.
INNER = {"src/explain/log": {"explain/explain.h", "explain/line.h", "explain/notice.h"}}
# header -> where it may be included (file name prefixes with their folder)
FOREIGN = {
    "uv.h": ["src/net/", "lab/"],
    "openssl/": ["src/net/tls", "src/net/http", "src/smtp/scram", "src/smtp/sasl", "src/mail/", "lab/"],
    "unbound.h": ["src/net/dns"],
    "ldns/": ["src/net/dns", "lab/"],
    "curl/": ["src/net/http", "src/net/maildrop"],
    "jansson.h": ["src/catalog/cause_json", "src/catalog/token_note", "src/catalog/write_json", "src/explain/render_json", "src/explain/notice", "src/net/oauth", "src/net/token", "src/net/introspection", "src/check/evidence", "src/check/render", "src/relay/control", "src/relay/door/bearer_verdict", "src/relay/pickup", "src/relay/delivery/api_verdict", "src/watch/", "src/show/", "src/report/conversation", "src/web/", "src/cli/", "lab/"],
    "gmime/": ["src/mail/"],
    "magic.h": ["src/mail/filetype"],
    "expat.h": ["src/mail/autoconfig"],
    "confuse.h": ["src/cli/config", "lab/"],
    "zlib.h": ["src/explain/unpack", "src/web/page"],
    "lzma.h": ["src/explain/unpack"],
    "zstd.h": ["src/explain/unpack"],
    "zstd_errors.h": ["src/explain/unpack"],
    "microhttpd.h": ["src/web/"],
    "sqlite3.h": ["src/store/sqlite_"],
    "libpsl.h": ["src/mail/"],
    "idn2.h": ["src/net/dns", "src/mail/", "src/smtp/"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def folder_of(path):
    return path.parts[1] if path.parts[0] == "src" else path.parts[0]


def own_problem(path, target):
    here, there = folder_of(path), target.split("/")[0]
    inner = INNER.get(str(path.parent))
    if inner and here == there and f"src/{target}".rsplit("/", 1)[0] != str(path.parent) and target not in inner:
        return f"{path}: of {there}/ may include only {', '.join(sorted(inner))}"
    if here == there or there not in ALLOWED:
        return None
    if there not in ALLOWED[here]:
        return f"{path}: {here}/ may not include {target}"
    if target.endswith("_inner.h") and here not in GUESTS.get(target, ()):
        return f"{path}: {target} is for {there}/ alone"
    only = ONLY.get((here, there))
    if only and target not in only:
        return f"{path}: of {there}/ {here}/ may include only {', '.join(sorted(only))}"
    return None


def foreign_problem(path, target):
    for name, places in FOREIGN.items():
        if target == name or (name.endswith("/") and target.startswith(name)):
            if not any(str(path).startswith(p) for p in places):
                return f"{path}: {target} belongs to {', '.join(places)}"
            # Its types stand in no contract; a family's inner header may carry them.
            if path.parts[0] == "src" and path.suffix == ".h" and "inner" not in path.name and "openssl" not in path.name and not any(
                    word in path.name for word in ("wire", "exchange", "_json", "points", "watch", "conn", "grammar", "curl")):
                return f"{path}: a header with types of {name}"
    return None


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    problems, files = [], 0
    for path in sorted([*root.glob("src/**/*.[ch]"), *root.glob("lab/**/*.[ch]")]):
        path = path.relative_to(root)
        files += 1
        for kind, target in INCLUDE.findall((root / path).read_text()):
            problem = own_problem(path, target) if kind == '"' else foreign_problem(path, target)
            if problem:
                problems.append(problem)
    print(*problems, sep="\n")
    print(f"{files} files read, {len(problems)} includes point the wrong way")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
