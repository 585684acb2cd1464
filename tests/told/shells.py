# SPDX-License-Identifier: Apache-2.0
"""What the completions offer: bash is asked, zsh (which few machines have) is read."""
import re
import subprocess

ASK = """source "$0"
for words in "$@"; do
    COMP_WORDS=($words)
    [[ $words == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _postrider
    echo "${COMPREPLY[*]}"
done
"""


class Bash:
    name = "postrider.bash"

    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def ask(self, *lines):
        done = subprocess.run(["bash", "-c", ASK, str(self.path), *lines], cwd=self.folder, capture_output=True, text=True,
                              timeout=60, check=True)
        return set(done.stdout.split())

    def commands(self):
        return {w for w in self.ask("postrider ") if not w.startswith("-")}

    def help(self):
        return self.ask("postrider help ")

    def options(self, command):
        """Where a verb may stand, and behind it."""
        return self.ask(f"postrider {command} -", f"postrider {command} x -")

    def verbs(self, command):
        return {w for w in self.ask(f"postrider {command} ") if not w.startswith("-")}


class Zsh:
    name = "_postrider"

    def __init__(self, path):
        self.text = path.read_text()
        self.main = self.text.split("\n_postrider() {")[1]

    def part(self, command):
        m = re.search(rf"^_postrider_{command}\(\) \{{\n(.*?)^\}}", self.text, re.M | re.S)
        return m[1] if m else self.of_case(command)

    def of_case(self, command):
        m = re.search(rf"^    {command}\) (.*?) ;;$", self.main, re.M | re.S)
        return m[1] if m else ""

    def commands(self):
        table = self.main.split("commands=(")[1].split(")\n")[0]
        return set(re.findall(r"""(?:^|\s)['"]([a-z]+):""", table))

    def help(self):
        return set(self.of_case("help").split()[2:])

    def options(self, command):
        return set(re.findall(r"(?:^|[\s'\"*){,])(--?[A-Za-z0-9][\w-]*)(?=[\[,}])", self.part(command), re.M))

    def verbs(self, command):
        m = re.search(r"(?:_values verb |1:(?:verb|what):\()([a-z ]+)", self.part(command))
        return set(m[1].split()) if m else set()
