"""Resident identity numbers (GB 11643-1999, 18 characters).

Guarantees: what `parse_id_number` returns has 18 characters, a real birth date between 1880 and `today`, and a right
check character. Refuses: everything else, each with its own stable reason. The first six digits are a hint only: people
keep a number whose area code has since been abolished or was never in any list, so they are not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul
from typing import Literal

from django.utils.translation import gettext as _

from .errors import Invalid

Sex = Literal["male", "female"]

EARLIEST_BIRTH = date(1880, 1, 1)  # nobody older is alive: an earlier year is a slip of the keyboard

_NUMBER = re.compile(r"\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, table 1
_WEIGHT_SUM = sum(_WEIGHTS)
_CHECK = "10X98765432"  # GB 11643-1999: remainder of the weighted sum by 11 -> check character
_ZERO = ord("0")
_BLANKS = str.maketrans("", "", " \t\r\n\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX")


@dataclass(frozen=True, slots=True)
class IdNumber:
    number: str
    birth_on: date
    sex: Sex

    @property
    def area_hint(self) -> str:
        """The six-digit division where the number was first issued; not where the person lives."""
        return self.number[:6]


def tidy_id_number(text: str) -> str:
    """Without blanks, in half-width characters, with a capital X."""
    return text.translate(_BLANKS).translate(_HALF_WIDTH)


def check_character(first_17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    if len(first_17) != len(_WEIGHTS):
        raise ValueError("the check character belongs to 17 digits")
    weighted = sum(map(mul, _WEIGHTS, first_17.encode()))
    return _CHECK[(weighted - _ZERO * _WEIGHT_SUM) % 11]


def parse_id_number(text: str, *, today: date) -> IdNumber:
    """Raises Invalid with reason id.length, id.old_15, id.characters, id.birth_date, id.birth_too_early,
    id.birth_in_future or id.checksum. Messages never repeat the number: they end up in logs and result files."""
    return _parsed(text if _is_shaped(text) else tidy_id_number(text), today)


@lru_cache(maxsize=256)
def _parsed(number: str, today: date) -> IdNumber:
    """An import reads a number as a cell and checks it as a person's; it is parsed once."""
    if not _is_shaped(number):
        raise _misshapen(number)
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        message = _("身份证号第7至14位“%(digits)s”不是真实的出生日期") % {"digits": number[6:14]}
        raise Invalid(message, reason="id.birth_date") from None
    if birth_on < EARLIEST_BIRTH:
        raise Invalid(_("身份证号中的出生年份早于1880年，请核对第7至10位"), reason="id.birth_too_early")
    if birth_on > today:
        raise Invalid(_("身份证号中的出生日期晚于今天，请核对第7至14位"), reason="id.birth_in_future")
    if check_character(number[:17]) != number[17]:
        raise Invalid(_("身份证号校验码不符，至少有一位录错，请对照证件核对"), reason="id.checksum")
    return IdNumber(number, birth_on, "male" if int(number[16]) % 2 else "female")


def _is_shaped(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and text.isascii()


def _misshapen(number: str) -> Invalid:
    if len(number) == 15 and number.isascii() and number.isdigit():
        return Invalid(_("这是15位的旧身份证号，请填写18位身份证号"), reason="id.old_15")
    if len(number) != 18:
        message = _("身份证号应为18位，现为%(length)s位") % {"length": len(number)}
        return Invalid(message, reason="id.length", length=len(number))
    return Invalid(_("身份证号前17位应为数字，最后一位应为数字或X"), reason="id.characters")
