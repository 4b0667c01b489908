"""Turns what a person typed, or Excel made of it, into a value, exactly or not at all.

Guarantees: money is exact fen; a date is one date, whatever the order of separators; an identifier has all its digits.
Refuses, as Invalid with a stable reason and what to do next: what could be read in two ways. Blank is None everywhere.
Numbers from a spreadsheet are taken to 15 significant digits, which is all that Excel itself keeps and shows.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from ..errors import Invalid
from ..identity import parse_id_number
from ..money import FEN_MAX
from .facts import Hole
from .half_width import to_half_width, with_half_width_letters
from .numerals import parse_digits, parse_numeral

Cell = str | int | float | bool | date | datetime | time | timedelta | Hole | None

_NOISE = re.compile(r"[\x00-\x1f\x7f\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]+")
_TEXT_MARK = re.compile(r"""^(?:'|="(?P<quoted>[^"]*)"$)""")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,3}", re.IGNORECASE)
_EXACT_FLOAT: Final = 10**15


def read_text(value: Cell) -> str | None:
    """Trimmed, each run of blanks one blank, letters and digits in half width; Chinese punctuation stays."""
    if not isinstance(value, str):
        return _text_of(value)
    text = value if value.isascii() else with_half_width_letters(value)
    if text.isalnum():
        return text
    return " ".join(_NOISE.sub(" ", text).split()) or None


def _text_of(value: Cell) -> str | None:
    match value:
        case None:
            return None
        case Hole.FORMULA:
            message = _("单元格是公式，文件里没有保存计算结果。请用 Excel 或 WPS 打开并保存一次，或改填数值")
            raise Invalid(message, reason="cell.formula_without_value")
        case Hole.ERROR:
            raise Invalid(_("单元格是公式的错误值（如 #N/A），请改正公式或直接填写"), reason="cell.error_value")
        case bool():
            return "是" if value else "否"
        case int() | float():
            return _digits_of(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case str():
            return read_text(value)
        case _:
            return str(value)


def _digits_of(number: int | float) -> str:
    """A number as Excel shows it; refuses one so long that Excel has replaced its last digits by zeros."""
    if abs(number) >= _EXACT_FLOAT:
        raise _digits_lost()
    return f"{number:.15g}" if isinstance(number, float) else str(number)


def _digits_lost() -> Invalid:
    message = _(
        "号码被 Excel 当成了数字，15位以后的数字已丢失，无法还原。"
        "请先把这一列的单元格格式设为“文本”，再重新录入完整号码"
    )
    return Invalid(message, reason="cell.digits_lost")


_HAN: Final = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_INSIDE_HAN_NAME = re.compile(f"(?<=[{_HAN}]) +(?=[{_HAN}])")
_NAME_DOT = re.compile(r" *[·•‧∙・･.．] *")
_LATIN = re.compile(r"[A-Za-z]")


def read_name(value: Cell) -> str | None:
    """A person's name: `张 三` -> `张三`; blanks of Latin and of dotted names stay, the dot itself becomes `·`."""
    text = read_text(value)
    if text is None or text.isalpha():
        return text
    if _LATIN.search(text):
        return text
    text = _NAME_DOT.sub("·", text)
    return text if "·" in text else _INSIDE_HAN_NAME.sub("", text)


def read_code(value: Cell) -> str | None:
    """An account, certificate or telephone number: no blanks, half width, capitals; refuses lost digits."""
    text = read_text(value)
    if text is None:
        return None
    if isinstance(value, str):
        text = to_half_width(text)
        mark = _TEXT_MARK.match(text)
        if mark:
            text = mark["quoted"] if mark["quoted"] is not None else text[1:]
        text = text.replace(" ", "").upper()
        if _SCIENTIFIC.fullmatch(text):
            raise _digits_lost()
    return text or None


def read_id_number(value: Cell, *, today: date) -> str | None:
    """A valid identity number of 18 characters, or Invalid."""
    text = read_code(value)
    return None if text is None else parse_id_number(text, today=today).number


_TRUE: Final = frozenset({"是", "有", "对", "√", "✓", "✔", "☑", "Y", "YES", "T", "TRUE", "1"})
_FALSE: Final = frozenset({"否", "无", "没有", "不是", "错", "×", "✗", "✘", "☐", "X", "N", "NO", "F", "FALSE", "0"})


def read_boolean(value: Cell) -> bool | None:
    if isinstance(value, bool):
        return value
    text = read_code(value)
    if text is None:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Invalid(_("“%(text)s”应填“是”或“否”") % {"text": text}, reason="cell.not_boolean")


_COUNT = re.compile(r"(\d{1,9})(?:\.0+)?[人户口个名件岁月次]?")


def read_count(value: Cell) -> int | None:
    """A whole number that is not negative: 3, 3人, 叁."""
    text = read_code(value)
    if text is None:
        return None
    match = _COUNT.fullmatch(text)
    number = int(match[1]) if match else parse_numeral(text)
    if number is None:
        raise Invalid(_("“%(text)s”不是非负整数") % {"text": text}, reason="cell.not_count")
    return number


_SERIAL_EPOCH: Final = date(1899, 12, 30)  # Excel counts a 29 February 1900 that never was: right from 1900-03-01 on
_FIRST_YEAR: Final = 1880
_DATE = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))")
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_HAN_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")  # four digits would be a day before 1927 or a year: refused


