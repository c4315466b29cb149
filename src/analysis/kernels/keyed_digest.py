"""HMAC-SHA256 of many short texts under one key, for several threads at once.

The standard library's is faster for long messages; for ids of a few bytes its calls cost more than
the hash, and they hold the interpreter.
"""

# ruff: noqa: PLR0917 - compiled: arrays to write into
from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from analysis.kernels.compiled import compiled, lean, spliced

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]

BLOCK = 64
LENGTH_PLACE = 56
PRIMES = [number for number in range(2, 312) if all(number % other for other in range(2, number))]


def _fraction_of_root(prime: int, degree: int) -> int:
    """Return the first 32 bits behind the point of a root: the constants of SHA-256."""
    low, high = 0, prime << 32
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= prime << 32 * degree else (low, middle)
    return low & 0xFFFFFFFF


FIRST = np.array([_fraction_of_root(prime, 2) for prime in PRIMES[:8]], np.uint32)
ROUNDS = np.array([_fraction_of_root(prime, 3) for prime in PRIMES], np.uint32)


@spliced
def _turned(word: np.uint32, count: int) -> np.uint32:
    return np.uint32(np.uint32(word >> np.uint32(count)) | np.uint32(word << np.uint32(32 - count)))


@lean
def _compress(state: Words, block: Bytes, schedule: Words) -> None:
    """Take one block of 64 bytes into the state."""
    for place in range(16):
        at = place * 4
        schedule[place] = (
            np.uint32(block[at]) << np.uint32(24)
            | np.uint32(block[at + 1]) << np.uint32(16)
            | np.uint32(block[at + 2]) << np.uint32(8)
            | np.uint32(block[at + 3])
        )
    for place in range(16, 64):
        early, late = schedule[place - 15], schedule[place - 2]
        low = _turned(early, 7) ^ _turned(early, 18) ^ np.uint32(early >> np.uint32(3))
        high = _turned(late, 17) ^ _turned(late, 19) ^ np.uint32(late >> np.uint32(10))
        schedule[place] = np.uint32(schedule[place - 16] + low + schedule[place - 7] + high)
    a, b, c, d = state[0], state[1], state[2], state[3]
    e, f, g, h = state[4], state[5], state[6], state[7]
    for place in range(64):
        high = _turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25)
        choice = (e & f) ^ (~e & g)
        first = np.uint32(h + high + choice + ROUNDS[place] + schedule[place])
        low = _turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22)
        majority = (a & b) ^ (a & c) ^ (b & c)
        h, g, f, e = g, f, e, np.uint32(d + first)
        d, c, b, a = c, b, a, np.uint32(first + low + majority)
    state[0] = np.uint32(state[0] + a)
    state[1] = np.uint32(state[1] + b)
    state[2] = np.uint32(state[2] + c)
    state[3] = np.uint32(state[3] + d)
    state[4] = np.uint32(state[4] + e)
    state[5] = np.uint32(state[5] + f)
    state[6] = np.uint32(state[6] + g)
    state[7] = np.uint32(state[7] + h)


@lean
def _close(block: Bytes, filled: int, total: int, state: Words, schedule: Words) -> None:
    """Put the end mark and the length of the message behind its last bytes."""
    block[filled] = 0x80
    for place in range(filled + 1, BLOCK):
        block[place] = 0
    if filled >= LENGTH_PLACE:
        _compress(state, block, schedule)
        for place in range(BLOCK):
            block[place] = 0
    bits = total * 8
    for place in range(8):
        block[BLOCK - 1 - place] = (bits >> (8 * place)) & 0xFF
    _compress(state, block, schedule)


@lean
def _put_hex(state: Words, out: Bytes, at: int, digits: int) -> None:
    for place in range(digits):
        nibble = (state[place >> 3] >> np.uint32(28 - 4 * (place & 7))) & np.uint32(15)
        out[at + place] = nibble + 48 if nibble < 10 else nibble + 87


@compiled
def digest_texts(
    data: Bytes,
    offsets: NDArray[np.int64],
    scope: Bytes,
    inner: Words,
    outer: Words,
    digits: int,
) -> Bytes:
    """Return the first hexadecimal digits of the HMAC of `scope` + each text, end to end.

    Parameters
    ----------
    data, offsets
        The texts' bytes, text t from `offsets[t]` to `offsets[t + 1]`.
    scope
        Bytes before every text.
    inner, outer
        States after the padded keys, from `start_states`.
    digits
        At most 64.
    """
    count = offsets.size - 1
    out = np.empty(count * digits, np.uint8)
    state, schedule = np.empty(8, np.uint32), np.empty(64, np.uint32)
    block = np.empty(BLOCK, np.uint8)
    for text in range(count):
        state[:] = inner
        filled = 0
        start, stop = offsets[text], offsets[text + 1]
        length = scope.size + stop - start
        for place in range(length):
            block[filled] = scope[place] if place < scope.size else data[start + place - scope.size]
            filled += 1
            if filled == BLOCK:
                _compress(state, block, schedule)
                filled = 0
        _close(block, filled, BLOCK + length, state, schedule)
        for word in range(8):
            for part in range(4):
                block[word * 4 + part] = (state[word] >> np.uint32(24 - 8 * part)) & np.uint32(255)
        state[:] = outer
        _close(block, 32, BLOCK + 32, state, schedule)
        _put_hex(state, out, text * digits, digits)
    return out


@compiled
def _state_after(block: Bytes) -> Words:
    state, schedule = FIRST.copy(), np.empty(64, np.uint32)
    _compress(state, block, schedule)
    return state


def start_states(key: bytes) -> tuple[Words, Words]:
    """Return the states after the two padded keys of RFC 2104, shared by all messages.

    Examples
    --------
    >>> inner, outer = start_states(b"secret")
    >>> scope, data = np.frombuffer(b"weibo:", np.uint8), np.frombuffer(b"7", np.uint8)
    >>> digest_texts(data, np.array([0, 1]), scope, inner, outer, 8).tobytes()
    b'b715cdee'
    """
    padded = np.zeros(BLOCK, np.uint8)
    short = hashlib.sha256(key).digest() if len(key) > BLOCK else key
    padded[: len(short)] = np.frombuffer(short, np.uint8)
    return _state_after(padded ^ np.uint8(0x36)), _state_after(padded ^ np.uint8(0x5C))
