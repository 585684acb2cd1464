# SPDX-License-Identifier: Apache-2.0
"""The page's files as a C table: what is packed, in which order, the same each time, within the budget; and the page's
own promises that no browser is needed for: nothing inline, no other host."""
import gzip
import os
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import embed_ui  # noqa: E402

ROW = re.compile(r'\{ "(?P<path>[^"]+)", "(?P<type>[^"]+)",\n\t  \(const unsigned char \*\)(?P<bytes>(?:"[^"]*"\s*)+),\n'
                 r'\t  (?P<n>\d+), (?P<gzip>true|false), "\\"(?P<etag>[0-9a-f]{16})\\"" \}')


def rows(text):
    for m in ROW.finditer(text):
        data = bytes(int(o, 8) for o in re.findall(r"\\([0-7]{3})", m["bytes"]))
        yield m["path"], m["type"], gzip.decompress(data) if m["gzip"] == "true" else data, int(m["n"]) == len(data)


class EmbedTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.ui = pathlib.Path(self.folder.name) / "ui"
        self.out = pathlib.Path(self.folder.name) / "out.c"
        (self.ui / "js").mkdir(parents=True)
        (self.ui / "index.html").write_text("<p>ä</p>\n")
        (self.ui / "js" / "a.js").write_text("1;\n")
        (self.ui / "font.woff2").write_bytes(bytes(range(256)))
        (self.ui / "README.md").write_text("not served")

    def tearDown(self):
        self.folder.cleanup()

    def test_rows(self):
        self.assertEqual(embed_ui.main(self.out, self.ui), 0)
        found = list(rows(self.out.read_text()))
        self.assertEqual([f[0] for f in found], ["/font.woff2", "/index.html", "/js/a.js"])
        self.assertTrue(all(f[3] for f in found))
        for path, _, data, _ in found:
            self.assertEqual(data, (self.ui / path[1:]).read_bytes())

    def test_same_each_time(self):
        embed_ui.main(self.out, self.ui)
        first = self.out.read_text()
        os.utime(self.out, (1, 1))
        os.utime(self.ui / "index.html", (5, 5))
        embed_ui.main(self.out, self.ui)
        self.assertEqual(self.out.stat().st_mtime, 1, "what has not changed is left alone")
        self.assertEqual(self.out.read_text(), first)

    def test_budget(self):
        (self.ui / "big.woff2").write_bytes(bytes(embed_ui.LIMIT + 1))
        error, sys.stderr = sys.stderr, open(os.devnull, "w", encoding="ascii")
        try:
            self.assertEqual(embed_ui.main(self.out, self.ui), 1)
        finally:
            sys.stderr.close()
            sys.stderr = error
        self.assertFalse(self.out.exists())


class PageTest(unittest.TestCase):
    def sources(self, *suffixes):
        return [f for f in (ROOT / "ui").rglob("*") if f.suffix in suffixes and f.parent.name != "vendor"]

    def test_nothing_inline_and_nothing_from_elsewhere(self):
        html = (ROOT / "ui/index.html").read_text()
        self.assertNotRegex(html, r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)")
        for f in self.sources(".js", ".css", ".html"):
            with self.subTest(f.name):
                text = re.sub(r"//www\.w3\.org/2000/svg", "", f.read_text())
                self.assertNotRegex(text, r"(?:src|href|url\(|import|fetch\()[ =(\"'`]*https?://")

    def test_no_text_becomes_markup(self):
        for f in self.sources(".js"):
            with self.subTest(f.name):
                self.assertNotRegex(f.read_text(), r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")

    def test_what_is_named_is_there(self):
        for f in self.sources(".js", ".html"):
            for name in re.findall(r"(?:from |import\(|href=|src=)\"((?:\.{0,2}/)?[\w./-]+\.(?:m?js|css|svg|woff2))\"", f.read_text()):
                with self.subTest(f"{f.name}: {name}"):
                    self.assertTrue((f.parent / name).exists())


if __name__ == "__main__":
    unittest.main()
