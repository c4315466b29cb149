"""`caodian verify` and `caodian privacy scan`: what was built, checked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

# `caodian privacy scan`.


@click.group(short_help="Look for personal data in files before they leave.")
def privacy_command() -> None:
    """Look for phones, ids, addresses, names … in files that are to be handed on.

    \b
    Example:
      caodian privacy scan build/618-2020
    """


@privacy_command.command(short_help="Find personal data in files and folders.")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.pass_context
def scan(ctx: click.Context, paths: tuple[str, ...]) -> None:
    """Print file, place and kind of every find, itself masked; exit 1 if there is any.

    PATHS are files and folders: CSV, XLSX (every sheet), JSONL, Parquet, HTML, SVG, notebooks and
    plain text. Pictures and archives are named and not read; hidden files are left out. Masking
    rules find what has a shape: no find is no proof.

    \b
    Example:
      caodian privacy scan build/618-2020 my-export.csv
    """
    from analysis.evaluation.privacy import list_files, scan_file

    kinds: Counter[str] = Counter()
    with_finds, unread = 0, 0
    files = list_files(paths)
    for path in files:
        leaks = scan_file(path)
        if leaks is None:
            unread += 1
            click.echo(f"{path}: not read, no table or text", err=True)
            continue
        with_finds += bool(leaks)
        kinds.update(leak.kind for leak in leaks)
        for leak in leaks:
            click.echo(f"{leak.path}, {leak.place}: {leak.kind} {leak.masked}")
    click.echo(_sum_up(len(files) - unread, unread, with_finds, kinds))
    ctx.exit(1 if kinds else 0)


def _sum_up(read: int, unread: int, with_finds: int, kinds: Counter[str]) -> str:
    found = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    files = f"files: {read:,} read, {unread:,} not read, {with_finds:,} with finds"
    return f"{files}: {found or 'nothing found'}"


@click.command(short_help="Check a built report against its evidence.")
@click.argument("build", type=click.Path())
def verify_command(build: str) -> None:
    """Check offline that every file, number and count of a built report has its evidence.

    Exit 1 at the first thing that does not hold: one changed byte is enough.

    \b
    Example:
      caodian verify build/618-2020
    """
    from analysis.reporting.verification import verify_build

    click.echo(verify_build(Path(build)))
