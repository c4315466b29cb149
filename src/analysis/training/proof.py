"""Whether the shipped weights were rebuilt from what stands here.

To rebuild them takes minutes. So the proof, `make test-training`, ends by writing down a digest of
all that training reads: its code, its data, the locked versions, and the weights. While these are
the same, the proof would be the same. ``python -m analysis.training.proof`` says what
has changed since.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import yaml

from analysis.storage.run_paths import project_root

_PROOF = Path("src/analysis/coding/weights/training.sha256")
_STARTS = (
    "analysis.training.coder",
    "analysis.training.masking",
    "analysis.training.sentiment",
)
_DATA = (
    "data/coded/sample/train.jsonl",
    "data/coded/written/*.jsonl",
    "data/coded/reviews.csv",
    "codebook/**/*.yaml",
    "src/analysis/engine/*.txt",
    "src/analysis/simulate/**/*.yaml",
    "src/analysis/training/*.yaml",
)
# Of the simulated study, what its posts are written from.
_STUDY = "studies/618-2020.yaml"
_NOT_WRITTEN_FROM = ("claims", "published", "title_zh", "title_en")
_WEIGHTS = ("src/analysis/*/weights/*.npz", "src/analysis/*/weights/*.md")


def _training_digests(root: Path) -> dict[str, str]:
    """Return the digests of what training reads and writes: `code, data, lock, weights`.

    Code is taken without comments, docstrings and layout, and with all that it imports.
    """
    modules = _with_imports(root / "src", _STARTS)
    return {
        "code": _digest((name, _plain(path).encode()) for name, path in sorted(modules.items())),
        "data": _digest([*_files(root, _DATA), *_study(root / _STUDY)]),
        "lock": _digest(_files(root, ("requirements.lock",))),
        "weights": _digest(_files(root, _WEIGHTS)),
    }


def _changed_since_proof(root: Path) -> list[str]:
    """Return which of the digests are not those of the last proof, all of them without one."""
    proof = root / _PROOF
    lines = proof.read_text(encoding="utf-8").splitlines() if proof.exists() else []
    proven = {name: digest for digest, name in (line.split() for line in lines)}
    found = _training_digests(root)
    return [name for name, digest in found.items() if proven.get(name) != digest]


def _write_proof(root: Path) -> None:
    """Write down that the weights were rebuilt from what stands here."""
    lines = [f"{digest}  {name}\n" for name, digest in _training_digests(root).items()]
    (root / _PROOF).write_text("".join(lines), encoding="utf-8")


def _digest(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = sha256()
    for name, content in parts:
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _files(root: Path, patterns: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    paths = {path for pattern in patterns for path in root.glob(pattern)}
    for path in sorted(paths):
        # A checkout on Windows may end lines otherwise.
        yield path.relative_to(root).as_posix(), path.read_bytes().replace(b"\r\n", b"\n")


def _study(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.exists():
        given = yaml.safe_load(path.read_bytes())
        read = {name: given[name] for name in sorted(given) if name not in _NOT_WRITTEN_FROM}
        yield path.name, repr(read).encode()


def _with_imports(source: Path, starts: Iterable[str]) -> dict[str, Path]:
    """Return the modules and all of the package that they import, name → file."""
    found: dict[str, Path] = {}
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        path = _file_of(source, name)
        if path is not None and name not in found:
            found[name] = path
            waiting += _imported(path)
    return found


def _file_of(source: Path, name: str) -> Path | None:
    place = source.joinpath(*name.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if path.exists():
            return path
    return None


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(_ForTypes().visit(ast.parse(path.read_bytes()))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module.split(".")[0] == "analysis":
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("analysis."))


class _ForTypes(ast.NodeTransformer):
    """Leaves out what is imported for the type checker alone."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return node.orelse
        return self.generic_visit(node)


def _plain(path: Path) -> str:
    """Return the code as a tree without docstrings.

    Another version of Python writes the tree otherwise; then the proof is run once more than need.
    """
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(line: ast.AST) -> bool:
    is_constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return is_constant and isinstance(line.value.value, str)  # type: ignore[attr-defined]


def main() -> None:
    """Say what changed since the proof, and end with 1 if anything did; or write the proof."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="Write down that it was rebuilt.")
    root = project_root()
    if parser.parse_args().write:
        _write_proof(root)
    elif changed := _changed_since_proof(root):
        print(f"changed since the weights were last rebuilt: {', '.join(changed)}")  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()
