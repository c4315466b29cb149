"""Options that commands share, with one meaning everywhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import cache, wraps
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from analysis.errors import CaodianError
from analysis.progress import is_quiet, set_quiet
from analysis.storage import read_table, write_table
from analysis.storage.write import restore_cells

if TYPE_CHECKING:
    import polars as pl

    from analysis.corpus.readers.column_names import ColumnChoice
    from analysis.frames import AnyFrame

# Options with which users say which column of an export is what.

_SINGLES = {
    "time": "Column that holds the time of publication; `none` where there is none.",
    "title": "Column that holds the title.",
    "id": "Column that holds the post's id.",
    "rating": "Column that holds the stars.",
    "author": "Column that holds the author's id or name; only a keyed hash of it is kept.",
    "region": "Column that holds the region.",
    "keyword": "Column that holds the search word that found the post.",
    "channel": "Column that holds the platform.",
}


def named_columns(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand them to the command as one `choice`."""

    @wraps(function)
    def with_choice(*given: object, **words: object) -> object:
        return function(*given, choice=take_choice(words), **words)

    command: Callable[..., Any] = with_choice
    for name, about in reversed(_SINGLES.items()):
        command = click.option(f"--{name}-column", help=about)(command)
    return click.option(
        "--text-column",
        "text_columns",
        multiple=True,
        help="Column that holds text; may be repeated.",
    )(command)


def take_choice(words: dict[str, Any]) -> ColumnChoice:
    """Take the columns that were named out of the values of a command's options."""
    from analysis.corpus.readers.column_names import ColumnChoice

    singles = {name: words.pop(f"{name}_column", None) for name in _SINGLES}
    return ColumnChoice(text=tuple(words.pop("text_columns", ())), **singles)


Command = TypeVar("Command", bound=Callable[..., Any])


class _Folder(click.Path):
    """A folder to write to, which libraries of other languages must be able to open, too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - as click has it
        """Refuse a name whose bytes are no UTF-8."""
        try:
            str(value).encode()
        except UnicodeEncodeError:
            raise CaodianError(
                "a folder to write to must have a name in UTF-8",
                value=str(value),
                remedy="Choose another name.",
            ) from None
        return super().convert(value, param, ctx)


FOLDER = _Folder()


def _apply_quiet(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    set_quiet(value)


def reading_options(function: Command) -> Command:
    """Add what every command that reads posts takes: --limit, --quiet, --verbose."""
    for option in (
        click.option("--limit", type=click.IntRange(min=0), help="Only the first N rows."),
        click.option(
            "--quiet",
            is_flag=True,
            expose_value=False,
            callback=_apply_quiet,
            help="No progress, no summary.",
        ),
        click.option(
            "--verbose",
            is_flag=True,
            expose_value=False,
            help="Details, and a trace when something unforeseen happens.",
        ),
    ):
        function = option(function)
    return function


def refuse_idle(*names: str, because: str = "", needs: str = "") -> None:
    """Refuse options that were given and that another one, given or not, leaves without effect.

    Taken without a word they would let people believe that they were heeded.

    Parameters
    ----------
    names
        Parameters of the running command, as its function calls them.
    because
        What makes them idle, such as ``with --drop``.
    needs
        Or the option without which they are idle.

    Raises
    ------
    CaodianError
        When one of them stands on the command line.

    Examples
    --------
    >>> from click.testing import CliRunner
    >>> @click.command()
    ... @click.option("--aim")
    ... def shoot(aim):
    ...     refuse_idle("aim", needs="--bow")
    >>> error = CliRunner().invoke(shoot, ["--aim", "high"]).exception
    >>> error.where, error.remedy
    ('shoot without --bow', 'Add --bow, or leave out --aim.')
    """
    ctx = click.get_current_context()
    idle = [
        parameter.opts[0]
        for parameter in ctx.command.params
        if parameter.name in names
        and ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    if idle:
        named = ", ".join(idle)
        raise CaodianError(
            "an option must have an effect",
            value=named,
            where=f"{ctx.command_path} {f'without {needs}' if needs else because}",
            remedy=f"Add {needs}, or leave out {named}." if needs else f"Leave out {named}.",
        )


def text_column(function: Command) -> Command:
    """Add --text-column for a single text."""
    return click.option(
        "--text-column", default="text", show_default=True, help="Column that holds the text."
    )(function)


def text_columns(function: Command) -> Command:
    """Add --text-column that may be repeated."""
    return click.option(
        "--text-column",
        "text_columns",
        multiple=True,
        default=("text",),
        show_default=True,
        help="Column that holds text; may be repeated.",
    )(function)


def out(
    required: bool = True, about: str = "File to write: .csv, .xlsx, .jsonl or .parquet."
) -> Callable[[Command], Command]:
    """Return the option --out."""
    return click.option("--out", required=required, type=click.Path(), help=about)


# Tables that a person opens and the next command reads, too.

_RAW = "analysis.cli.options.raw"


def raw(function: Command) -> Command:
    """Add --raw, of which `write_cells` knows."""

    def note(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
        ctx.meta[_RAW] = value

    return click.option(
        "--raw",
        is_flag=True,
        expose_value=False,
        callback=note,
        help="Read and write formulas and hidden characters of a CSV as they are, for programs.",
    )(function)


def write_cells(frame: AnyFrame, path: str | Path) -> None:
    """Write a table in which nothing is a formula or hidden, unless --raw was given."""
    write_table(frame, path, guarded=is_guarded())


def is_guarded() -> bool:
    """Return whether the tables of this command are for people, too."""
    return not click.get_current_context().meta.get(_RAW, False)


def read_cells(path: str | Path, limit: int | None = None) -> pl.DataFrame:
    """Read a table that another command may have written, every cell as it was.

    With --raw its cells are as they stand: what --raw wrote was never guarded. Without, it is told
    how many cells of a table that is not Caodian's were read otherwise than they stand.
    """
    standing = read_table(path, limit=limit)
    if not is_guarded() or Path(path).suffix.lower() != ".csv":
        return standing
    restored = restore_cells(standing)
    is_own = {"source", "post_id", "published_at"} <= set(restored.columns)
    if not is_own and not is_quiet():
        _tell_restored(standing, restored, path)
    return restored


def _tell_restored(standing: pl.DataFrame, restored: pl.DataFrame, path: str | Path) -> None:
    cells = sum(
        int(before.alias("cell").ne_missing(after.alias("cell")).sum())
        for before, after in zip(standing, restored, strict=True)
    )
    if cells:
        said = "1 cell was" if cells == 1 else f"{cells:,} cells were"
        click.echo(
            f"{path}: {said} read without what guards them in a spreadsheet (' before a formula, "
            "<U+…> for a hidden character); with --raw they are read as they stand.",
            err=True,
        )


# As in `coding.coder`, which would cost a second to import: a test compares them.
CODERS = ("fast", "keyword", "llm")


class _CoderName(click.Choice[str]):
    """A coder's name, or the folder of one that was re-fitted on an audit."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or the folder's whole path, as workers may stand elsewhere."""
        if value in self.choices:
            return value
        if Path(value).is_dir():
            return str(Path(value).absolute())
        names = ", ".join(self.choices)
        self.fail(
            f"{value!r} is none of {names}, and no folder of `train coder --from`", param, ctx
        )


def coder(
    names: Sequence[str] = CODERS,
    about: str = "Which coder decides; or a folder of `train coder --from`.",
) -> Callable[[Command], Command]:
    """Return the option --coder."""
    return click.option(
        "--coder", type=_CoderName(names), default="fast", show_default=True, help=about
    )


def study(function: Command) -> Command:
    """Add --study."""
    return click.option("--study", "study_path", type=click.Path(), help="Study file (YAML).")(
        function
    )


# What a terminal in Chinese is told beside the English.


def speaks_chinese() -> bool:
    """Tell whether the terminal's language is Chinese, as its locale says."""
    told = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((word for word in told if word), "").lower().startswith("zh")


