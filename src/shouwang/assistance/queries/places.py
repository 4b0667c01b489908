"""The paying units under an area."""

from __future__ import annotations

from django.utils.translation import gettext as _

from shouwang.areas.public import Level, get_area, reporting_units
from shouwang.kernel.errors import Invalid
from shouwang.kernel.scope import Span

from ..rules.places import PayingUnit, PayingUnits

_COUNTY_RANK = frozenset({Level.COUNTY, Level.ZONE})
_ABOVE = frozenset({Level.PROVINCE, Level.CITY})


def paying_units(area_code: int) -> list[PayingUnit]:
    """The counties, zones and 本级 that make up the area. Raises Invalid below a county: a list is a county's."""
    area = get_area(area_code)
    if area.level in _COUNTY_RANK:
        return [PayingUnit(area.code, area.name, area.span)]
    if area.level not in _ABOVE:
        raise Invalid(_("发放清册按县区生成，请选择县区或者市"), reason="run.below_county", area_code=area_code)
    units: list[PayingUnit] = []
    for code, name, spans in reporting_units(area_code):
        if code == area_code or get_area(code).level in _COUNTY_RANK:
            units.append(PayingUnit(code, name, spans))
        else:
            units.extend(paying_units(code))
    return units


def paying_unit_around(area_code: int) -> int:
    """The unit that pays in a place: its county, or the functional zone that runs it. A place above is its own."""
    county = area_code
    for code in areas_around(area_code):
        level = get_area(code).level
        if level in _COUNTY_RANK:
            county = code
        if level == Level.CITY:
            unit = PayingUnits(paying_units(code)).of(area_code)
            return unit.code if unit is not None else county
    return county


def areas_around(area_code: int) -> list[int]:
    """The area's own code and those of the areas around it, from the nearest out."""
    codes: list[int] = []
    around: int | None = area_code
    while around is not None:
        codes.append(around)
        around = get_area(around).parent_id
    return codes


def area_spans(area_code: int) -> tuple[Span, ...]:
    return get_area(area_code).span
