# SPDX-License-Identifier: Apache-2.0
"""Answers held against the OpenAPI document: every key, every type, nothing that is not described."""
import datetime
import re

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
         "number": (int, float)}


def is_kind(value, kind):
    return isinstance(value, KINDS[kind]) and not (kind in ("integer", "number") and isinstance(value, bool))


class Description:
    def __init__(self, document):
        self.document = document

    def schema(self, s):
        while "$ref" in s:
            s = self.document["components"]["schemas"][s["$ref"].rsplit("/", 1)[1]]
        return s

    def faults(self, value, schema, at="$"):
        s = self.schema(schema)
        if "anyOf" in s:
            tried = [list(self.faults(value, x, at)) for x in s["anyOf"]]
            if all(tried):
                yield from min(tried, key=len)
            return
        if "type" in s and not is_kind(value, s["type"]):
            yield f"{at}: {value!r} is no {s['type']}"
            return
        if "enum" in s and value not in s["enum"]:
            yield f"{at}: {value!r} is none of {s['enum']}"
        if s.get("format") == "date-time":
            datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        if isinstance(value, dict):
            known = s.get("properties", {})
            yield from (f"{at}: {k} is missing" for k in s.get("required", []) if k not in value)
            for k, v in value.items():
                if k in known:
                    yield from self.faults(v, known[k], f"{at}.{k}")
                elif s.get("additionalProperties") is False:
                    yield f"{at}: nobody described {k}"
        if isinstance(value, list) and "items" in s:
            for i, v in enumerate(value):
                yield from self.faults(v, s["items"], f"{at}[{i}]")

    def operation(self, method, path):
        path = path.split("?")[0]
        best = None
        for pattern, methods in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path) and method.lower() in methods:
                best = methods[method.lower()] if best is None or "{" not in pattern else best
        return best

    def judge(self, method, path, status, headers, value):
        """Raises where the answer is not as described."""
        operation = self.operation(method, path)
        assert operation, f"nobody described {method} {path}"
        answers = operation["responses"]
        answer = answers.get(str(status)) or (answers.get("default") if status >= 400 else None)
        assert answer, f"{method} {path}: nobody described {status}"
        kind = headers.get("content-type", "").split(";")[0]
        if "content" not in answer:
            assert not kind, f"{method} {path}: no content is described"
            return
        assert kind in answer["content"], f"{method} {path}: {kind} is not described, {list(answer['content'])} is"
        if kind.endswith("json"):
            found = list(self.faults(value, answer["content"][kind]["schema"]))
            assert not found, f"{method} {path}: " + "; ".join(found[:5])
