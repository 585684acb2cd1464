# SPDX-License-Identifier: Apache-2.0
"""One destination, one account, one crowd of mail delays nobody else."""
import datetime
import os
import smtplib
import time

from door import PASSWORD, account, wait_until
from names import Names
from relay import MAIL, Relay
from sink import Sink

HALF = 250  # of all sessions: the most that one destination gets while others may want some


def crowd(relay, n, domain, name="x", sender="app@example.com"):
    """n mails over one connection."""
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=30) as client:
        for i in range(n):
            client.sendmail(sender, [f"{name}{i}@{domain}"], MAIL)


def shared(sink, domains):
    """A resolver: all of these domains have one MX host."""
    return Names({**{(f"d{i}.example", "MX"): ["10 mx.shared.example"] for i in range(domains)},
                  ("mx.shared.example", "A"): [sink.address]})


def direct(sink, names, more=""):
    return f'resolver = "{names.where}"\nroute "direct" {{ recipients = {{ "*" }} via = "mx" port = {sink.port} {more} }}\n'


def place_of(sink, recipient):
    return [m["rcpts"][0] for m in sink.messages].index(recipient)


def why(relay, message):
    relay.trail(message, {"queued"})
    return " ".join(relay.run("queue", "why", message, check=0).stdout.split())


def test_domains_of_one_host_take_turns(folder):
    """A crowd to one domain does not stand before another's mail, where one server takes the mail of both."""
    sink = Sink(address="127.0.0.52", delay=0.01)
    relay = Relay(folder, direct(sink, shared(sink, 2), "connections = 1"))
    crowd(relay, 150, "d0.example")
    message = relay.submit(rcpts=["late@d1.example"])
    assert sink.wait(151, 40), len(sink.messages)
    place = place_of(sink, "late@d1.example")
    assert place < 120, place


def test_one_host_takes_few_connections(folder):
    """Each domain's first session is one too many for the host of them all: that is no failure of the domain."""
    sink = Sink(address="127.0.0.53", delay=0.05)
    sink.says["CONNECT"] = lambda _: "220 sink.test" if sink.open <= 3 else "421 4.7.0 too many connections from you"
    relay = Relay(folder, direct(sink, shared(sink, 8), "connections = 8"))
    relay.submit(rcpts=["x@d0.example"])
    relay.submit(rcpts=[f"a@d{i}.example" for i in range(8)])
    assert sink.wait(9, 20), relay.log_lines("queue.log")
    late = [x for x in relay.log_lines("queue.log") if x.get("state") == "delayed"]
    assert not late, late


def test_one_rate_for_one_host(folder):
    sink = Sink(address="127.0.0.54")
    relay = Relay(folder, direct(sink, shared(sink, 7), 'rate = "2/1s"'))
    relay.submit(rcpts=["x@d0.example"])
    assert sink.wait(1)
    begin = time.monotonic()
    relay.submit(rcpts=[f"a@d{i}.example" for i in range(1, 7)])
    assert sink.wait(7, 20), len(sink.messages)
    assert time.monotonic() - begin > 2.2


def test_a_profiles_limit_is_its_own(folder):
    """While its mail waits for that, other mail goes to the same host."""
    sink, office = Sink(address="127.0.0.128", delay=0.1), "X-Postrider-Profile: office\r\n" + MAIL
    relay = Relay(folder, direct(sink, shared(sink, 2)) + 'profile "office" { minute-cap = 1  test = "off" }\n')
    relay.submit(office, rcpts=["x@d0.example"])
    relay.submit(rcpts=["x@d1.example"])
    wait_until(lambda: len([x for x in relay.log_lines("queue.log") if x.get("state") == "handed-over"]) == 2)
    relay.submit(office, rcpts=["y@d0.example"])
    message = relay.submit(rcpts=["y@d1.example"])
    assert sink.wait(3, 8), why(relay, message)
    assert sink.messages[2]["rcpts"] == ["y@d1.example"], sink.messages


def test_one_number_of_sessions_for_one_smarthost(folder):
    """Whether its sender wants a mail never twice makes no second destination of it."""
    sink, mailing = Sink(delay=0.02), [0, 0]

    def count(by, reply):
        mailing[0] += by
        mailing[1] = max(mailing)
        return reply
    sink.says.update({"MAIL": lambda _: count(1, "250 2.1.0 Ok"), "DOT": lambda _: count(-1, "250 2.0.0 Ok")})
    relay = Relay(folder, f'route "out" {{ smarthost = "{sink.where}" security = "none" connections = 3 }}\n')
    crowd(relay, 40, "example.net")
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=30) as client:
        for i in range(40):
            client.sendmail("app@example.com", [f"y{i}@example.net"], "X-Postrider-In-Doubt: hold\r\n" + MAIL)
    assert sink.wait(80, 30), len(sink.messages)
    assert mailing[1] <= 3, mailing


