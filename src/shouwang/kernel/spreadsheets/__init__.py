"""Spreadsheets in and out: what people send, read exactly or refused with a reason; what we give, safe to open."""

from .columns import Column, Kind
from .container import LIMITS, Limits
from .facts import Hole
from .grid import Book, open_book
from .reading import REASON_LABEL, Problem, Row, Sheet, Skip, SkippedRow, read_sheet
from .spool import Spool
from .write import neutralised, write_csv, write_refused, write_xlsx

__all__ = [
    "LIMITS",
    "REASON_LABEL",
    "Book",
    "Column",
    "Hole",
    "Kind",
    "Limits",
    "Problem",
    "Row",
    "Sheet",
    "Skip",
    "SkippedRow",
    "Spool",
    "neutralised",
    "open_book",
    "read_sheet",
    "write_csv",
    "write_refused",
    "write_xlsx",
]
