# SPDX-License-Identifier: Apache-2.0
"""`postrider config check` and the files that the configuration names."""
import os
import shutil
import subprocess

from certs import Authority, openssl
from relay import PROGRAM
from run import Skip

LISTEN = 'listen "127.0.0.1:2525" { security = "starttls" }\nroute "r" { smarthost = "192.0.2.1:25" }\n'


def check(folder, text, all_of_it=False, prefix=()):
    """(exit status, what it said to stderr, but for what root alone is told); the text begins on line 1."""
    conf = folder / "postrider.conf"
    conf.write_text(text)
    done = subprocess.run([*prefix, str(PROGRAM), "config", "check", "--quiet", str(conf)], capture_output=True, text=True,
                          timeout=20, check=False)
    said = done.stderr.splitlines(keepends=True)
    return done.returncode, "".join(x for x in said if all_of_it or "it stays root" not in x)


def ran_out(folder):
    """A certificate that ended years ago, and its key."""
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index\nnew_certs_dir={folder}\n"
                                   f"serial={folder}/serial\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    key, request, out = (str(folder / x) for x in ("old.key", "old.csr", "old.pem"))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=x")
    openssl("ca", "-batch", "-selfsign", "-config", str(folder / "ca.cnf"), "-keyfile", key, "-in", request, "-out", out,
            "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-notext")
    return out, key


def test_a_certificate_that_cannot_be_used(folder):
    authority = Authority(folder)
    (good, key), (_, other) = authority.certificate("relay.test"), authority.certificate("relay.test")
    soon, soon_key = authority.certificate("relay.test", days=3)
    old, old_key = ran_out(folder)
    both = folder / "both.pem"
    both.write_text(open(good).read() + open(key).read())
    both.chmod(0o600)
    for file, its, status, line, words in ((good, key, 0, 0, ""), (good, other, 2, 3, "belongs to another certificate"),
                                           (old, old_key, 2, 2, "it ran out at 2021-01-01"), (soon, soon_key, 0, 2, "runs out at"),
                                           (str(both), "", 0, 0, ""), (key, key, 2, 2, "it must be PEM")):
        named = f' key = "{its}"' if its else ""
        code, said = check(folder, f'certificate {{\n file = "{file}"\n{named} }}\n' + LISTEN)
        assert code == status and words in said and (f"postrider.conf:{line}: " in said) == bool(line), (file, its, code, said)
        assert bool(said) == bool(words), said


def test_secrets_that_everybody_may_read(folder):
    """Named, with the line and the mend; a folder that nobody else may enter keeps them."""
    inner = folder / "inner"
    inner.mkdir(mode=0o755)
    secret = inner / "password"
    secret.write_text("secret\n")
    text = (LISTEN.replace("starttls", "none") + f'account "a" {{\n password-file = "{secret}" }}\n'
            f'profile "p" {{\n password-file = "{secret}" }}\nwebhook "w" {{ url = "https://x.example/"\n secret-file = "{secret}" }}\n')
    for mode, folder_mode, lines in ((0o644, 0o755, (4, 6, 8)), (0o640, 0o755, ()), (0o644, 0o750, ())):
        os.chmod(secret, mode)
        os.chmod(inner, folder_mode)
        code, said = check(folder, text)
        assert code == 0 and said.count("everybody on this machine can read") == len(lines), (mode, said)
        assert all(f"postrider.conf:{n}: " in said and "chmod 600" in said for n in lines), said
    shutil.rmtree(inner)
    assert check(folder, text)[0] == 2


def test_a_key_that_cannot_sign(folder):
    """The relay would not start with it; the line is that of the key."""
    junk, short, other, good = (folder / x for x in ("junk", "short", "other", "good"))
    junk.write_text("junk")
    openssl("genrsa", "-out", str(short), "512")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(other))
    openssl("genrsa", "-out", str(good), "2048")
    for key, status, words in ((junk, 2, "PEM form"), (short, 2, "512 bits"), (other, 2, "neither RSA nor Ed25519"), (good, 0, "")):
        key.chmod(0o600)
        code, said = check(folder, LISTEN.replace("starttls", "none") + f'sign "example.com" {{ selector = "s1"\n key = "{key}" }}\n')
        assert code == status and words in said and bool(said) == bool(status), (key, code, said)
        assert not status or "postrider.conf:4: " in said, said


def test_a_user_that_is_not_there(folder):
    code, said = check(folder, LISTEN.replace("starttls", "none") + 'user = "nobody-of-that-name"\n')
    assert code == 0 and "postrider.conf:3: " in said and "adduser" in said, (code, said)


