# SPDX-License-Identifier: Apache-2.0
"""What could never match, or stands twice, is refused with its file and dialect."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOOD = '''[[dialect]]
name = "a-server"
source = "its manual"
header = ["subject: failed mail"]
begin = ["+1 hello, this is a server"]
recipient = ["to <{address}>: {reply}", "* failed for {address}"]
[dialect.step]
rcpt = ["*after rcpt"]
'''
CASES = [  # name, what is replaced, by what, words of the message
    ("key", "begin =", "start =", "no key 'start'"),
    ("no source", 'source = "its manual"', "", "a name and a source"),
    ("name", "a-server", "A Server", "a name and a source"),
    ("kind", 'source =', 'kind = "other"\nsource =', "kind 'other'"),
    ("capitals", "subject: failed", "Subject: failed", "not folded"),
    ("placeholder", "{reply}", "{answer}", "no placeholder {answer}"),
    ("behind the rest", "{reply}", "{reply} x", "takes the rest of the line"),
    ("a star before a place", "* failed for {address}", "*{address}", "nothing can follow a '*' but words"),
    ("a star at the end", "*after rcpt", "*after rcpt*", "'*' at the end"),
    ("no words", "*after rcpt", "rcp", "no piece of four bytes"),
    ("no recipient", "* failed for {address}", "failed", "names no recipient"),
    ("the end in the middle", "*after rcpt", "after$ rcpt", "'$' means the end"),
    ("no field", "subject: failed", "subject failed", "no header field"),
    ("step", "rcpt =", "recipient =", "no step 'recipient'"),
    ("twice", '"subject: failed mail"', '"subject: failed mail", "subject: failed mail"', "something twice"),
    ("nothing makes it known", '"subject: failed mail"', "", "nothing makes it known"),
]


def generate(*texts):
    with tempfile.TemporaryDirectory() as folder:
        bounces, out = Path(folder) / "bounces", Path(folder) / "out.c"
        bounces.mkdir()
        for n, text in enumerate(texts):
            (bounces / f"{n}.toml").write_text(text, encoding="utf-8")
        run = subprocess.run([sys.executable, ROOT / "tools/gen_bounces.py", "-o", out, bounces],
                             capture_output=True, text=True)
        return run.returncode, run.stderr, out.read_text(encoding="ascii") if out.exists() else ""


class Generator(unittest.TestCase):
    def test_good(self):
        code, words, text = generate(GOOD)
        self.assertEqual((code, words), (0, ""))
        self.assertIn("bounce_npatterns = 5", text)
        self.assertIn('"rcpt"', text)

    def test_refused(self):
        for name, old, new, words in CASES:
            with self.subTest(name):
                self.assertIn(old, GOOD)
                code, said, _ = generate(GOOD.replace(old, new))
                self.assertEqual(code, 1 if words else 0)
                self.assertIn(words or "", said)

    def test_twice(self):
        code, said, _ = generate(GOOD, GOOD)
        self.assertEqual(code, 1)
        self.assertIn("stands twice", said)

    def test_own(self):
        """The catalogue itself is good, and the same input gives the same output."""
        texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "catalog/bounces").glob("*.toml"))]
        first, again = generate(*texts), generate(*texts)
        self.assertEqual(first[0], 0, first[1])
        self.assertEqual(first, again)


if __name__ == "__main__":
    unittest.main()
