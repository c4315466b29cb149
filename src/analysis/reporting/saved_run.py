"""What a notebook opens: the tables of a run, and the study and scale that they came from."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from analysis.errors import CaodianError, nearest
from analysis.reporting.figures import draw_figure
from analysis.reporting.plots.canvas import Drawing
from analysis.reporting.report import SECTIONS
from analysis.reporting.sections.blocks import Text
from analysis.reporting.sections.shape import Run
from analysis.reporting.tables import TABLES, load_tables
from analysis.reporting.words import load_words
from analysis.schema.definition import table as columns_of
from analysis.study.model import Study

FILE = "run.json"


def save_run(build_dir: str | Path, study: Study, *, simulated: bool, scale: float) -> Path:
    """Write down what the tables of a run cannot say: its study, and whether it was simulated.

    Parameters
    ----------
    build_dir
        The folder of the study under ``build/``.
    study, simulated, scale
        As the run had them.

    Returns
    -------
    Path
        The file, ``run.json``.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_run(folder, study, simulated=False, scale=1.0).name
    'run.json'
    """
    content = {"simulated": simulated, "scale": scale, "study": study.model_dump(mode="json")}
    path = Path(build_dir) / FILE
    path.write_bytes((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    return path


@dataclass(frozen=True)
class SavedRun:
    """A run as a notebook sees it; each method answers one kind of question."""

    tables: dict[str, pd.DataFrame]
    study: Study
    simulated: bool
    scale: float
    language: str

    def table(self, name: str, **where: object) -> pd.DataFrame:
        """Give a table, or those of its rows in which the named columns have the given values.

        A table that this run had nothing to write into is an empty one with its columns.
        """
        if name not in self.tables and name not in TABLES:
            raise CaodianError(
                "a notebook may ask for the tables of a run",
                value=name,
                remedy=f"Nearest: {nearest(name, list(TABLES))}. "
                f"This run wrote {', '.join(sorted(self.tables))}.",
            )
        absent = name not in self.tables
        rows = pd.DataFrame(columns=columns_of(name).names) if absent else self.tables[name]
        for column, value in where.items():
            rows = rows[rows[column] == value]
        return rows.reset_index(drop=True)

    def figure(self, name: str) -> Drawing | None:
        """Draw a figure of the report; None when the run has no data for it."""
        return draw_figure(
            name, self.tables, self.study, self.language, simulated=self.simulated, scale=self.scale
        )

    def claims(self, about: str | None = None) -> pd.DataFrame:
        """Give the verdicts in this run's language, all or those on one code."""
        rows = self.tables.get("claims", pd.DataFrame({"claim_id": []}))
        if about is not None:
            named = [claim.id for claim in self.study.claims if claim.grievance == about]
            rows = rows[rows["claim_id"].isin(named)]
        suffix = "_en" if self.language == "en" else ""
        texts = {f"statement{suffix}": "statement", f"reason{suffix}": "reason"}
        columns = [
            "claim_id",
            f"statement{suffix}",
            "verdict",
            "estimate",
            "low",
            "high",
            f"reason{suffix}",
        ]
        return rows.reindex(columns=columns).rename(columns=texts).reset_index(drop=True)

    def answer(self, section: str) -> "Answer":
        """Give the words of a section of the report."""
        sections = {maker.__name__: maker for maker in SECTIONS}
        made = sections[section](
            Run(
                self.tables, {}, self.study, load_words(self.language), self.simulated,
                self.scale, (), {},
            )
        )  # fmt: skip
        texts: list[Text] = [escape(made.absent)] if made.absent else []
        return Answer([*texts, *made.paragraphs, *made.notes])


@dataclass(frozen=True)
class Answer:
    """Sentences that a notebook shows."""

    texts: list[Text]

    def _repr_html_(self) -> str:
        return "".join(Markup("<div>{}</div>").format(text) for text in self.texts)

    def __repr__(self) -> str:
        return "\n".join(Markup("{}").format(text).striptags() for text in self.texts)


def open_run(build_dir: str | Path, language: str = "zh") -> SavedRun:
    """Open what ``caodian report`` left in a build folder.

    Parameters
    ----------
    build_dir
        For example ``build/618-2020``.
    language
        Language of figures and sentences, ``zh`` or ``en``.

    Returns
    -------
    SavedRun
        Tables, figures and answers.

    Raises
    ------
    CaodianError
        When there is no run in the folder.

    Examples
    --------
    >>> open_run("no/such/build")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a run must have written run.json: ...
    """
    path = Path(build_dir) / FILE
    if not path.is_file():
        raise CaodianError(
            f"a run must have written {FILE}",
            value=path.as_posix(),
            remedy="Run caodian report first, or name its build folder.",
        )
    pd.set_option("display.max_colwidth", None)  # sentences are read whole, or not at all
    facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
    study = Study.model_validate(facts["study"])
    return SavedRun(load_tables(build_dir), study, facts["simulated"], facts["scale"], language)
