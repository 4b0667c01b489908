"""What an order would change, told before anybody signs it: measures, sites, and what each kind says it would meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, Value

from shouwang.areas.public import get_area
from shouwang.kernel.actor import Actor
from shouwang.kernel.fields import SpansField
from shouwang.registry.public import organisations_in

from ..kinds import Effect, MeasureKind, Target, all_kinds, get_kind
from ..models import Measure, Order, OrderItem
from ..rules.diff import Change, Stated, diff, fingerprint
from .orders import items_of


@dataclass(frozen=True, slots=True)
class Site:
    """An organisation that a measure names, where it stands now."""

    id: UUID
    name: str
    kind: str
    area_code: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One measure to be: its change, the sites it names, and what its kind says it would meet."""

    item: OrderItem
    kind: MeasureKind
    change: Change
    sites: tuple[Site, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    rehearsed: tuple[Rehearsed, ...]
    fingerprint: bytes

    @property
    def sites(self) -> dict[UUID, tuple[Site, ...]]:
        return {one.item.id: one.sites for one in self.rehearsed}

    @property
    def site_count(self) -> int:
        return sum(len(one.sites) for one in self.rehearsed)


def rehearsal_of(actor: Actor, order: Order) -> Rehearsal:
    """The fingerprint covers measures and sites; cases and money, which move by the minute, are told beside it.

    An exercise changes nothing outside itself: it has sites to answer it, and no effects.
    """
    items = items_of(order)
    stated = [_stated(item) for item in items]
    changes = diff(stated, _holding(order, stated), {kind.key: kind for kind in all_kinds()})
    rehearsed = tuple(
        Rehearsed(
            item=item,
            kind=get_kind(item.kind),
            change=change,
            sites=tuple(_sites(actor, facts)),
            effects=() if order.is_exercise else tuple(_effects(actor, item, facts)),
        )
        for item, facts, change in zip(items, stated, changes, strict=True)
    )
    about = (order.is_exercise, order.document_id, order.confirm_within_hours, order.version)
    named = (site.id for one in rehearsed for site in one.sites)
    return Rehearsal(rehearsed, fingerprint(stated, changes, named, about))


def _stated(item: OrderItem) -> Stated:
    return Stated(
        id=item.id,
        kind=item.kind,
        parameters=item.parameters,
        spans=tuple(get_area(item.area_code).span),
        org_kinds=tuple(item.org_kinds),
        org_ids=tuple(item.org_ids),
        from_at=item.from_at,
        until_at=item.until_at,
        amends_id=item.amends_id,
    )


def _holding(order: Order, items: Sequence[Stated]) -> list[Stated]:
    """The measures of the items' kinds that touch their areas and are not over when the first begins."""
    if not items:
        return []
    touches = reduce(or_, (Q(kind=item.kind) & Q(_touching(item)) for item in items))
    begin = min(item.from_at for item in items)
    measures = Measure.objects.filter(touches, Q(until_at=None) | Q(until_at__gt=begin), is_exercise=order.is_exercise)
    holding = []
    for measure in measures.select_related("end").order_by("from_at", "id"):
        ends = [at for at in (measure.until_at, measure.end.at if hasattr(measure, "end") else None) if at is not None]
        until = min(ends, default=None)
        if until is None or (until > begin and until > measure.from_at):
            holding.append(
                Stated(
                    id=measure.id,
                    kind=measure.kind,
                    parameters=measure.parameters,
                    spans=tuple(measure.spans),
                    org_kinds=tuple(measure.org_kinds),
                    org_ids=tuple(measure.org_ids),
                    from_at=measure.from_at,
                    until_at=until,
                )
            )
    return holding


def _touching(item: Stated) -> Func:
    return Func(
        F("spans"), Value(item.spans, output_field=SpansField()), arg_joiner=" && ", template="(%(expressions)s)",
        output_field=BooleanField(),
    )  # fmt: skip


def _sites(actor: Actor, item: Stated) -> list[Site]:
    if not item.org_kinds and not item.org_ids:
        return []
    found = organisations_in(actor, item.spans, kinds=item.org_kinds, ids=item.org_ids)
    return [Site(one.id, one.name, one.kind, one.area_code) for one in found]


def _effects(actor: Actor, item: OrderItem, stated: Stated) -> Sequence[Effect]:
    target = Target(item.area_code, stated.spans, stated.org_kinds, stated.org_ids, stated.from_at, stated.until_at)
    return get_kind(item.kind).rehearse(actor, target, item.parameters)


def target_of(measure: Measure) -> Target:
    """For whom and when a measure that stands holds: its term, or its lifting if that is sooner."""
    lifted_at = measure.end.at if hasattr(measure, "end") else None
    until = min((at for at in (measure.until_at, lifted_at) if at is not None), default=None)
    named = tuple(measure.org_kinds), tuple(measure.org_ids)
    return Target(measure.area_code, tuple(measure.spans), *named, measure.from_at, until)
