"""No package of the lock is under a licence that the project's own could not stand beside."""

import re
from importlib import metadata

import pytest

# Their metadata names no licence; the licence file in each wheel is that of MIT.
BY_FILE = {"axe-playwright-python": "MIT", "ppi-python": "MIT"}
COPYLEFT = re.compile(r"(?<![A-Z])A?GPL|(?<!Lesser )General Public License", re.IGNORECASE)


def locked(root):
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
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