def test_a_silent_server_with_many_connections(folder):
    """It may have as many as it wants, and still not all that the relay has."""
    silent, sink = Sink(), Sink()
    relay = Relay(folder, f'route "silent" {{ recipients = {{ "*@silent.example" }} smarthost = "{silent.where}" security = "none" '
                  f'connections = 1000 }}\nroute "out" {{ smarthost = "{sink.where}" security = "none" }}\n')
    relay.submit(rcpts=["x@silent.example"])  # before the first one it gets ten
    assert silent.wait(1)
    silent.says["CONNECT"] = None
    crowd(relay, 700, "silent.example")
    wait_until(lambda: silent.open >= HALF, 20)
    message = relay.submit(rcpts=["b@example.net"])
    assert sink.wait(1, 5), (silent.open, why(relay, message))
    relay.kill()


def test_a_new_server_is_silent_with_many_connections(folder):
    """Before it has taken one mail it gets few, whatever is set; then what is set."""
    sink, other = Sink(says={"CONNECT": None}), Sink()
    relay = Relay(folder, f'route "other" {{ recipients = {{ "*@elsewhere.example" }} smarthost = "{other.where}" security = "none" }}\n'
                  f'route "out" {{ smarthost = "{sink.where}" security = "none" connections = 40 }}\n')
    crowd(relay, 100, "example.net")
    relay.trail(relay.submit(rcpts=["last@elsewhere.example"]), {"handed-over"})  # all before it had its turn
    wait_until(lambda: sink.open >= 10)
    assert sink.most_open == 10, sink.most_open
    relay.kill()
    sink, anew = Sink(delay=0.05), folder / "anew"
    anew.mkdir()
    relay = Relay(anew, f'route "out" {{ smarthost = "{sink.where}" security = "none" connections = 40 }}\n')
    crowd(relay, 300, "example.net")
    wait_until(lambda: sink.most_open > 20, 20)
    relay.kill()


def strangers(silent, n):
    """n domains, each with a host of its own that takes connections and says nothing; and three with others."""
    records = {("good.example", "MX"): ["10 mx.good.example"], ("new.example", "MX"): ["10 mx.new.example"],
               ("mx.good.example", "A"): ["127.0.0.142"], ("mx.new.example", "A"): ["127.0.0.143"],
               ("slow.example", "MX"): ["10 mx.slow.example"], ("mx.slow.example", "A"): ["127.0.0.229"]}
    for i in range(n):
        records.update({(f"s{i}.example", "MX"): [f"10 mx.s{i}.example"], (f"mx.s{i}.example", "A"): [silent.address]})
    return Names(records)


def test_more_silent_destinations_than_sessions(folder):
    """Who has taken mail before finds room at once; a first try comes soon, since the silent make room for it.  Who has
    greeted is not among these: it keeps its time for TLS, and for want of seats nothing goes in clear."""
    silent = Sink(address="127.0.0.141", says={"CONNECT": None})
    good, new = (Sink(address=f"127.0.0.{n}", port=silent.port) for n in (142, 143))
    slow = Sink(address="127.0.0.229", port=silent.port, extensions=("STARTTLS",), says={"STARTTLS": None})
    relay = Relay(folder, direct(silent, strangers(silent, 520)))
    relay.submit(rcpts=["a@good.example"])
    assert good.wait(1)
    begun = time.monotonic()
    relay.submit(rcpts=["a@slow.example"])
    wait_until(lambda: "STARTTLS" in slow.lines)
    for at in range(0, 400, 40):
        relay.submit(rcpts=[f"x@s{i}.example" for i in range(at, at + 40)])
    wait_until(lambda: silent.connections >= 249, 60)
    message = relay.submit(rcpts=["a@new.example"])
    for at in range(400, 520, 40):
        relay.submit(rcpts=[f"x@s{i}.example" for i in range(at, at + 40)])
    relay.submit(rcpts=["b@good.example"])
    assert good.wait(2, 10), silent.connections
    said = why(relay, message)["says"] if time.monotonic() - begun < 15 else ""
    connections, came = silent.connections, len(new.messages)
    if time.monotonic() - begun < 18:  # the first ones have had their 20 seconds later only
        assert "destinations that have not answered yet take 250 connections at a time together" in said or not said, said
        assert connections == 249 and not came, connections
    assert new.wait(1, 60), silent.connections
    assert slow.connections == 1 and not any(x.startswith("MAIL") for x in slow.lines), slow.lines
    relay.kill()


