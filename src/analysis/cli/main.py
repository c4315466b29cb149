"""The `caodian` command: names its commands at once, imports each only when it runs."""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from analysis.errors import CaodianError

_COMMANDS = {
    "report": (
        "analysis.cli.report:command",
        "From an export, or a simulated corpus, to a report.",
    ),
    "figures": (
        "analysis.cli.report:figures_command",
        "Draw the figures of a report again from its tables.",
    ),
    "share": (
        "analysis.cli.report:share_command",
        "Hand a report on: workbook, archive, press release, PDF, citation.",
    ),
    "simulate": ("analysis.cli.start:simulate_command", "Write a simulated corpus and its truth."),
    "ingest": (
        "analysis.cli.stages:ingest_command",
        "Read exports of collectors into canonical posts.",
    ),
    "fetch": ("analysis.cli.start:fetch_command", "Get a public example export."),
    "clean": ("analysis.cli.stages:clean_command", "Normalise the text."),
    "mask": ("analysis.cli.stages:mask_command", "Mask personal data in the text."),
    "deduplicate": ("analysis.cli.stages:deduplicate_command", "Find families of near-duplicates."),
    "sentiment": ("analysis.cli.stages:sentiment_command", "Score the sentiment of the text."),
    "code": (
        "analysis.cli.stages:code_command",
        "Code voice, negative items, grievances and platforms.",
    ),
    "explain": ("analysis.cli.stages:explain_command", "Tell why a text is coded as it is."),
    "cluster": (
        "analysis.cli.stages:cluster_command",
        "Cluster negative items to find what no code covers.",
    ),
    "emerging": (
        "analysis.cli.stages:emerging_command",
        "Find what people began to complain of, code or no code.",
    ),
    "codebook": (
        "analysis.cli.stages:codebook_command",
        "Draft and accept codes of your own.",
    ),
    "audit": ("analysis.cli.audit:command", "Draw, fill, score or plan an audit of the coder."),
    "trend": ("analysis.cli.stages:trend_command", "Decide the trend of each grievance."),
    "evaluate": ("analysis.cli.models:evaluate_command", "Measure a stage on labelled data."),
    "privacy": (
        "analysis.cli.report:privacy_command",
        "Look for personal data in files before they leave.",
    ),
    "train": (
        "analysis.cli.models:train_command",
        "Train the shipped weights again, or with your own data.",
    ),
    "verify": ("analysis.cli.report:verify_command", "Check a built report against its evidence."),
    "new-study": ("analysis.cli.start:new_study_command", "Write a study file to start from."),
    "lab": ("analysis.cli.lab:command", "Open JupyterLab on the notebooks."),
    "explore": (
        "analysis.cli.lab:explore_command",
        "Look at a run from every side, in a page of the browser.",
    ),
}

_BY_SIGNAL = 128  # a shell's exit code of what a signal ended, with its number
_FULL = (
    "Free space there, or write elsewhere: --out, and --storage for the posts between the steps."
)
_CLOSED = (
    "Get permission, or write elsewhere: --out, and --storage for the posts between the steps."
)
_REMEDIES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: _CLOSED,
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EMFILE: "Allow more open files: ulimit -n 4096.",
    errno.EIO: "The disk may be damaged; copy the files elsewhere.",
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="caodian", prog_name="caodian")
def commands() -> None:
    """Turn exports of Chinese consumer posts into the figures of a consumer-rights report.

    \b
    Example:
      caodian report exports/*.csv --study studies/618-2020.yaml
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit 0 done, 1 files or data, 2 wrong flags."""
    if arguments is None:
        _use_utf8()
        _stop_when_told()
        # By default a sixth of the start is a search for garbage among modules, which are none.
        gc.set_threshold(50_000)
    _print_anything()
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(words))


def _use_utf8() -> None:
    """Start again in UTF-8 mode where the locale knows no UTF-8.

    Elsewhere the interpreter could not name a file 我的导出, and the libraries below could not
    open it. The mode is decided at the start and cannot be changed later.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode or not sys.executable:
        return
    words = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    os.execve(sys.executable, words, {**os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - ourselves


class _Told(KeyboardInterrupt):
    """The system, or a closed terminal, has told the command to stop."""


def _stop_when_told() -> None:
    """Stop as at Ctrl-C, where the system would end the process without a word."""

    def stop(number: int, _frame: object) -> None:
        raise _Told(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # or nohup
            signal.signal(number, stop)


def _end_when_told_again() -> None:
    """Let the system end what has cleaned up: a trace of its last steps tells nobody anything."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)


