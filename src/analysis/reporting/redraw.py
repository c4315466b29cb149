"""Draw the figures and write the pages of a build again, and compare byte by byte.

This finds what no evidence id covers: a figure changed together with its data, or a sentence with
a number that carries no mark. It needs the versions that made the build; with others it says so.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from analysis.errors import CaodianError
from analysis.reporting.evidence import code_digest, software_versions
from analysis.reporting.figures import draw_figures
from analysis.reporting.notebooks import list_executed
from analysis.reporting.report import render_report
from analysis.reporting.saved_run import FILE as RUN
from analysis.reporting.words import LANGUAGES
from analysis.study.model import Study

REMEDY = "Do not use this report; make it again with caodian report."


def redraw(folder: Path, tables: dict[str, pd.DataFrame], manifest: dict[str, object]) -> int:
    """Make figures and pages again from the tables of a build.

    Parameters
    ----------
    folder
        The folder of one study under ``build/``.
    tables
        Its tables.
    manifest
        Its manifest.

    Returns
    -------
    int
        How many files came out the same; 0 when other versions made the build.

    Raises
    ------
    CaodianError
        When a figure or a page is not what the tables give.

    Examples
    --------
    >>> redraw(Path("build/618-2020"), {}, {"code": "of another version"})
    0
    """
    made_by = (manifest.get("code"), manifest.get("software"))
    if made_by != (code_digest(), software_versions()) or not (folder / RUN).is_file():
        return 0
    facts = json.loads((folder / RUN).read_text("utf-8"))
    study = Study.model_validate(facts["study"])
    same: set[str] = set()
    with TemporaryDirectory() as name:
        drawn = Path(name)
        for language in LANGUAGES:
            figures = draw_figures(
                tables, study, language, drawn,
                simulated=facts["simulated"], scale=facts["scale"],
            )  # fmt: skip
            page = render_report(
                tables, figures, study, language, simulated=facts["simulated"],
                scale=facts["scale"], notebooks=list_executed(folder, language),
                manifest={**manifest, "inputs": {}},
                other_language_href=f"report.{'en' if language == 'zh' else 'zh'}.html",
            )  # fmt: skip
            same.add(_compare(folder, f"report.{language}.html", page.encode()))
        for path in sorted(drawn.iterdir()):
            same.add(_compare(folder, f"figures/{path.name}", path.read_bytes()))
    for path in sorted((folder / "figures").glob("*")):
        if f"figures/{path.name}" not in same:
            raise _refusal(f"figures/{path.name}")
    return len(same)


def _compare(folder: Path, name: str, expected: bytes) -> str:
    path = folder / name
    if not path.is_file() or path.read_bytes() != expected:
        raise _refusal(name)
    return name


def _refusal(name: str) -> CaodianError:
    return CaodianError(
        "figures and pages must be what the tables give when they are made again",
        value=name, remedy=REMEDY,
    )  # fmt: skip
