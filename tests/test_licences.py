"""No package of the lock is under a licence that the project's own could not stand beside.

``make licences`` writes the table of them, docs/licences.csv, by what each installed package says.
"""

import csv
import re
from importlib import metadata
from pathlib import Path

import pytest

TABLE = Path("docs", "licences.csv")

# Their metadata names no licence; the licence file in each wheel is that of MIT.
BY_FILE = {"axe-playwright-python": "MIT", "ppi-python": "MIT"}
COPYLEFT = re.compile(r"(?<![A-Z])A?GPL|(?<!Lesser )General Public License", re.IGNORECASE)


def locked(root):
    lines = (root / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    return [re.split(r"[=<> @;\[]", line)[0] for line in lines if re.match(r"\w", line)]


def licence_of(package):
    """Read what a package says of its licence; None where it is not installed on this system."""
    try:
        found = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return None
    said = [
        found.get("License-Expression"),
        (found.get("License") or "").strip().partition("\n")[0],
    ]
    classes = [line for line in found.get_all("Classifier") or [] if line.startswith("License")]
    return "; ".join(filter(None, [*said, *classes])) or BY_FILE.get(package, "")


@pytest.mark.parametrize(
    ("said", "is_copyleft"),
    [
        ("GPL-3.0-only", True), ("License :: OSI Approved :: GNU General Public License v3", True),
        ("AGPL-3.0", True), ("GNU Affero General Public License", True), ("MIT", False),
        ("LGPL-2.1", False), ("GNU Lesser General Public License", False), ("BSD-3-Clause", False),
    ],
)  # fmt: skip
def test_copyleft_is_told_from_the_rest(said, is_copyleft):
    assert bool(COPYLEFT.search(said)) == is_copyleft


def test_no_package_of_the_lock_is_copyleft_or_without_a_licence(root):
    said = {package: licence_of(package) for package in locked(root)}
    assert len([package for package, words in said.items() if words]) > 150
    assert [package for package, words in said.items() if words == ""] == []
    assert {p: words for p, words in said.items() if words and COPYLEFT.search(words)} == {}


EXPRESSION = re.compile(r"(?!UNKNOWN)[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*")


def short(said):
    """Shorten what a package says: its expression, else its class, else its first words."""
    first, *classes = said.split("; ")
    named = [one.rpartition(":: ")[2] for one in classes or [first] if one.startswith("License ::")]
    return first if EXPRESSION.fullmatch(first) or not named else "; ".join(named)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("MIT; License :: OSI Approved :: MIT License", "MIT"), ("MIT AND PSF-2.0",) * 2,
        ("UNKNOWN; License :: OSI Approved :: ISC License (ISCL)", "ISC License (ISCL)"),
        ("Copyright (c) 2015; License :: OSI Approved :: BSD License", "BSD License"),
        ("License :: OSI Approved :: MIT License", "MIT License"), ("Apache License, 2.0",) * 2,
    ],
)  # fmt: skip
def test_a_licence_is_told_in_few_words(said, told):
    assert short(said) == told


def known(root):
    with (root / TABLE).open(encoding="utf-8", newline="") as lines:
        return dict(csv.reader(lines))


def listed(root):
    """Give the rows of the table: packages of other systems keep what it says of them."""
    before = known(root) if (root / TABLE).is_file() else {}
    told = {package: licence_of(package) for package in sorted(set(locked(root)))}
    return {"package": "licence"} | {
        package: before.get(package, "?") if said is None else short(said)
        for package, said in told.items()
    }


def test_the_table_of_licences_is_that_of_the_lock(root):
    table, packages = known(root), locked(root)
    assert [*table] == ["package", *sorted(set(packages))]
    # Which of several versions stands here depends on Python and system.
    now = {name: said for name, said in listed(root).items() if packages.count(name) < 2}
    assert {name: table[name] for name in now} == now, "make licences"
    assert "?" not in table.values()
    assert {p: words for p, words in table.items() if COPYLEFT.search(words)} == {}


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[1]
    rows = listed(here).items()
    with (here / TABLE).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
