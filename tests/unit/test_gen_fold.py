# SPDX-License-Identifier: Apache-2.0
"""The generator folds a phrase as the program folds a reply: see also fold_cases of test_reply_match.c."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from gen_fold import fold  # noqa: E402

CASES = [
    ("boîte saturée", "boite saturee"), ("boi\u0302te sature\u0301e", "boite saturee"), ("straße", "strasse"),
    ("nie można nawiązać połączenia", "nie mozna nawiazac polaczenia"), ("ЯЩИЙ", "ящии"), ("ёлка", "елка"),
    ("Δεν ήταν δυνατή", "δεν ηταν δυνατη"), ("bağlantı", "baglanti"), ("İstemci", "istemci"),
    ("メールボックスが", "メールホックスか"), ("認証に失敗", "認証に失敗"), ("５５０　エラー", "550 エラー"),
    ("n\u00a0o — „x“ … a\u200bb", 'n o - "x" ... ab'), ("plain", "plain"),
]


class FoldTest(unittest.TestCase):
    def test_cases(self):
        for text, folded in CASES:
            with self.subTest(text):
                self.assertEqual(fold(text), folded)

    def test_twice_is_once(self):
        for text, _ in CASES:
            self.assertEqual(fold(fold(text)), fold(text))


if __name__ == "__main__":
    unittest.main()
