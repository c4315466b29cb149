"""Read a study file; every mistake is named with the nearest right word."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from analysis.errors import CaodianError, nearest, require_path
from analysis.storage.run_paths import in_project
from analysis.study.model import Study, Window
from analysis.yaml_text import read_yaml


def load_study(path: str | Path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path
        A YAML file with the keys of :class:`analysis.study.model.Study`, as seen from the current
        folder or from the checkout.

    Returns
    -------
    Study

    Raises
    ------
    CaodianError
        When the file is absent, is no YAML, or breaks a rule; the sentence names the key and
        what to write instead.

    Examples
    --------
    >>> load_study("studies/absent.yaml")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a study file must exist: found 'studies/absent.yaml'. ...
    """
    remedy = "Give its path, such as 'studies/618-2020.yaml'."
    require_path(path, "a study is loaded from its file", remedy)
    path = in_project(path)
    return check_study(_read_yaml(path), path)


def check_study(content: dict[str, Any], path: Path) -> Study:
    """Check the content of a study file; mistakes are told as those of the file at `path`.

    Examples
    --------
    >>> check_study({"name": "x"}, Path("x.yaml"))
    Traceback (most recent call last):
    analysis.errors.CaodianError: a study file must have the key title_zh (x.yaml). Add title_zh.
    """
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        raise _first_mistake(error, path) from None


def study_of_range(
    name: str,
    start: date | None,
    end: date | None,
    sources: list[str],
    titles: tuple[str, str] | None = None,
) -> Study:
    """Return a study without published claims whose window is the range of a file's own dates.

    Parameters
    ----------
    name
        Name of the study and of its folders.
    start, end
        First and last day; None where the posts have no days.
    sources
        Collectors of the posts.
    titles
        What the report calls the exports, in Chinese and in English; by default the name.

    Examples
    --------
    >>> study_of_range("reviews", date(2019, 1, 1), date(2019, 1, 3), []).window.end
    datetime.date(2019, 1, 3)
    """
    title_zh, title_en = titles or (name, name)
    return Study(
        name=name,
        title_zh=f"{title_zh}：消费投诉分析",
        title_en=f"{title_en}: consumer grievances",
        window=None if start is None or end is None else Window(start=start, end=end),
        sources=sources,
        scale=1.0,
    )


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = read_yaml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CaodianError(
            "a study file must exist",
            value=str(path),
            remedy="Check the path, or copy studies/618-2020.yaml and change it.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CaodianError(
            "a study file must be a readable UTF-8 text", value=str(path), where=str(error)
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise CaodianError(
            "a study file must be valid YAML", value=getattr(error, "problem", None), where=line
        ) from None
    if not isinstance(content, dict):
        raise CaodianError("a study file must hold keys and values", value=content, where=str(path))
    return content


def _first_mistake(error: ValidationError, path: Path) -> CaodianError:
    # A key that is misspelt is both unknown and missing: say which word was meant.
    mistakes = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    mistake = mistakes[0]
    field = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        return _unknown_key(mistake["loc"], path)
    if mistake["type"] == "missing":
        return CaodianError(
            f"a study file must have the key {field}", where=str(path), remedy=f"Add {field}."
        )
    return CaodianError(
        f"the study's {field or 'content'} must be valid",
        value=mistake["input"] if field else None,
        where=str(path),
        remedy=mistake["msg"].removeprefix("Value error, ").rstrip(".") + ".",
    )


def _unknown_key(location: tuple[int | str, ...], path: Path) -> CaodianError:
    *parents, key = location
    known = _known_keys(parents)
    near = nearest(str(key), known)
    remedy = f"Did you mean {near!r}?" if near else f"Known keys: {', '.join(known)}."
    return CaodianError(
        "a study file may hold known keys only",
        value=".".join(str(part) for part in location),
        where=str(path),
        remedy=remedy,
    )


def _known_keys(parents: list[int | str]) -> list[str]:
    model: type[BaseModel] = Study
    for parent in parents:
        if isinstance(parent, int) or parent not in model.model_fields:
            continue
        model = _model_inside(model.model_fields[parent].annotation) or model
    return list(model.model_fields)


def _model_inside(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401
    """Return the section class inside `X | None`, `list[X]` or `dict[str, X]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_inside(part)
        if found is not None:
            return found
    return None
