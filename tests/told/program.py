# SPDX-License-Identifier: Apache-2.0
"""What the program itself says of its commands, verbs and options, and what it takes."""
import re
import string
import subprocess
import tempfile

# Two that no command has: where an option takes a value it takes the first, and the second is refused.
# So whatever is asked of the program here, it does nothing.
NOBODY = ("--zz-nobody-1", "--zz-nobody-2")
LETTERS = [f"-{c}" for c in string.ascii_letters + string.digits]
OPTION = r"--?[A-Za-z0-9][\w-]*"
REFUSED = r"(?:(?:cannot understand|unrecognized option|invalid option --) '?-*{0}['\s:]|take --?{0}: there is no such)"


def options_at(line):
    """Those that a line of --help begins with: "  -f, --from ADDRESS  who sends"."""
    found, rest = set(), line.strip()
    while m := re.match(rf"({OPTION})[^ ,]*(?: [^ ,]+(?=,))?(, | and )?", rest):
        found.add(m[1])
        if not m[2]:
            break
        rest = rest[m.end():]
    return found


class Program:
    def __init__(self, path):
        self.path = path
        self.folder = tempfile.TemporaryDirectory()

    def run(self, *words):
        return subprocess.run([self.path, *words], cwd=self.folder.name, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False)

    def help(self, *words):
        return self.run(*words, "--help").stdout

    def commands(self):
        table = self.help().split("Commands:\n")[1].split("\n\n")[0]
        return [line.split()[0] for line in table.splitlines()]

    def verbs(self, command):
        """As the command lists them to who misspells one; none: it has no verbs."""
        said = self.run(command, "zz-nobody").stderr
        m = re.search(r"cannot do \w+ zz-nobody: it is one of ([a-z, ]+)", said)
        return m[1].split(", ") if m else []

    def entries(self, command):
        """The options of each line that begins with some; those that are only named (of sendmail) stand at its beginning."""
        found = [(line, options_at(line)) for line in self.help(command).splitlines()]
        return [(line.startswith(" "), options) for line, options in found if options]

    def options(self, command):
        return set().union(*(options for _, options in self.entries(command)))

    def takes(self, command, option):
        done = self.run(command, option, *NOBODY)
        if not done.returncode:  # --help: what stands behind it is not read
            return True
        first = done.stderr.splitlines()[0]
        if "secret from the command line" in first:
            return False
        return not re.search(REFUSED.format(re.escape(option.lstrip("-"))), first + " ")
