# SPDX-License-Identifier: Apache-2.0
"""What filters said of a message that is kept takes two changes of the store; the relay may end between them."""
import os
import pathlib
import smtplib
import subprocess

import milter
from door import is_sanitized, wait_until
from relay import MAIL
from run import Skip
from test_filter import Choosy, world

SAID = "wrote it at its next start"


def stopping(folder, text):
    """The environment of a relay that ends before it writes a record with that text."""
    if is_sanitized():
        raise Skip("a sanitizer wants to be loaded first")
    source, library = pathlib.Path(__file__).with_name("stop_at_write.c"), folder / "stop.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "STOP_AT": text}


def crash_between(folder, filter_, text, rcpts=("b@example.net",)):
    """A message is in the store, its client without an answer, and what the filter said is not in its trail; then the
    relay runs again.  The relay, its next server, the message's id."""
    relay, sink = world(folder, filter_.where)
    relay.stop()
    relay.env = {**os.environ, **stopping(folder, text)}
    relay.start()
    try:
        with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as c:
            c.sendmail("app@example.com", list(rcpts), MAIL)
        raise AssertionError("it was answered")
    except smtplib.SMTPServerDisconnected:
        pass
    assert relay.process.wait(10) == 9
    relay.env = dict(os.environ)
    assert not sink.messages
    relay.start()
    return relay, sink


def the_message(relay):
    """Of the one that was taken."""
    return relay.json("trace", "b@example.net")["id"]


def test_one_refused(folder):
    """Ended, with the filter's words; the others go on, and its sender is told."""
    relay, sink = crash_between(folder, Choosy(), "5.1.1 no such user here", ("no@example.net", "b@example.net"))
    trail = relay.trail(the_message(relay), {"handed-over", "refused"})
    found = {r["recipient"]: r for r in trail["recipients"]}
    assert found["no@example.net"]["state"] == "refused" and found["b@example.net"]["state"] == "handed-over", found
    words = relay.run("trace", the_message(relay)).stdout
    assert "550 5.1.1 no such user here (filter \"test\")" in words and SAID in words, words
    assert "(filter" not in str(found["no@example.net"].get("lane")), found
    assert sink.wait(2)
    assert any(m["sender"] == "" and b"no@example.net" in m["data"] for m in sink.messages), sink.messages


def test_quarantined(folder):
    """Held, and why is in its trail; a release sends it."""
    relay, sink = crash_between(folder, milter.Milter({"E": [b"qlooks odd\0", b"c"]}), "quarantine by the filter")
    wait_until(lambda: SAID in str(relay.json("trace", the_message(relay))))  # it was held before that, too
    assert "looks odd" in str(relay.trail(the_message(relay), {"held"}))
    relay.run("queue", "release", the_message(relay), check=0)
    assert sink.wait(1)


def test_discarded(folder):
    relay, sink = crash_between(folder, milter.Milter({"E": [b"d"]}), "discarded by the filter")
    trail = relay.trail(the_message(relay), {"cancelled"})
    assert "discarded by the filter" in str(trail) and SAID in str(trail), trail
    assert not sink.wait(1, 0.5)


def test_removed(folder):
    """Who was put in gets it; who was taken away is not sent to, and the trail says why."""
    filter_ = milter.Milter({"E": [b"-<b@example.net>\0", b"+<d@example.net>\0", b"c"]})
    relay, sink = crash_between(folder, filter_, "took this recipient away")
    trail = relay.trail(the_message(relay), {"handed-over", "cancelled"})
    assert {r["recipient"]: r["state"] for r in trail["recipients"]} == {"b@example.net": "cancelled", "d@example.net": "handed-over"}, trail
    assert "and put in d@example.net" in str(trail) and SAID in str(trail), trail
    assert [m["rcpts"] for m in sink.messages] == [["d@example.net"]], sink.messages