def test_a_domain_that_failed_beside_a_crowd(folder):
    """While one domain's crowd uses the host, another's that failed once gets its next try."""
    sink = Sink(address="127.0.0.55", delay=0.01)
    sink.says["MAIL"] = "250 ok"
    sink.says["RCPT a@d1.example"] = ["421 4.7.0 rate limit of this domain", "250 ok"]
    relay = Relay(folder, direct(sink, shared(sink, 3), "connections = 2") + 'retry { first = "1h" }\n')
    relay.submit(rcpts=["x@d0.example"])
    message = relay.submit(rcpts=["a@d1.example"])
    relay.trail(message, {"delayed"})
    crowd(relay, 600, "d0.example")
    relay.run("queue", "retry", message, check=0)
    relay.submit(rcpts=["z@d2.example"])
    wait_until(lambda: any(m["rcpts"] == ["a@d1.example"] for m in sink.messages), 5)
    wait_until(lambda: any(m["rcpts"] == ["z@d2.example"] for m in sink.messages), 5)
    assert len(sink.messages) < 500


def why(relay, message):
    """What `queue why` says, as a document; the mail is in the index a little after its 250."""
    wait_until(lambda: relay.run("queue", "why", message).returncode == 0)
    return relay.json("queue", "why", message)


def seconds_until(text):
    when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (when - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def test_why_counts_those_before_it(folder):
    """Another account's crowd is not before a mail, nor what is tried again in an hour; the time it tells is the true one."""
    sink = Sink(says={"RCPT later0@example.net": "451 4.3.0 not yet", "RCPT later1@example.net": "451 4.3.0 not yet"})
    relay = Relay(folder, 'listen "127.0.0.1:0" { login = "offered" }\n' + account("desk") + 'retry { first = "1h" }\n'
                  f'route "out" {{ smarthost = "{sink.where}" security = "none" rate = "1/1s" proven = true }}\n', listen=False)
    crowd(relay, 2, "example.net", "later")
    wait_until(lambda: sum(x.get("state") == "delayed" for x in relay.log_lines("queue.log")) == 2, 20)
    crowd(relay, 30, "example.net")
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.login("desk", PASSWORD)
        for name in ("first", "second"):
            client.sendmail("desk@example.com", [f"{name}@example.net"], MAIL)
    wait_until(lambda: relay.run("queue", "why", "second@example.net").returncode == 0)
    said = relay.json("queue", "why", "second@example.net")
    assert 1 <= said["ahead"] <= 4 and f"{said['ahead']} message" in said["says"], said
    assert 0.5 < seconds_until(said["eta"]) < 7, said
    told = time.monotonic() + seconds_until(said["eta"])
    wait_until(lambda: any(m["rcpts"] == ["second@example.net"] for m in sink.messages), 20)
    assert -1.5 < time.monotonic() - told < 3, (said, time.monotonic() - told)
    last = relay.json("queue", "why", "x29@example.net")
    assert 18 < last["ahead"] <= 30, last


def test_why_knows_what_is_under_way(folder):
    """A server that takes the connection and is silent: the mail does not wait for its turn any more."""
    silent = Sink(says={"CONNECT": None})
    relay = Relay(folder, f'route "out" {{ smarthost = "{silent.where}" security = "none" }}\n')
    message = relay.submit()
    wait_until(lambda: silent.open)
    assert "a session for its destination (out) has it in hand" in why(relay, message)["says"], why(relay, message)
    relay.kill()


def test_why_names_the_others_at_its_hosts(folder):
    """Another domain's mail has all the connections that its hosts are given."""
    sink = Sink(address="127.0.0.56")
    relay = Relay(folder, direct(sink, shared(sink, 2), "connections = 1"))
    relay.submit(rcpts=["x@d1.example"])  # its hosts are known: they are remembered as long as something waits there
    assert sink.wait(1)
    sink.says["DOT"] = None
    relay.submit(rcpts=["x@d0.example"])
    wait_until(lambda: any("DATA" in x for x in sink.lines[sink.lines.index("DATA") + 1:]))
    message = relay.submit(rcpts=["y@d1.example"])
    wait_until(lambda: "1 of them carries mail to others there" in why(relay, message)["says"], 5, lambda: why(relay, message))
    relay.kill()


def test_accounts_take_turns_over_the_domains_of_one_host(folder):
    """A crowd of one account's is one crowd, to how many domains it may go."""
    sink = Sink(address="127.0.0.57", delay=0.01)
    relay = Relay(folder, 'listen "127.0.0.1:0" { login = "offered" }\n' + account("desk") +
                  direct(sink, shared(sink, 80), "connections = 1"), listen=False)
    sink.says["DOT"] = ["250 2.0.0 Ok"]
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=30) as client:
        for i in range(79):
            client.sendmail("app@example.com", [f"x@d{i}.example"], MAIL)
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.login("desk", PASSWORD)
        begun = len(sink.messages)
        client.sendmail("desk@example.com", ["late@d79.example"], MAIL)
    assert sink.wait(80, 40), len(sink.messages)
    place = place_of(sink, "late@d79.example")
    assert begun < 60 and place < begun + 12, (begun, place)


