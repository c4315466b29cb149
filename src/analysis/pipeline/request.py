"""What a report run was asked for, and what it left."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from analysis.corpus.mask import hide_names, hide_words
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.corpus.readers.containers.keyed import hide_password
from analysis.errors import CaodianError
from analysis.storage import RunPaths
from analysis.storage.formats import as_url
from analysis.storage.run_paths import is_local, is_shipped_study
from analysis.storage.write import HIDDEN
from analysis.study import Study
from analysis.study.names import absolute, own_name, safe_form, shell_word, titles_of

# Controls but line ends, marks that turn the direction of writing, and what is no character.
_UNFIT = re.compile(f"[{HIDDEN}\ud800-\udfff\ufffe\uffff]")
_OPTIONS = ("time", "title", "id", "rating", "author", "region", "keyword", "channel")


@dataclass(frozen=True)
class Request:
    """What `caodian report` was asked for."""

    exports: list[Path]
    study: Study | None
    scale: float | None = None
    out: Path = Path("build")
    scheduler: str | None = None
    storage: Path | None = None
    public: bool = False
    since: Sequence[Path] = ()  # builds that were published before
    audit: Path | None = None
    coder: str = "fast"
    choice: ColumnChoice = field(default_factory=ColumnChoice)
    limit: int | None = None
    notebooks: bool | None = None  # None: where the study is the shipped one
    study_path: Path | None = None

    @property
    def is_simulated(self) -> bool:
        """Whether the corpus is to be simulated, since no export was named."""
        return not self.exports

    @property
    def is_shipped(self) -> bool:
        """Whether the run is one of a shipped study on its simulated corpus (`make report`)."""
        if not self.is_simulated or self.study is None:
            return False
        return is_shipped_study(self.study.name)

    @property
    def with_notebooks(self) -> bool:
        """Whether notebooks are executed: as was asked, else for the shipped study alone.

        Never on posts that are on another computer.
        """
        is_elsewhere = self.storage is not None and not is_local(self.storage)
        wanted = self.is_shipped if self.notebooks is None else self.notebooks
        return wanted and not is_elsewhere

    @cached_property
    def sources(self) -> list[str]:
        """Absolute paths and URLs of the exports, each once, always in the same order."""
        whole = {as_url(str(path)) or str(absolute(path)) for path in self.exports}
        return sorted(whole, key=lambda source: (PurePath(source).name, source))

    def require_words(self) -> None:
        """Refuse, before a run begins, a study whose words no page or table can hold."""
        content = {} if self.study is None else self.study.model_dump(mode="python")
        for key, word in _words_of(content):
            if found := _UNFIT.search(word):
                raise CaodianError(
                    "the words of a study must be characters that can be seen",
                    value=f"U+{ord(found[0]):04X}",
                    where=f"{self.study_path or 'the study'}, {key}",
                    remedy="Delete it, or write the word anew.",
                )

    def require_earlier(self, build: Path) -> None:
        """Refuse, before a run, builds that cannot be held against the one to be published."""
        if self.since and not self.public:
            raise CaodianError(
                "--since goes with --public",
                value=str(self.since[0]),
                remedy="Add --public, or leave --since out.",
            )
        for earlier in self.since:
            if earlier.resolve() == build.resolve():
                raise CaodianError(
                    "--since must name a copy of what was published, which this run leaves alone",
                    value=str(earlier),
                    remedy="Copy the folder elsewhere, and name the copy.",
                )

    @property
    def titles(self) -> tuple[str, str]:
        """What a report without a study calls the exports, in Chinese and in English."""
        return titles_of(self._called)

    @property
    def wished_name(self) -> str:
        """What the folders of a run are called if nothing else is called so already."""
        if self.study is not None:
            return self.study.name
        more = len(self.sources) - 1
        return safe_form(self._called[0]) + (f"-and-{more}-more" if more else "")

    @property
    def _called(self) -> list[str]:
        """What the exports are called, without what would name a person."""
        return hide_names([_called(source) for source in self.sources])

    @property
    def is_elsewhere(self) -> bool:
        """Whether exports lie outside the current folder, so that the command runs beside them."""
        return any("://" not in path and not _is_below_here(path) for path in self.sources)

    def command(self) -> str:
        """Return the command that makes the report again, as a shell reads it.

        Paths are as seen from the current folder; where exports lie outside it, as seen from the
        folder that holds them all, since a report tells nothing of the machine it was made on.
        """
        shown = hide_names(_shown(self.sources, self.is_elsewhere))
        words = ["caodian", "report", *map(shell_word, shown)]
        if self.study is not None:
            path = self.study_path or Path(f"studies/{self.study.name}.yaml")
            words.append(f"--study {_hidden_word(_own_place(path))}")
        if self.is_simulated and self.scale is not None:
            words.append(f"--scale {self.scale:g}")
        words += self._options()
        return " ".join(words)

    def again(self, name: str) -> dict[str, str]:
        """Return what stands beside the command: where to run it, and how its build is checked."""
        out = Path(_own_place(self.out)) if _is_below_here(self.out) else Path("build")
        return {
            "run_in": "beside" if self.is_elsewhere else "here",
            "verify": f"caodian verify {_hidden_word((out / name).as_posix())}",
        }

    @property
    def is_refitted(self) -> bool:
        """Whether the coder is a folder of one that was re-fitted on an audit."""
        return self.coder not in ("fast", "keyword", "llm")

    @property
    def _coder_word(self) -> str:
        """The coder's name, or its folder as a shell reads it."""
        return _hidden_word(_own_place(Path(self.coder))) if self.is_refitted else self.coder

    def _options(self) -> list[str]:
        words = [f"--text-column {_hidden_word(name)}" for name in self.choice.text]
        for name in _OPTIONS:
            column = getattr(self.choice, name)
            words += [] if column is None else [f"--{name}-column {_hidden_word(column)}"]
        words += [] if self.limit is None else [f"--limit {self.limit}"]
        words += [] if self.audit is None else [f"--audit {_hidden_word(_own_place(self.audit))}"]
        words += ["--public"] if self.public else []
        words += [f"--since {_hidden_word(_own_place(build))}" for build in self.since]
        words += [] if self.coder == "fast" else [f"--coder {self._coder_word}"]
        if self.with_notebooks != self.is_shipped:
            words.append("--notebooks" if self.with_notebooks else "--no-notebooks")
        out = _own_place(self.out)
        is_told = out != "build" and _is_below_here(self.out)
        return [*words, f"--out {_hidden_word(out)}"] if is_told else words


