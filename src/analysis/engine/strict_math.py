"""Mathematics that is the same to the last bit on every processor.

NumPy takes another series for an exponential where the processor has AVX-512, the C library another
where it has fused multiplication, and BLAS sums each product in an order of its own; any may differ
in the last bit, and a fit that goes on from there ends elsewhere. Here all are sums, products and
quotients in a written order, each rounded once, as IEEE 754 wants them everywhere; the compiled
loops fuse none of them.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic
from scipy import sparse

from analysis.engine.compiled import lean, spliced

Floats = npt.NDArray[np.float64]

# The functions below have no types until they are compiled.
_instruction: Any = intrinsic

# The logarithm of 2 in two parts: the first has so few digits that its whole multiples are exact.
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
_PER_LN2 = float.fromhex("0x1.71547652b82fep+0")
# Highest power first, as they are summed. The terms left out are below 2 ** -56 of the sum.
_OF_EXP = tuple(1.0 / factorial(n) for n in range(13, 1, -1))
_OF_LOG = tuple(2.0 / n for n in range(21, 1, -2))
# Beyond these the result is infinite, or zero.
_MOST, _LEAST = float.fromhex("0x1.62e42fefa39efp+9"), -745.2
_SMALLEST_NORMAL = float.fromhex("0x1p-1022")
_HALF_ROOT = float.fromhex("0x1.6a09e667f3bcdp-1")
_BITS, _BIAS = 52, 1023
_FRACTION = (1 << _BITS) - 1


@_instruction
def _bits_of(typing_context, number):
    """Return the 64 bits of a float."""

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), emit


@_instruction
def _of_bits(typing_context, bits):
    """Return the float of 64 bits."""

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), emit


@spliced
def exp_of(number):
    """Return e to a number, within one unit of the last place."""
    if number != number:  # noqa: PLR0124 - that is what not a number means
        return number
    if number > _MOST:
        return np.inf
    if number < _LEAST:
        return 0.0
    twos = np.floor(number * _PER_LN2 + 0.5)
    above, below = number - twos * _LN2_HIGH, twos * _LN2_LOW
    rest = above - below
    lost = (above - rest) - below
    total = 0.0
    for coefficient in _OF_EXP:
        total = total * rest + coefficient
    result = 1.0 + (rest + (rest * rest * total + lost))
    # In two steps, as the power of two alone may not be a float.
    half = np.int64(twos) >> 1
    other = np.int64(twos) - half
    return result * _of_bits((half + _BIAS) << _BITS) * _of_bits((other + _BIAS) << _BITS)


@spliced
def log_of(number):
    """Return the natural logarithm of a number, within one unit of the last place."""
    if not number > 0.0:
        return -np.inf if number == 0.0 else np.nan
    if number == np.inf:
        return number
    twos = np.int64(0)
    if number < _SMALLEST_NORMAL:
        number *= 2.0**54
        twos = np.int64(-54)
    bits = _bits_of(number)
    twos += (bits >> _BITS) - (_BIAS - 1)
    fraction = _of_bits((bits & _FRACTION) | ((_BIAS - 1) << _BITS))
    if fraction < _HALF_ROOT:
        fraction *= 2.0
        twos -= 1
    over = fraction - 1.0
    ratio = over / (fraction + 1.0)
    square = ratio * ratio
    total = 0.0
    for coefficient in _OF_LOG:
        total = total * square + coefficient
    # 2 atanh(ratio), whose first term is `over - half + ratio * half` with less rounding.
    half = 0.5 * over * over
    small = half - (ratio * (half + square * total) + np.float64(twos) * _LN2_LOW)
    return np.float64(twos) * _LN2_HIGH - (small - over)


@lean
def _exp(numbers, out):
    for at in range(numbers.size):
        out[at] = exp_of(numbers[at])


@lean
def _log(numbers, out):
    for at in range(numbers.size):
        out[at] = log_of(numbers[at])


def strict_exp(numbers: npt.ArrayLike) -> Floats:
    """Return e to each number, the same bits on every processor.

    Examples
    --------
    >>> strict_exp([0.0, 1.0, -800.0]).round(12).tolist()
    [1.0, 2.718281828459, 0.0]
    """
    return _each(_exp, numbers)


def strict_log(numbers: npt.ArrayLike) -> Floats:
    """Return the natural logarithm of each number, the same bits on every processor.

    Zero gives minus infinity, and what is below it no number.

    Examples
    --------
    >>> strict_log([1.0, 2.718281828459045, 0.0]).tolist()
    [0.0, 1.0, -inf]
    """
    return _each(_log, numbers)


def _each(function: Any, numbers: npt.ArrayLike) -> Floats:  # noqa: ANN401
    given = np.asarray(numbers, np.float64, order="C")
    out = np.empty(given.shape)
    function(given.ravel(), out.reshape(-1))
    return out


def strict_probability(log_odds: npt.ArrayLike) -> Floats:
    """Return the probability of each log-odds, the same bits on every processor.

    Examples
    --------
    >>> strict_probability([0.0, 800.0, -800.0]).tolist()
    [0.5, 1.0, 0.0]
    """
    result: Floats = 1.0 / (1.0 + strict_exp(-np.asarray(log_odds, np.float64)))
    return result


# Products, leading vectors and clusters. A library's sums are in the order that the processor's own
# kernels of BLAS like, and where a text stands between two topics the last bit decides.

_SPARE_STEPS = 40
# Of the largest: what is below is rounding.
_NOTHING = 1e-10
_MOST_ROUNDS = 60
_SMALLEST_SHARE = 2.0**-52
_MIX = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0xBF58476D1CE4E5B9)


@lean
def _multiply(left, right, out):
    """Put left × right into `out`; each number is summed in the order of the columns of left."""
    for row in range(left.shape[0]):
        for column in range(right.shape[1]):
            out[row, column] = 0.0
        for inner in range(left.shape[1]):
            value = left[row, inner]
            for column in range(right.shape[1]):
                out[row, column] += value * right[inner, column]


def strict_product(left: npt.ArrayLike, right: npt.ArrayLike) -> Floats:
    """Return the product of two matrices, the same bits on every processor.

    Examples
    --------
    >>> strict_product([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    """
    left = np.ascontiguousarray(left, dtype=np.float64)
    right = np.ascontiguousarray(right, dtype=np.float64)
    out = np.empty((left.shape[0], right.shape[1]))
    _multiply(left, right, out)
    return out


@spliced
def _dot(one, other):
    """Return the sum of products, as four sums that a processor can take side by side."""
    first = second = third = fourth = 0.0
    whole = one.size - one.size % 4
    for at in range(0, whole, 4):
        first += one[at] * other[at]
        second += one[at + 1] * other[at + 1]
        third += one[at + 2] * other[at + 2]
        fourth += one[at + 3] * other[at + 3]
    for at in range(whole, one.size):
        first += one[at] * other[at]
    return (first + second) + (third + fourth)


@lean
def _stretch(starts, columns, values, given, between, out):
    """Put the matrix × its transpose × `given` into `out`, by way of `between`."""
    for at in range(between.size):
        between[at] = 0.0
    for row in range(out.size):
        for at in range(starts[row], starts[row + 1]):
            between[columns[at]] += values[at] * given[row]
    for row in range(out.size):
        total = 0.0
        for at in range(starts[row], starts[row + 1]):
            total += values[at] * between[columns[at]]
        out[row] = total


@lean
def _take_out(basis, count, vector):
    """Take out of a vector what it has in common with the first rows of a basis."""
    for place in range(count):
        share = _dot(basis[place], vector)
        for at in range(vector.size):
            vector[at] -= share * basis[place, at]


@lean
def _begin(basis, step, begun):
    """Put a new direction into the basis and return how many were tried, 0 where none is left.

    The first is even, the others are numbers without a pattern.
    """
    here = basis[step]
    while begun <= 2 * basis.shape[0]:
        for at in range(here.size):
            mixed = np.uint64(at + 1) * _MIX ^ np.uint64(begun) * _STIR
            mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX
            here[at] = np.float64(mixed >> np.uint64(11)) * 2.0**-52 - 1.0 if begun else 1.0
        begun += 1
        before = np.sqrt(_dot(here, here))
        _take_out(basis, step, here)
        _take_out(basis, step, here)
        length = np.sqrt(_dot(here, here))
        if length > 1e-6 * before:
            for at in range(here.size):
                here[at] /= length
            return begun
    return 0


@lean
def _iterate(starts, columns, values, basis, between, diagonal, beside):
    """Span what a matrix × its transpose stretches most, and return the number of steps.

    Lanczos's iteration, each direction held against all before it. The last row of the basis is
    room for the step beyond.
    """
    begun, largest = 0, 0.0
    for step in range(basis.shape[0] - 1):
        here, follows = basis[step], basis[step + 1]
        length = np.sqrt(_dot(here, here)) if step else 0.0
        if length > _NOTHING * largest:
            for at in range(here.size):
                here[at] /= length
        else:
            length = 0.0
            begun = _begin(basis, step, begun)
            if not begun:
                return step
        if step:
            beside[step - 1] = length
        _stretch(starts, columns, values, here, between, follows)
        diagonal[step] = _dot(here, follows)
        largest = max(largest, diagonal[step], length)
        # Twice: what is left of a long vector is short, and rounding a part of it.
        _take_out(basis, step + 1, follows)
        _take_out(basis, step + 1, follows)
    return basis.shape[0] - 1


@lean
def _turn_rows(rows, at, cosine, sine):
    for column in range(rows.shape[1]):
        above, below = rows[at, column], rows[at + 1, column]
        rows[at + 1, column] = sine * above + cosine * below
        rows[at, column] = cosine * above - sine * below


@lean
def _sweep(diagonal, beside, vectors, first, last):
    """Chase the bulge of one shifted step from the last to the first of a block."""
    gap = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first])
    root = np.sqrt(gap * gap + 1.0)
    shifted = (
        diagonal[last] - diagonal[first] + beside[first] / (gap + (root if gap >= 0.0 else -root))
    )
    sine, cosine, moved = 1.0, 1.0, 0.0
    for at in range(last - 1, first - 1, -1):
        bulge, kept = sine * beside[at], cosine * beside[at]
        root = np.sqrt(bulge * bulge + shifted * shifted)
        beside[at + 1] = root
        if root == 0.0:
            diagonal[at + 1] -= moved
            beside[last] = 0.0
            return
        sine, cosine = bulge / root, shifted / root
        shifted = diagonal[at + 1] - moved
        root = (diagonal[at] - shifted) * sine + 2.0 * cosine * kept
        moved = sine * root
        diagonal[at + 1] = shifted + moved
        shifted = cosine * root - kept
        _turn_rows(vectors, at, cosine, sine)
    diagonal[first] -= moved
    beside[first] = shifted
    beside[last] = 0.0


@lean
def _solve_tridiagonal(diagonal, beside, vectors):
    """Turn a symmetric tridiagonal matrix into its eigenvalues, by implicit QL steps.

    `vectors` begins as ones on its diagonal and ends with an eigenvector a row.
    """
    size = diagonal.size
    for first in range(size):
        for _ in range(_MOST_ROUNDS):
            last = first
            while last < size - 1:
                weight = abs(diagonal[last]) + abs(diagonal[last + 1])
                if abs(beside[last]) <= _SMALLEST_SHARE * weight:
                    break
                last += 1
            if last == first:
                break
            _sweep(diagonal, beside, vectors, first, last)


def leading_vectors(matrix: sparse.csr_matrix, number: int) -> tuple[Floats, Floats]:
    """Return the left singular vectors of a matrix and its largest singular values.

    Lanczos (1950), with every direction held against all before it, and implicit QL (Bowdler,
    Martin, Reinsch and Wilkinson 1968): the same bits on every processor.

    Parameters
    ----------
    matrix
        Rows × columns.
    number
        How many, at most as many as there are rows.

    Returns
    -------
    tuple of numpy.ndarray
        Rows × number, each column of length 1; and the values, largest first. Where the matrix
        has fewer directions the others have the value 0.

    Examples
    --------
    >>> vectors, sizes = leading_vectors(sparse.csr_matrix([[3.0, 0.0], [0.0, 4.0]]), 2)
    >>> sizes.round(12).tolist(), abs(vectors).round(12).tolist()
    ([4.0, 3.0], [[0.0, 1.0], [1.0, 0.0]])
    """
    rows = matrix.shape[0]
    most = min(rows, 2 * number + _SPARE_STEPS)
    basis = np.zeros((most + 1, rows))
    diagonal, beside = np.zeros(most), np.zeros(most)
    steps = _iterate(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64),
        np.ascontiguousarray(matrix.data, dtype=np.float64),
        basis, np.empty(matrix.shape[1]), diagonal, beside,
    )  # fmt: skip
    diagonal, turned = diagonal[:steps], np.eye(steps)
    _solve_tridiagonal(diagonal, beside[:steps], turned)
    chosen = np.argsort(-diagonal, kind="stable")[:number]
    sizes = np.zeros(number)
    sizes[: len(chosen)] = np.sqrt(np.maximum(diagonal[chosen], 0.0))
    sizes[sizes < 1e-7 * sizes.max(initial=0.0)] = 0.0
    vectors = np.zeros((rows, number))
    vectors[:, : len(chosen)] = strict_product(basis[:steps].T, turned[chosen].T)
    return vectors, sizes


def turn_onto(vectors: Floats, target: Floats) -> Floats:
    """Return vectors turned so that they lie as near to a target as turning brings them.

    Orthogonal Procrustes, by the iteration of Newton and Schulz: products alone.

    Examples
    --------
    >>> turn_onto(np.array([[0.0, 2.0], [3.0, 0.0]]), np.eye(2)).round(9).tolist()
    [[2.0, 0.0], [0.0, 3.0]]
    """
    turn = strict_product(vectors.T, target)
    length = np.sqrt((turn * turn).sum())
    turn = turn / length if length > 0 else np.eye(vectors.shape[1], target.shape[1])
    for _ in range(_MOST_ROUNDS):
        turn = 1.5 * turn - 0.5 * strict_product(strict_product(turn, turn.T), turn)
    return strict_product(vectors, turn)


@spliced
def _gap(one, other):
    """Return the squared distance, as four sums that a processor can take side by side."""
    first = second = third = fourth = 0.0
    whole = one.size - one.size % 4
    for at in range(0, whole, 4):
        first += (one[at] - other[at]) ** 2
        second += (one[at + 1] - other[at + 1]) ** 2
        third += (one[at + 2] - other[at + 2]) ** 2
        fourth += (one[at + 3] - other[at + 3]) ** 2
    for at in range(whole, one.size):
        first += (one[at] - other[at]) ** 2
    return (first + second) + (third + fourth)


@spliced
def _copy(source, target):
    for at in range(source.size):
        target[at] = source[at]


@lean
def _choose_starts(points, draws, nearest, centres):
    """Draw centres far from one another: of some draws by distance the one that leaves least."""
    count = points.shape[0]
    _copy(points[min(np.int64(draws[0, 0] * count), count - 1)], centres[0])
    for row in range(count):
        nearest[row] = _gap(points[row], centres[0])
    for number in range(1, centres.shape[0]):
        total = 0.0
        for row in range(count):
            total += nearest[row]
        least, best = np.inf, 0
        for trial in range(draws.shape[1]):
            wanted, reached, drawn = draws[number, trial] * total, 0.0, 0
            while drawn < count - 1 and reached + nearest[drawn] <= wanted:
                reached += nearest[drawn]
                drawn += 1
            left = 0.0
            for row in range(count):
                left += min(nearest[row], _gap(points[row], points[drawn]))
            if left < least:
                least, best = left, drawn
        _copy(points[best], centres[number])
        for row in range(count):
            nearest[row] = min(nearest[row], _gap(points[row], centres[number]))


@lean
def _assign(points, centres, turned, scores, labels):
    """Give each point its nearest centre, the first of equals; return how many have moved.

    The last row of `turned` holds half the squared length of each centre.
    """
    below = centres.shape[1]
    for number in range(centres.shape[0]):
        for column in range(below):
            turned[column, number] = centres[number, column]
        turned[below, number] = 0.5 * _dot(centres[number], centres[number])
    moved = 0
    for row in range(points.shape[0]):
        for number in range(scores.size):
            scores[number] = -turned[below, number]
        for column in range(below):
            value = points[row, column]
            for number in range(scores.size):
                scores[number] += value * turned[column, number]
        best = 0
        for number in range(1, centres.shape[0]):
            if scores[number] > scores[best]:
                best = number
        moved += labels[row] != best
        labels[row] = best
    return moved


@lean
def _settle(points, labels, nearest, sizes, centres):
    """Put each centre amid its points; one without any goes to the point farthest from its own."""
    for row in range(points.shape[0]):
        nearest[row] = _gap(points[row], centres[labels[row]])
    for number in range(centres.shape[0]):
        sizes[number] = 0
    for row in range(points.shape[0]):
        sizes[labels[row]] += 1
    for number in range(centres.shape[0]):
        if sizes[number] == 0:
            far = 0
            for row in range(1, points.shape[0]):
                if nearest[row] > nearest[far]:
                    far = row
            if sizes[labels[far]] > 1:
                sizes[labels[far]] -= 1
                labels[far], nearest[far], sizes[number] = number, 0.0, 1
    for number in range(centres.shape[0]):
        if sizes[number]:
            for column in range(centres.shape[1]):
                centres[number, column] = 0.0
    for row in range(points.shape[0]):
        for column in range(centres.shape[1]):
            centres[labels[row], column] += points[row, column]
    for number in range(centres.shape[0]):
        if sizes[number]:
            for column in range(centres.shape[1]):
                centres[number, column] /= sizes[number]


def k_means(points: Floats, number: int, seed: int, *, tries: int = 2, most: int = 60) -> Floats:
    """Return the centres of clusters, the same bits on every processor.

    Starts are drawn by distance (k-means++, Arthur and Vassilvitskii 2007, the best of a few draws
    each), and points move to their nearest centre until none does (Lloyd 1982).

    Parameters
    ----------
    points
        Points × dimensions, at least as many as clusters.
    number
        Clusters.
    seed
        Of the starts.
    tries
        How many starts are tried; that is kept which ends nearest to its points.
    most
        Rounds after which a try ends.

    Returns
    -------
    numpy.ndarray
        Clusters × dimensions.

    Examples
    --------
    >>> points = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> np.sort(k_means(points, 2, seed=1).ravel()).tolist()
    [0.5, 10.5]
    """
    points = np.ascontiguousarray(points, dtype=np.float64)
    generator = np.random.default_rng(seed)
    trials = 2 + int(np.floor(np.log2(number) * 0.7))
    labels, nearest = np.empty(len(points), np.int64), np.empty(len(points))
    sizes = np.empty(number, np.int64)
    # Four sums are one step of the processor, so that their number is a multiple of it.
    scores = np.empty(-(-number // 4) * 4)
    turned = np.zeros((points.shape[1] + 1, len(scores)))
    least, found = np.inf, np.empty((number, points.shape[1]))
    for _ in range(tries):
        centres = np.empty_like(found)
        _choose_starts(points, generator.random((number, trials)), nearest, centres)
        labels[:] = -1
        for _ in range(most):
            if not _assign(points, centres, turned, scores, labels):
                break
            _settle(points, labels, nearest, sizes, centres)
        spread = float(np.sum(nearest))
        if spread < least:
            least, found = spread, centres
    return found
