#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of src/catalog/provider.c out of catalog/providers/.

    gen_providers.py [--depfile F] -o OUT.c catalog/providers

*.toml holds curated providers, submission-hosts.tsv what is merely published:
its rows give a curated provider domains, or make a provider of their own.
Refuses unknown keys, malformed servers, and names, hosts and domains claimed twice.
"""
import argparse
import re
import sys
import tomllib
from pathlib import Path

from c_rows import c_text

KEYS = set("""name title domains hosts mx servers complete regions username app_password oauth_only note noted
    per_minute per_hour per_day personal_per_day connections recipients limits limits_noted source""".split())
LIMITS = ("per_minute", "per_hour", "per_day", "personal_per_day", "connections", "recipients")
USERNAMES = {"full-address", "local-part", "apikey", "other"}
SECURITY = {"starttls", "tls", "none"}
HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)+")
TSV = "submission-hosts.tsv"


class Refused(Exception):
    pass


def expand(items, regions):
    return [i.replace("{region}", r) for i in items for r in (regions if "{region}" in i else [""])]


def read_server(text):
    m = re.fullmatch(r"(\S+):(\d+) (\S+)", text)
    if not m or not HOST.fullmatch(m[1]) or m[3] not in SECURITY or not 0 < int(m[2]) < 65536:
        raise Refused(f"server {text!r}")
    return m[1], int(m[2]), m[3]


def read_curated(path):
    for p in tomllib.loads(path.read_text(encoding="utf-8")).get("provider", []):
        where = f"{path}: {p.get('name')}"
        if set(p) - KEYS or not {"name", "title", "username", "source"} <= set(p):
            raise Refused(f"{where}: keys {sorted(set(p) ^ KEYS)}")
        if p["username"] not in USERNAMES:
            raise Refused(f"{where}: username")
        if any(k in p for k in LIMITS) != ({"limits", "limits_noted"} <= set(p)):
            raise Refused(f"{where}: limits need a source and a date: limits, limits_noted")
        if not all(isinstance(p.get(k, 1), int) and p.get(k, 1) > 0 for k in LIMITS):
            raise Refused(f"{where}: a limit that is no number from 1")
        regions = p.get("regions", [])
        out = dict(p, curated=True, servers=[read_server(s) for s in expand(p.get("servers", []), regions)])
        for key in ("domains", "hosts", "mx"):
            out[key] = expand(p.get(key, []), regions)
            for h in out[key]:
                if not HOST.fullmatch(h):
                    raise Refused(f"{where}: {key} {h!r}")
        yield out


def read_tsv(path):
    lines = [ln for ln in path.read_text(encoding="utf-8").splitlines() if not ln.startswith("#")]
    columns = lines[0].split("\t")
    for line in lines[1:]:
        row = dict(zip(columns, line.split("\t"), strict=True))
        domains = row["domains"].lower().split(",")
        hosts = [row["host"].lower().replace("%emaildomain%", d) for d in domains if "." in d or "%" not in row["host"]]
        for host in dict.fromkeys(hosts):
            read_server(f"{host}:{row['port']} {row['security']}")
            mine = [d for d in domains if host.endswith(d)] if "%" in row["host"] else domains
            yield mine, host, int(row["port"]), row["security"], row["username"]


def owner_of(providers, host):
    for p in providers:
        if host in p["hosts"] or any(s[0] == host for s in p["servers"]):
            return p
    return next((p for p in providers if any(h[0] == "." and host.endswith(h) for h in p["hosts"])), None)


def add_row(providers, row):
    domains, host, port, security, username = row
    p = owner_of(providers, host)
    if not p:
        p = next((q for q in providers if not q["curated"] and q["name"] == domains[0]), None)
    if not p:
        p = {"name": domains[0], "title": domains[0], "domains": [], "hosts": [], "mx": [], "servers": [],
             "username": username if username in USERNAMES else "other", "curated": False}
        providers.append(p)
    p["domains"] += [d for d in domains if "." in d and d not in p["domains"]]
    known = [s[:2] for s in p["servers"]]
    if (host, port) not in known and not (p["curated"] and any(s[0] == host for s in p["servers"])):
        p["servers"].append((host, port, security))


def claim(owners, key, p, kind):
    first = owners.setdefault(key, p)
    if first is not p:
        raise Refused(f"{kind} {key} belongs to {first['name']} and to {p['name']}")


def keys_of(providers):
    """Sorted (name, index) of hosts and of domains; suffixes apart, longest first."""
    names, hosts, domains, mx = {}, {}, {}, {}
    for p in providers:
        claim(names, p["name"], p, "name")
        for h in dict.fromkeys(p["hosts"] + [s[0] for s in p["servers"]]):
            claim(hosts, h, p, "host")
        for m in p["mx"]:
            claim(mx, m, p, "mx")
        for d in p["domains"]:
            domains.setdefault(d, p)  # of two hosts for one domain the first is the better
    return hosts, domains, mx


def write_index(w, name, owners, numbers):
    exact = sorted(k for k in owners if k[0] != ".")
    suffix = sorted((k for k in owners if k[0] == "."), key=lambda k: (-len(k), k))
    for kind, keys in (("", exact), ("_suffix", suffix)):
        w(f"static const struct provider_key {name}{kind}[] = {{\n")
        for k in keys:
            w(f"\t{{ {c_text(k)}, {numbers[owners[k]['name']]} }},\n")
        w("};\n")


def note_of(p):
    note = p.get("note", "")
    return f"{note} (as of {p['noted']})" if note and "noted" in p else note


def write_c(path, providers):
    hosts, domains, mx = keys_of(providers)
    numbers = {p["name"]: n for n, p in enumerate(providers)}
    with open(path, "w", encoding="ascii") as f:
        w = f.write
        w("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_providers.py; do not edit. */\n")
        for n, p in enumerate(providers):
            for key in ("domains", "hosts", "mx"):
                items = list(dict.fromkeys(p[key] + [s[0] for s in p["servers"]])) if key == "hosts" else p[key]
                w(f"static const char *const {key}_{n}[] = {{ " + "".join(c_text(i) + ", " for i in items) + "NULL };\n")
            if p["servers"]:
                w(f"static const struct provider_server servers_{n}[] = {{ " +
                  ", ".join(f"{{ {c_text(h)}, {port}, {c_text(s)} }}" for h, port, s in p["servers"]) + " };\n")
        w("static const struct provider providers[] = {\n")
        for n, p in enumerate(providers):
            flags = ", ".join("true" if p.get(k) else "false" for k in ("app_password", "oauth_only"))
            limits = ", ".join([str(p.get(k, 0)) for k in LIMITS] +
                               [c_text(p.get(k, "")) for k in ("limits", "limits_noted")])
            w(f"\t{{ {c_text(p['name'])}, {c_text(p['title'])}, domains_{n}, hosts_{n}, mx_{n}, " +
              (f"servers_{n}" if p["servers"] else "NULL") +
              f", {len(p['servers'])}, {'true' if p.get('complete') else 'false'}, {c_text(p['username'])}, {flags}, {c_text(note_of(p))}, {{ {limits} }} }},\n")
        w("};\n")
        write_index(w, "by_host", hosts, numbers)
        write_index(w, "by_domain", domains, numbers)
        write_index(w, "by_mx", mx, numbers)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--depfile")
    ap.add_argument("-o", required=True)
    ap.add_argument("providers", type=Path)
    args = ap.parse_args()
    inputs = sorted(args.providers.glob("*.toml")) + [args.providers / TSV]
    try:
        providers = [p for path in inputs[:-1] for p in read_curated(path)]
        for row in read_tsv(inputs[-1]):
            add_row(providers, row)
        write_c(args.o, providers)
    except (Refused, OSError, ValueError) as e:
        print(f"gen_providers: {e}", file=sys.stderr)
        return 1
    if args.depfile:
        Path(args.depfile).write_text(f"{args.o}: {' '.join(map(str, inputs + [args.providers]))}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
