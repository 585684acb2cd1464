# SPDX-License-Identifier: Apache-2.0
"""Clients and servers that are npm packages: installed once under build/, from tests/node's lock file."""
import fcntl
import os
import pathlib
import shutil
import subprocess

from run import Skip

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "node"
INSTALL_LIMIT = 50    # below a case's own
PLACE = SOURCE.parents[1] / "build" / "servers" / "node"


def install():
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, PLACE / name)
    try:
        done = subprocess.run(["npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
                              cwd=PLACE, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=INSTALL_LIMIT, check=False)
        why = "" if done.returncode == 0 else (done.stderr.strip() or "npm failed")[-200:]
    except subprocess.TimeoutExpired:
        why = f"not done after {INSTALL_LIMIT} s"
    (PLACE / "installed").write_text(why)


def fresh():
    return (PLACE / "installed").exists() and (PLACE / "package-lock.json").read_bytes() == (SOURCE / "package-lock.json").read_bytes()


def modules():
    """The folder with what tests/node asks for; cases that begin at once wait for the first."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Skip("no node and npm")
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    with open(PLACE.parent / "node.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not fresh():
            install()
    why = (PLACE / "installed").read_text()
    if why:
        raise Skip(f"npm could not install tests/node: {why}")
    return PLACE / "node_modules"


def start(script, *words, cwd, out, env=None):
    return subprocess.Popen(["node", str(script), *map(str, words)], cwd=cwd, env={**os.environ, "NODE_PATH": str(modules()), **(env or {})},
                            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
