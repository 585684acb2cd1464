# SPDX-License-Identifier: Apache-2.0
"""Every mistake in a catalogue file is refused, and named with file, line and entry."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOOD = '''# first line
[a-cause]
class = "network"
severity = "failure"
actor = "user"
title = "{host|The server} is away"
why = "It is away."
[[a-cause.fix]]
actor = "user"
text = "Look for it:"
command = "ping {host|example.com}"
'''
CASES = [  # name, what is replaced, by what, words of the message
    ("class", '"network"', '"weather"', "none of"),
    ("severity", '"failure"', '"bad"', "severity 'bad'"),
    ("actor without a fix", '"user"\ntitle', '"mail-admin"\ntitle', "no fix for its actor"),
    ("nothing for the reader", '"user"', '"mail-admin"', "no fix for the user"),
    ("long title", "is away\"", "is " + "very " * 20 + "far away\"", "at most 80"),
    ("full stop", "is away\"", "is away.\"", "full stop"),
    ("no default", "{host|The server}", "{host}", "a place that is not"),
    ("unknown place", "{host|The", "{hots|The", "unknown place"),
    ("unknown key", "why =", "because =", "unknown key 'because'"),
    ("key order", 'severity = "failure"\nactor = "user"', 'actor = "user"\nseverity = "failure"', "this order"),
    ("empty why", '"It is away."', '""', "must be a text"),
    ("no sentence", '"It is away."', '"It is away"', "like a sentence"),
    ("stranger's words", "ping {host|", "ping {reply|", "come from a stranger"),
    ("stranger's words of one system", '"ping {host|example.com}"', '{ A = "ping", B = "ping {reply|x}" }', "come from a stranger"),
    ("one system", '"ping {host|example.com}"', '{ A = "ping" }', "two or more, or none"),
    ("a system's line", '"ping {host|example.com}"', '{ A = "ping", B = 3 }', "must be a text"),
    ("alike unknown", '[[a', 'alike = ["b-cause"]\ntell = "It is not."\n[[a', "no file defines"),
    ("alike itself", '[[a', 'alike = ["a-cause"]\ntell = "It is not."\n[[a', "alike itself"),
    ("alike without tell", '[[a', 'alike = ["b-cause"]\n[[a', "tell must be"),
]
ALL = {"nothing for the reader": -1}  # replaced wherever it stands


def generate(text, name="dns.toml"):
    with tempfile.TemporaryDirectory() as folder:
        findings = Path(folder) / "findings"
        findings.mkdir()
        (findings / name).write_text(text, encoding="utf-8")
        out = Path(folder) / "findings.inc"
        run = subprocess.run([sys.executable, ROOT / "tools/gen_findings.py", "--strict", "--classes",
                              ROOT / "catalog/classes.toml", "-o", out, findings], capture_output=True, text=True)
        return run.returncode, run.stderr, out.read_text(encoding="utf-8") if out.exists() else ""


class GenFindings(unittest.TestCase):
    def test_good(self):
        status, said, out = generate(GOOD.replace("is away.", 'is \\"away\\" ü.'))
        self.assertEqual((status, said), (0, ""))
        self.assertIn(r'"It is \"away\" \303\274."', out)
        self.assertIn("STEP_DNS, SEVERITY_FAILURE, ACTOR_USER", out)

    def test_a_line_for_each_system(self):
        status, said, out = generate(GOOD.replace('"ping {host|example.com}"', '{ Unix = "ping {host|x}", "Windows 11" = "Test-Connection" }'))
        self.assertEqual((status, said), (0, ""))
        self.assertIn(r'"Unix\011ping {host|x}\012Windows 11\011Test-Connection"', out)

    def test_mistakes(self):
        for name, old, new, words in CASES:
            with self.subTest(name):
                self.assertIn(old, GOOD)
                status, said, out = generate(GOOD.replace(old, new, ALL.get(name, 1)))
                self.assertEqual((status, out), (1, ""))
                self.assertRegex(said, r"dns\.toml:2: \[a-cause\]")
                self.assertRegex(said, words)

    def test_not_toml_and_no_step(self):
        status, said, _ = generate(GOOD + "oops")
        self.assertEqual(status, 1)
        self.assertIn("dns.toml", said)
        status, said, _ = generate(GOOD, "weather.toml")
        self.assertEqual(status, 1)
        self.assertIn("weather.toml", said)


if __name__ == "__main__":
    unittest.main()
