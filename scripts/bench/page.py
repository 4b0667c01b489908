"""docs/benchmarks.md: a section for each bench, each replaced by its latest run; the rest of the page stays."""

from __future__ import annotations

import re
from pathlib import Path

from .results import Result, as_markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def with_result(text: str, result: Result) -> str:
    """The page with the section of this bench put in place of the one that was there, or at its end."""
    begin, end = f"<!-- bench: {result.bench} -->", f"<!-- end: {result.bench} -->"
    section = f"{begin}\n{as_markdown(result)}\n{end}"
    there = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if there.search(text):
        return there.sub(lambda _match: section, text)
    return f"{text.rstrip()}\n\n{section}\n"


def write(result: Result) -> None:
    PAGE.write_text(with_result(PAGE.read_text(), result))
