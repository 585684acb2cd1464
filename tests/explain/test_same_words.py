# SPDX-License-Identifier: Apache-2.0
"""A reply explained in the words that `postrider check` has for it."""
import json
import re
import subprocess
import tomllib

from program import ENV, POSTRIDER, ROOT, document, same, test


def template(sentence):
    parts = re.split(r"\{[^}]*\}", " ".join(sentence.split()))
    return re.compile(".*?".join(map(re.escape, parts)) + r"\Z", re.S)


def catalogue():
    entries = {}
    for path in (ROOT / "catalog/findings").glob("*.toml"):
        entries.update(tomllib.loads(path.read_text()))
    return entries


def check_in_lab(scenario):
    p = subprocess.run([POSTRIDER, "lab", "run", scenario["name"], "--", POSTRIDER, "check", *scenario["check"], "--resolver",
                        "{resolver}", "--ca-file", "{ca}", "--json"], capture_output=True, stdin=subprocess.DEVNULL, env=ENV,
                       timeout=120, check=False)
    return json.loads(p.stdout[p.stdout.index(b"{"):])


def refusal_of(d):
    """The root failure and the refusing reply it rests on."""
    facts = {f["n"]: f for f in d["facts"]}
    root = next((f for f in d["findings"] if f["severity"] == "failure"), None)
    replies = [facts[e["fact"]] for e in root["evidence"] if facts[e["fact"]].get("code", 0) >= 400] if root else []
    return (root, replies[0]) if replies else (None, None)


@test
def same_words_as_check():
    scenarios = json.loads(subprocess.run([POSTRIDER, "lab", "list", "--json"], capture_output=True, check=True).stdout)["scenarios"]
    entries, agreed, other = catalogue(), 0, []
    for s in scenarios:
        if not s["must"] or not s["must"][0].startswith(("rcpt-", "mf-", "data-", "sender-")):
            continue
        d = check_in_lab(s)
        root, reply = refusal_of(d)
        if not root:
            continue
        x = document(f"{reply['code']} {reply['text']}", "--step", reply["step"], "--host", d["target"]["host"])[1]
        if x["id"] != root["id"]:
            other.append(f"  {s['name']}: check {root['id']}, explain {x['id']} ({x['confidence']})")
            continue
        agreed += 1
        e = entries[x["id"]]
        for key in ("class", "actor"):
            same(x[key], root[key], s["name"])
        same([f["actor"] for f in x["fixes"]], [f["actor"] for f in root["fixes"]], s["name"])
        for one in (x, root):
            for key in ("title", "why"):
                same(bool(template(e[key]).match(" ".join(one[key].split()))), True, s["name"], e[key], one[key])
            for fix, source in zip(one["fixes"], e["fix"]):
                same(bool(template(source["text"]).match(" ".join(fix["text"].split()))), True, source["text"], fix["text"])
    print(f"the reply alone leads to check's finding in {agreed} of {agreed + len(other)} scenarios; else check saw more:")
    print(*other, sep="\n")
    same(agreed >= 4 * len(other), True, f"{agreed} agreed", *other)
