"""Area codes as people write them: 12 digits, 15 with a grid; a shorter code of a higher level is filled with zeros."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

_LENGTHS = frozenset({2, 4, 6, 9, 12, 15})
_SEPARATORS = re.compile(r"[\s-]")


def parse_area_code(text: str) -> int:
    """370703 -> 370703000000000. Raises Invalid with reason area.code. Says nothing about whether the area exists."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdigit()) or digits.startswith("0"):
        message = _("区划代码“%(text)s”应为2、4、6、9、12或15位数字")
        raise Invalid(message % {"text": text}, reason="area.code", text=text)
    return int(digits.ljust(15, "0"))


def format_area_code(code: int) -> str:
    """12 digits; 15 when the code is a grid's."""
    statistical, grid = divmod(code, 1000)
    return f"{statistical:012d}{grid:03d}" if grid else f"{statistical:012d}"
