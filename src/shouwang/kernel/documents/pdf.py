"""A paper as PDF, by Typst, in this process: no file of ours is written and nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import typst

from .. import clock
from .fonts import BODY, HEADING, TITLE, chosen, fonts
from .paper import Paper, printable

_TEMPLATE = Path(__file__).with_name("paper.typ")


def render_pdf(paper: Paper) -> bytes:
    """The same paper at the same instant gives the same bytes. A character that no font has is an empty box, no failure:
    PDF/A would refuse the whole letter for it."""
    families = {"title": chosen(TITLE), "body": chosen(BODY), "heading": chosen(HEADING)}
    compiled = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        font_paths=fonts(),
        sys_inputs={
            "paper": json.dumps(_printed(paper.as_json()), ensure_ascii=False),
            "fonts": json.dumps(families, ensure_ascii=False),
        },
        format="pdf",
        timestamp=int(clock.now().timestamp()),
    )
    assert isinstance(compiled, bytes)
    return compiled


def _printed(value: object) -> object:
    """The same with every text made printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printed(one) for key, one in value.items()}
    return [_printed(one) for one in value] if isinstance(value, list) else value
