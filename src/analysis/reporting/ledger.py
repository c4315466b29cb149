"""The evidence of a report: the posts behind each number, and the manifest of all that was made.

``evidence/rules.yaml`` says how each count follows from the posts. ``evidence/posts.parquet`` has
one row per counted post, with a digest in place of its id, and what the counting rules look at.
Whoever holds the posts can compute the digests again; no text and no author can be read from them.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import metadata, resources
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from analysis.coding.scoring import whole_stars, with_stars
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.sentiment.scores import CUTOFFS
from analysis.storage import write_text
from analysis.storage.run_paths import MARK
from analysis.study.model import Study
from analysis.study.periods import SERIES, next_period

_FOLDER, _POSTS, _RULES = "evidence", "posts.parquet", "rules.yaml"
LEDGER, RULES = f"{_FOLDER}/{_POSTS}", f"{_FOLDER}/{_RULES}"
AUDIT_MARKS = "audit.parquet"
_LISTS = ("grievances", "sub_grievances", "platforms")


def write_ledger(build_dir: str | Path, posts: AnyFrame, *, secret: bytes | None = None) -> Path:
    """Write the posts behind a run's numbers.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``.
    posts
        Coded posts as the measures read them; a LazyFrame is streamed.
    secret
        For a build that is published: the ledger then holds the digests of the posts alone, keyed
        with the secret and with all of them. A row that told day, channel and codes would give
        every cell back that the tables withhold, and ids can be counted through.

    Returns
    -------
    Path
        ``evidence/posts.parquet``: post, date, channel, stars, is_negative, grievances,
        sub_grievances, platforms, family, author, and the twentieth of 0 to 1 in which each score
        of sentiment lies (negative_band, snownlp_band); one row per post in the window, repeats
        left out, in the order of the digests, so that no order of input rows and no secret changes
        a byte. Authors are numbered by the smallest digest among their posts.

    Examples
    --------
    >>> import tempfile
    >>> posts = pl.DataFrame({"source": ["a"], "post_id": ["1"], "is_negative": [True],
    ...                       "grievances": [["price"]]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pl.read_parquet(write_ledger(folder, posts)).columns[:4]
    ['post', 'date', 'channel', 'stars']
    """
    rows = counted_posts(as_lazy(posts))
    if secret is None:
        ledger = _spell_out(rows.select(*_COMPACT, **_BANDS).collect(engine="streaming"))
    else:
        keys = rows.select("key").collect(engine="streaming")["key"]
        ledger = _keyed(keys, secret).sort().to_frame().lazy()
    folder = Path(build_dir) / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(ledger, folder / _POSTS)
    (folder / _RULES).write_bytes(counting_rules())
    return folder / _POSTS


def write_rows(ledger: pl.LazyFrame, path: Path) -> None:
    """Write the rows of a ledger, the same bytes whether they are spelt out or read again."""
    ledger.sink_parquet(path, compression="zstd", row_group_size=_AT_ONCE)


def _band(score: pl.Expr) -> pl.Expr:
    """Give how many of the cut-offs that a table of sentiment has a score reaches."""
    reached = (score >= cutoff for cutoff in CUTOFFS)
    return pl.when(score.is_not_null()).then(pl.sum_horizontal(reached).cast(pl.UInt8))


_BANDS = {
    "negative_band": _band(pl.col("negative_probability")),
    "snownlp_band": _band(1 - pl.col("snownlp_score")),
}


LEDGER_COLUMNS = [
    "post", "date", "channel", "stars", "is_negative", *_LISTS, "family", "author", *_BANDS
]  # fmt: skip


# Of millions of posts each column is held in four bytes or eight until the file is written.

_BETWEEN = "\x1f"  # names of a list, joined
_AT_ONCE = 100_000
_NAMED = ("date", "channel", "stars")
_GROUPS = {"family": "family_id", "author": "author_key"}
_COMPACT: tuple[pl.Expr, ...] = (
    pl.col("key"), pl.col("is_negative"),
    *(pl.col(name).cast(pl.Categorical) for name in _NAMED),
    *(pl.col(name).list.join(_BETWEEN).cast(pl.Categorical) for name in _LISTS),
    # Groups are told apart by eight bytes, as counts of them are.
    *(
        pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(group)
        for group, name in _GROUPS.items()
    ),
)  # fmt: skip


def _spell_out(rows: pl.DataFrame) -> pl.LazyFrame:
    """Give the ledger of compact rows, in the order of the digests; they are used up.

    It is spelt out while it is written, a few rows at a time.
    """
    numbers = digest_numbers(rows.drop_in_place("key"))
    order = np.argsort(numbers, kind="stable")
    columns = {"post": pl.Series(numbers[order])}
    for name in LEDGER_COLUMNS[1:]:
        column = rows.drop_in_place(name)
        if name in _GROUPS:
            first = pl.Series(_first_of(numbers, column))
            column = first.set(column.is_null(), None)
        columns[name] = column.gather(order)
    return pl.LazyFrame(columns).with_columns(
        *(
            pl.col(name).map_batches(_spell, return_dtype=pl.String, is_elementwise=True)
            for name in ("post", *_GROUPS)
        ),
        *(pl.col(name).cast(pl.String) for name in _NAMED),
        *(_split(pl.col(name).cast(pl.String)) for name in _LISTS),
    )


def digest_numbers(keys: pl.Series) -> NDArray[np.uint64]:
    """Give the digests of posts (`post_digest`) as numbers of eight bytes, which sort alike."""
    parts = [
        b"".join([hashlib.sha256(key.encode()).digest()[:8] for key in part])
        for part in (keys.slice(at, _AT_ONCE) for at in range(0, len(keys), _AT_ONCE))
    ]
    return np.frombuffer(b"".join(parts), dtype=">u8").astype(np.uint64)


def _spell(numbers: pl.Series) -> pl.Series:
    """Write digests out, all at once: a text each would take five times the room."""
    letters = numbers.fill_null(0).to_numpy().astype(">u8").tobytes().hex().encode()
    ends = np.arange(len(numbers) + 1, dtype=np.int64) * _DIGEST
    texts = pa.LargeStringArray.from_buffers(
        len(numbers), pa.py_buffer(ends), pa.py_buffer(letters)
    )
    return pl.Series(pl.from_arrow(texts)).set(numbers.is_null(), None)


def _first_of(numbers: NDArray[np.uint64], groups: pl.Series) -> NDArray[np.uint64]:
    """Name the group of each post by the smallest digest in it."""
    held = pl.DataFrame({"post": numbers, "group": groups})
    return held.select(pl.col("post").min().over("group")).to_series().to_numpy()


def _split(joined: pl.Expr) -> pl.Expr:
    """Give lists of names that were joined."""
    return joined.str.split(_BETWEEN).list.eval(pl.element().filter(pl.element() != ""))


def counting_rules() -> bytes:
    """Give the file that says how each count follows from the posts."""
    return resources.files("analysis.reporting").joinpath("evidence_rules.yaml").read_bytes()


def _keyed(keys: pl.Series, secret: bytes) -> pl.Series:
    """Give the digests of posts, keyed with the secret and with all the posts of this ledger.

    With the secret alone, a post would have one digest in all builds, and how many two of them have
    in common would be a count of its own: of one channel's study and one day's, the cell of both.
    """
    in_order = keys.sort()
    of_all = hashlib.sha256()
    for start in range(0, len(in_order), _AT_ONCE):
        of_all.update("\0".join(["", *in_order.slice(start, _AT_ONCE)]).encode())
    own = hmac.digest(secret, of_all.digest(), "sha256")
    digests = [hmac.digest(own, key.encode(), "sha256").hex()[:_KEYED] for key in keys]
    return pl.Series("post", digests, dtype=pl.String)


_KEYED, _DIGEST = 24, 16


def counted_posts(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Take the posts that are counted, with the columns that the counting rules look at."""
    posts = with_stars(posts)
    present = posts.collect_schema()

    def column(name: str, kind: pl.DataType) -> pl.Expr:
        found = pl.col(name).cast(kind) if name in present else pl.lit(None, dtype=kind)
        return found.alias(name)

    strings = pl.List(pl.String)
    day = (
        pl.col("published_at").dt.strftime("%Y-%m-%d")
        if "published_at" in present
        else pl.lit(None, dtype=pl.String)
    )
    rows = posts.select(
        pl.concat_str(column("source", pl.String()), column("post_id", pl.String()), separator=":",
            ignore_nulls=True)
        .alias("key"),
        day.alias("date"),
        column("channel", pl.String()).fill_null("other"),
        column("stars", pl.Float64()),
        column("is_negative", pl.Boolean()).fill_null(False),
        *(column(name, strings).list.unique().list.sort() for name in _LISTS),
        *(column(name, pl.String()) for name in ("family_id", "author_key", "repeat_of")),
        column("is_in_window", pl.Boolean()),
        column("negative_probability", pl.Float64()),
        column("snownlp_score", pl.Float64()),
    )  # fmt: skip
    rows = rows.with_columns(whole_stars())
    judged = rows.select(pl.col("is_in_window").is_not_null().any()).collect().item()
    return rows.filter(
        pl.col("repeat_of").is_null(), pl.col("is_in_window") if judged else pl.lit(True)
    )


def write_marks(build_dir: str | Path, marks: Path | None) -> None:
    """Put the marks of the audit among the evidence, ``evidence/audit.parquet``.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``.
    marks
        The file of the run: per audited post its digest, its draw, and every mark of every form,
        without text or note. None removes those of an earlier run.
    """
    path = Path(build_dir) / _FOLDER / AUDIT_MARKS
    if marks is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(marks.read_bytes())


def is_evidence(name: str) -> bool:
    """Tell whether a file of a build is of its evidence, which no archive holds."""
    return name.startswith(f"{_FOLDER}/")


def read_ledger(build_dir: str | Path) -> pl.DataFrame | None:
    """Read the ledger of a run; None when it has none."""
    path = Path(build_dir) / _FOLDER / _POSTS
    return pl.read_parquet(path) if path.is_file() else None


def posts_behind(ledger: pl.DataFrame, evidence: str, series: str = "daily") -> list[str]:
    """List the posts behind a number."""
    from urllib.parse import unquote

    table, *keys = [unquote(part) for part in evidence.split("/")]
    return ledger.filter(_rule(table, keys, evidence, series))["post"].to_list()


def _rule(table: str, keys: list[str], evidence: str, series: str) -> pl.Expr:
    """Give the counting rule of a cell as a condition on posts."""
    match table, keys:
        case ("counts" | "trends" | "audit", [code, _]):
            return _carries(code)
        case (("daily" | "weekly" | "monthly"), [day, code, _]) | ("breaks", [code, day, _, _]):
            return _carries(code) & _in_period(day, series if table == "breaks" else table)
        case "sub_grievances", [_, sub, _]:
            return pl.col("is_negative") & pl.col("sub_grievances").list.contains(sub)
        case (("platforms" | "watchlist"), [platform, _]):
            return pl.col("is_negative") & pl.col("platforms").list.contains(platform)
        case "platform_sub_grievances", [platform, _, sub, _]:
            named = pl.col("platforms").list.contains(platform)
            return pl.col("is_negative") & named & pl.col("sub_grievances").list.contains(sub)
        case (("channels" | "ratings"), [group, column]):
            negative = pl.col("is_negative") if column == "negative_items" else pl.lit(True)
            return negative & (pl.col("channel" if table == "channels" else "stars") == group)
    raise CaodianError(
        "only counts of posts resolve to posts",
        value=evidence,
        remedy="Ask for a cell of counts, daily, sub_grievances, platforms, channels or ratings.",
    )


def _in_period(start: str, series: str) -> pl.Expr:
    """Give the days of the day, week or month that a row of such a table stands for."""
    period = next(kind for kind, name in SERIES.items() if name == series)
    end = next_period(date.fromisoformat(start), period).isoformat()
    return (pl.col("date") >= start) & (pl.col("date") < end)


def _carries(code: str) -> pl.Expr:
    """Give the rule of a row of the counts table: all posts, negative items, or those of a code."""
    if code == "all":
        return pl.lit(True)
    negative = pl.col("is_negative")
    return negative if code == "negative" else negative & pl.col("grievances").list.contains(code)


# Count again, from the ledger alone, what the tables of a run print.


def _count(
    posts: pl.DataFrame, table: str, by: list[str],
    units: tuple[str, ...] = ("items", "families", "authors"),
) -> dict[tuple[str, ...], int]:  # fmt: skip
    """Count the units of each group; an unknown family or author is nobody."""
    rules = {
        "items": pl.len(),
        "families": pl.col("family").drop_nulls().n_unique(),
        "authors": pl.col("author").drop_nulls().n_unique(),
    }
    counted = posts.drop_nulls(by).group_by(by).agg(**{unit: rules[unit] for unit in units})
    return {
        (table, *(str(row[key]) for key in by), unit): int(row[unit])
        for row in counted.to_dicts() for unit in units
    }  # fmt: skip


# Tables whose counts are counted again, with the keys of a row.
# The manifest: what went in, with which versions, and the hash of all that came out.

MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}.sig"  # on wish, and of one manifest: a new one has none
# The packages whose version can change a figure or a number.
_PACKAGES = (
    "caodian", "jinja2", "matplotlib", "numba", "numpy", "pandas", "polars", "pyarrow",
    "scikit-learn", "scipy", "seaborn", "snownlp", "statsmodels", "zhplot",
)  # fmt: skip


def describe_run(
    study: Study,
    *,
    parameters: Mapping[str, object],
    inputs: Mapping[str, str],
    audit: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Say from what a run was made: the part of the manifest that the report prints.

    Parameters
    ----------
    parameters
        Scale, seed, coder and whatever else was chosen.
    inputs
        sha256 by the base name of each input file.
    audit
        Seed, size, frame and forms of the audit; None without one.

    Returns
    -------
    dict
        study, code, software, parameters, inputs, and audit where there was one.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> sorted(describe_run(study, parameters={"seed": 618}, inputs={}))
    ['code', 'inputs', 'parameters', 'software', 'study']
    """
    return {
        "study": study.name,
        "code": code_digest(),
        "software": software_versions(),
        "parameters": dict(parameters),
        "inputs": dict(sorted(inputs.items())),
        **({"audit": dict(audit)} if audit else {}),
    }


def software_versions() -> dict[str, str]:
    """Give the version of every package that can change a figure or a number."""
    return {name: _version(name) for name in _PACKAGES}


@cache
def code_digest() -> str:
    """Name the code of this project by the hash of its files, whatever version it calls itself."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".yaml", ".j2", ".css", ".js", ".npz"):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def write_manifest(build_dir: str | Path, description: Mapping[str, object]) -> Path:
    """Write ``manifest.json``: the description of the run and the sha256 of every file made.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``; every file in it but the manifest is an output.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("x")
    ...     path = write_manifest(folder, {"study": "x"})
    ...     list(json.loads(path.read_text())["outputs"])
    ['a.csv']
    """
    folder = Path(build_dir)
    content = {**description, "outputs": hash_outputs(folder)}
    path = folder / MANIFEST
    (folder / SIGNATURE).unlink(missing_ok=True)
    return write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", path)


_NAMING = ("study", "code", "software", "parameters", "audit")


def name_build(folder: Path, description: Mapping[str, object]) -> str:
    """Name a build by what its numbers are: its tables, and what they were made by.

    Not by the hash of an input, which changes with the order of its rows.

    Parameters
    ----------
    folder
        The folder of the build, with its tables.
    description
        What `describe_run` says, or a manifest.

    Returns
    -------
    str
        Sixteen hexadecimal digits, which whoever cites a number can print.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(name_build(Path(folder), {"study": "x"}))
    16
    """
    made_by = {name: description[name] for name in _NAMING if name in description}
    digest = hashlib.sha256(json.dumps(made_by, sort_keys=True, ensure_ascii=False).encode())
    for path in sorted((folder / "tables").glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def hash_outputs(folder: Path) -> dict[str, str]:
    """Give the sha256 of every file below a folder, by its path in it.

    The manifest and its signature are left out, and the mark that says whose folder it is; nothing
    else is, hidden or not.

    Raises
    ------
    CaodianError
        When there is a link, which may lead to other content tomorrow.
    """
    hashes = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise CaodianError(
                "a build must hold its files itself, not links to others",
                value=name, where=str(folder), remedy="Put the file in the place of the link.",
            )  # fmt: skip
        if path.is_file() and name not in (MANIFEST, SIGNATURE, MARK):
            hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes
