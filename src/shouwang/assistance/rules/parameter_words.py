"""Parameters in plain Chinese: a value with its unit, what a change means, and the text for publication. Pure.

Guarantees that the text names every value of the notice with its area, its day and what it replaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from .benefits.catalogue import MONEY_UNITS, Unit, key_of
from .benefits.parameters import ParameterRow, Status

_BEFORE_VALUE: Final[Mapping[str, str]] = {Unit.PER_MONTH: "每人每月 ", Unit.PER_YEAR: "每人每年 "}
_AFTER_VALUE: Final[Mapping[str, str]] = {
    Unit.PER_MONTH: " 元",
    Unit.PER_YEAR: " 元",
    Unit.YUAN: " 元",
    Unit.PERCENT: "%",
    Unit.CHOICE: "",
}
_NUMERALS: Final = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One value of a notice, what held before it, and the months already paid that it reaches back to."""

    old: ParameterRow | None
    new: ParameterRow
    paid_months: Sequence[date] = ()


def value_words(row: ParameterRow | None) -> str:
    """ "每人每月 600 元", "130%", "70 岁", "四舍五入到元"; "随上级" for a row that gives its area back."""
    if row is None:
        return _("无")
    if row.text is None:
        return _("随上级")
    shown = key_of(row.key).show(row.value)
    after = _AFTER_VALUE.get(row.unit, f" {row.unit}")
    return f"{_BEFORE_VALUE.get(row.unit, '')}{shown}{after}"


def source_words(row: ParameterRow) -> str:
    """ "潍民〔2019〕1号第二条"; a remark stands apart from the number."""
    article = row.source_article
    return f"{row.source_number}{'' if article.startswith('第') or not article else ' '}{article}"


def difference_words(old: ParameterRow | None, new: ParameterRow) -> str:
    """ "提高 20 元（3.3%）"; empty where the two cannot be set against one another."""
    if old is None or old.text is None or new.text is None or old.unit != new.unit:
        return ""
    before, after = old.value, new.value
    if not isinstance(before, int) or not isinstance(after, int) or before == after:
        return _("不变") if before == after else ""
    word = _("提高") if after > before else _("降低")
    by = abs(after - before)
    if new.unit == Unit.PERCENT:
        return _("%(word)s %(by)s 个百分点") % {"word": word, "by": key_of(new.key).show(by)}
    if new.unit not in MONEY_UNITS:
        return f"{word} {by} {new.unit}"
    share = f"（{_tenths_of_percent(by, before)}%）" if before else ""
    return _("%(word)s %(by)s 元%(share)s") % {"word": word, "by": key_of(new.key).show(by), "share": share}


def _tenths_of_percent(part: int, whole: int) -> str:
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def announcement(
    *,
    number: str,
    title: str,
    issuer: str,
    on: date,
    changes: Sequence[Replacement],
    name_of: Callable[[int], str],
) -> str:
    """The text for publication, one paragraph a line: by area, then by value in the notice's order."""
    areas = list(dict.fromkeys(change.new.area_code for change in changes))
    days = {change.new.valid_from for change in changes}
    lines = [
        _head(changes),
        "",
        _("根据《%(title)s》（%(number)s），现将有关标准公布如下：") % {"title": title, "number": number},
    ]
    for position, area in enumerate(areas, 1):
        own = [change for change in changes if change.new.area_code == area]
        lines.append(f"{numeral(position)}、{name_of(area)}")
        said = [f"{place}．{_line(change, has_own_day=len(days) > 1)}" for place, change in enumerate(own, 1)]
        lines += [f"{line}；" for line in said[:-1]] + [f"{said[-1]}。"]
    if len(days) == 1:
        lines.append(_("以上标准自 %(day)s 起执行。") % {"day": day_words(min(days))})
    lines += _about_paid_months(changes)
    lines += ["", _("特此公告。"), "", issuer, day_words(on)]
    return "\n".join(lines)


def _head(changes: Sequence[Replacement]) -> str:
    labels = list(dict.fromkeys(key_of(change.new.key).label for change in changes))
    verb = _("调整") if any(change.old is not None for change in changes) else _("公布")
    if len(labels) <= 2:
        return _("关于%(verb)s%(labels)s的公告") % {"verb": verb, "labels": "、".join(labels)}
    return _("关于%(verb)s%(first)s等 %(count)s 项标准的公告") % {
        "verb": verb,
        "first": labels[0],
        "count": len(labels),
    }


def _line(change: Replacement, *, has_own_day: bool) -> str:
    new, old = change.new, change.old
    words = {"label": key_of(new.key).label, "new": value_words(new)}
    since = _("自 %(day)s 起") % {"day": day_words(new.valid_from)} if has_own_day else ""
    if new.text is None:
        return _("%(label)s：%(since)s不再另定，按上级标准执行") % {**words, "since": since}
    text = _("%(label)s：%(since)s%(new)s") % {**words, "since": since and _("%(since)s为") % {"since": since}}
    if new.status is Status.PLACEHOLDER:
        text += _("（占位数额，尚待核定）")
    if old is not None and old.text is not None:
        difference = difference_words(old, new)
        text += _("，原为%(old)s") % {"old": value_words(old)} + (f"，{difference}" if difference else "")
    return text


def _about_paid_months(changes: Sequence[Replacement]) -> Iterator[str]:
    months = sorted({month for change in changes for month in change.paid_months})
    if months:
        first, last = (f"{month.year}年{month.month}月" for month in (months[0], months[-1]))
        span = first if first == last else f"{first}至{last}"
        yield _("%(span)s已经发放的款项按新标准核算，少发的补发差额，多发的依规处理。") % {"span": span}


def numeral(number: int) -> str:
    """1 -> 一, 16 -> 十六, 23 -> 二十三; up to 99."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _NUMERALS[tens - 1]) + "十" if tens else ""
    return head + (_NUMERALS[ones - 1] if ones else "")
