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
FINDINGS = """[a-cause]
actor = "user"
[[a-cause.fix]]
text = "Do this."
[c-cause]
actor = "user"
[[c-cause.fix]]
text = "Do that."
[bare-cause]
actor = "user"
"""
CASES = [  # name, what is replaced, by what, words of the message
    ("finding", "a-cause", "b-cause", "x.toml:2: no such finding: b-cause; write it"),
    ("key", "needs =", "wants =", "no key 'wants'"),
    ("step", '"auth"', '"login"', "no step 'login'"),
    ("code", "5xx", "6xx", "code '6xx'"),
    ("status", "x.7.139", "7.139", "enhanced '7.139'"),
    ("confidence", "0.9", "1.5", "between 0 and 1"),
    ("need", "logged-in", "logged", "logged"),
    ("capitals", "some words", "Some words", "not folded"),
    ("star at the end", "other * words", "other *", "'*' at an end"),
    ("too short", "some words", "tl", "no piece of three bytes"),
    ("a chain too long", "some words", "some ~ many ~ more ~ other ~ words", "two to 4 links"),
    ("a gap in a chain", "some words", "some*more ~ words", "'some*more' in a chain"),
    ("too short in a chain", "some words", "some ~ tl", "'tl' in a chain"),
    ("no such set", "some words", "some {kinds} words", "no set 'kinds'"),
    ("a set of one text", "# first line", '[sets]\nkinds = "one"\n', "set 'kinds'"),
    ("twice in a rule", '"other * words"', '"some words"', "something twice"),
    ("twice in a file", "# first line", GOOD, "x.toml:13: 'some words' stands already at x.toml:2 (a-cause); keep it in one"),
    ("no source", 'source = "a server"', "", "x.toml:2: no source; say whose"),
    ("date", 'source = "a server"', 'source = "a server"\ndate = "lately"', "write a year"),
    ("no finding's fix", "a-cause", "bare-cause", "finding bare-cause has no fix"),
    ("with alone", 'text = ["some words", "other * words"]', 'with = ["some words"]', "with goes with text"),
    ("dead phrase", '"tls"', '"some"', "x.toml:2: 'some words' never counts: 'some' in not stands in it"),
    ("dead by a word", '"tls"', '" words"', "'some words' never counts"),
    ("status against code", "x.7.139", "4.7.139", "no reply has the status 4.7 and such a code"),
    ("nothing asked", 'step = ["auth"]\ncode = ["5xx"]\nenhanced = ["x.7.139"]\ntext = ["some words", "other * words"]\n',
     "", "asks for nothing"),
]


def generate(text):
    with tempfile.TemporaryDirectory() as folder:
        replies, findings, out = (Path(folder) / n for n in ("replies", "findings", "out.c"))
        replies.mkdir()
        findings.mkdir()
        (replies / "x.toml").write_text(text, encoding="utf-8")
        (findings / "auth.toml").write_text(FINDINGS, encoding="utf-8")
        run = subprocess.run([sys.executable, ROOT / "tools/gen_replies.py", "--strict", "-o", out, "--findings",
                              findings, replies], capture_output=True, text=True)
        return run.returncode, run.stderr, out.read_text(encoding="ascii") if out.exists() else ""


class GenReplies(unittest.TestCase):
    def test_good(self):
        status, said, out = generate(GOOD)
        self.assertEqual((status, said), (0, ""))
        self.assertIn('{ 900 / 1000.0, "x.toml:2", ', out)
        self.assertIn("{ { 65535, 7, 139 } }", out)
        self.assertIn("{ 0x0, 0x0, 0x0, 0x0, 0xfffff00000000000, 0xffffffffffffffff, 0xffff }", out)  # 500 to 599

    def test_two_meanings_when_one_is_likelier(self):
        likelier = GOOD.replace("# first line", "").replace("a-cause", "c-cause").replace('"a server"', '"b"')
        less = likelier.replace("0.9", "0.4")
        self.assertIn("x.toml:13: x.toml:2 (a-cause) says the same of all its phrases", generate(GOOD + less)[1])
        self.assertEqual(generate(GOOD + less.replace("0.4", "0.4\nsecond = true"))[1], "")
        self.assertEqual(generate(GOOD + less.replace('"other * words"', '"more words"'))[1], "", "another phrase")
        self.assertEqual(generate(GOOD + less.replace('"tls"', '"ssl"'))[1], "", "the surer one may be vetoed")
        self.assertEqual(generate(GOOD + less.replace("5xx", "4xx"))[1], "", "another code")

    def test_hidden_by_a_wider_rule(self):
        wide = """[[reply]]
id = "c-cause"
text = ["some"]
with = ["words"]
confidence = 0.95
source = "b"
"""
        narrow = GOOD.replace('not = ["tls"]\n', "").replace(', "other * words"', "")
        self.assertEqual(generate(narrow + wide)[1], "", "with asks for more than the narrow rule does")
        self.assertIn("x.toml:2: x.toml:11 (c-cause) says the same",
                      generate(narrow + wide.replace('with = ["words"]\n', ""))[1])

    def test_words_either_way(self):
        self.assertIn('"a big thing"', generate(GOOD.replace("some words", "a {big|small} thing"))[2])
        self.assertIn('"a small thing"', generate(GOOD.replace("some words", "a {big|small} thing"))[2])
        self.assertIn('"{1} brace"', generate(GOOD.replace("some words", "{1} brace"))[2])

    def test_all_mistakes_at_once(self):
        said = generate(GOOD.replace('"tls"', '"some"') + GOOD.replace("a-cause", "b-cause").replace("0.9", "0.8"))[1]
        self.assertIn("never counts", said)
        self.assertIn("no such finding: b-cause", said)

    def test_chain_of_sets(self):
        status, said, out = generate(GOOD.replace("some words", "{good|bad} thing ~ {is|was} here"))
        self.assertEqual((status, said), (0, ""))
        for words in ("good thing", "bad thing", "is here", "was here"):
            self.assertIn(f'"{words}"', out)
        self.assertIn("{ 0, 2, { 0, 1 } },", out)

    def test_set_stands_for_its_words(self):
        text = GOOD.replace("# first line", '[sets]\nkinds = ["good", "{bad|evil}"]').replace("some words", "{kinds} words")
        status, said, out = generate(text)
        self.assertEqual((status, said), (0, ""))
        for words in ("good words", "bad words", "evil words"):
            self.assertIn(f'"{words}"', out)

    def test_mistakes(self):
        for name, old, new, words in CASES:
            with self.subTest(name):
                self.assertIn(old, GOOD)
                status, said, out = generate(GOOD.replace(old, new, 1))
                self.assertEqual((status, out), (1, ""))
                self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
