# SPDX-License-Identifier: Apache-2.0
"""Haraka as a next server; tests/node/house.js decides whom it takes, onward.js sends on what it takes."""
import json
import pathlib
import shutil

import node
from ports import free_port, wait_port

SETTINGS = {
    "me": "haraka.test\n",
    "loglevel": "NOTICE\n",
    "databytes": "100000\n",
    "tls.ini": "key=tls_key.pem\ncert=tls_cert.pem\n",
    "auth_flat_file.ini": "[core]\nmethods=PLAIN,LOGIN\n[users]\nclerk@acme.example=correct horse\n",
}


class Haraka:
    """Offers STARTTLS and, behind it, a login.  First time 450 for grey@, always 421 for busy@.
    onward: {domain: port}: it takes everything, in clear, and sends it on.  slow: so many seconds before its greeting, each
    recipient's answer and the one to the dot, and its answers come in pieces of a few bytes."""

    def __init__(self, folder, certificate=(), onward=None, slow=0):
        modules = node.modules()
        self.folder, self.port = pathlib.Path(folder) / "haraka", free_port()
        (self.folder / "config").mkdir(parents=True)
        (self.folder / "plugins").mkdir()
        plugin = "onward" if onward else "house"
        shutil.copy(node.SOURCE / f"{plugin}.js", self.folder / "plugins" / f"{plugin}.js")
        limits = (modules / "Haraka/config/connection.ini").read_text().replace("bytes=26214400", "bytes=100000")
        own = {**SETTINGS, "plugins": "onward\n" if onward else "tls\nauth/flat_file\nhouse\n", "onward.json": json.dumps(onward),
               "outbound.ini": "local_mx_ok=true\n", "connection.ini": limits,
               "outbound.bounce_message": (modules / "Haraka/config/outbound.bounce_message").read_text(), "smtp.ini": f"listen=127.0.0.1:{self.port}\nnodes=0\n"}
        for name, text in own.items():
            (self.folder / "config" / name).write_text(text)
        for source, name in zip(certificate, ("tls_cert.pem", "tls_key.pem")):
            shutil.copy(source, self.folder / "config" / name)
        (self.folder / "package.json").write_text('{"name": "haraka-of-a-test", "version": "1.0.0"}')
        self.process = node.start(modules / "Haraka/bin/haraka", "-c", self.folder, cwd=self.folder,
                                  out=open(self.folder / "out", "wb"), env={"SLOW_MS": str(int(slow * 1000))})
        if not wait_port(self.port):
            raise AssertionError(self.log)

    @property
    def log(self):
        return (self.folder / "out").read_text(errors="replace")

    @property
    def where(self):
        return f"127.0.0.1:{self.port}"

    @property
    def taken(self):
        """What it took: {uuid, from, rcpts, user, tls, body}."""
        return [json.loads(p.read_text()) for p in sorted(self.folder.glob("taken-*.json"))]

    def stop(self):
        self.process.kill()
