# SPDX-License-Identifier: Apache-2.0
"""Who may: tokens, logins, roles; other pages, other names, other origins."""
import hashlib
import http.client
import json
import shutil
import socket
import ssl
import time
import subprocess
import threading

from certs import Authority
from door import wait_until
from web import Api, JSON

TOKENS = {"reader": "r" * 32, "operator": "o" * 32, "admin": "a" * 32}
PASSWORD = "correct horse battery"
HASH = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True,
                      check=True).stdout.strip()


def token_file(folder):
    roles = {"reader": "read", "operator": "operate", "admin": "admin"}
    (folder / "tokens").write_text("# made for a test\n\n" + "".join(
        f"{name} {roles[name]}\tsha256:{hashlib.sha256(token.encode()).hexdigest()}\n" for name, token in TOKENS.items()))
    return folder / "tokens"


def block(folder, more=""):
    return (f'http {{ listen = "127.0.0.1:0" token-file = "{token_file(folder)}" {more}\n'
            f'login "anna" {{ password-hash = "{HASH}" role = "operate" }}\n'
            f'login "ralf" {{ password-hash = "{HASH}" role = "read" }} }}\n')


def bearer(name):
    return {"Authorization": "Bearer " + TOKENS[name]}


def login(api, user="anna", password=PASSWORD, **headers):
    status, found, data = api.raw("POST", "/api/v1/session", json.dumps({"user": user, "password": password}),
                                  {**JSON, **headers})
    cookie = found.get("set-cookie", "")
    return status, cookie, json.loads(data)


def test_every_endpoint_wants_its_role(folder):
    api = Api(folder, block(folder))
    for method, path, role in [("GET", "/api/v1/messages", "reader"), ("GET", "/api/v1/queue", "reader"),
                               ("GET", "/metrics", "reader"), ("GET", "/api/v1/check", "reader"),
                               ("POST", "/api/v1/explain", "reader"), ("POST", "/api/v1/check", "reader"),
                               ("GET", "/api/v1/suppressions", "reader"), ("POST", "/api/v1/suppressions", "operator"),
                               ("DELETE", "/api/v1/suppressions?address=a@b.example", "operator"),
                               ("POST", "/api/v1/messages", "operator"), ("POST", "/api/v1/queue/hold", "operator"),
                               ("POST", "/api/v1/messages/0m3k9x2v7qp1r4t8wz/hold", "operator")]:
        status, headers, data = api.raw(method, path)
        assert status == 401 and headers["www-authenticate"].startswith("Bearer"), (path, status)
        assert json.loads(data)["title"] and headers["content-type"] == "application/problem+json"
        for name in TOKENS:
            status = api.raw(method, path, headers=bearer(name))[0]
            allowed = list(TOKENS).index(name) >= list(TOKENS).index(role)
            assert (status not in (401, 403)) == allowed, (method, path, name, status)
    body = json.dumps({"all": True})
    assert api.raw("POST", "/api/v1/queue/cancel", body, {**JSON, **bearer("operator")})[0] == 403
    assert api.raw("POST", "/api/v1/queue/cancel", body, {**JSON, **bearer("admin")})[0] == 200
    profile = json.dumps({"target": "profile:office"})
    assert api.raw("POST", "/api/v1/check", profile, {**JSON, **bearer("reader")})[0] == 403
    assert api.raw("POST", "/api/v1/check", profile, {**JSON, **bearer("operator")})[0] == 400
    domain = json.dumps({"address": "@kunde.example"})
    assert api.raw("POST", "/api/v1/suppressions", domain, {**JSON, **bearer("operator")})[0] == 403
    assert api.raw("POST", "/api/v1/suppressions", domain, {**JSON, **bearer("admin")})[0] == 200
    sends = json.dumps({"target": "a.example", "until": "message"})
    assert api.raw("POST", "/api/v1/check", sends, {**JSON, **bearer("reader")})[0] == 403
    for wrong in ("Bearer x", "Bearer " + "x" * 32, "Basic YTpi", "Bearer", "bearer " + TOKENS["admin"][:-1]):
        assert api.raw("GET", "/api/v1/queue", headers={"Authorization": wrong})[0] == 401, wrong
    for path in ("/healthz", "/readyz", "/", "/api/v1/session", "/api/v1/openapi.json"):
        assert api.raw("GET", path)[0] == 200, path
    api.stop()


