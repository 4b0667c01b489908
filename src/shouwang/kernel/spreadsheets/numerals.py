"""Chinese numerals: everyday (二十三), financial (贰拾叁), and digit by digit (二〇二〇).

A numeral is accepted only if it is how its own value is written, so a slip or a spoken short form (一百五, 一万五) is
never taken for another number.
"""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_PLAIN = str.maketrans(
    "〇○壹弌贰两叁肆伍陆柒捌玖拾佰仟萬億", "零零一一二二三四五六七八九十百千万亿"
)  # fmt: skip
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_BARE_TEN = re.compile(r"(?<![一二三四五六七八九])十")
_LIMIT: Final = 10**12


def parse_digits(text: str) -> int | None:
    """`二〇二〇` -> 2020; None if any character is not a digit."""
    values = [_DIGITS.find(char) for char in text.translate(_PLAIN)]
    return None if not values or min(values) < 0 else int("".join(map(str, values)))


def parse_numeral(text: str) -> int | None:
    """`壹万零贰佰` -> 10200, `二十三` -> 23, `零` -> 0; None if it is not a well-formed numeral."""
    plain = _BARE_TEN.sub("一十", text.translate(_PLAIN))
    value = _add_up(plain)
    return value if value is not None and value < _LIMIT and _spell(value) == plain else None


def _add_up(plain: str) -> int | None:
    total = section = digit = 0
    for char in plain:
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        elif char in _UNITS:
            section, digit = section + digit * _UNITS[char], 0
        elif char in "万亿":
            total, section, digit = total + (section + digit) * (10_000 if char == "万" else 100_000_000), 0, 0
        else:
            return None
    return total + section + digit if plain else None


def _spell(value: int) -> str:
    if value == 0:
        return "零"
    spelled = ""
    for factor, unit in ((100_000_000, "亿"), (10_000, "万"), (1, "")):
        section = value // factor % 10_000
        if section:
            gap = "零" if spelled and (section < 1000 or spelled.endswith("零")) else ""
            spelled = spelled.rstrip("零") + gap + _spell_section(section) + unit
        elif spelled and factor > 1:
            spelled += "零"
    return spelled.rstrip("零")


def _spell_section(section: int) -> str:
    spelled = ""
    for factor, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = section // factor % 10
        if digit:
            spelled += _DIGITS[digit] + unit
        elif spelled and not spelled.endswith("零"):
            spelled += "零"
    return spelled.rstrip("零")
