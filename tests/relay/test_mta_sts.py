# SPDX-License-Identifier: Apache-2.0
"""MTA-STS out (RFC 8461): several hosts and a policy that lists some, policies that change, end, or cannot be
had any more, and DANE beside them."""
import resource
import time

from certs import Authority
from door import wait_until
from names import Names
from relay import MAIL
from sink import Sink
from test_dane import WRONG
from test_deliver import only, states
from test_deliver_tls import mx_relay, policy_server, sts, sts_zone


def two_hosts(web, first, second):
    return {**sts_zone(web), ("example.net", "MX"): ["10 mx1.example.net", "20 mx2.example.net"],
            ("mx1.example.net", "A"): [first], ("mx2.example.net", "A"): [second]}


def test_only_hosts_of_the_policy(folder):
    """The best host is not listed: it gets nothing, whatever it can prove; nor does one whose certificate is for another."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce", "mx2.example.net"), "127.0.0.75")
    first = Sink(address="127.0.0.76", certificate=ca.certificate("mx1.example.net"))
    second = Sink(address="127.0.0.77", port=first.port, certificate=ca.certificate("mx2.example.net"))
    relay = mx_relay(folder, Names(two_hosts("127.0.0.75", "127.0.0.76", "127.0.0.77")), first, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert second.wait(1) and second.messages[0]["tls"] and not first.connections
    second.tls.load_cert_chain(*ca.certificate("mx1.example.net"))
    relay.stop()
    relay.start()
    relay.submit(mail=MAIL + "again\r\n")
    late = [x for x in states(relay, n=2, wanted=["delayed", "handed-over"]).values() if x["state"] == "delayed"]
    assert late[0]["finding"] == "tls-cert-name-mismatch" and late[0]["host"] == "mx2.example.net" and not first.connections, late


def test_a_policy_that_cannot_be_had_anew(folder):
    """Its record names another one, its web host is gone: the old one counts as long as it said, and no longer."""
    ca = Authority(folder)
    policy = sts("enforce").replace("max_age: 86400", "max_age: 6")
    web = policy_server(ca.certificate("mta-sts.example.net"), policy, "127.0.0.78")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    names = Names(sts_zone("127.0.0.78"))
    relay = mx_relay(folder, names, sink, f'ca-file = "{ca.file}"\n')
    begin = time.monotonic()
    relay.submit()
    assert sink.wait(1), relay.log_lines("queue.log")
    web.shutdown()
    web.server_close()
    names.records[("_mta-sts.example.net", "TXT")] = ["v=STSv1; id=2"]
    sink.extensions.remove("STARTTLS")
    relay.stop()
    relay.start()
    if time.monotonic() - begin < 5:
        relay.submit(mail=MAIL + "again\r\n")
        late = [x for x in states(relay, n=2, wanted=["delayed", "handed-over"]).values() if x["state"] == "delayed"]
        assert late[0]["finding"] == "starttls-not-offered" and len(sink.messages) == 1, late
    time.sleep(max(0.0, 7 - (time.monotonic() - begin)))
    relay.stop()
    relay.start()
    relay.submit(mail=MAIL + "once more\r\n")
    assert sink.wait(2) and not sink.messages[1]["tls"], relay.log_lines("queue.log")


class Exhausting(Names):
    """Behind the last look-up before the policy is fetched the relay finds no descriptor any more."""
    process = None

    def answer(self, question):
        reply = super().answer(question)
        if self.process and self.asked[-1] == ("mta-sts.example.net", "AAAA"):
            self.limits = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (3, self.limits[1]))
            self.process = None
        return reply


def test_no_descriptor_to_fetch_it_with(folder):
    """That is no leave to go without: the mail waits, and the policy counts as soon as there is room."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.83")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    sink.extensions.remove("STARTTLS")
    names = Exhausting(sts_zone("127.0.0.83"))
    relay = mx_relay(folder, names, sink, f'ca-file = "{ca.file}"\n')
    names.process = relay.process
    message = relay.submit()
    wait_until(lambda: "LimitNOFILE" in relay.said(), why=relay.said)
    assert not sink.connections
    resource.prlimit(relay.process.pid, resource.RLIMIT_NOFILE, names.limits)
    found = relay.trail(message, {"delayed"})["recipients"][0]
    assert found.get("finding") == "starttls-not-offered" and not sink.messages, found


def test_dane_beside_it(folder):
    """Who passes by the policy and not by DANE gets nothing (RFC 8461, 2)."""
    ca = Authority(folder)
    policy_server(ca.certificate("mta-sts.example.net"), sts("enforce"), "127.0.0.79")
    sink = Sink(address="127.0.0.45", certificate=ca.certificate("mx.example.net"))
    records = {**sts_zone("127.0.0.79"), (f"_{sink.port}._tcp.mx.example.net", "TLSA"): [WRONG]}
    relay = mx_relay(folder, Names(records, secure={name for name, _ in records}), sink, f'ca-file = "{ca.file}"\n')
    relay.submit()
    assert only(states(relay, wanted=["delayed"]))["finding"] == "dp-dane-mismatch" and not sink.messages