def test_a_person_logs_in_and_out(folder):
    api = Api(folder, block(folder))
    assert api.get("/api/v1/session") == {"schema": 1, "user": None, "role": None, "account": None, "csrf": None, "logins": True}
    status, cookie, said = login(api)
    assert status == 200 and said["user"] == "anna" and said["role"] == "operate" and len(said["csrf"]) == 64
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in cookie, cookie
    assert "Secure" not in login(api, **{"X-Forwarded-Proto": "https"})[1], "no proxy is here that could say so"
    mine = {"Cookie": cookie.split(";")[0]}
    assert api.raw("GET", "/api/v1/queue", headers=mine)[0] == 200
    assert api.get("/api/v1/session", headers=mine)["csrf"] == said["csrf"]
    # what changes something wants the session's own token
    body = json.dumps({"text": "550 5.1.1 no such user"})
    assert api.raw("POST", "/api/v1/explain", body, {**JSON, **mine})[0] == 403
    assert api.raw("POST", "/api/v1/explain", body, {**JSON, **mine, "X-CSRF-Token": "0" * 64})[0] == 403
    assert api.raw("POST", "/api/v1/explain", body, {**JSON, **mine, "X-CSRF-Token": said["csrf"]})[0] == 200
    # another's token is none
    other = login(api, "ralf")[2]["csrf"]
    assert api.raw("POST", "/api/v1/explain", body, {**JSON, **mine, "X-CSRF-Token": other})[0] == 403
    assert api.raw("DELETE", "/api/v1/session", headers=mine)[0] == 204
    assert api.raw("GET", "/api/v1/queue", headers=mine)[0] == 401
    assert api.raw("GET", "/api/v1/queue", headers={"Cookie": "postrider=" + "0" * 64})[0] == 401
    api.stop()


def test_passwords_are_not_guessed(folder):
    api = Api(folder, block(folder))
    for user in ("anna", "nobody", "anna", ""):
        status, cookie, said = login(api, user, "wrong")
        assert status == 401 and not cookie and "wrong" in said["detail"], said
    for _ in range(6):
        login(api, "anna", "wrong")
    status, _, said = login(api)
    assert status == 429, said
    assert api.raw("GET", "/api/v1/queue", headers=bearer("reader"))[0] == 200, "tokens go on"
    api.stop()


def test_many_guesses_at_once_are_counted(folder):
    api = Api(folder, block(folder))
    assert api.get("/api/v1/session")["logins"]
    found = []
    threads = [threading.Thread(target=lambda: found.append(login(api, "anna", "wrong")[0])) for _ in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found.count(401) <= 10 and found.count(429) == 40 - found.count(401), found
    api.stop()


def test_one_login_forgives_no_guesses_at_another(folder):
    api = Api(folder, block(folder))
    for _ in range(9):
        assert login(api, "anna", "wrong")[0] == 401
        assert login(api, "ralf")[0] == 200
    assert login(api, "anna", "wrong")[0] == 401
    assert login(api)[0] == 429
    api.stop()


def test_strangers_send_little(folder):
    api = Api(folder, block(folder))
    big = json.dumps({"user": "anna", "password": "x" * 4096})
    assert api.raw("POST", "/api/v1/session", big, JSON)[0] == 413
    c = api.connect()
    c.request("POST", "/api/v1/session", iter([big.encode()] * 4), JSON, encode_chunked=True)
    assert c.getresponse().status == 413
    c.close()
    for _ in range(12):  # no user named: tries as well
        status = api.raw("POST", "/api/v1/session", "{}", JSON)[0]
    assert status == 429
    api.stop()


def test_other_pages_are_not_heard(folder):
    api = Api(folder)  # open to this machine: no token to steal, none needed
    body = json.dumps({"text": "550 5.1.1"})
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                    {"Origin": "null"}, {"Origin": f"http://127.0.0.1:{api.port + 1}"}):
        assert api.raw("POST", "/api/v1/explain", body, {**JSON, **headers})[0] == 403, headers
        assert api.raw("POST", "/api/v1/messages/0m3k9x2v7qp1r4t8wz/hold", None, headers)[0] == 403, headers
        assert login(api, **headers)[0] == 403
    own = {"Origin": f"http://127.0.0.1:{api.port}", "Sec-Fetch-Site": "same-origin"}
    assert api.raw("POST", "/api/v1/explain", body, {**JSON, **own})[0] == 200
    # a form of another page cannot send JSON, and no answer may be read by one
    assert api.raw("POST", "/api/v1/explain", body, {"Content-Type": "text/plain"})[0] == 415
    status, headers, _ = api.raw("OPTIONS", "/api/v1/explain", headers={"Origin": "http://evil.example"})
    assert status == 405 and "access-control-allow-origin" not in headers
    api.stop()