# What of a study is printed as it stands. Its other words are names by which data are matched.
_PRINTED = frozenset(
    ("title_zh", "title_en", "statement_zh", "statement_en", "note", "note_zh", "unit", "source",
     "sources")
)  # fmt: skip


def hide_in_study(study: Study, tell: Callable[[str], None]) -> Study:
    """Mask what names a person in the words of a study that pages, figures and tables print.

    Parameters
    ----------
    tell
        Takes a sentence for each text that was changed.

    Raises
    ------
    CaodianError
        When the name of the study names a person: folders and files are called by it.
    """
    if hide_words(study.name) != study.name:
        raise CaodianError(
            "the name of a study must name nobody: folders and files are called by it",
            value=hide_words(study.name),
            remedy="Choose another name.",
        )
    content = study.model_dump(mode="python")
    hidden = _hide_printed(content, "", tell)
    return study if hidden == content else Study.model_validate(hidden)


def _hide_printed(content: Any, key: str, tell: Callable[[str], None]) -> Any:  # noqa: ANN401 - of YAML
    if isinstance(content, dict):
        return {name: _hide_printed(part, str(name), tell) for name, part in content.items()}
    if isinstance(content, list | tuple):
        return [_hide_printed(part, key, tell) for part in content]
    if not isinstance(content, str) or key not in _PRINTED:
        return content
    hidden = hide_words(content)
    if hidden != content:
        tell(f"{key} of the study is printed as {hidden!r}, which names nobody")
    return hidden


def _hidden_word(word: str) -> str:
    """Quote a word for a shell, with what would name a person masked."""
    return shell_word(hide_words(word))


def _words_of(content: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Give every text of a study with its key."""
    if isinstance(content, str):
        yield key, content
    elif isinstance(content, dict):
        for name, part in content.items():
            yield key, str(name)
            yield from _words_of(part, f"{key}.{name}".lstrip("."))
    elif isinstance(content, list | tuple):
        for number, part in enumerate(content, start=1):
            yield from _words_of(part, f"{key}.{number}")


def _called(source: str) -> str:
    """Return the name of a file, or of the database of a URL."""
    if "://" not in source:
        return own_name(source)
    address = PurePath(source.partition("?")[0])
    return own_name(address.name if len(address.parts) > 2 else "database")


def _is_below_here(path: str | Path) -> bool:
    here = str(Path.cwd())
    return _common_folder([here, str(absolute(path))]) == here


def _own_place(path: Path) -> str:
    """Return a path as seen from the current folder, or its last name where it lies elsewhere."""
    return Path(os.path.relpath(path)).as_posix() if _is_below_here(path) else path.name


def _shown(sources: Sequence[str], is_elsewhere: bool) -> list[str]:
    if is_elsewhere:
        return seen_from_above(sources)
    return [
        hide_password(source) if "://" in source else Path(os.path.relpath(source)).as_posix()
        for source in sources
    ]


def seen_from_above(sources: Sequence[str]) -> list[str]:
    """Return files and URLs as seen from the folder that holds all the files."""
    folders = [str(Path(source).parent) for source in sources if "://" not in source]
    above = _common_folder(folders) if folders else None
    return [
        hide_password(source)
        if "://" in source
        else Path(os.path.relpath(source, above) if above else Path(source).name).as_posix()
        for source in sources
    ]


def _common_folder(paths: Sequence[str]) -> str | None:
    try:
        return os.path.commonpath(paths)
    except ValueError:  # on several drives of Windows
        return None


@dataclass(frozen=True)
class Outcome:
    """What a run left: its folder, its reports, and the steps that ran."""

    paths: RunPaths
    reports: list[Path]
    steps_run: list[str]