def test_accounts_take_turns_at_a_rate(folder):
    """One slot is one account's turn: who was not sent then has not had it; and what is told of the order is true."""
    sink = Sink(address="127.0.0.58")
    relay = Relay(folder, 'listen "127.0.0.1:0" { login = "offered" }\n' + account("desk") +
                  direct(sink, shared(sink, 60), 'rate = "4/1s" connections = 10'), listen=False)
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=30) as client:
        for i in range(50):
            client.sendmail("app@example.com", [f"x@d{i}.example"], MAIL)
    assert sink.wait(4)
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.login("desk", PASSWORD)
        begun = len(sink.messages)
        for i in range(50, 56):
            client.sendmail("desk@example.com", [f"late@d{i}.example"], MAIL)
    wait_until(lambda: relay.run("queue", "why", "late@d55.example").returncode == 0)
    told = time.monotonic() + seconds_until(relay.json("queue", "why", "late@d55.example")["eta"])
    wait_until(lambda: any(m["rcpts"] == ["late@d55.example"] for m in sink.messages), 20)
    assert -2 < time.monotonic() - told < 2, time.monotonic() - told
    late = {f"late@d{i}.example" for i in range(50, 56)}
    wait_until(lambda: late <= {m["rcpts"][0] for m in sink.messages}, 20)
    places = sorted(place_of(sink, x) for x in late)
    assert begun < 30 and places[-1] < begun + 16, (begun, places)
    relay.kill()


def test_why_knows_what_was_just_taken(folder):
    """What was answered 250 a moment ago is there, though the index follows a little later."""
    silent = Sink(says={"CONNECT": None})
    relay = Relay(folder, f'route "out" {{ smarthost = "{silent.where}" security = "none" }}\n')
    for _ in range(12):
        message = relay.submit()
        relay.run("queue", "why", message, check=0)
    relay.kill()


def test_a_burst_to_many_domains(folder):
    """200 domains are looked up at once: none waits for another's proof, and no look-up has a thread of its own."""
    sink = Sink(address="127.0.0.61")
    relay = Relay(folder, direct(sink, shared(sink, 200), "connections = 20"))
    before = len(os.listdir(f"/proc/{relay.process.pid}/task"))
    relay.submit(rcpts=[f"x@d{i}.example" for i in range(200)])
    most = 0
    end = time.monotonic() + 40
    while len(sink.messages) < 200 and time.monotonic() < end:
        most = max(most, len(os.listdir(f"/proc/{relay.process.pid}/task")))
        time.sleep(0.05)
    assert len(sink.messages) == 200, len(sink.messages)
    assert most <= before + 8, (before, most)


def test_lanes_of_one_smarthost_take_turns_at_its_cap(folder):
    """Mail that must never go twice has a lane of its own: while the route's rate is used up, both wait in one line."""
    sink = Sink()
    relay = Relay(folder, 'listen "127.0.0.1:0" { login = "offered" }\n' + account("desk") +
                  f'route "out" {{ smarthost = "{sink.where}" security = "none" rate = "5/1s" proven = true }}\n', listen=False)
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.login("desk", PASSWORD)
        client.sendmail("desk@example.com", ["first@example.net"], "X-Postrider-In-Doubt: hold\r\n" + MAIL)
        assert sink.wait(1)
        crowd(relay, 40, "example.net")
        assert sink.wait(4)
        begun = len(sink.messages)
        for i in range(4):
            client.sendmail("desk@example.com", [f"late{i}@example.net"], "X-Postrider-In-Doubt: hold\r\n" + MAIL)
    late = {f"late{i}@example.net" for i in range(4)}
    wait_until(lambda: late <= {m["rcpts"][0] for m in sink.messages}, 20)
    places = sorted(place_of(sink, x) - begun for x in late)
    assert places[-1] < 14 and sink.connections <= 4, (begun, places, sink.connections)
    relay.kill()
