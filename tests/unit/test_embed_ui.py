# SPDX-License-Identifier: Apache-2.0
"""The page's files as a C table: what is packed, in which order, the same each time, within the budget; and the page's
own promises that no browser is needed for: no other host, no text that becomes markup."""
import base64
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import embed_ui  # noqa: E402

ROW = re.compile(r'\{ "(?P<path>[^"]+)", "(?P<type>[^"]+)",\n\t  \(const unsigned char \*\)(?P<bytes>(?:"[^"]*"\s*)+),\n'
                 r'\t  (?P<n>\d+), (?P<gzip>true|false), (?P<lasting>true|false), "\\"(?P<etag>[0-9a-f]{16})\\"" \}')


def rows(text):
    for m in ROW.finditer(text):
        data = bytes(int(o, 8) for o in re.findall(r"\\([0-7]{3})", m["bytes"]))
        yield m["path"], m["type"], gzip.decompress(data) if m["gzip"] == "true" else data, int(m["n"]) == len(data)


class EmbedTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.ui = pathlib.Path(self.folder.name) / "ui"
        self.out = pathlib.Path(self.folder.name) / "out.c"
        self.write("index.html", '<html lang="en">\n<link rel="stylesheet" href="css/a.css">\n<link rel="stylesheet" href="css/b.css">\n'
                   '<svg data-icon="dot" width="20"></svg>\n<p>ä</p>\n<script src="js/start.js"></script>\n')
        self.write("css/a.css", '@font-face { src: url("../font.woff2"); }\n')
        self.write("css/b.css", "p { color: red; }\n")
        self.write("js/start.js", 'setTimeout(() => import("./main.js"));\n')
        self.write("js/icons.js", 'const SHAPES = {\n\tdot: "M10 9.8v.4",\n};\n')
        self.write("js/main.js", 'import { one, two as zwei } from "./parts.js";\nimport * as all from "./parts.js";\nimport f from "./f.mjs";\n'
                   'globalThis.late = async () => (await import("./late.js")).late;\nglobalThis.out = [one(), zwei, all.two, f(3)];\n')
        self.write("js/parts.js", "export function one() {\n\treturn 1;\n}\nconst deux = 2;\nexport { deux as two };\n")
        self.write("js/f.mjs", 'import{one as e}from"./parts.js";var t=e();export default function(n){return n+t}')
        self.write("js/late.js", "globalThis.made = (globalThis.made ?? 0) + 1;\nexport const late = 4;\n")
        self.write("README.md", "not served")
        (self.ui / "font.woff2").write_bytes(bytes(range(256)))

    def write(self, name, text):
        (self.ui / name).parent.mkdir(parents=True, exist_ok=True)
        (self.ui / name).write_text(text)

    def page(self):
        self.assertEqual(embed_ui.main(self.out, self.ui), 0)
        return self.files()["/index.html"].decode()

    def files(self):
        return {path: data for path, _, data, _ in rows(self.out.read_text())}

    def tearDown(self):
        self.folder.cleanup()

    def test_rows(self):
        self.assertEqual(embed_ui.main(self.out, self.ui), 0)
        found = list(rows(self.out.read_text()))
        name = f"/font.{hashlib.sha256(bytes(range(256))).hexdigest()[:16]}.woff2"
        self.assertEqual([f[0] for f in found][:4], [name, "/index.dark.html", "/index.html", "/index.light.html"])
        self.assertRegex(found[4][0], r"^/page\.[0-9a-f]{16}\.js$")
        self.assertTrue(all(f[3] for f in found))
        self.assertEqual(found[0][2], (self.ui / "font.woff2").read_bytes())
        self.assertEqual([m["lasting"] for m in ROW.finditer(self.out.read_text())], ["true", "false", "false", "false", "true"])
        self.assertIn(f'url("{name[1:]}")', found[2][2].decode())
        self.assertEqual(found[1][2].decode(), found[2][2].decode().replace("<html", '<html data-theme="dark"'))

    def test_all_that_the_page_names_is_in_it_and_the_policy_knows_it(self):
        page = self.page()
        self.assertNotRegex(page, "stylesheet|start.js|main.js|src=|data-icon")
        self.assertEqual(re.findall(r'import\("\./([^"]+)"', page), [name[1:] for name in self.files() if "page" in name])
        self.assertIn('width="20" height="20" viewBox="0 0 20 20"', page)
        self.assertIn('<path d="M10 9.8v.4"/>', page)
        self.assertIn("p { color: red; }", page)
        for kind, n in (("script", 1), ("style", 1)):
            inside = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.S)
            hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(i.encode()).digest()).decode()}'" for i in inside)
            self.assertEqual(len(inside), n)
            self.assertIn(f'const char web_page_{kind}s[] = "{hashes}";', self.out.read_text())

    @unittest.skipUnless(shutil.which("node"), "node is not here")
    def test_the_one_script_does_what_the_modules_do(self):
        self.page()
        script = next(data.decode() for name, data in self.files().items() if name.startswith("/page."))
        test = script + "console.log(JSON.stringify([out, typeof made]));\nfor (const n of [1, 2]) console.log(await late(), made);\n"
        done = subprocess.run(["node", "--input-type=module"], input=test, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stdout.split("\n"), ['[[1,2,2,4],"undefined"]', "4 1", "4 1", ""], done.stderr)

    def test_what_cannot_be_put_together_is_an_error(self):
        for name, text, told in (("js/parts.js", "export const one = 1;\n", 'No matching export.*"two"'),
                                 ("js/late.js", 'import "./gone.js";\n', "gone.js"), ("js/late.js", "export let late = ;\n", "late.js"),
                                 ("css/a.css", "/* </STYLE> */", "too early"), ("js/icons.js", "", "no sign is called dot")):
            with self.subTest(text):
                old = (self.ui / name).read_text()
                self.write(name, text)
                with self.assertRaisesRegex(embed_ui.Odd, told):
                    embed_ui.main(self.out, self.ui)
                self.write(name, old)

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

    def test_no_handlers_in_markup_and_nothing_from_elsewhere(self):
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
