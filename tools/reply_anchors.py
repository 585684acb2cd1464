# SPDX-License-Identifier: Apache-2.0
"""By which of its bytes each phrase of the reply catalogue is found (src/catalog/reply_leads.c); for reply_tables.py.

Each phrase has a head: three bytes of it.  Heads are rare in texts and shared by many phrases, so that few bytes of a
text lead anywhere.  What stands at a head is then looked up in the indexes, the first of them the ones that tell most.
"""
import heapq
from collections import Counter

# reply_index: how many bytes, from which on (0: the head's first), bits of their hash.
INDEXES = {"after": (8, 0, 17), "before": (8, -5, 16), "near": (5, 0, 15), "head": (3, 0, 12)}
WINDOWS = list(INDEXES.values())
PRICES = (0, 3, 6, 400)  # of a phrase in each
PRICE_SHARED = 20  # of each phrase that has the same bytes
HEAD_BYTES, HEAD_BITS = 3, 17  # REPLY_HEAD_BYTES, REPLY_HEAD_BITS
MARK_SHIFT = 32  # REPLY_MARK_SHIFT


def pieces(phrase):
    return [s.strip(" ").encode() for s in phrase.split("*")]


def grams(phrase, size=HEAD_BYTES):
    """Bytes of it that stand together; three are needed to find it at all."""
    return [s[i:i + size] for s in pieces(phrase) for i in range(len(s) - size + 1)]


def hash_of(data):
    """As reply_hash()."""
    return int.from_bytes(data, "little") * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF


def bucket_of(data, bits):
    return hash_of(data) >> (64 - bits)


def mark_of(data):
    return hash_of(data) >> MARK_SHIFT & 0xFF


def places_of(phrase, size):
    """Offsets of bytes of one piece, and of the piece, and the piece's length."""
    places, at = [], 0
    for raw in phrase.encode().split(b"*"):
        piece = raw.strip(b" ")
        first = at + len(raw) - len(raw.lstrip(b" "))
        places += [(first + i, first, len(piece)) for i in range(len(piece) - size + 1)]
        at += len(raw) + 1
    return places


def heads_of(phrases):
    """One head or more of each phrase.  The phrases themselves tell how usual three bytes are: one after the other those
    are taken that are least usual for how many phrases they lead to that have no head yet."""
    usual, led = Counter(), {}
    for p in phrases:
        for piece in (b" " + piece + b" " for piece in pieces(p)):
            usual.update(piece[i:i + HEAD_BYTES] for i in range(len(piece) - HEAD_BYTES + 1))
        for g in grams(p):
            led.setdefault(g, set()).add(p)
    left, heads = set(phrases), set()
    queue = [(usual[g] / len(led[g]), g) for g in led]
    heapq.heapify(queue)
    while left:
        _, g = heapq.heappop(queue)
        more = len(led[g] & left)
        price = usual[g] / more if more else 0
        if more and queue and price > queue[0][0]:
            heapq.heappush(queue, (price, g))
        elif more:
            heads.add(g)
            left -= led[g]
    return heads


def anchors_of(phrase, heads):
    """(index, the bytes there, found by, piece, its length) of each way to find it."""
    data = phrase.encode()
    for head, piece, length in places_of(phrase, HEAD_BYTES):
        if data[head:head + HEAD_BYTES] in heads:
            for index, (size, offset, _) in enumerate(WINDOWS):
                at = head + offset
                if piece <= at and at + size <= piece + length:
                    yield index, data[at:at + size], at, piece, length


def found_bytes(phrase, index, found_by):
    return phrase.encode()[found_by:found_by + WINDOWS[index][0]]


def anchored(phrases):
    """((index, bucket), phrase, (found by, piece, its length)), under bytes that few others have; in this order."""
    heads = heads_of(phrases)
    ways = {p: list(anchors_of(p, heads)) for p in phrases}
    usual = Counter(found for of_phrase in ways.values() for found in {way[:2] for way in of_phrase})
    load, out = Counter(), []

    def cost(way):
        index, found, *place = way
        return PRICES[index] + usual[index, found] + PRICE_SHARED * load[index, found], index, place
    for p in sorted(phrases, key=lambda p: (len(p), p)):
        index, found, *place = min(ways[p], key=cost)
        load[index, found] += 1
        out.append(((index, bucket_of(found, WINDOWS[index][2])), p, tuple(place)))
    return sorted(out)


def head_of(phrase, index, found_by):
    at = found_by - WINDOWS[index][1]
    return phrase.encode()[at:at + HEAD_BYTES]
