"""Loading the area tree: the shipped national tree, a region's villages, functional zones.

Loading is idempotent: an area that is there with the same name and parent is left alone. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid
from shouwang.kernel.scope import Span, multirange, subtract

from . import source
from .models import Area, AreaTerm, Level, ZonePart

NATIONAL_SOURCE = "国家统计局统计用区划代码 2023-06-30"
VALID_FROM = date(2011, 1, 1)
"""The tree is one edition; it stands for every day the product can ask about, until a bureau records a change."""

_SUFFIXES = ("省", "市", "县", "区", "镇", "乡", "街道", "村", "社区")


@dataclass(frozen=True, slots=True)
class AreasLoaded:
    created: int
    existing: int


@transaction.atomic
def load_areas(*, actor: Actor, rows: Iterable[source.AreaRow], source_name: str = NATIONAL_SOURCE) -> AreasLoaded:
    """Add the areas that are not there yet. Rows come with parents before children, as the sources give them.

    Raises Invalid for a row whose parent is not there; nothing is added then.
    """
    names = dict(Area.objects.values_list("code", "full_name"))
    before = len(names)
    seen = 0
    areas: list[tuple[object, ...]] = []
    terms: list[tuple[str, int]] = []
    for row in rows:
        seen += 1
        if row.code in names:
            continue
        if row.parent and row.parent not in names:
            message = _("%(name)s（%(code)s）的上级区划 %(parent)s 还没有载入，请先运行 shouwang areas load")
            words = {"name": row.name, "code": row.code, "parent": row.parent}
            raise Invalid(message % words, reason="area.no_parent", **words)
        full_name = names.get(row.parent, "") + row.name
        names[row.code] = full_name
        low, high = source.span(row.code, row.level)
        areas.append(
            (
                row.code,
                row.parent or None,
                row.level,
                row.name,
                full_name,
                source.pinyin_sort_key(row.name)[:128],
                f"{{[{low},{high})}}",
                row.is_statistical,
                source_name,
                VALID_FROM,
            )
        )
        terms.extend((term, row.code) for term in search_terms(row.name))
    with connection.cursor() as cursor:
        with cursor.copy(
            "copy areas_area (code, parent_id, level, name, full_name, sort_key, span, is_statistical, source, valid_from)"
            " from stdin"
        ) as copy:
            for area in areas:
                copy.write_row(area)
        with cursor.copy("copy areas_areaterm (term, area_id) from stdin") as copy:
            for term in terms:
                copy.write_row(term)
    created = len(names) - before
    audit.record(
        actor=actor,
        action="areas.load",
        subject="areas:tree",
        area_code=actor.area_code,
        data={"created": created, "existing": seen - created, "source": source_name},
    )
    return AreasLoaded(created=created, existing=seen - created)


@transaction.atomic
def load_zones(*, actor: Actor, zones: Iterable[source.ZoneRow]) -> int:
    """Add functional zones with their parts and re-draw the spans of the counties and townships they were cut from."""
    count = 0
    for zone in zones:
        parent = Area.objects.get(code=zone.parent)
        own = source.span(zone.code, "county")
        Area.objects.update_or_create(
            code=zone.code,
            defaults={"level": Level.ZONE},
            create_defaults={
                "parent": parent,
                "level": Level.ZONE,
                "name": zone.name,
                "full_name": parent.full_name + zone.name,
                "sort_key": source.pinyin_sort_key(zone.name)[:128],
                "span": (own,),
                "source": "自定代码" if zone.has_own_code else NATIONAL_SOURCE,
                "valid_from": VALID_FROM,
            },
        )
        for term in search_terms(zone.name) | search_terms(zone.short_name):
            AreaTerm.objects.get_or_create(term=term, area_id=zone.code)
        for part in zone.parts:
            if part.code != zone.code:
                ZonePart.objects.get_or_create(
                    zone_id=zone.code, part_id=part.code, defaults={"valid_from": part.valid_from, "note": part.note}
                )
        count += 1
    _redraw_spans()
    audit.record(
        actor=actor, action="areas.load_zones", subject="areas:zones", area_code=actor.area_code, data={"zones": count}
    )
    return count


def search_terms(name: str) -> set[str]:
    """What a person may type to find an area: name, name without its suffix, pinyin, initials."""
    suffix = next((end for end in _SUFFIXES if name.endswith(end) and len(name) > len(end) + 1), "")
    terms: set[str] = set()
    for cut in {0, len(suffix)}:
        pinyin, initials = source.name_terms(name, without_last=cut)
        terms |= {name[: len(name) - cut].lower()[:64], pinyin[:64], initials[:64]}
    return terms - {""}


def _redraw_spans() -> None:
    """A zone's span is its own code's range and its parts'; what it took leaves every area around it but the city, also
    another zone (综合保税区 runs a community of a subdistrict that 高新区 runs)."""
    held: dict[int, list[Span]] = {}
    for zone_part in ZonePart.objects.filter(valid_to=None).select_related("part"):
        held.setdefault(zone_part.zone_id, []).append(source.span(zone_part.part_id, _level(zone_part.part)))
    for zone_code, pieces in held.items():
        others = [piece for code, theirs in held.items() if code != zone_code for piece in theirs]
        within = [(low, high) for low, high in others if any(a <= low and high <= b for a, b in pieces)]
        _set_span(zone_code, subtract([source.span(zone_code, "county"), *pieces], within))
    hosts = {host for pieces in held.values() for low, _ in pieces for host in (low - low % 10**9, low - low % 10**6)}
    everything_held = [piece for pieces in held.values() for piece in pieces]
    for host in Area.objects.filter(code__in=hosts, level__in=(Level.COUNTY, Level.TOWNSHIP)):
        whole = source.span(host.code, _level(host))
        _set_span(host.code, subtract([whole], [piece for piece in everything_held if piece != whole]))


def _set_span(code: int, spans: tuple[Span, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update areas_area set span = %s::int8multirange where code = %s", [multirange(spans), code])


def _level(area: Area) -> source.Level:
    return "county" if area.level == Level.ZONE else next(level for level in source.LEVELS if level == area.level)
