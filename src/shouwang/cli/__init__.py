"""The command line `shouwang`. Exits 0 when it did what was asked, 1 when it was refused or failed, 2 for a wrong call.

Data goes to standard output (as JSON with --json), progress and errors to standard error.
"""

from .parser import main

__all__ = ["main"]
