"""The manifest of a run: what went in, with which versions, and the hash of all that came out."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from analysis.storage import write_text
from analysis.study.model import Study

FILE = "manifest.json"
# The packages whose version can change a figure or a number.
_PACKAGES = (
    "caodian", "jinja2", "matplotlib", "numba", "numpy", "pandas", "polars", "pyarrow",
    "scikit-learn", "scipy", "seaborn", "snownlp", "statsmodels", "zhplot",
)  # fmt: skip


def describe_run(
    study: Study, *, parameters: Mapping[str, object], inputs: Mapping[str, str]
) -> dict[str, object]:
    """Say from what a run was made: the part of the manifest that the report prints.

    Parameters
    ----------
    parameters
        Scale, seed, coder and whatever else was chosen.
    inputs
        sha256 by the base name of each input file.

    Returns
    -------
    dict
        study, code, software, parameters, inputs.

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
    }


def software_versions() -> dict[str, str]:
    """Give the version of every package that can change a figure or a number.

    Examples
    --------
    >>> software_versions()["polars"].count(".")
    2
    """
    return {name: _version(name) for name in _PACKAGES}


@cache
def code_digest() -> str:
    """Name the code of this project by the hash of its files, whatever version it calls itself.

    Examples
    --------
    >>> len(code_digest())
    16
    """
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
    path = folder / FILE
    return write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", path)


def hash_outputs(folder: Path) -> dict[str, str]:
    """Give the sha256 of every file below a folder, by its path in it, the manifest left out."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.name != FILE and not path.name.startswith(".")
    }
