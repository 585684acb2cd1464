# SPDX-License-Identifier: Apache-2.0
"""What the host of a virtual machine took of its processors' time while something ran (proc(5), /proc/stat's
"steal").  A turn of 1 ms takes 40 then, whatever runs: what was measured meanwhile says nothing of a program."""

CALM = 0.02  # of all time


def ticks():
    """Stolen, and all there were."""
    with open("/proc/stat") as file:
        fields = [int(word) for word in file.readline().split()[1:9]]
    return fields[7], sum(fields)


class Stolen:
    """with Stolen() as s: ...; then s.share, of 1, and s.calm."""

    def __enter__(self):
        self.begin = ticks()
        return self

    def __exit__(self, *_):
        stolen, total = (after - before for before, after in zip(self.begin, ticks()))
        self.share = stolen / max(1, total)
        self.calm = self.share < CALM
