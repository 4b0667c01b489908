"""The catalogue of parameters 参数目录: which keys there are, in which unit, within which bounds, and what for.

Guarantees that a value that passes `ParameterKey.parse` is an integer in the key's own unit (fen, hundredths of a percent,
years, a count) or one of its choices. Refuses, in the clerk's words, what is no number, has too many decimals, or is absurd.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel import money
from shouwang.kernel.errors import Invalid

Value = int | str

BASIS_POINTS = 10_000
"""A hundred percent."""

_PERCENT = re.compile(r"(?P<sign>-?)(?P<whole>\d{1,4})(?:\.(?P<part>\d{1,2}))?", re.ASCII)
_COUNT = re.compile(r"\d{1,6}", re.ASCII)
_FILE = Path(__file__).parent / "catalogue.yaml"


class Unit(StrEnum):
    """What a value is written in."""

    PER_MONTH = "元/人/月"
    PER_YEAR = "元/人/年"
    YUAN = "元"
    PERCENT = "%"
    YEARS = "岁"
    LEVEL = "级"
    TESTS = "项"
    MONTHS = "个月"
    WORKING_DAYS = "个工作日"
    DAYS = "天"
    CHOICE = "选项"


MONEY_UNITS = frozenset({Unit.PER_MONTH, Unit.PER_YEAR, Unit.YUAN})


@dataclass(frozen=True, slots=True)
class ParameterKey:
    """One entry of the catalogue; `least` and `most` are in the parsed unit, per month for money a person and month."""

    key: str
    label: str
    unit: Unit
    meaning: str
    clause: str
    least: int = 0
    most: int = 0
    absent: Value | None = None
    is_monthly: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def column(self) -> str:
        """Its column in the table of standards."""
        return self.key.replace(".", "_")

    @property
    def is_text(self) -> bool:
        return self.unit is Unit.CHOICE

    def allows(self, unit: str) -> bool:
        return unit == self.unit or (self.unit is Unit.PER_MONTH and unit == Unit.PER_YEAR)

    def parse(self, text: str, unit: str) -> Value:
        """Fen, hundredths of a percent, a count, or a choice. Raises Invalid with reason parameter.unit or .value."""
        if not self.allows(unit):
            raise Invalid(
                _("参数“%(label)s”的单位应为“%(unit)s”，填写的是“%(given)s”")
                % {"label": self.label, "unit": self.unit.value, "given": unit},
                reason="parameter.unit",
                key=self.key,
            )
        if self.unit is Unit.CHOICE:
            return self._choice(text)
        value = _number(self, text, unit)
        months = 12 if unit == Unit.PER_YEAR else 1
        if not self.least * months <= value <= self.most * months:
            raise Invalid(
                _("参数“%(label)s”的值 %(value)s 不合情理，应在 %(least)s 到 %(most)s %(unit)s之间")
                % {
                    "label": self.label,
                    "value": text,
                    "least": self.show(self.least * months),
                    "most": self.show(self.most * months),
                    "unit": unit,
                },
                reason="parameter.absurd",
                key=self.key,
            )
        return value

    def _choice(self, text: str) -> str:
        for code, word in self.choices.items():
            if text in (code, word):
                return code
        words = "、".join(f"{word}（{code}）" for code, word in self.choices.items())
        raise Invalid(
            _("参数“%(label)s”没有“%(value)s”这个选项，可以填 %(words)s")
            % {"label": self.label, "value": text, "words": words},
            reason="parameter.choice",
            key=self.key,
        )

    def show(self, value: Value) -> str:
        """A parsed value in words, without its unit."""
        if isinstance(value, str):
            return self.choices[value]
        if self.unit in MONEY_UNITS:
            return money.yuan(value).removesuffix(".00")
        if self.unit is Unit.PERCENT:
            return percent(value)
        return str(value)


def percent(basis_points: int) -> str:
    """430 -> "4.3"."""
    sign = "-" if basis_points < 0 else ""
    whole, part = divmod(abs(basis_points), 100)
    return f"{sign}{whole}.{part:02d}".rstrip("0").rstrip(".")


def _number(key: ParameterKey, text: str, unit: str) -> int:
    if unit in MONEY_UNITS:
        return money.parse_yuan(text)
    pattern = _PERCENT if unit == Unit.PERCENT else _COUNT
    match = pattern.fullmatch(text.strip())
    if match is None:
        raise Invalid(
            _("参数“%(label)s”的值“%(value)s”不是 %(unit)s 的数字") % {"label": key.label, "value": text, "unit": unit},
            reason="parameter.not_a_number",
            key=key.key,
        )
    if unit != Unit.PERCENT:
        return int(text)
    value = int(match["whole"]) * 100 + int((match["part"] or "0").ljust(2, "0"))
    return -value if match["sign"] else value


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, ParameterKey]:
    """Every key, in the order of the file."""
    stored = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {key: _entry(key, entry) for key, entry in stored.items()}


def key_of(key: str) -> ParameterKey:
    """Raises Invalid with reason parameter.unknown."""
    found = catalogue().get(key)
    if found is None:
        raise Invalid(_("没有“%(key)s”这个参数") % {"key": key}, reason="parameter.unknown", key=key)
    return found


def _entry(key: str, entry: Mapping[str, object]) -> ParameterKey:
    unit = Unit(str(entry["unit"]))
    choices = entry.get("choices", {})
    assert isinstance(choices, dict)
    bare = ParameterKey(
        key,
        str(entry["label"]),
        unit,
        str(entry["meaning"]),
        str(entry["clause"]),
        choices={str(code): str(word) for code, word in choices.items()},
        is_monthly=bool(entry.get("monthly", False)),
    )
    least, most, absent = entry.get("least", "0"), entry.get("most", "0"), entry.get("absent")
    bounds = (0, 0) if unit is Unit.CHOICE else (_number(bare, str(least), unit), _number(bare, str(most), unit))
    if absent is not None:
        absent = str(absent) if unit is Unit.CHOICE else _number(bare, str(absent), unit)
    return ParameterKey(
        bare.key, bare.label, unit, bare.meaning, bare.clause, *bounds, absent, bare.is_monthly, bare.choices
    )
