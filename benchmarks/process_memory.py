"""Peak memory of this process, by the operating system's figure."""

from __future__ import annotations

import sys


def peak_megabytes() -> float:
    """Return the highest resident set so far, in MB."""
    try:
        import resource
    except ImportError:  # Windows has no such figure in the standard library
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
