"""Commands of one stage, from ingest to trend: a file in, a file out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import polars as pl

from analysis.cli import options
from analysis.cli.options import named_columns, read_cells, refuse_idle, write_cells
from analysis.errors import CaodianError, nearest
from analysis.frames import as_texts
from analysis.progress import is_quiet
from analysis.storage.formats import table_suffix

if TYPE_CHECKING:
    from analysis.corpus.readers.column_names import ColumnChoice
    from analysis.study.periods import Period

# Run a stage on one file: same rows, same columns, the stage's own columns added.


def _open_posts(
    path: str, text_columns: Sequence[str], *, out: str, limit: int | None
) -> pl.DataFrame:
    """Read the file and check that its text columns are there and hold text."""
    table_suffix(Path(out))
    frame = read_cells(path, limit)
    for column in text_columns:
        _require_column(frame, column, path)
    frame = frame.with_columns(as_texts(frame[column]) for column in text_columns)
    if frame.height and all(frame[column].null_count() == frame.height for column in text_columns):
        raise CaodianError(
            "at least one row must hold a text",
            where=f"{path}, column {', '.join(text_columns)}",
            remedy="Name the right column with --text-column.",
        )
    return frame


def _require_column(frame: pl.DataFrame, column: str, path: str, kind: str = "text") -> None:
    if column in frame.columns:
        return
    near = nearest(column, frame.columns)
    hint = f" Nearest: {near!r}." if near else ""
    raise CaodianError(
        f"the {kind} column must be in the file",
        value=column,
        where=f"{path}; columns there: {', '.join(frame.columns) or 'none'}",
        remedy=f"Name it with --{kind}-column.{hint}",
    )


def _take_times(posts: pl.DataFrame, named: str | None, path: str) -> pl.DataFrame:
    """Add `published_at` where the file calls its times otherwise, such as 时间 or 评论时间."""
    from analysis.corpus.readers.column_names import match_columns
    from analysis.corpus.readers.values.columns import read_times

    if named is None:
        if "published_at" in posts.columns:
            return posts
        listed = match_columns(posts.columns).get("published_at", [])
        named = next((names[0] for names in listed if len(names) == 1), None)
    if named is None:
        return posts
    _require_column(posts, named, path, "time")
    times, _, reasons = read_times(posts[named].alias("time").cast(pl.String).str.strip_chars())
    if posts.height and times.null_count() == posts.height:
        raise CaodianError(
            "at least one row must hold a time",
            value=reasons.drop_nulls().first(),
            where=f"{path}, column {named}",
            remedy="Name the right column with --time-column.",
        )
    return posts.with_columns(times.alias("published_at"))


def _write(frame: pl.DataFrame, out: str | Path) -> None:
    """Write the file, and tell so on stderr unless --quiet."""
    write_cells(frame, out)
    if not is_quiet():
        click.echo(f"{frame.height:,} rows written to {out}", err=True)


# Where unmasked output goes when no place is named: the folder that git ignores.


def _raw_output(file: str, out: str | None, folder: str) -> str:
    """Return the output path, and say that what is written there is not masked."""
    target = out or str(Path("data/raw") / folder / Path(file).name)
    click.echo(f"{target} will hold unmasked text; keep it inside the project.", err=True)
    return target


# `caodian clean`.


@click.command(short_help="Normalise the text.")
@click.argument("file", type=click.Path())
@options.text_columns
@click.option("--out", type=click.Path(), help="File to write; by default into data/raw/cleaned/.")
@click.option("--keep-original", is_flag=True, help="Add text_original, the text as it was.")
@options.raw
@options.reading_options
def clean_command(
    file: str,
    text_columns: tuple[str, ...],
    out: str | None,
    keep_original: bool,
    limit: int | None,
) -> None:
    """Normalise the text of FILE: markup, white space, full-width forms, quoted chains.

    The output still holds personal data; run `caodian mask` on it before it leaves the project.

    \b
    Example:
      caodian clean posts.csv --text-column text --out data/raw/cleaned.csv
    """
    from analysis.corpus.clean import clean

    target = _raw_output(file, out, "cleaned")
    posts = _open_posts(file, text_columns, out=target, limit=limit)
    originals = [posts[name].alias(f"{name}_original") for name in text_columns]
    cleaned = clean(posts, text_columns)
    if keep_original:
        cleaned = cleaned.with_columns(originals)
    _write(cleaned, target)


# `caodian mask`.

_ONE_WORD = "^[0-9A-Za-z_-]+$"


@click.command(short_help="Mask personal data in the text.")
@click.argument("file", type=click.Path())
@options.text_columns
@options.out()
@options.raw
@options.reading_options
def mask_command(file: str, text_columns: tuple[str, ...], out: str, limit: int | None) -> None:
    """Mask personal data in FILE with tokens such as 【电话】; `masked` counts them by kind.

    Every column of words is masked; `masked` counts what stood in the text. An id that is itself
    a telephone number, or the like, becomes a keyed hash.

    \b
    Example:
      caodian mask posts.csv --text-column text --out masked.csv
    """
    from itertools import count

    from analysis.corpus.mask import IDS, hide_ids, mask
    from analysis.storage.run_paths import project_secret

    posts = _open_posts(file, text_columns, out=out, limit=limit)
    free = next(name for n in count(2) if (name := f"masked_{n}") not in posts.columns)
    has_own = "masked" in posts.columns
    if has_own:
        click.echo(
            f"the file has a column `masked`, which stays; what was masked is `{free}`.", err=True
        )
        posts = posts.rename({"masked": free})
        text_columns = tuple(free if name == "masked" else name for name in text_columns)
    others = [name for name, kind in posts.schema.items() if kind == pl.String]
    fields = [name for name in others if name not in (*text_columns, *IDS)]
    secret = project_secret()
    masked = mask(posts, text_columns, fields=fields, secret=secret)
    # A long number alone in its cell is what a site calls a post by, whatever its column is called.
    kept = [
        pl.when(
            (cells := posts[name].alias("cell")) == hide_ids(cells, secret),
            cells.str.contains(_ONE_WORD),
        )
        .then(cells)
        .otherwise(masked[name])
        .alias(name)
        for name in fields
    ]
    masked = masked.with_columns(kept)
    masked = masked.rename({"masked": free, free: "masked"}) if has_own else masked
    _write(_without_names(masked), out)


def _without_names(table: pl.DataFrame) -> pl.DataFrame:
    """Mask what the names of columns say of persons, and say so."""
    from itertools import count

    from analysis.corpus.mask import hide_words

    names: list[str] = []
    for name in table.columns:
        hidden = hide_words(name)
        taken = {*names, *(set(table.columns) - {name})}
        free = (hidden if n == 1 else f"{hidden}_{n}" for n in count(1))
        names.append(name if hidden == name else next(one for one in free if one not in taken))
        if names[-1] != name:
            click.echo(f"a column is called `{names[-1]}`: its name held personal data.", err=True)
    return table.rename(dict(zip(table.columns, names, strict=True)))


# `caodian deduplicate`.


@click.command(short_help="Find families of near-duplicates.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@click.option(
    "--similarity",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.8,
    show_default=True,
    help="Jaccard similarity of character 3-grams from which two texts are near-duplicates.",
)
@options.raw
@options.reading_options
def deduplicate_command(
    file: str, text_column: str, out: str, similarity: float, limit: int | None
) -> None:
    """Group the posts of FILE into families of near-duplicates; no row is dropped.

    \b
    Example:
      caodian deduplicate posts.csv --text-column text --out families.csv
    """
    from analysis.corpus.families import find_families

    posts = _open_posts(file, (text_column,), out=out, limit=limit)
    _write(find_families(posts, similarity, text=text_column), out)


# `caodian sentiment`.


@click.command(short_help="Score the sentiment of the text.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@options.raw
@options.reading_options
def sentiment_command(file: str, text_column: str, out: str, limit: int | None) -> None:
    """Add snownlp_score, SnowNLP's own number, and negative_probability, the calibrated one.

    \b
    Example:
      caodian sentiment posts.csv --text-column text --out scored.csv
    """
    from analysis.sentiment.scores import score_sentiment

    posts = _open_posts(file, (text_column,), out=out, limit=limit)
    _write(score_sentiment(posts, text_column), out)


# `caodian code`.


@click.command(short_help="Code voice, negative items, grievances and platforms.")
@click.argument("file", type=click.Path())
@options.text_column
@options.out()
@options.coder()
@options.raw
@options.reading_options
def code_command(file: str, text_column: str, out: str, coder: str, limit: int | None) -> None:
    """Code each post of FILE: who speaks, is it a negative item, which grievances and platforms.

    Columns channel, kind, author_type and rating are used where the file has them.

    \b
    Example:
      caodian code posts.csv --text-column text --out coded.jsonl
    """
    from analysis.coding.coder import code_grievances

    posts = _open_posts(file, (text_column,), out=out, limit=limit)
    _write(code_grievances(posts, coder, text=text_column), out)


@click.command(short_help="Tell why a text is coded as it is.")
@click.argument("text")
@click.option("--channel", help="Where it was posted: weibo, review, complaint, app_store ...")
@click.option("--stars", type=click.FloatRange(1, 5), help="Stars of a review.")
@options.coder(names=["fast", "keyword"])
def explain_command(text: str, channel: str | None, stars: float | None, coder: str) -> None:
    """Tell why TEXT is coded as it is: scores, rules, strongest clues, what would have changed it.

    \b
    Example:
      caodian explain 下单第九天还没发货，催了也没用 --channel weibo
    """
    from analysis.coding.coder import explain

    click.echo(str(explain({"text": text, "channel": channel, "stars": stars}, coder)))


_time_column = click.option(
    "--time-column",
    help="Column of the time of publication; by default published_at, or what is called like it.",
)


@click.command(short_help="Cluster negative items to find what no code covers.")
@click.argument("coded", type=click.Path())
@options.text_column
@_time_column
@options.out(about="Folder for clusters.csv, emerging.csv and posts.parquet.")
@click.option(
    "--all-posts",
    is_flag=True,
    help="All posts are complaints, as in a hotline: no codes needed, no emerging.csv.",
)
@click.option(
    "--level",
    type=click.Choice(["coarse", "fine", "issues"]),
    default="coarse",
    show_default=True,
    help="Coarse topics, fine ones, or single matters.",
)
@click.option(
    "--vectors",
    type=click.Choice(["words", "sentences"]),
    default="words",
    show_default=True,
    help="What texts are compared by; sentences needs the extra vectors.",
)
@click.option(
    "--topics", type=click.IntRange(min=1), help="Clusters of each bag. Default: by the level."
)
@click.option("--seed", type=int, default=618, show_default=True, help="Seed of the bags.")
@click.option(
    "--names",
    type=click.Path(),
    help="clusters.csv of an earlier run with a column name: topics like those are named so.",
)
@click.option("--map", "map_file", type=click.Path(), help="HTML file: all texts as a map.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="Of the map.")
@click.option(
    "--quotes", is_flag=True, help="The map opens the first 40 characters of real posts, masked."
)
@options.raw
@options.reading_options
def cluster_command(
    coded: str,
    text_column: str,
    time_column: str | None,
    out: str,
    all_posts: bool,
    level: Literal["coarse", "fine", "issues"],
    vectors: Literal["words", "sentences"],
    topics: int | None,
    seed: int,
    names: str | None,
    map_file: str | None,
    language: str,
    quotes: bool,
    limit: int | None,
) -> None:
    """Cluster the negative items of CODED, a table that `caodian code` wrote.

    posts.parquet is CODED with topic (-1: mixed) and confidence behind its columns.

    \b
    Example:
      caodian cluster coded.jsonl --out clusters --map topics.html
    """
    if map_file is None:
        refuse_idle("language", "quotes", needs="--map")
    from analysis.clusters.emerging import find_emerging
    from analysis.clusters.topics import cluster_topics

    folder = Path(out)
    posts = _open_posts(coded, (text_column,), out=str(folder / "clusters.csv"), limit=limit)
    posts = _take_times(posts, time_column, coded)
    found = cluster_topics(
        posts, text=text_column, level=level, vectors=vectors, n_topics=topics,
        where="all" if all_posts else None, random_state=seed,
        names=None if names is None else read_cells(names),
    )  # fmt: skip
    write_cells(found.clusters, folder / "clusters.csv")
    if not all_posts:
        write_cells(find_emerging(posts, text=text_column, seed=seed), folder / "emerging.csv")
    write_cells(found.posts, folder / "posts.parquet")
    if map_file is not None:
        found.map(map_file, language=language, quotes=quotes)
    click.echo(found.note, err=True)
    click.echo(f"{len(found.clusters)} clusters written to {folder}", err=True)


@click.command(short_help="Find what people began to complain of, code or no code.")
@click.argument("coded", type=click.Path())
@options.text_column
@_time_column
@click.option(
    "--as-of", metavar="DAY", help="Last day to look at, YYYY-MM-DD; by default the last."
)
@options.out(about="Table to write, or a folder for emerging.csv.")
@click.option("--seed", type=int, default=618, show_default=True, help="Seed of the shuffles.")
@options.raw
@options.reading_options
def emerging_command(
    coded: str,
    text_column: str,
    time_column: str | None,
    as_of: str | None,
    out: str,
    seed: int,
    limit: int | None,
) -> None:
    """Find new grievances in CODED, a table that `caodian code` wrote.

    Words, phrases and groups of like texts whose share stepped up, each with its first day.

    \b
    Example:
      caodian emerging coded.jsonl --as-of 2020-06-18 --out emerging.csv
    """
    from analysis.clusters.emerging import FEWEST_PERIODS, find_emerging
    from analysis.minimum import FEWEST_ITEMS

    # A name without an ending is a folder, as for `cluster`.
    target = Path(out) if Path(out).suffix else Path(out) / "emerging.csv"
    posts = _open_posts(coded, (text_column,), out=str(target), limit=limit)
    posts = _take_times(posts, time_column, coded)
    if "published_at" not in posts.columns:
        raise CaodianError(
            "what is new must be told from what was said before: posts need their times",
            where=f"{coded}; columns there: {', '.join(posts.columns)}",
            remedy="Name the column of the time with --time-column.",
        )
    found = find_emerging(posts, as_of, text=text_column, seed=seed)
    _write(found, target)
    if found.is_empty() and not is_quiet():
        click.echo(
            f"No rise beyond chance, or too few posts to tell: {FEWEST_ITEMS} texts that may be "
            f"negative on {FEWEST_PERIODS} days (weeks, months) are the least.",
            err=True,
        )


# `caodian codebook`.


@click.group(short_help="Draft and accept codes of your own.")
def codebook_command() -> None:
    """Turn a find or a topic into a code of your own, which the next run counts.

    \b
    Example:
      caodian codebook accept draft.yaml --codebook my-codebook
    """


@codebook_command.command("draft", short_help="Draft the entry of a find or a topic.")
@click.argument("posts", type=click.Path())
@click.argument("finds", type=click.Path())
@click.option("--row", type=int, required=True, help="Its number: the column cluster of FINDS.")
@click.option("--name", required=True, help="Name of the code, such as hot_cold.")
@options.text_column
@_time_column
@options.out(about="YAML file to write.")
@options.reading_options
def draft_command(
    posts: str,
    finds: str,
    row: int,
    name: str,
    text_column: str,
    time_column: str | None,
    out: str,
    limit: int | None,
) -> None:
    """Draft a code from a row of FINDS, what `emerging` or `cluster` wrote of POSTS.

    For a topic, POSTS is the posts.parquet that `cluster` wrote.

    \b
    Example:
      caodian codebook draft topics/posts.parquet topics/clusters.csv --row 0 --name hot_cold --out draft.yaml
    """  # noqa: E501 - a command is one line
    from analysis.clusters.drafts import draft_code
    from analysis.storage import write_text

    table = read_cells(finds)
    _require_column(table, "cluster", finds)
    chosen = table.filter(pl.col("cluster").cast(pl.Int64) == row)
    if chosen.is_empty():
        raise CaodianError("--row must be a number in the column cluster", value=row, where=finds)
    read = read_cells(posts, limit)
    _require_column(read, text_column, posts)
    read = _take_times(read, time_column, posts)
    write_text(draft_code(read, chosen.row(0, named=True), name, text=text_column), out)
    click.echo(f"Draft written to {out}; read and mend it, then accept it.", err=True)


@codebook_command.command("accept", short_help="Put a draft into your own codebook.")
@click.argument("draft", type=click.Path())
@click.option(
    "--codebook",
    type=click.Path(),
    envvar="CAODIAN_CODEBOOK",
    required=True,
    help="Folder of your codebook; the project's is copied there when it is new.",
)
def accept_command(draft: str, codebook: str) -> None:
    """Put the codes of DRAFT into a codebook of your own.

    \b
    Example:
      caodian codebook accept draft.yaml --codebook my-codebook
    """
    from analysis.coding.codebook import accept_code

    codes = accept_code(Path(draft), Path(codebook))
    click.echo(
        f"{', '.join(codes)} accepted. Runs count it after: export CAODIAN_CODEBOOK={codebook}",
        err=True,
    )


# `caodian trend`.


@click.command(short_help="Decide the trend of each grievance.")
@click.argument("daily", type=click.Path())
@options.out()
@options.study
@click.option("--event-days", help="Days of a promotion, comma-separated: 2020-06-16,2020-06-17.")
@click.option("--grades", type=click.Path(), help="Table (date, grade) of the collection coverage.")
@click.option("--drift", type=click.Path(), help="Table (grievance, low, high) of an audit.")
@click.option(
    "--unit",
    type=click.Choice(["items", "families"]),
    default="items",
    show_default=True,
    help="Which unit is tested.",
)
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month"]),
    help="What a row counts. Default: weeks where all dates are Mondays, months where all are "
    "firsts, else days.",
)
@options.raw
@options.reading_options
def trend_command(
    daily: str,
    out: str,
    study_path: str | None,
    event_days: str | None,
    grades: str | None,
    drift: str | None,
    unit: str,
    period: Period | None,
    limit: int | None,
) -> None:
    """Decide growth, decline, flat or no trend for each grievance of DAILY.

    Tested is its share of all posts (row `all`), so that collecting more is no growth.

    DAILY counts by day, week or month: daily.csv, weekly.csv or monthly.csv of a report.

    \b
    Example:
      caodian trend build/618-2020/tables/daily.csv --study studies/618-2020.yaml --out trends.csv
    """
    from analysis.measures.trend import judge_trend
    from analysis.study import load_study

    days = _parse_days(event_days)
    study = load_study(study_path) if study_path else None
    if study is not None:
        days = days or tuple(study.event_days)
    counts = read_cells(daily, limit).to_pandas()
    if counts.empty:
        raise CaodianError("a daily table must have rows", where=daily, remedy="Check the file.")
    trends = judge_trend(
        counts,
        event_days=days,
        grades=read_cells(grades).to_pandas() if grades else None,
        drift=read_cells(drift).to_pandas() if drift else None,
        unit=unit,
        claimed=study.claimed_trends if study is not None else (),
        period=period,
    )
    write_cells(trends, out)
    for sentence in trends["sentence_en"]:
        click.echo(sentence)


def _parse_days(words: str | None) -> tuple[date, ...]:
    if not words:
        return ()
    try:
        return tuple(date.fromisoformat(word.strip()) for word in words.split(","))
    except ValueError:
        raise CaodianError(
            "--event-days must be dates like 2020-06-16, separated by commas", value=words
        ) from None


# `caodian ingest`.


@click.command(short_help="Read exports of collectors into canonical posts.")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--out", type=click.Path(), help="File to write; by default data/raw/ingested/posts.parquet."
)
@click.option("--rejects", type=click.Path(), help="File for rejected rows, each with its reason.")
@options.study
@named_columns
@click.option(
    "--explain",
    "explain_only",
    is_flag=True,
    help="Say which format is seen and how columns are mapped; write nothing.",
)
@options.raw
@options.reading_options
def ingest_command(
    paths: tuple[str, ...],
    out: str | None,
    rejects: str | None,
    study_path: str | None,
    choice: ColumnChoice,
    explain_only: bool,
    limit: int | None,
) -> None:
    """Read exports of known collectors, or any table, from PATHS into canonical posts.

    Every record is kept, or rejected with a reason; the reconciliation goes to stdout.

    \b
    Examples:
      caodian ingest exports/ --out data/raw/posts.parquet --rejects rejects.csv
      caodian ingest --explain my-export.csv
      caodian ingest odd.csv --text-column 甲 --time-column 乙 --rating-column 丙
    """
    if explain_only:
        refuse_idle(
            "out", "rejects", "study_path", "limit", because="with --explain, which writes nothing"
        )
    from analysis.corpus.ingest import explain, ingest
    from analysis.corpus.mask import hide_names, hide_words
    from analysis.schema import table
    from analysis.storage.run_paths import project_secret
    from analysis.storage.write import write_parts
    from analysis.study import load_study

    if explain_only:
        for path in paths:
            click.echo(hide_words(explain(Path(path), choice)))
        return
    target = _raw_output("posts.parquet", out, "ingested")
    study = load_study(study_path) if study_path else None
    ingestion = ingest(
        [Path(p) for p in paths],
        study=study,
        secret=project_secret(),
        choice=choice,
        limit=limit,
        raw=not options.is_guarded(),
    )
    schema = pl.Schema(table("posts").polars_schema)
    write_parts(ingestion.partitions(), schema, target, guarded=options.is_guarded())
    if rejects:
        from analysis.pipeline.corpus_steps import hide_reasons

        write_cells(hide_reasons(ingestion.rejects), rejects)
    for note in ingestion.notes:
        told = hide_words(note)
        click.echo(options.note_in_chinese(told) if options.speaks_chinese() else told, err=True)
    account = ingestion.reconciliation
    account = account.assign(source_file=hide_names(account["source_file"].tolist()))
    click.echo(account.to_string(index=False))
