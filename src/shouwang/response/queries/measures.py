"""What is in force, what comes and what was. Public within the bureau: readable in every area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from shouwang.areas.public import Area
from shouwang.kernel import clock
from shouwang.kernel.errors import NotFound
from shouwang.kernel.fields import AreaCodeField, SpansField
from shouwang.kernel.scope import Span, lies_within
from shouwang.registry.public import OrganisationKind

from ..kinds import get_kind
from ..models import Document, Measure, MeasureEnd
from ..states import MeasurePhase, MeasureState


class SiteAsked(Protocol):
    """The organisation that a measure is asked about: its id and its kind."""

    @property
    def id(self) -> UUID: ...

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MeasureInForce:
    """A measure that holds in a place. `until_at` is when it ends as known: its term, or its lifting if that is sooner."""

    id: UUID
    kind: str
    parameters: dict[str, int]
    area_code: int
    from_at: datetime
    until_at: datetime | None
    document_id: UUID
    is_exercise: bool
    org_kinds: tuple[str, ...] = ()
    org_ids: tuple[UUID, ...] = ()

    def holds_for(self, site: SiteAsked | None) -> bool:
        """Whether it is about the place as a whole, or about the organisation that is asked for."""
        if not self.org_kinds and not self.org_ids:
            return True
        return site is not None and (site.kind in self.org_kinds or site.id in self.org_ids)

    @property
    def org_kind_labels(self) -> list[str]:
        return [str(OrganisationKind(key).label) for key in self.org_kinds]

    @property
    def sentence(self) -> str:
        return get_kind(self.kind).sentence(self.parameters)


@dataclass(frozen=True, slots=True)
class EffectiveMeasure:
    """What the measures of one kind say together in a place; a decision stores `measure_ids`."""

    parameters: dict[str, int]
    measure_ids: tuple[UUID, ...]


def measures_in_force(
    kind: str | None,
    area_code: int,
    on: date | datetime,
    known_at: datetime | None = None,
    include_exercises: bool = False,
) -> list[MeasureInForce]:
    """The measures that hold in `area_code`, the nearest first; `kind` None asks for all kinds.

    Those ordered for some of its organisations are among them: `holds_for` tells them apart.

    A measure holds where the spans of its target contain the code, from its start until before its end. `on` an instant
    is that instant; a date is any moment of that day. `known_at` leaves out what was recorded at or after it.
    """
    contains = Func(
        F("spans"), Value(area_code, output_field=AreaCodeField()), arg_joiner=" @> ", template="(%(expressions)s)",
        output_field=BooleanField(),
    )  # fmt: skip
    return [measure for measure, _spans in _holding(kind, on, known_at, include_exercises, contains)]


def _holding(
    kind: str | None,
    on: date | datetime,
    known_at: datetime | None,
    include_exercises: bool = False,
    *where: Any,
) -> list[tuple[MeasureInForce, Sequence[Span]]]:
    """Measures that hold at `on` with the spans of their targets, the nearest first."""
    begin = on if isinstance(on, datetime) else clock.day_start(on)
    end = on if isinstance(on, datetime) else clock.day_start(on + timedelta(days=1)) - timedelta(microseconds=1)
    measures = Measure.objects.filter(*where, Q(until_at=None) | Q(until_at__gt=begin), from_at__lte=end)
    if kind is not None:
        measures = measures.filter(kind=get_kind(kind).key)
    if not include_exercises:
        measures = measures.filter(is_exercise=False)
    if known_at is not None:
        measures = measures.filter(recorded_at__lt=known_at)
    holding = [(measure, _until(measure, _lifted_at(measure, known_at))) for measure in measures.select_related("end")]
    holding = [
        (measure, until) for measure, until in holding if until is None or (until > begin and until > measure.from_at)
    ]
    holding.sort(key=lambda pair: pair[0].from_at, reverse=True)
    holding.sort(key=lambda pair: sum(high - low for low, high in pair[0].spans))
    return [(_in_force(measure, until), measure.spans) for measure, until in holding]


def _in_force(measure: Measure, until: datetime | None) -> MeasureInForce:
    return MeasureInForce(
        id=measure.id,
        kind=measure.kind,
        parameters=measure.parameters,
        area_code=measure.area_code,
        from_at=measure.from_at,
        until_at=until,
        document_id=measure.document_id,
        is_exercise=measure.is_exercise,
        org_kinds=tuple(measure.org_kinds),
        org_ids=tuple(measure.org_ids),
    )


def effective(
    kind: str,
    area_code: int,
    on: date | datetime,
    known_at: datetime | None = None,
    site: SiteAsked | None = None,
) -> EffectiveMeasure | None:
    """What the kind's measures in force say together, or None when none is; exercises never count.

    With `site`, those ordered for it or for its kind of organisation count as well.
    """
    measures = measures_in_force(kind, area_code, on, known_at)
    return combined(kind, [measure for measure in measures if measure.holds_for(site)])


def effective_in(
    kind: str, area_codes: Sequence[int], on: date | datetime, known_at: datetime | None = None
) -> dict[int, EffectiveMeasure]:
    """`effective` for a list of places in one statement; a place without a measure is left out."""
    holding = [measure for measure in _holding(kind, on, known_at) if measure[0].holds_for(None)]
    found = {}
    for code in set(area_codes):
        here = [measure for measure, spans in holding if lies_within(code, spans)]
        if (together := combined(kind, here)) is not None:
            found[code] = together
    return found


def combined(kind: str, measures: Sequence[MeasureInForce]) -> EffectiveMeasure | None:
    """The measures of one kind, the nearest first, as one. Where the nearest decides, it alone is used."""
    if not measures:
        return None
    declared = get_kind(kind)
    used = measures[:1] if declared.combine == "nearest" else measures
    return EffectiveMeasure(
        parameters=declared.combined([measure.parameters for measure in used]),
        measure_ids=tuple(measure.id for measure in used),
    )


def _lifted_at(measure: Measure, known_at: datetime | None) -> datetime | None:
    """When the measure was lifted, as far as `known_at` knows; None while it was not."""
    end: MeasureEnd | None = getattr(measure, "end", None)
    return None if end is None or (known_at is not None and end.recorded_at >= known_at) else end.at


def _until(measure: Measure, lifted_at: datetime | None) -> datetime | None:
    return min((moment for moment in (measure.until_at, lifted_at) if moment is not None), default=None)


def state_of(measure: Measure, now: datetime) -> MeasureState:
    """Where a measure stands at `now`, its end included. One that was lifted at its start never comes."""
    if hasattr(measure, "end") and measure.end.at <= max(now, measure.from_at):
        return MeasureState.LIFTED
    if measure.until_at is not None and measure.until_at <= now:
        return MeasureState.OVER
    return MeasureState.IN_FORCE if measure.from_at <= now else MeasureState.COMING


MEASURE_SORTS = {"from_at": "from_at", "ends_at": "ends_at"}


def list_measures(
    *, area: Area, phase: str = "", kind: str = "", include_exercises: bool = False, sort: str = ""
) -> QuerySet[Measure]:
    """Every measure that touches the area: ordered for it, for one around it or for one inside it; the latest first.

    Each has `ends_at`: its term, or its lifting if that is sooner; None until it is lifted. `phase` as in MeasurePhase.
    """
    now = clock.now()
    touches = Func(
        F("spans"), Value(area.span, output_field=SpansField()), arg_joiner=" && ", template="(%(expressions)s)",
        output_field=BooleanField(),
    )  # fmt: skip
    measures = Measure.objects.filter(touches).annotate(ends_at=Least("until_at", "end__at"))
    if kind:
        measures = measures.filter(kind=kind)
    if not include_exercises:
        measures = measures.filter(is_exercise=False)
    has_ended = Q(ends_at__lte=now) | Q(end__at__lte=F("from_at"))
    if phase == MeasurePhase.ENDED:
        measures = measures.filter(has_ended)
    elif phase == MeasurePhase.IN_FORCE:
        measures = measures.filter(Q(ends_at=None) | Q(ends_at__gt=now), from_at__lte=now)
    elif phase == MeasurePhase.COMING:
        measures = measures.filter(Q(end=None) | Q(end__at__gt=F("from_at")), from_at__gt=now)
    key = MEASURE_SORTS.get(sort.removeprefix("-"))
    order = [(F(key).desc if sort.startswith("-") else F(key).asc)(nulls_last=True)] if key else []
    return measures.select_related("document", "end", "end__document").order_by(*order, "-from_at", "-id")


def get_measure(measure_id: UUID) -> Measure:
    """With its document and its end. Raises NotFound."""
    measure = Measure.objects.select_related("document", "end").filter(id=measure_id).first()
    if measure is None:
        raise NotFound(_("没有这项措施"), measure_id=measure_id)
    return measure


def measures_of(document: Document) -> list[Measure]:
    """The measures that a document issued, the newest first."""
    return list(Measure.objects.filter(document=document).select_related("end").order_by("-from_at", "id"))
