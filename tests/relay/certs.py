# SPDX-License-Identifier: Apache-2.0
"""An authority of a test's own, and certificates it signs."""
import pathlib
import subprocess

EC = "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"  # an RSA key takes half a second


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.key, self.file = str(self.folder / "ca.key"), str(self.folder / "ca.pem")
        self.made = 0
        openssl("req", "-x509", *EC, "-nodes", "-keyout", self.key, "-out", self.file, "-days", "30",
                "-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign")

    def certificate(self, *names, days=30):
        """(certificate, key) files for these names or addresses."""
        self.made += 1
        base = self.folder / f"cert{self.made}"
        alternative = ",".join(("IP:" if x.replace(".", "").isdigit() else "DNS:") + x for x in names)
        (base.with_suffix(".ext")).write_text(f"subjectAltName={alternative}\nextendedKeyUsage=serverAuth\n"
                                              "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n")
        openssl("req", *EC, "-nodes", "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj",
                f"/CN={names[0]}")
        openssl("x509", "-req", "-in", f"{base}.csr", "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days",
                str(days), "-extfile", f"{base}.ext", "-out", f"{base}.pem")
        return f"{base}.pem", f"{base}.key"


def tlsa(certificate):
    """The data of a `3 1 1` record for it."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.stdout, check=True,
                         capture_output=True)
    import hashlib
    return "3 1 1 " + hashlib.sha256(der.stdout).hexdigest()
