# SPDX-License-Identifier: Apache-2.0
"""A provider's submission server with limits that it enforces and counts: so many messages in any window, so many
connections at once, so many recipients of one message.  A violation is refused as Microsoft 365 would refuse it."""
import collections
import re
import time

from sink import Sink


class Persona(Sink):
    def __init__(self, messages=30, window=60.0, connections=3, recipients=500, field="Message-ID", **options):
        self.violations = []
        self.ids = collections.Counter()  # Message-ID (the field's value) -> how often it was taken
        self._field = re.compile(rb"^" + field.encode() + rb": (\S+)", re.M | re.I)
        self._times = collections.deque(maxlen=messages)
        self._limits = messages, window, connections, recipients
        self._here = 0
        says = {"MAIL": self._mail, "CONNECT": self._connect}
        super().__init__(says={**says, **options.pop("says", {})}, **options)

    # reply_to() holds the lock

    def _connect(self, _):
        if self.open > self._limits[2]:
            self.violations.append(f"{self.open} connections")
            return "421 4.3.2 Concurrent connections limit exceeded"
        return "220 smtp.persona.test ESMTP"

    def _mail(self, _):
        messages, window, _, _ = self._limits
        now = time.monotonic()
        if len(self._times) == messages and now - self._times[0] < window:
            self.violations.append(f"{messages + 1} messages in {now - self._times[0]:.3f} s")
            return "421 4.7.66 Your message rate limit was exceeded"
        self._times.append(now)
        return "250 2.1.0 Sender OK"

    def taken(self):
        """How often each Message-ID was taken."""
        with self.lock:
            new, self.messages = self.messages, []
        for m in new:
            if not m["sender"]:  # a report to who sent one
                continue
            if len(m["rcpts"]) > self._limits[3]:
                self.violations.append(f"{len(m['rcpts'])} recipients")
            self.ids[self._field.search(m["data"]).group(1).decode()] += 1
        return self.ids
