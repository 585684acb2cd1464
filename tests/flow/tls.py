# SPDX-License-Identifier: Apache-2.0
"""Certificates by openssl(1), made once for all cases: NAME.pem holds key and chain, in this order.

`make(folder)` writes root.pem (what the office trusts) and a leaf of each kind."""
import datetime
import pathlib

from world import run

NAMES = "DNS:mail.acme.example,DNS:smtp.acme.example,DNS:mx.acme.example,DNS:relay.acme.example,DNS:mail.signed.example"
CA_CONF = """[ca]
default_ca = me
[me]
new_certs_dir = {dir}
database = {dir}/index.{name}
rand_serial = yes
default_md = {digest}
policy = any
unique_subject = no
email_in_dn = no
[any]
commonName = optional
organizationName = optional
[leaf]
basicConstraints = CA:FALSE
{names}
{usage}
"""
EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
RSA = ["-newkey", "rsa:2048"]


def rsa(bits):
    return ["-newkey", f"rsa:{bits}"]


# name: what differs from a good one
LEAVES = {
    "good": {},
    "rsa": {"key": RSA},
    "expired": {"from": -400, "until": -3},
    "future": {"from": 20, "until": 300},
    "wrong-name": {"names": "DNS:web17.hoster.example"},
    "no-chain": {"chain": ()},
    "weak-key": {"key": rsa(1024)},
    "weak-digest": {"digest": "sha1", "key": RSA},
    "client-only": {"usage": "extendedKeyUsage = clientAuth"},
    "private": {"issuer": "acme-ca", "chain": ("acme-ca",)},
    "unknown-ca": {"issuer": "lonely-issuing", "chain": ("lonely-issuing",)},
    "expired-other": {"from": -400, "until": -3, "names": "DNS:mx.other.example"},
    "other": {"names": "DNS:mx.other.example"},
}


def stamp(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def authority(folder, name, subject, issuer=None):
    command = ["openssl", "req", "-x509", "-nodes", *EC, "-subj", subject, "-days", "3650",
               "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt",
               "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    if issuer:
        command += ["-CA", f"{folder}/{issuer}.crt", "-CAkey", f"{folder}/{issuer}.key"]
    run(*command)


def leaf(folder, name, how):
    names = how.get("names", NAMES)
    first = names.split(",")[0].removeprefix("DNS:")
    issuer = how.get("issuer", "issuing")
    conf = folder / f"{name}.cnf"
    (folder / f"index.{name}").write_text("")
    conf.write_text(CA_CONF.format(dir=folder, name=name, digest=how.get("digest", "sha256"),
                                   names=f"subjectAltName = {names}" if names else "",
                                   usage=how.get("usage", "extendedKeyUsage = serverAuth")))
    request = folder / f"{name}.csr"
    run("openssl", "req", "-new", "-nodes", *how.get("key", EC), "-subj", f"/CN={first}",
        "-keyout", f"{folder}/{name}.key", "-out", str(request))
    run("openssl", "ca", "-batch", "-notext", "-config", str(conf), "-extensions", "leaf",
        "-cert", f"{folder}/{issuer}.crt", "-keyfile", f"{folder}/{issuer}.key", "-in", str(request),
        "-out", f"{folder}/{name}.crt", "-startdate", stamp(how.get("from", -1)), "-enddate", stamp(how.get("until", 90)))
    bundle(folder, name, how.get("chain", (issuer,)))


def bundle(folder, name, chain):
    parts = [folder / f"{name}.key", folder / f"{name}.crt", *(folder / f"{c}.crt" for c in chain)]
    texts = [p.read_text() for p in parts]
    (folder / f"{name}.pem").write_text("".join(texts))
    (folder / f"{name}.chain").write_text("".join(texts[1:]))


def make(folder):
    folder = pathlib.Path(folder)
    authority(folder, "root", "/O=Pretend Trust/CN=Pretend Root X1")
    authority(folder, "issuing", "/O=Pretend Trust/CN=Pretend Issuing E1", "root")
    authority(folder, "acme-ca", "/O=Acme Ltd/CN=Acme internal CA")
    authority(folder, "lonely", "/O=Nobody/CN=Unknown Root")
    authority(folder, "lonely-issuing", "/O=Nobody/CN=Unknown Issuing CA", "lonely")
    for name, how in LEAVES.items():
        leaf(folder, name, how)
    run("openssl", "req", "-x509", "-nodes", *EC, "-subj", "/CN=mail.acme.example", "-days", "90",
        "-addext", f"subjectAltName={NAMES}", "-keyout", f"{folder}/self-signed.key",
        "-out", f"{folder}/self-signed.crt")
    bundle(folder, "self-signed", ())
    (folder / "root.pem").write_text((folder / "root.crt").read_text())


def tlsa(folder, name):
    """The digest of a certificate's public key, as TLSA 3 1 1 has it."""
    return run("sh", "-c", f"openssl x509 -in {folder}/{name}.crt -noout -pubkey | openssl pkey -pubin -outform DER"
                           " | openssl dgst -sha256 -r").split()[0]
