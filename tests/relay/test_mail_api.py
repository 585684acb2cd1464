# SPDX-License-Identifier: Apache-2.0
"""Delivery through Microsoft's and Google's mail APIs, behind the same route block."""
import json
import time

from certs import Authority
from mail_api import MailApi
from relay import Relay
from sink import Sink


def letter(to="b@example.net", headers=""):
    return (f"From: app@example.com\r\nTo: {to}\r\n{headers}Message-ID: <{time.monotonic_ns()}@example.com>\r\n"
            "Subject: invoice\r\n\r\n.hello\r\n")


def begin(folder, via="microsoft-graph", says=(), more="", extra="", retry="1s"):
    authority = Authority(folder)
    api = MailApi(authority.certificate("127.0.0.1"), says)
    (folder / "secret").write_text("s3cret\n")
    relay = Relay(folder, f'ca-file = "{authority.file}"\nroute "api" {{ via = "{via}"  url = "{api.url}"  user = "app@example.com"\n'
                  f'oauth {{ client-id = "c"  tenant-id = "t"  token-url = "{api.token_url}"  scope = "x"  '
                  f'client-secret-file = "{folder}/secret" }}\n{more} }}\n{extra}retry {{ first = "{retry}"  most = "{retry}" }}\n')
    return api, relay


def why(trail):
    return json.dumps(trail["trail"])


def test_graph(folder):
    api, relay = begin(folder)
    trail = relay.trail(relay.submit(letter()), {"handed-over"})
    (m,) = api.messages
    assert m["path"] == "/users/app@example.com/sendMail" and m["type"] == "text/plain" and m["to"] == ["b@example.net"], m
    assert m["data"].endswith(b"\r\n\r\n.hello\r\n") and b"Subject: invoice" in m["data"]
    last = trail["trail"][-1]
    assert last["hop"] == "smarthost" and last["remote_id"] == "req-1" and "HTTP 202" in last["reply"], last
    shown = relay.run("trace", last["id"] if "id" in last else trail["id"]).stdout
    assert "answered HTTP 202" in shown and "could not be used" not in shown, shown
    assert any(x.get("dot") for x in trail["trail"])
    talk = (relay.data / "log/conversation.log").read_text()
    assert "token1" not in talk and "POST https://" in talk
    assert relay.stop() == 0


def test_gmail_and_hidden_recipients(folder):
    api, relay = begin(folder, "gmail-api")
    trail = relay.trail(relay.submit(letter("a@example.net, b@example.net"),
                                     rcpts=("a@example.net", "b@example.net", "quiet@example.net")), {"handed-over"})
    (m,) = api.messages
    assert m["path"].endswith("/messages/send?uploadType=media") and m["type"] == "message/rfc822"
    assert m["to"] == ["a@example.net", "b@example.net", "quiet@example.net"], m
    assert trail["trail"][-1]["remote_id"] == "18f1"
    assert relay.stop() == 0


def test_who_is_named_and_not_meant_gets_nothing(folder):
    api, relay = begin(folder)
    trail = relay.trail(relay.submit(letter("a@example.net, b@example.net"), rcpts=("a@example.net",)), {"refused"})
    assert "b@example.net is not to get it" in why(trail), trail
    assert not any("b@example.net" in m["to"] for m in api.messages)  # but a report to its sender
    assert relay.stop() == 0


def test_a_new_token_where_the_old_is_refused(folder):
    api, relay = begin(folder)
    api.refuse_tokens = 1
    message = relay.submit(letter())
    trail = relay.trail(message, {"delayed"})
    assert "oauth-token-refused" in why(trail), trail
    relay.signal(1)
    time.sleep(0.3)
    relay.run("queue", "retry", message)
    relay.trail(message, {"handed-over"})
    assert api.tokens == 2
    assert relay.stop() == 0


def test_a_token_whose_time_is_over_early(folder):
    """It served before: the same mail goes out at once with a fresh one, and only once."""
    api, relay = begin(folder, retry="5m")
    relay.trail(relay.submit(letter()), {"handed-over"})
    api.refuse_tokens = 1
    relay.trail(relay.submit(letter()), {"handed-over"})
    assert api.tokens == 2
    assert len(api.messages) == 2 and len({m["data"] for m in api.messages}) == 2, api.messages
    assert (relay.data / "log/conversation.log").read_text().count("InvalidAuthenticationToken") == 1
    api.refuse_tokens = 2  # nor is the fresh one taken: that is the account's trouble
    trail = relay.trail(relay.submit(letter()), {"delayed"})
    assert "oauth-token-refused" in why(trail) and api.tokens == 3, trail
    assert len(api.messages) == 2
    assert relay.stop() == 0


def error(code, message="words"):
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def test_answers_mean_what_they_say(folder):
    cases = [
        ((413, {}, b"too big"), "refused", "attach-too-big"),
        ((400, {}, error("ErrorInvalidRecipients", "At least one recipient is not valid")), "refused", "At least one recipient"),
        ((403, {}, error("ErrorSendAsDenied")), "refused", "mf-send-as-denied-5760"),
        ((500, {}, error("UnknownError")), "in-doubt", "HTTP 500"),
        ("hang up", "in-doubt", "no answer came"),
        ((403, {}, error("ErrorAccessDenied", "Access is denied")), "delayed", "oauth-no-mailbox-permission"),
        ((429, {"Retry-After": "1000"}, error("ApplicationThrottled")), "delayed", "mf-rate-limited"),
    ]
    api, relay = begin(folder, more="proven = true  rate = \"1000/1s\"", retry="60s")  # the former ones are out of the way
    for answer, state, words in cases:
        api.says = [answer]
        relay.signal(1)  # what the last one paused
        time.sleep(0.2)
        trail = relay.trail(relay.submit(letter(), rcpt_options=("NOTIFY=NEVER",)), {state})  # no report in between
        assert words in why(trail), (answer, trail)
    last = trail["trail"][-1]
    wait = time.mktime(time.strptime(last["next"][:19], "%Y-%m-%dT%H:%M:%S")) - \
        time.mktime(time.strptime(last["time"][:19], "%Y-%m-%dT%H:%M:%S"))
    assert wait >= 999, last  # as asked
    assert relay.stop() == 0


def test_next_route_from_an_api(folder):
    sink = Sink()
    api, relay = begin(folder, says=[(503, {}, error("ErrorServerBusy"))], more='recipients = { "*" }  next = "box"',
                       extra=f'route "box" {{ recipients = {{ "x@x" }}  smarthost = "{sink.where}"  security = "none" }}\n')
    relay.trail(relay.submit(letter()), {"handed-over"})
    assert sink.wait(1) and not api.messages
    assert relay.stop() == 0
