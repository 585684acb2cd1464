# SPDX-License-Identifier: Apache-2.0
"""What could never match, or would match twice, is refused with its file and line."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOOD = '''# first line
[[reply]]
id = "a-cause"
step = ["auth"]
code = ["5xx"]
enhanced = ["x.7.139"]
text = ["some words", "other * words"]
not = ["tls"]
needs = "logged-in"
confidence = 0.9
source = "a server"
'''
CASES = [  # name, what is replaced, by what, words of the message
    ("finding", "a-cause", "b-cause", "no such finding: b-cause (x.toml:2)"),
    ("key", "needs =", "wants =", "no key 'wants'"),
    ("step", '"auth"', '"login"', "no step 'login'"),
    ("code", "5xx", "6xx", "code '6xx'"),
    ("status", "x.7.139", "7.139", "enhanced '7.139'"),
    ("confidence", "0.9", "1.5", "between 0 and 1"),
    ("need", "logged-in", "logged", "logged"),
    ("capitals", "some words", "Some words", "not folded"),
    ("star at the end", "other * words", "other *", "'*' at an end"),
    ("too short", "some words", "tl", "no piece of three bytes"),
    ("twice in a rule", '"other * words"', '"some words"', "something twice"),
    ("twice in a file", "# first line", GOOD, "stands already at"),
    ("nothing asked", 'step = ["auth"]\ncode = ["5xx"]\nenhanced = ["x.7.139"]\ntext = ["some words", "other * words"]\n',
     "", "asks for nothing"),
]


def generate(text):
    with tempfile.TemporaryDirectory() as folder:
        replies, findings, out = (Path(folder) / n for n in ("replies", "findings", "out.c"))
        replies.mkdir()
        findings.mkdir()
        (replies / "x.toml").write_text(text, encoding="utf-8")
        (findings / "auth.toml").write_text("[a-cause]\n", encoding="utf-8")
        run = subprocess.run([sys.executable, ROOT / "tools/gen_replies.py", "--strict", "-o", out, "--findings",
                              findings, replies], capture_output=True, text=True)
        return run.returncode, run.stderr, out.read_text(encoding="ascii") if out.exists() else ""


class GenReplies(unittest.TestCase):
    def test_good(self):
        status, said, out = generate(GOOD)
        self.assertEqual((status, said), (0, ""))
        self.assertIn('"a-cause", "x.toml:2"', out)
        self.assertIn("{ { 65535, 7, 139 } }", out)
        self.assertIn("{ 500, 599 }", out)

    def test_ambiguous_is_allowed_when_one_is_likelier(self):
        twice = GOOD + GOOD.replace("# first line", "").replace("a-cause", "c-cause").replace("0.9", "0.4")
        self.assertIn("no such finding: c-cause", generate(twice)[1])

    def test_mistakes(self):
        for name, old, new, words in CASES:
            with self.subTest(name):
                self.assertIn(old, GOOD)
                status, said, out = generate(GOOD.replace(old, new, 1))
                self.assertEqual((status, out), (1, ""))
                self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
