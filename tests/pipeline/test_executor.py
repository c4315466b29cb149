"""Partitions come back in order, with few in flight; a scheduler that is not there is named."""

import threading

import pytest

from analysis.errors import CaodianError
from analysis.pipeline.executor import map_bounded, open_executor


def test_results_come_in_the_order_of_the_calls():
    with open_executor() as pool:
        assert list(map_bounded(pool, pow, [(n, 2) for n in range(20)])) == [
            n**2 for n in range(20)
        ]


def test_few_calls_are_drawn_ahead():
    drawn, lock = [], threading.Lock()

    def calls():
        for n in range(50):
            with lock:
                drawn.append(n)
            yield (n,)

    with open_executor() as pool:
        results = map_bounded(pool, abs, calls(), in_flight=3)
        next(results)
        assert len(drawn) <= 4


def test_an_error_in_a_partition_reaches_the_caller():
    with open_executor() as pool, pytest.raises(ZeroDivisionError):
        list(map_bounded(pool, divmod, [(1, 0)]))


def test_an_absent_scheduler_is_named():
    with pytest.raises(CaodianError, match="reachable"), open_executor("nonsense://nowhere:1"):
        pass
