# SPDX-License-Identifier: Apache-2.0
"""What holds for every command, whichever there are: the options of postrider(1), and how it ends."""
import json
import os
import subprocess

WRONG_USE = (2, 64)  # 64: sendmail's, as all that follow sysexits.h
NOT_WRITTEN = (3, 74)


def everywhere(program, options, faults):
    """Each command takes each option of postrider(1), tells its version wherever it is asked, and no more than that."""
    version = program.run("version").stdout
    for c in program.commands():
        faults += [f"{c} does not take {o}" for o in sorted(options) if o.startswith("--") and not program.takes(c, o)]
        for words in [("--version",), ("--quiet", "--version", "--zz-nobody")]:
            done = program.run(c, *words)
            if (done.returncode, done.stdout, done.stderr) != (0, version, ""):
                faults.append(f"{c} {' '.join(words)}: {done}")


def wrong_use(program, faults):
    """Told on standard error, JSON or not, and nothing else is said."""
    for c in program.commands():
        for words in [("--zz-nobody",), ("--json", "--zz-nobody"), ("--format", "zz-nobody"), ("--help=zz",)]:
            done = program.run(c, *words)
            if done.returncode not in WRONG_USE or done.stdout or not done.stderr:
                faults.append(f"{c} {' '.join(words)}: {done}")
    for c in ("help", "version"):
        done = program.run(c, "--zz-nobody")
        if f"see postrider {c} --help" not in done.stderr:
            faults.append(f"{c} of no option: {done}")
    if program.run("help", "queue", "why").stdout != program.help("queue", "why"):
        faults.append("help queue why: not what queue why --help says")
    if program.run("help", "queue", "why", "zz-nobody").returncode != 2:
        faults.append("help of more than a command and its verb")
    done = program.run("help", "zz-nobody")
    if done.returncode not in WRONG_USE or done.stdout:
        faults.append(f"help of no command: {done}")


def run_into(program, out, *words):
    done = subprocess.run([program.path, *words], cwd=program.folder.name, stdin=subprocess.DEVNULL, stdout=out,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def full_disk(program, faults):
    for c in program.commands():
        for word in ("--help", "--version"):
            with open("/dev/full", "wb") as full:
                status, said = run_into(program, full, c, word)
            if status not in NOT_WRITTEN or "No space left on device" not in said:
                faults.append(f"{c} {word} on a full disk: {status} {said!r}")


def nobody_reads(program, faults):
    """`| head -1` is no failure to complain of."""
    for c in program.commands():
        reader, writer = os.pipe()
        os.close(reader)
        status, said = run_into(program, writer, c, "--help")
        os.close(writer)
        if status not in NOT_WRITTEN or said:
            faults.append(f"{c} --help to nobody: {status} {said!r}")


def documents(program, faults):
    """Of those that need nothing to answer."""
    for words in (("version", "--json"), ("help", "--json"), ("lab", "list", "--json"), ("lab", "list", "--format", "json")):
        done = program.run(*words)
        try:
            good = done.returncode == 0 and json.loads(done.stdout)["schema"] == 1
        except ValueError:
            good = False
        if not good:
            faults.append(f"{' '.join(words)}: {done}")
