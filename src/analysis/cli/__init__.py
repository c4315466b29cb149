"""The command line: one module a command, loaded only when it is called."""

import sys

try:
    from analysis.cli.main import main
except KeyboardInterrupt:  # while its libraries load, which takes seconds on a busy machine
    sys.stderr.write("caodian: stopped; nothing was begun\n")
    sys.exit(130)

__all__ = ["main"]
