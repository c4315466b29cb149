"""Inputs that nobody wrote, thrown at `ingest`: how many were tried and how each ended.

    python benchmarks/fuzz_readers.py [--examples 500] [--kinds csv xlsx archive …]
    python benchmarks/fuzz_readers.py --atheris 20000

Every input must end in one of three ways: read, read with rejected records, or refused by a
`CaodianError`. Any other exception, more than 20 seconds, or a record that is neither kept nor
rejected is a bug; the input is then kept in `data/raw/fuzz-failures`. Where an independent count
is possible (well-formed CSV, JSONL, XLSX), the records read must agree with it.

Hypothesis makes inputs of each kind. Atheris mutates the fixtures of the readers under coverage; it
is not in the lock: install it in an environment of its own and let PYTHONPATH name this one's
packages.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

FAILURES = Path("data/raw/fuzz-failures")
FIXTURES = Path("tests/fixtures/readers")
LONGEST_SECONDS = 20
SUFFIXES = (".csv", ".jsonl", ".json", ".xlsx", ".zip", ".gz", ".db")


class Tally:
    """Inputs by kind and by how they ended."""

    def __init__(self) -> None:
        self.ends: Counter[tuple[str, str]] = Counter()
        self.records: Counter[str] = Counter()
        self.begun = time.monotonic()

    def show(self) -> None:
        """Print the table."""
        ways = ("read", "read, records rejected", "refused", "FAILED")
        print(f"| inputs | tried | {' | '.join(ways)} | records read |")
        print("|---" * (len(ways) + 3) + "|")
        for kind in sorted({kind for kind, _ in self.ends}):
            counts = [self.ends[kind, way] for way in ways]
            shown = " | ".join(f"{count:,}" for count in counts)
            print(f"| {kind} | {sum(counts):,} | {shown} | {self.records[kind]:,} |")
        total = sum(self.ends.values())
        failed = sum(count for (_, end), count in self.ends.items() if end == "FAILED")
        seconds = time.monotonic() - self.begun
        print(f"\n{total:,} inputs tried in {seconds:,.0f} s, {failed} failed", flush=True)


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Stop what hangs."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def read(path: Path) -> tuple[str, int]:
    """Read one file; return how it ended and how many records were read."""
    from analysis.corpus.ingest import ingest
    from analysis.errors import CaodianError

    try:
        ingestion = ingest([path], secret=b"fuzz")
        kept = sum(part.height for part in ingestion.partitions())
    except CaodianError:
        return "refused", 0
    table = ingestion.reconciliation
    rejected = int(table["rejected"].sum())
    if kept != table["kept"].sum() or ingestion.rejects.height != rejected:
        raise AssertionError(f"kept {kept}, rejects {ingestion.rejects.height}: {table.to_dict()}")
    if (table["records_read"] != table["kept"] + table["rejected"]).any():
        raise AssertionError(f"a record was lost: {table.to_dict()}")
    records = int(table["records_read"].sum())
    return ("read, records rejected" if rejected else "read"), records


def try_one(data: bytes, name: str, kind: str, tally: Tally, expected: int | None = None) -> None:
    """Throw one input at `ingest`; keep it when it breaks something."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as room:
        path = Path(room) / name
        path.write_bytes(data)
        try:
            with no_longer_than(LONGEST_SECONDS):
                end, records = read(path)
            if end != "refused" and expected is not None and records != expected:
                raise AssertionError(f"{records} records read where {expected} stand in the file")
        except Exception as error:
            FAILURES.mkdir(parents=True, exist_ok=True)
            kept = FAILURES / f"{hashlib.sha256(data).hexdigest()[:12]}-{name}"
            kept.write_bytes(data)
            print(f"{kept}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
            end, records = "FAILED", 0
    tally.ends[kind, end] += 1
    tally.records[kind] += records


def warm_up() -> None:
    """Let the kernels compile before the clock runs."""
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "a.csv"
        path.write_text("id,内容,时间,用户\n7,慢,2020-06-01,甲\n", encoding="utf-8")
        read(path)


def generate(kind: str, examples: int, tally: Tally) -> None:
    """Try inputs of one kind that Hypothesis makes, the same on every run."""
    from fuzz_inputs import KINDS
    from hypothesis import HealthCheck, Phase, given, seed, settings

    @seed(618)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(KINDS[kind]())
    def throw(given_input: tuple[bytes, str, int | None]) -> None:
        data, name, expected = given_input
        try_one(data, name, kind, tally, expected)

    throw()


def mutate(runs: int, tally: Tally) -> None:
    """Try mutations of the readers' fixtures that reach new code; never returns."""
    import atheris

    # Compiled code cannot be watched, so the kernels are imported before the watch begins.

    with atheris.instrument_imports(include=["analysis.corpus.readers", "analysis.storage"]):
        warm_up()

    def throw(data: bytes) -> None:
        name = "a" + SUFFIXES[len(data) % len(SUFFIXES)]
        try_one(data, name, "atheris", tally)
        if sum(tally.ends.values()) == runs:  # the fuzzer ends the process without a word
            tally.show()

    with tempfile.TemporaryDirectory() as corpus:
        for place, path in enumerate(sorted(FIXTURES.rglob("*"))):
            if path.is_file() and path.stat().st_size < 20_000:
                (Path(corpus) / f"{place}").write_bytes(path.read_bytes())
        atheris.Setup(
            [sys.argv[0], f"-runs={runs}", "-seed=618", "-max_len=20000", "-timeout=60", corpus],
            throw,
        )
        atheris.Fuzz()


def main() -> None:
    """Print what was tried and how it ended; exit 1 when something failed."""
    from fuzz_inputs import KINDS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--atheris", type=int, metavar="RUNS")
    asked = parser.parse_args()
    tally = Tally()
    if asked.atheris:
        mutate(asked.atheris, tally)
    warm_up()
    for kind in asked.kinds:
        generate(kind, asked.examples, tally)
    tally.show()
    sys.exit(any(end == "FAILED" for _, end in tally.ends))


if __name__ == "__main__":
    main()