def test_other_names_are_not_served(folder):
    api = Api(folder, 'http { listen = "127.0.0.1:0" open = "admin" names = { "mail.office.example" } }\n')
    for name in ("localhost", "127.0.0.1", f"127.0.0.1:{api.port}", "[::1]", "relay.test", "Relay.Test:80", "mail.office.example"):
        assert api.raw("GET", "/api/v1/queue", headers={"Host": name})[0] == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "relay.test.evil.example", "", "."):
        assert api.raw("GET", "/api/v1/queue", headers={"Host": name})[0] in (400, 421), name
    api.stop()


def test_the_page_is_kept_to_itself(folder):
    api = Api(folder)
    status, headers, _ = api.raw("GET", "/")
    policy = headers["content-security-policy"]
    assert status == 200 and "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    for path in ("/", "/api/v1/queue", "/nothing"):
        headers = api.raw("GET", path)[1]
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer", path
    status, headers, data = api.raw("GET", "/", headers={"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip" and data[:2] == b"\x1f\x8b"
    status, again, data = api.raw("GET", "/", headers={"If-None-Match": headers["etag"]})
    assert status == 304 and not data
    assert api.raw("HEAD", "/")[2] == b""
    for path in ("/../postrider.conf", "/%2e%2e/postrider.conf", "//etc/passwd", "/index.html/x"):
        assert api.raw("GET", path)[0] == 404, path
    api.stop()


def test_a_reload_brings_other_tokens_and_passwords(folder):
    api = Api(folder, block(folder))
    _, cookie, _ = login(api)
    mine = {"Cookie": cookie.split(";")[0]}
    TOKENS_NEW = hashlib.sha256(b"n" * 32).hexdigest()
    (folder / "tokens").write_text(f"new read sha256:{TOKENS_NEW}\n")
    api.relay.conf.write_text(api.relay.conf.read_text().replace(f'login "anna" {{ password-hash = "{HASH}"',
                                                                 'login "anna" { password-hash = "' + HASH[:-1] + 'x"'))
    api.relay.signal(1)
    new = {"Authorization": "Bearer " + "n" * 32}
    for _ in range(100):
        if api.raw("GET", "/api/v1/queue", headers=new)[0] == 200:
            break
    assert api.raw("GET", "/api/v1/queue", headers=new)[0] == 200
    assert api.raw("GET", "/api/v1/queue", headers=bearer("admin"))[0] == 401
    assert api.raw("GET", "/api/v1/queue", headers=mine)[0] == 401, "her password changed"
    api.stop()


def test_messages_are_judged_as_the_relay_was_told_last(folder):
    """A reload whose tokens cannot be read leaves the API as it was, but not the relay."""
    api = Api(folder, block(folder))
    mail = "From: a@example.com\r\n\r\n" + "x\r\n" * 4000
    post = "POST", "/api/v1/messages?recipient=b@kunde.example", mail, bearer("admin")
    assert api.raw(*post)[0] == 202
    (folder / "tokens").write_text("nonsense\n")
    api.relay.conf.write_text(api.relay.conf.read_text() + "max-size = 5000\n")
    api.relay.signal(1)
    until = time.monotonic() + 10
    while "nonsense" not in api.relay.said() and "tokens" not in api.relay.said() and time.monotonic() < until:
        time.sleep(0.02)
    assert api.raw(*post)[0] == 413, api.relay.said()
    api.stop()


def test_tls_and_proxies(folder):
    certificate, key = Authority(folder).certificate("localhost", "127.0.0.1")
    files = f'certificate {{ file = "{certificate}" key = "{key}" }}\n'
    api = Api(folder, block(folder, 'security = "tls"') + files)
    trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    c = http.client.HTTPSConnection("127.0.0.1", api.port, context=trusted, timeout=10)
    c.request("POST", "/api/v1/session", json.dumps({"user": "anna", "password": PASSWORD}), JSON)
    answer = c.getresponse()
    assert answer.status == 200 and "Secure" in answer.getheader("set-cookie")
    c.close()
    api.stop()
    api.relay.write(block(folder, 'behind-proxy = true') + files)
    api.relay.start()
    api.find_port()
    status, cookie, _ = login(api, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})
    assert status == 200 and cookie.startswith("__Host-postrider=") and "Secure" in cookie, cookie
    for _ in range(11):  # one place is locked out, the next one not
        status = login(api, "anna", "wrong", **{"X-Forwarded-For": "203.0.113.66, 203.0.113.9"})[0]
    assert status == 429
    assert login(api, **{"X-Forwarded-For": "203.0.113.9, 203.0.113.10"})[0] == 200
    # a proxy that adds a field of its own: its word stands in the last one
    c = api.connect()
    c.putrequest("POST", "/api/v1/session")
    body = json.dumps({"user": "anna", "password": PASSWORD}).encode()
    for name, value in [*JSON.items(), ("X-Forwarded-For", "203.0.113.77"), ("x-forwarded-for", "203.0.113.78, 203.0.113.9"),
                        ("Content-Length", len(body))]:
        c.putheader(name, value)
    c.endheaders(body)
    assert c.getresponse().status == 429
    c.close()
    api.stop()


def test_no_secret_is_told(folder):
    api = Api(folder, block(folder))
    for path in ("/api/v1/session", "/metrics", "/api/v1/messages", "/api/v1/queue", "/api/v1/openapi.json"):
        data = api.raw("GET", path, headers=bearer("admin"))[2].decode()
        for secret in (*TOKENS.values(), HASH, PASSWORD):
            assert secret not in data, path
    for name in ("conversation.log", "queue.log"):
        for secret in (*TOKENS.values(), PASSWORD):
            assert secret not in json.dumps(api.relay.log_lines(name))
    api.stop()


def test_a_renewed_certificate_is_taken_up(folder):
    authority = Authority(folder)
    live = folder / "live.pem", folder / "live.key"

    def put(*names):
        for new, place in zip(authority.certificate(*names), live):
            shutil.copy(new, folder / "fresh")
            (folder / "fresh").rename(place)

    def names_seen():
        with socket.create_connection(("127.0.0.1", api.port), timeout=10) as s, \
                trusted.wrap_socket(s, server_hostname="127.0.0.1") as t:
            return {v for _, v in t.getpeercert()["subjectAltName"]}

    put("127.0.0.1")
    api = Api(folder, block(folder, 'security = "tls"') + f'certificate {{ file = "{live[0]}" key = "{live[1]}" }}\n')
    trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    old = http.client.HTTPSConnection("127.0.0.1", api.port, context=trusted, timeout=10)
    old.request("GET", "/readyz")
    assert old.getresponse().read() == b"ready\n" and names_seen() == {"127.0.0.1"}
    put("127.0.0.1", "renewed.example.com")
    wait_until(lambda: "renewed.example.com" in names_seen(), why="the old one goes on")
    old.request("GET", "/readyz")
    assert old.getresponse().read() == b"ready\n", "who was in goes on"
    live[1].write_text("half a key")
    live[0].touch()
    api.relay.signal(1)
    wait_until(lambda: "live.key" in api.relay.said(), why="a bad key is told")
    assert "renewed.example.com" in names_seen()
    old.close()
    api.stop()
