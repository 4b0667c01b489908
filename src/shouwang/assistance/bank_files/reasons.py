"""A bank's reason for a return in our words; the code stays beside them, for the call to the bank."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

REASON_LENGTH = 100


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    stored: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "reasons.yaml").read_text("utf-8"))
    return stored


def reason_words(code: str, note: str = "", *, table: str = "iso20022") -> str:
    """`AC04`, `销户日期 2020-01-02` -> `账户已销户（AC04）：销户日期 2020-01-02`. A code that nobody knows is shown as it is.

    Never empty, at most 100 characters: what the outcome's row holds.
    """
    known = _tables()[table].get(code.strip().upper())
    words = f"{known}（{code.strip().upper()}）" if known else code.strip()
    parts = [part for part in (words, " ".join(note.split())) if part]
    return "：".join(parts)[:REASON_LENGTH] or _("银行未说明原因")
