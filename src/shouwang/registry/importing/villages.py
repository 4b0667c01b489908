"""Finds the village that a cell means, inside the area that a file is for.

A code or a full name is taken as it is; a name without its ending (东渠村村委会 as 东渠) only when one village alone
answers to it. Two answers are a refusal that names them.
"""

from __future__ import annotations

import re
from collections import defaultdict

from django.utils.translation import gettext as _

from shouwang.areas.public import Area, Level, children, get_area, parse_area_code
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets.half_width import to_half_width

_BLANKS = re.compile(r"\s+")
_OFFICE = re.compile(r"(?:村民委员会|居民委员会|村委会|居委会|委员会)$")
_ENDING = re.compile(r"(?:社区|村)$")
_GRID = 1000
_SAID_MAX = 2_000


class Villages:
    """The villages of a township, by name and code; or the one village that the file is for."""

    def __init__(self, area_code: int) -> None:
        """Raises Invalid for an area that is neither a township nor a village."""
        area = get_area(area_code)
        if area.level not in (Level.TOWNSHIP, Level.VILLAGE):
            raise Invalid(_("请选择一个乡镇（街道）或村（社区）"), reason="import.area")
        self.area = area
        found = list(children(area.code)) if area.level == Level.TOWNSHIP else [area]
        self.names = {village.code: village.name for village in found if village.level == Level.VILLAGE}
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._loose: defaultdict[str, list[int]] = defaultdict(list)
        for code, name in self.names.items():
            plain = _plain(name)
            self._exact[plain].append(code)
            for shorter in {_OFFICE.sub("", plain), _shortest(plain)} - {plain}:
                self._loose[shorter].append(code)
        self._said: dict[str, int | Invalid] = {}
        self._above = _plain(self._township(area).name)

    @property
    def only(self) -> int | None:
        """The village when there is no choice."""
        return self.area.code if self.area.level == Level.VILLAGE else None

    def find(self, text: str) -> int:
        """The village's code. Raises Invalid with reason import.village."""
        found = self._said.get(text)
        if found is None:
            if len(self._said) >= _SAID_MAX:
                self._said.clear()
            found = self._said[text] = self._look_up(text)
        if isinstance(found, Invalid):
            raise Invalid(found.message, reason=found.reason)  # the kept one would gather the traceback of every row
        return found

    @staticmethod
    def _township(area: Area) -> Area:
        return area if area.level == Level.TOWNSHIP or area.parent_id is None else get_area(area.parent_id)

    def _look_up(self, text: str) -> int | Invalid:
        plain = _plain(text)
        if plain.isdigit():
            return self._by_code(text, plain)
        if plain.startswith(self._above):
            plain = plain[len(self._above) :]
        codes = self._exact.get(plain) or self._loose.get(plain)
        if not codes:
            without_office = _OFFICE.sub("", plain)
            codes = self._exact.get(without_office) or self._loose.get(without_office)
        if not codes and _shortest(plain):
            codes = self._exact.get(_shortest(plain)) or self._loose.get(_shortest(plain))
        if not codes:
            words = {"area": self.area.name, "text": text[:30]}
            return Invalid(_("%(area)s没有“%(text)s”，请填写村（社区）全称或12位代码") % words, reason="import.village")
        if len(codes) > 1:
            names = "、".join(self.names[code] for code in codes)
            message = _("“%(text)s”可能是%(names)s，请写全称") % {"text": text[:30], "names": names}
            return Invalid(message, reason="import.village")
        return codes[0]

    def _by_code(self, text: str, digits: str) -> int | Invalid:
        try:
            code = parse_area_code(digits) // _GRID * _GRID
        except Invalid as refusal:
            return refusal
        if code in self.names:
            return code
        words = {"area": self.area.name, "text": text[:30]}
        return Invalid(_("代码 %(text)s 不是%(area)s的村（社区）") % words, reason="import.village")


def _plain(name: str) -> str:
    return _BLANKS.sub("", to_half_width(name))


def _shortest(plain: str) -> str:
    """东渠村村委会 -> 东渠."""
    return _ENDING.sub("", _OFFICE.sub("", plain))
