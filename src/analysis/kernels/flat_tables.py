"""Many short lists in one flat array: compiled functions pass it on at no cost.

A tuple of arrays would be counted reference by reference at every call of a compiled function,
which takes longer than the work of most of them. So whole tables lie in one array of numbers that
begins with the place of each list of lists.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]

#: Tables of `flatten`, by their place in its argument.
N_TABLES = 3
CONCEPTS, TRIGGERS, RULES = range(N_TABLES)
#: Single numbers behind the places of the tables.
NEGATOR, COMMA = range(N_TABLES, N_TABLES + 2)
_HEADER = N_TABLES + 2


def flatten(tables: Sequence[Sequence[Sequence[int]]], negator: int, comma: int) -> IntArray:
    """Return lists of lists in one array.

    List `i` of table `t` begins at `flat[flat[t] + i]` and ends where the next one begins.

    Examples
    --------
    >>> flat = flatten([[[7, 8], [9]], [], []], negator=1, comma=2)
    >>> begin, end = flat[flat[CONCEPTS] : flat[CONCEPTS] + 2].tolist()
    >>> flat[begin:end].tolist()
    [7, 8]
    """
    header = [0] * N_TABLES + [negator, comma]
    size = _HEADER + sum(len(table) + 1 for table in tables)
    starts: list[int] = []
    content: list[int] = []
    for number, table in enumerate(tables):
        header[number] = _HEADER + len(starts)
        for row in table:
            starts.append(size + len(content))
            content.extend(row)
        starts.append(size + len(content))
    return np.array(header + starts + content, np.int32)
