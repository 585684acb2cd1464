#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that call each other in a ring, by the symbols that the objects of a build define and want.

    tools/rings.py [-v] [BUILD]      BUILD is build/; -v names the calls of each ring

Ends non-zero when there are others than ALLOWED."""
import pathlib
import subprocess
import sys

WANTED, DEFINED = "U", "TDRBVWC"
ALLOWED = 0  # rings: calls go down


def source_of(obj):
    """build/src/relay/librelay.a.p/door_door.c.o -> relay/door_door: the room, and the file as meson writes it."""
    return f"{obj.parent.parent.name}/{obj.name.removesuffix('.c.o')}"


def symbols(objects):
    out = subprocess.run(["nm", "-A", *map(str, objects)], text=True, capture_output=True, check=True).stdout
    for line in out.splitlines():
        where, rest = line.split(":", 1)
        *_, kind, name = rest.split()
        yield pathlib.Path(where), kind, name


def calls(objects):
    """file -> {file: names}: who wants what of whom."""
    home, wants = {}, []
    for where, kind, name in symbols(objects):
        if kind in DEFINED:
            home[name] = source_of(where)
        elif kind == WANTED:
            wants.append((source_of(where), name))
    graph = {}
    for file, name in wants:
        if home.get(name, file) != file:
            graph.setdefault(file, {}).setdefault(home[name], []).append(name)
    return graph


def rings(graph):
    """Strongly connected files (Tarjan)."""
    order, low, stack, found = {}, {}, [], []

    def visit(v):
        order[v] = low[v] = len(order)
        stack.append(v)
        for w in graph.get(v, {}):
            if w not in order:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], order[w])
        if low[v] == order[v]:
            at = stack.index(v)
            ring = stack[at:]
            del stack[at:]
            if len(ring) > 1:
                found.append(sorted(ring))

    for v in sorted(graph):
        if v not in order:
            visit(v)
    return sorted(found, key=len)


def tell(ring, graph):
    for file in ring:
        for other in ring:
            names = graph[file].get(other)
            if names:
                print(f"    {file} -> {other}: {', '.join(sorted(names))}")


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    build = pathlib.Path(args[0] if args else "build")
    sys.setrecursionlimit(10000)
    objects = [o for o in build.glob("**/*.c.o") if not str(o.relative_to(build)).startswith(("tests", "bench"))]
    graph = calls(objects)
    found = rings(graph)
    for ring in found:
        print(f"{len(ring)}: {' '.join(ring)}")
        if "-v" in sys.argv[1:]:
            tell(ring, graph)
    print(f"{len(objects)} objects read, {len(found)} rings of {sum(map(len, found))} files, {ALLOWED} allowed")
    return 1 if len(found) != ALLOWED or not objects else 0


if __name__ == "__main__":
    sys.exit(main())
