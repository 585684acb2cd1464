# SPDX-License-Identifier: Apache-2.0
"""Rows of a C table: texts, and long lists of numbers."""


def c_text(s):
    """A literal of the text's UTF-8; None is NULL.  A question mark is escaped: two would begin a trigraph."""
    if s is None:
        return "NULL"
    return '"' + "".join({34: '\\"', 92: "\\\\", 63: "\\?"}.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}")
                         for b in s.encode()) + '"'


def wrap(numbers, width=100):
    out, line = [], ""
    for n in numbers:
        if len(line) + len(str(n)) + 2 > width:
            out.append(line)
            line = ""
        line += f"{n}, "
    return "\n\t".join(out + [line])