def test_files_that_the_user_cannot_read(folder):
    """Root reads them at the start, the relay's user at SIGHUP and when they are renewed: named, with what to type."""
    if os.geteuid() != 0:
        raise Skip("not root")
    folder.chmod(0o755)
    cert, key = Authority(folder).certificate("relay.test")
    deep, password = folder / "deep", folder / "password"
    deep.mkdir(mode=0o700)
    inside = deep / "password"
    for x in (password, inside):
        x.write_text("secret\n")
        x.chmod(0o600)
    os.chmod(cert, 0o644)
    os.chmod(key, 0o600)
    link = folder / "link.key"
    link.symlink_to(key)
    text = (f'certificate {{ file = "{cert}"\n key = "{link}" }}\n' + LISTEN + f'account "a" {{\n password-file = "{password}" }}\n'
            f'account "b" {{\n password-file = "{inside}" }}\n')
    assert "cannot read" not in check(folder, text)[1]  # nobody else is to read them
    text += 'user = "nobody"\n'
    code, said = check(folder, text)
    group = subprocess.run(["id", "-gn", "nobody"], capture_output=True, text=True, check=True).stdout.strip()
    lines = dict(x.removeprefix("postrider: ").split(": ", 1) for x in said.splitlines())
    conf = folder / "postrider.conf"
    assert code == 0 and set(lines) == {f"{conf}:{n}" for n in (2, 6, 8)}, said
    assert f"chgrp {group} {key} && chmod g+r {key}" in lines[f"{conf}:2"] and "deploy hook" in lines[f"{conf}:2"], said
    assert f"nobody, as whom the relay runs, cannot read {password}: chgrp {group} {password}" in lines[f"{conf}:6"], said
    assert f"chmod g+x {deep}" in lines[f"{conf}:8"], said
    for x in (key, password, deep, inside):
        shutil.chown(x, group=group)
        os.chmod(x, 0o710 if x == deep else 0o640)
    assert check(folder, text) == (0, "")
    conf.chmod(0o600)
    code, said = check(folder, text)
    assert code == 0 and f"{conf}:9: " in said and f"cannot read {conf}" in said, said
    shutil.chown(key, group="www-data")
    assert "adduser nobody www-data" in check(folder, text)[1]


def test_root_that_may_not_become_another(folder):
    """A container without these capabilities: nobody is asked, nothing is said, and root is himself again."""
    if os.geteuid() != 0:
        raise Skip("not root")
    folder.chmod(0o755)
    password = folder / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    text = LISTEN.replace("starttls", "none") + f'account "a" {{ password-file = "{password}" }}\nuser = "nobody"\n'
    assert "cannot read" in check(folder, text)[1]
    for less in ("-setuid", "-setgid", "-setuid,-setgid"):
        prefix = ("setpriv", f"--bounding-set={less}")
        if shutil.which("setpriv") is None or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
            raise Skip("no capability can be given up here")
        assert check(folder, text, prefix=prefix) == (0, ""), less


def test_a_profiles_mistakes_come_out_before_mail_goes(folder):
    """Its password in the configuration itself, and a file that is not there."""
    code, said = check(folder, 'profile "p" {\n host = "h.example"\n password = "geheim"\n}\n')
    assert code == 2 and "postrider.conf:3: " in said and "password-file" in said and "geheim" not in said, (code, said)
    code, said = check(folder, 'http {\n login "a" {\n password = "geheim"\n}\n}\n')
    assert code == 2 and "password-file" not in said and "geheim" not in said, (code, said)
    code, said = check(folder, 'profile "p" { host = "h.example"  user = "u"\n password-file = "nope" }\n')
    assert code == 0 and "postrider.conf:2: there is no file " in said, (code, said)
    (folder / "nope").write_text("x")
    (folder / "nope").chmod(0o600)
    assert check(folder, 'profile "p" { host = "h.example"  user = "u"\n password-file = "nope" }\n') == (0, "")


def test_ways_in_that_are_wide_open(folder):
    """A folder that everybody may write to sends mail; a hash of a fast method is soon a password.  Both work, and are named."""
    drop = folder / "drop"
    drop.mkdir()
    text = LISTEN.replace("starttls", "none") + f'pickup "{drop}" {{ }}\naccount "a" {{\n password-hash = "$1$t/yj0n.9$GvSLEitjhaXjev9HR91d50" }}\n'
    os.chmod(drop, 0o777)
    code, said = check(folder, text)
    assert code == 0 and "postrider.conf:3: " in said and f"chmod o-w {drop}" in said, (code, said)
    assert "postrider.conf:5: " in said and "old, fast method" in said, said
    os.chmod(drop, 0o770)
    code, said = check(folder, text)
    assert code == 0 and "o-w" not in said, (code, said)


def test_root_that_stays_root(folder):
    if os.geteuid() != 0:
        raise Skip("not root")
    text = LISTEN.replace("starttls", "none")
    code, said = check(folder, text, all_of_it=True)
    assert code == 0 and said.count("\n") == 1 and "it stays root" in said and 'user = "postrider"' in said, (code, said)
    folder.chmod(0o755)
    assert check(folder, text + 'user = "nobody"\n', all_of_it=True) == (0, "")
    assert check(folder, 'hostname = "relay.example.com"\n', all_of_it=True) == (0, "")  # no relay