def _print_anything() -> None:
    """Escape what the terminal's encoding does not have, where printing it would be an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
            stream.reconfigure(errors="backslashreplace")
        if isinstance(stream, io.TextIOWrapper) and stream.isatty():
            _show_hidden(stream)


def _show_hidden(terminal: io.TextIOWrapper) -> None:
    """Write for each hidden character its code point: a text of others bids a terminal nothing."""
    write = terminal.write

    def write_shown(text: str) -> int:
        if not _PLAIN.fullmatch(text):  # or none of the packages that read tables is needed
            from analysis.storage.write import show_hidden

            text = show_hidden(text)
        return write(text)

    terminal.write = write_shown  # type: ignore[method-assign]


_PLAIN = re.compile(r"[\x20-\x7e\t\r\n]*")


def _run(words: list[str]) -> int:
    try:
        code: Any = commands.main(args=words, prog_name="caodian", standalone_mode=False)
        _flush()
    except CaodianError as error:
        return _fail(without_persons(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt) as stopped:
        told = next((one for one in (stopped, stopped.__cause__) if isinstance(one, _Told)), None)
        number = told.args[0] if told else signal.SIGINT
        _end_when_told_again()
        return _fail("stopped; nothing half-written was left", _BY_SIGNAL + number)
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except BaseException as error:
        # A panic below Polars is no Exception.
        is_ours = isinstance(error, Exception) or type(error).__name__ == "PanicException"
        if "--verbose" in words or not is_ours:
            raise
        with suppress(OSError):
            _flush()
        return _fail(_refused(error) or _unforeseen(error), 1)
    return code if isinstance(code, int) else 0


# What may be a telephone number, an address or a name in what a file holds.
_TELLING = re.compile(
    r"\d{5}|@|[〇一二三四五六七八九零]{5}|姓名|名字|我叫|本人|联系|收件|微信|地址|[号室]"
)


_CHINESE = re.compile("[\u4e00-\u9fff]")


# What stands behind the path of a file: the name of a sheet, a row, a column.
_BEHIND_PATH = re.compile(r", | \[")


def without_persons(error: CaodianError) -> str:
    """Say an error without what names a person: it may show a cell, or a header that is a record.

    The path of a file stays, since it must be found again.
    """
    value, place = error.value, error.where or ""
    behind = _BEHIND_PATH.search(place)
    at = behind.start() if behind else len(place)
    path, rest = place[:at], place[at:]
    is_path = isinstance(value, str) and os.path.exists(value)  # noqa: PTH110 - or no path at all
    if isinstance(value, str) and _TELLING.search(value) and not is_path:
        value = _masked(value)
    if _TELLING.search(rest) or _CHINESE.search(rest):  # a sheet may be called by two characters
        rest = _masked(rest)
    told = CaodianError(
        error.rule, value=value, where=f"{path}{rest}" or None, remedy=_without_names(error.remedy)
    )
    return str(told)


# What a remedy proposes: a column, which may be called by a cell, or a path.
_PROPOSED = re.compile("'[^']+'")


def _without_names(remedy: str | None) -> str | None:
    if remedy is None or not _TELLING.search(remedy):
        return remedy
    return _PROPOSED.sub(
        lambda found: found[0] if os.path.exists(found[0][1:-1]) else _masked(found[0]),  # noqa: PTH110 - or no path at all
        remedy,
    )


def _masked(text: str) -> str:
    from analysis.corpus.mask import hide_words

    return hide_words(text)


def _flush() -> None:
    """Write what was printed now, so that a full disk behind stdout is told and not swallowed."""
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError:
        _forget_stdout()  # what could not be written would fail again at the interpreter's end
        raise


def _forget_stdout() -> None:
    """Let the interpreter flush into nothing at its end: nobody can take what is left."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, code: int) -> int:
    click.echo(f"caodian: {sentence}", err=True)
    from analysis.cli.options import in_chinese, speaks_chinese

    if speaks_chinese() and (told := in_chinese(sentence)):
        click.echo(f"caodian：{told}", err=True)
    return code


def _refused(error: BaseException) -> str | None:
    """Say what the system refused, None where it was not the system."""
    if isinstance(error, MemoryError):
        return str(
            CaodianError(
                "the data must fit into the memory",
                remedy="Free some, or read fewer rows with --limit.",
            )
        )
    number = _error_number(error)
    if number is None:
        return None
    given = (getattr(error, name, None) for name in ("filename", "filename2"))
    names = [str(name) for name in given if name is not None]
    return str(
        CaodianError(
            "the system must let files be read and written",
            value=", ".join(names) or None,
            where=os.strerror(number),
            remedy=_REMEDIES.get(number, "Check the path and its permissions."),
        )
    )


def _error_number(error: BaseException) -> int | None:
    """Return the system's number of an error; libraries of other languages write it into words."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    told = re.search(r"(?i)\b(?:os error|errno:?) (\d+)", str(error))
    return int(told[1]) if told else None


def _unforeseen(error: BaseException) -> str:
    first_line = (str(error).strip().splitlines() or [""])[0][:200]
    if _TELLING.search(first_line):  # libraries quote cells
        first_line = _masked(first_line)
    return (
        f"an error that no rule foresaw: {type(error).__name__}: {first_line}. "
        "Run again with --verbose and report what it prints."
    )