@cache
def _chinese() -> dict[str, Any]:
    from analysis.yaml_text import read_yaml

    content: dict[str, Any] = read_yaml(
        files("analysis.cli").joinpath("terminal.zh.yaml").read_text("utf-8")
    )
    return content


def in_chinese(refusal: str) -> str | None:
    """Say in Chinese which rule was broken and what to do; None where that is not known.

    Examples
    --------
    >>> in_chinese("an export must not be empty: found 'a.csv'. Export the posts again.")
    '文件是空的。请重新导出。'
    >>> in_chinese("what nobody has met") is None
    True
    """
    known = _chinese()["refusals"].items()
    found = next((words for rule, words in known if refusal.startswith(rule)), None)
    return None if found is None else f"{found[0]}。{found[1]}"


def step_in_chinese(line: str) -> str:
    """Say in Chinese that a step is done, as `read: done` does, or how a file was read.

    Examples
    --------
    >>> step_in_chinese("read: done"), step_in_chinese("a.csv: read as gb18030")
    ('读取：完成', 'a.csv：按 gb18030 编码读取')
    """
    words = _chinese()
    step, _, state = line.rpartition(": ")
    if step not in words["steps"] or state not in ("done", "unchanged"):
        return note_in_chinese(line)
    return f"{words['steps'][step]}：{words[state]}"


def note_in_chinese(line: str) -> str:
    """Say in Chinese how a file was read; a line that is not known stays.

    Examples
    --------
    >>> note_in_chinese("a.csv: read as gb18030")
    'a.csv：按 gb18030 编码读取'
    >>> note_in_chinese("what nobody has met")
    'what nobody has met'
    """
    from analysis.corpus.readers.plan import retell_no_days

    file, _, note = line.partition(": ")
    if retold := retell_no_days(note):
        return f"{file}：{retold}"
    for pattern, chinese in _note_patterns():
        if found := pattern.fullmatch(line):
            return chinese.format(**found.groupdict())
    return line


@cache
def _note_patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return for each note that is known its form and what is said in Chinese of its parts."""
    held = {"number": r"\d+", "encoding": r"\S+"}

    def form(note: str) -> str:
        parts = re.split(r"\{(\w+)\}", note)
        for place in range(1, len(parts), 2):
            parts[place] = f"(?P<{parts[place]}>{held.get(parts[place], '.*?')})"
        parts[::2] = map(re.escape, parts[::2])
        return "".join(parts)

    known = _chinese()["notes"].items()
    return [(re.compile(f"(?P<file>.+?): {form(note)}"), told) for note, told in known]


def account_in_chinese(**numbers: int) -> str:
    """Say how many records were read and counted.

    Examples
    --------
    >>> account_in_chinese(read=1200, kept=1190, rejected=10, repeats=3)[:34]
    '读到 1,200 条，收录 1,190 条，没有收录 10 条；收录'
    """
    text: str = _chinese()["account"]
    return text.format(**{name: f"{number:,}" for name, number in numbers.items()})
