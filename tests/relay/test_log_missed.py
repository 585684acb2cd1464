# SPDX-License-Identifier: Apache-2.0
"""What only the trails knew stands in the logs after the next start, once."""
import collections

from door import wait_until
from relay import Relay
from sink import Sink


def told(relay, name):
    """How often each change stands there."""
    return collections.Counter((x["id"], x["rcpt"], x["state"], x["time"]) for x in relay.log_lines(name) if "id" in x)


def ids_of(relay, name, state):
    return [key[0] for key in told(relay, name) if key[2] == state]


def test_killed_before_they_are_written(folder):
    sink = Sink()
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
    relay.trail(relay.submit(), {"handed-over"})
    wait_until(lambda: relay.log_lines("handed-over.log"))
    wait_until(lambda: (relay.data / "log/.written").read_text().strip(), 10)
    ids = []
    for n in range(4):
        ids += [relay.submit() for _ in range(5)]
        if n % 2:
            assert sink.wait(5 * (n + 1) + 1)
        relay.kill()
        relay.start()
    for i in ids:
        relay.trail(i, {"handed-over"})
    wait_until(lambda: set(ids) <= set(ids_of(relay, "handed-over.log", "handed-over")))
    assert set(ids) <= set(ids_of(relay, "queue.log", "queued")), "taken, and no line of it"
    assert relay.stop() == 0
    relay.start()
    assert relay.stop() == 0
    for name in ("queue.log", "handed-over.log"):
        assert set(told(relay, name).values()) == {1}, told(relay, name).most_common(3)


def test_while_no_relay_ran(folder):
    relay = Relay(folder, 'route "out" { smarthost = "127.0.0.1:1" security = "none" }\n')
    message = relay.submit()
    relay.trail(message, {"delayed"})
    assert relay.stop() == 0
    relay.run("queue", "cancel", message, check=0)
    assert not relay.log_lines("failed.log")
    relay.start()
    wait_until(lambda: ids_of(relay, "failed.log", "cancelled") == [message])
    assert relay.stop() == 0
    assert set(told(relay, "queue.log").values()) == {1}
