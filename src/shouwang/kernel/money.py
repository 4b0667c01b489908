"""Money is an integer number of fen (0.01 yuan). Nothing here, and nothing elsewhere, makes it a float."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from .errors import Invalid

FEN_MAX = 9_000_000_000_000_000  # 90 trillion yuan: far above any public budget, far below bigint

_AMOUNT = re.compile(r"(?P<sign>[-+]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<cents>\d+))?", re.ASCII)
_WHOLE_DIGITS_MAX = len(str(FEN_MAX))


def yuan(fen: int) -> str:
    """123456 -> "1,234.56"."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"


def wan_yuan(fen: int) -> str:
    """442_700_000 -> "442.70": ten thousands of yuan, rounded half up to two decimals for display only."""
    hundredths = (abs(fen) + 5_000) // 10_000
    sign = "-" if fen < 0 and hundredths else ""
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}"


def parse_yuan(text: str) -> int:
    """ "1,234.5" yuan -> 123450 fen; full-width characters count as half-width.

    Raises Invalid with reason money.not_a_number, money.below_fen or money.too_large.
    """
    match = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise Invalid(_("金额“%(text)s”不是数字") % {"text": text}, reason="money.not_a_number", text=text)
    cents = (match["cents"] or "").rstrip("0")
    if len(cents) > 2:
        raise Invalid(_("金额“%(text)s”超过两位小数") % {"text": text}, reason="money.below_fen", text=text)
    whole = match["whole"].replace(",", "").lstrip("0")
    fen = int((whole or "0") + cents.ljust(2, "0")) if len(whole) <= _WHOLE_DIGITS_MAX else FEN_MAX + 1
    if fen > FEN_MAX:
        raise Invalid(_("金额“%(text)s”过大") % {"text": text}, reason="money.too_large", text=text)
    return -fen if match["sign"] == "-" else fen


def split_fen(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` fen by `weights` so that the parts sum to it: largest remainder, earlier position first on a tie."""
    if total < 0:
        return [-part for part in split_fen(-total, weights)]
    weight_sum = sum(weights)
    if weight_sum <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    parts = [total * weight // weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % weight_sum), i))
    for position in by_remainder[: total - sum(parts)]:
        parts[position] += 1
    return parts
