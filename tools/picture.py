#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what a terminal showed (text with SGR colours on stdin) as an SVG on stdout."""
import html
import re
import sys

COLORS = {"31": "#f2777a", "32": "#99cc99", "33": "#ffcc66", "34": "#6699cc", "35": "#cc99cc", "36": "#66cccc",
          "90": "#8a8f98", "2": "#8a8f98"}
WIDTH, LINE, LEFT, TOP, COLUMNS = 8.43, 19, 18, 46, 84


def spans(line):
    style = {"fill": "#d8dee9", "weight": None}
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        sgr = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not sgr:
            if part:
                yield dict(style), part
            continue
        for code in sgr.group(1).split(";") if sgr.group(1) else ["0"]:
            if code in ("0", ""):
                style = {"fill": "#d8dee9", "weight": None}
            elif code == "1":
                style["weight"] = "bold"
            elif code in COLORS:
                style["fill"] = COLORS[code]


def main():
    lines = [l.rstrip("\r\n") for l in sys.stdin]
    width, height = LEFT * 2 + WIDTH * COLUMNS, TOP + LINE * len(lines) + 14
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
          'font-family="ui-monospace,DejaVu Sans Mono,monospace" font-size="14">')
    print(f'<rect width="{width:.0f}" height="{height}" rx="9" fill="#1f2430"/>')
    for i, color in enumerate(("#f2777a", "#ffcc66", "#99cc99")):
        print(f'<circle cx="{22 + 20 * i}" cy="20" r="6" fill="{color}"/>')
    for n, line in enumerate(lines):
        column = 0
        for style, text in spans(line):
            weight = f' font-weight="{style["weight"]}"' if style["weight"] else ""
            print(f'<text x="{LEFT + WIDTH * column:.1f}" y="{TOP + LINE * (n + 1) - 6}" fill="{style["fill"]}"'
                  f'{weight} xml:space="preserve">{html.escape(text)}</text>')
            column += len(text)
    print("</svg>")


if __name__ == "__main__":
    main()
