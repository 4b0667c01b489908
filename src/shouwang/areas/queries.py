"""Reading the area tree. Areas are public: nothing here is scoped, but pickers offer what the actor can use."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, spans_q, subtract

from .models import Area, AreaTerm, Level, ZonePart


def get_area(code: int) -> Area:
    """Raises NotFound."""
    area = Area.objects.filter(code=code).first()
    if area is None:
        raise NotFound(_("没有区划代码 %(code)s") % {"code": code}, reason="area.unknown", code=code)
    return area


def area_names(codes: Sequence[int]) -> dict[int, str]:
    """Short names by code."""
    return dict(Area.objects.filter(code__in=set(codes)).values_list("code", "name"))


def full_names(codes: Sequence[int]) -> dict[int, str]:
    """Names from the province down, by code."""
    return dict(Area.objects.filter(code__in=set(codes)).values_list("code", "full_name"))


def area_chains(codes: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Each code with the codes of the areas around it, from the nearest out, the province last.

    What a functional zone runs lies in the zone, not in the county that hosts it. Raises NotFound for an unknown code.
    """
    above: dict[int, int | None] = {}
    wanted = set(codes)
    while wanted:
        parents = dict(Area.objects.filter(code__in=wanted).values_list("code", "parent_id"))
        unknown = wanted - parents.keys()
        if unknown:
            code = min(unknown)
            raise NotFound(_("没有区划代码 %(code)s") % {"code": code}, reason="area.unknown", code=code)
        parents |= ZonePart.objects.filter(part_id__in=wanted, valid_to=None).values_list("part_id", "zone_id")
        above |= parents
        wanted = {code for code in parents.values() if code is not None and code not in above}
    return {code: tuple(_climb(code, above)) for code in codes}


def _climb(code: int, above: Mapping[int, int | None]) -> Iterator[int]:
    around: int | None = code
    while around is not None:
        yield around
        around = above[around]


def children(parent: int | None) -> QuerySet[Area]:
    """The areas under `parent` (None: provinces), zones among the counties, in dictionary order."""
    return Area.objects.filter(parent_id=parent, valid_to=None).order_by("sort_key", "code")


def search_areas(text: str, *, spans: Sequence[Span] | None = None, limit: int = 20) -> list[Area]:
    """Areas by name, pinyin or initials (prefix) or by code digits; higher levels first. `spans` narrows to a scope."""
    text = unicodedata.normalize("NFKC", text).lower().replace(" ", "").replace("\0", "")
    if not text:
        return []
    found = _with_children_flag().filter(valid_to=None)
    if text.isascii() and text.isdigit():
        digits = text[:15]
        low = int(digits.ljust(15, "0"))
        found = found.filter(code__gte=low, code__lt=low + 10 ** (15 - len(digits)))
    else:
        # Under the C collation a prefix is a range, which the term index serves.
        matching = AreaTerm.objects.filter(term__gte=text, term__lt=text + _LAST_CHARACTER)
        found = found.filter(code__in=matching.values("area_id"))
    if spans is not None:
        found = found.filter(spans_q(spans, "code"))
    return list(found.order_by(_LEVEL_RANK, "sort_key", "code")[:limit])


def picker_children(parent: int | None, *, spans: Sequence[Span] | None = None) -> list[Area]:
    """One level of the area picker: what lies under `parent`, for a zone the parts that it runs as well."""
    under = Q(parent_id=parent)
    if parent is not None:
        under |= Q(code__in=ZonePart.objects.filter(zone_id=parent, valid_to=None).values("part_id"))
    found = _with_children_flag().filter(under, valid_to=None)
    if spans is not None:
        found = found.filter(spans_q(spans, "code"))
    return list(found.order_by("sort_key", "code"))


def _with_children_flag() -> QuerySet[Area]:
    """Areas annotated with `has_children`."""
    below = Area.objects.filter(parent=OuterRef("pk"), valid_to=None)
    parts = ZonePart.objects.filter(zone=OuterRef("pk"), valid_to=None)
    return Area.objects.annotate(has_children=Exists(below) | Exists(parts))


_LAST_CHARACTER = "\U0010ffff"
_LEVEL_RANK = Case(*(When(level=level, then=rank) for rank, level in enumerate(Level.values)))


def reporting_units(parent: int) -> list[tuple[int, str, tuple[Span, ...]]]:
    """(code, name, spans) of what reports to `parent`, partitioning it: no gap, no overlap.

    A city's units are its counties and functional zones, and 市本级 (the city's own code) for all the rest of its
    span; a county's or zone's are its townships and the rest; and so on down. Ordered by code, the rest first.
    """
    area = get_area(parent)
    units = [(unit.code, unit.name, unit.span) for unit in _unit_areas(area)]
    rest = area.span
    for *_name, spans in units:
        rest = subtract(rest, spans)
    own_name = "市本级" if area.level == Level.CITY else "本级"
    return [(area.code, own_name, rest), *units]


def _unit_areas(area: Area) -> list[Area]:
    if area.level == Level.ZONE:
        parts = Area.objects.filter(zone_memberships__zone=area, zone_memberships__valid_to=None)
        return sorted([*parts, *children(area.code)], key=lambda unit: unit.code)
    return sorted((child for child in children(area.code) if child.span), key=lambda unit: unit.code)