def read_date(value: Cell, *, today: date, may_be_future: bool = False) -> date | None:
    """One date from a date cell, an Excel day number or text such as 2020-3-1, 2020年3月1日, 二〇二〇年三月一日."""
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    else:
        text = read_text(value)
        if text is None:
            return None
        found = _parse_date(text)
    if found > today and not may_be_future:
        raise Invalid(_("日期 %(date)s 晚于今天") % {"date": found.isoformat()}, reason="cell.date_in_future")
    return found


@lru_cache(maxsize=4096)
def _date_from(text: str) -> date | None:
    plain = _TIME_OF_DAY.sub("", to_half_width(text).lstrip("'")).replace(" ", "")
    if match := _DATE.fullmatch(plain):
        year, month, day = int(match[1]), int(match[3] or match[5] or match[7]), int(match[4] or match[6] or match[8])
    elif match := _HAN_DATE.fullmatch(plain):
        year, month, day = parse_digits(match[1]) or 0, parse_numeral(match[2]) or 0, parse_numeral(match[3]) or 0
    elif match := _SERIAL.fullmatch(plain):
        return _SERIAL_EPOCH + timedelta(days=int(match[1]))
    else:
        return None
    try:
        return date(year, month, day) if year >= _FIRST_YEAR else None
    except ValueError:
        return None


def _parse_date(text: str) -> date:
    found = _date_from(text)
    if found is None:
        message = _("“%(text)s”不是完整、真实的日期，请按 2020-03-01 的样式填写") % {"text": text}
        raise Invalid(message, reason="cell.not_date")
    return found


YUAN: Final = 100
WAN_YUAN: Final = 1_000_000

_AMOUNT = re.compile(
    r"(?P<minus>[-−–(]?)(?:RMB|CNY|人民币)?[¥$]?(?P<minus2>-?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?:\.(?P<part>\d*))?"
    r"(?P<unit>万元|万|元整|元|圆)?\)?",
)
_HAN_AMOUNT = re.compile(
    r"(?:人民币)?(?P<yuan>[零〇○壹贰叁肆伍陆柒捌玖拾佰仟万亿一二两三四五六七八九十百千]+)[元圆]"
    r"零?(?:(?P<jiao>[壹贰叁肆伍陆柒捌玖一二三四五六七八九])角)?零?(?:(?P<fen>[壹贰叁肆伍陆柒捌玖一二三四五六七八九])分)?[整正]?",
)


def read_amount(value: Cell, *, unit: int = YUAN) -> int | None:
    """Fen. `unit` is how many fen a bare number stands for: the header or title may say 万元. Never negative."""
    text = read_code(value)
    return None if text is None else _amount(text, unit)


@lru_cache(maxsize=4096)
def _fen_from(text: str, unit: int) -> int | str:
    """Fen, or the reason why not."""
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match["whole"] or match["part"]):
        return _han_fen(text)
    if match["minus"] or match["minus2"]:
        return "cell.negative_amount"
    if match["unit"]:
        unit = WAN_YUAN if match["unit"].startswith("万") else YUAN
    part = (match["part"] or "").rstrip("0")
    scale = 10 ** len(part)
    fen, below = divmod(int((match["whole"] or "0").replace(",", "") + part) * unit, scale)
    if below:
        return "cell.below_fen"
    return fen if fen <= FEN_MAX else "cell.amount_too_large"


def _han_fen(text: str) -> int | str:
    match = _HAN_AMOUNT.fullmatch(text)
    yuan = parse_numeral(match["yuan"]) if match else None
    if match is None or yuan is None:
        return "cell.not_amount"
    return yuan * 100 + (parse_digits(match["jiao"] or "零") or 0) * 10 + (parse_digits(match["fen"] or "零") or 0)


def _amount(text: str, unit: int) -> int:
    fen = _fen_from(text, unit)
    if isinstance(fen, int):
        return fen
    message = {
        "cell.negative_amount": _("金额“%(text)s”是负数，金额不能小于零"),
        "cell.below_fen": _("金额“%(text)s”不足一分的部分无法支付，请改为两位小数"),
        "cell.amount_too_large": _("金额“%(text)s”过大，请核对单位是元还是万元"),
        "cell.not_amount": _("“%(text)s”不是金额，请填写数字，如 1200 或 1200.50"),
    }[fen]
    raise Invalid(message % {"text": text}, reason=fen)
