# SPDX-License-Identifier: Apache-2.0
"""Servers whose packages exclude the one that is installed: downloaded and unpacked, never installed.
tests/flow/debs.py FOLDER has them there before any case asks.

They run from where they are unpacked, with the libraries unpacked beside them."""
import fcntl
import pathlib
import shutil
import subprocess
import sys

PACKAGES = {
    "exim": ["exim4-daemon-light", "libidn12", "libgnutls-dane0", "libnsl2"],
    "opensmtpd": ["opensmtpd", "libevent-2.1-7", "libdb5.3"],
    "rspamd": ["rspamd", "libhyperscan5", "libluajit-5.1-2", "libluajit-5.1-common", "libsodium23"],
}


class Missing(Exception):
    """A server that cannot be had here: its cases are skipped."""


def call(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def download(packages, folder):
    command = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *packages]
    done = call(*command, cwd=folder)
    if done.returncode:
        call("apt-get", "update", "-qq")
        done = call(*command, cwd=folder)
    return "" if not done.returncode else done.stdout.strip()[-200:]


def unpack(server, packages, target):
    """Whole or not at all: the folder gets its name last."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    why = download(packages, fresh)
    for deb in sorted(fresh.glob("*.deb")):
        call("dpkg-deb", "-x", str(deb), str(fresh))
        deb.unlink()
    if why:
        print(f"{server}: not to be had: {why}")
        shutil.rmtree(fresh)
    else:
        fresh.rename(target)


def fetch(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "debs.lock", "w") as lock:  # cases that begin at once wait for the first
        fcntl.flock(lock, fcntl.LOCK_EX)
        for server, packages in PACKAGES.items():
            if not (folder / server).exists():
                unpack(server, packages, folder / server)
    return folder


def place(tools, server):
    """Its folder and the environment with its libraries."""
    folder = pathlib.Path(tools) / server
    if not folder.exists():
        raise Missing(f"{server} could not be downloaded")
    libraries = [str(p) for p in folder.glob("usr/lib/*-linux-gnu*")] + [str(p) for p in folder.glob("lib/*-linux-gnu*")]
    return folder, {"LD_LIBRARY_PATH": ":".join(libraries)}


if __name__ == "__main__":
    fetch(sys.argv[1])
