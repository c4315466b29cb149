"""Read YAML, by the compiled parser where it is installed: eight times as fast."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:  # noqa: ANN401 - what a file holds is checked by its reader
    """Return what a YAML text holds: mappings, lists, strings and numbers, never other objects.

    Raises
    ------
    yaml.YAMLError
        If the text is no YAML.

    Examples
    --------
    >>> read_yaml("发货: [慢, 丢]")
    {'发货': ['慢', '丢']}
    """
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones
    except yaml.YAMLError:
        return yaml.safe_load(text)  # raises, too, and its sentence names what was found
