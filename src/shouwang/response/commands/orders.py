"""Orders: drafted by one officer, rehearsed, signed by another; every measure of an order comes into force in one step.

Refuses to sign what was not rehearsed, what would show something else now than it showed then, one's own draft, and
without a document. Refuses a start in the past without a reason; what was already decided then stays as it was decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, StateConflict
from shouwang.kernel.ids import new_id

from ..events import MeasureIssued
from ..kinds import MeasureKind, get_kind
from ..models import Measure, MeasureEnd, Order, OrderItem, SiteReceipt
from ..policies import ensure_may_draft_orders, ensure_may_order_measures
from ..queries.documents import get_document
from ..queries.measures import get_measure
from ..queries.orders import get_order_for, items_of
from ..queries.rehearsals import Rehearsal, Site, rehearsal_of
from ..states import ORDER_MOVES, OrderState

ITEMS_MAX = 500


@dataclass(frozen=True, slots=True)
class PlannedMeasure:
    """One measure of an order. `org_kinds` or `org_ids` narrow it to those organisations of the area; not both."""

    kind: str
    parameters: Mapping[str, object]
    area_code: int
    from_at: datetime
    until_at: datetime | None
    org_kinds: tuple[str, ...] = ()
    org_ids: tuple[UUID, ...] = ()
    amends_id: UUID | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What an order is besides its measures. The document may come later, but before it is signed."""

    title: str
    document_id: UUID | None = None
    event_id: UUID | None = None
    is_exercise: bool = False
    confirm_within_hours: int = 24
    backdate_reason: str = ""


@transaction.atomic
def draft_order(*, actor: Actor, order_id: UUID, details: OrderDetails, measures: Sequence[PlannedMeasure]) -> Order:
    """A draft, by its client-made id. Sent again with the same content it is the draft that is there.

    Raises Invalid for a measure that its kind refuses, NotFound, NotAllowed, Conflict.
    """
    ensure_may_draft_orders(actor)
    rows = [_item(actor, planned) for planned in _some(measures)]
    content = _content(details) | {"area_code": actor.area_code}
    order = Order(id=order_id, drafted_at=clock.now(), drafted_by=actor.user_id, **content)
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        existing = get_order_for(actor, order_id)
        if any(getattr(existing, field) != value for field, value in content.items()):
            raise Conflict(_("这份发布单已经拟好，内容不同，请打开它修改"), reason="order.differs") from None
        return existing
    _store(order, rows)
    _audit(actor, "order.draft", order, {"measures": len(rows)})
    return order


@transaction.atomic
def change_order(
    *,
    actor: Actor,
    order_id: UUID,
    expected_version: int,
    details: OrderDetails,
    measures: Sequence[PlannedMeasure],
) -> Order:
    """The draft rewritten; what was rehearsed no longer counts."""
    ensure_may_draft_orders(actor)
    order = _locked(actor, order_id, expected_version, "change")
    rows = [_item(actor, planned) for planned in _some(measures)]
    for field, value in _content(details).items():
        setattr(order, field, value)
    order.rehearsed_at = order.rehearsed_by = order.fingerprint = None
    # Who rewrites a draft has drafted it: the second pair of eyes is somebody else's.
    order.drafted_by = actor.user_id
    order.version += 1
    order.save()
    OrderItem.objects.filter(order=order).delete()
    _store(order, rows)
    _audit(actor, "order.change", order, {"measures": len(rows)})
    return order


@transaction.atomic
def rehearse_order(*, actor: Actor, order_id: UUID) -> Rehearsal:
    """What signing it would change. Keeps the fingerprint of what was shown; writes nothing else."""
    ensure_may_draft_orders(actor)
    order = _locked(actor, order_id, None, "rehearse")
    rehearsal = rehearsal_of(actor, order)
    order.rehearsed_at, order.rehearsed_by, order.fingerprint = clock.now(), actor.user_id, rehearsal.fingerprint
    order.save(update_fields=["rehearsed_at", "rehearsed_by", "fingerprint"])
    _audit(actor, "order.rehearse", order, {"fingerprint": rehearsal.fingerprint.hex()})
    return rehearsal


@transaction.atomic
def sign_order(*, actor: Actor, order_id: UUID, expected_version: int) -> list[Measure]:
    """Every measure of the order in force, or coming, in one step; every site named has a receipt to give.

    Raises NotAllowed, StateConflict (not rehearsed, signed already), Conflict (changed since the rehearsal).
    """
    order = _locked(actor, order_id, expected_version, "sign")
    items = items_of(order)
    for item in items:
        ensure_may_order_measures(actor, get_area(item.area_code).span)
    if actor.user_id is not None and actor.user_id == order.drafted_by:
        raise Invalid(_("发布单由另一位负责人签发，拟稿人不能签发自己的稿"), reason="order.own_draft")
    if order.document_id is None:
        raise Invalid(_("签发前要选定依据文件"), reason="order.no_document")
    if order.fingerprint is None:
        raise StateConflict(_("签发前要先推演"), reason="order.not_rehearsed")
    _ensure_back_date_is_told(order, items)
    rehearsal = rehearsal_of(actor, order)
    if rehearsal.fingerprint != bytes(order.fingerprint):
        raise Conflict(_("推演以后情况有变，请重新推演再签发"), reason="order.changed_since_rehearsal")
    measures = _put_in_force(actor, order, items)
    _ask_sites(order, measures, rehearsal.sites)
    order.state = ORDER_MOVES[order.state, "sign"]
    order.signed_at, order.signed_by = clock.now(), actor.user_id
    order.version += 1
    order.save(update_fields=["state", "signed_at", "signed_by", "version"])
    _audit(actor, "order.sign", order, {"measures": len(measures), "sites": rehearsal.site_count})
    for measure in measures:
        events.publish(
            MeasureIssued(
                measure_id=measure.id,
                measure_kind=measure.kind,
                area_code=measure.area_code,
                from_at=measure.from_at,
                until_at=measure.until_at,
                is_exercise=measure.is_exercise,
            )
        )
    return measures


@transaction.atomic
def drop_order(*, actor: Actor, order_id: UUID, expected_version: int) -> Order:
    """A draft that will not be signed."""
    ensure_may_draft_orders(actor)
    order = _locked(actor, order_id, expected_version, "drop")
    order.state = ORDER_MOVES[order.state, "drop"]
    order.version += 1
    order.save(update_fields=["state", "version"])
    _audit(actor, "order.drop", order, {})
    return order


def _some(measures: Sequence[PlannedMeasure]) -> Sequence[PlannedMeasure]:
    if not measures:
        raise Invalid(_("发布单里至少要有一项措施"), reason="order.empty")
    if len(measures) > ITEMS_MAX:
        raise Invalid(_("一份发布单最多 %(max)s 项措施") % {"max": ITEMS_MAX}, reason="order.too_many")
    return measures


def _content(details: OrderDetails) -> dict[str, object]:
    title = " ".join(details.title.split())
    if not title or len(title) > 100:
        raise Invalid(_("请填写发布单的标题，不超过100字"), reason="order.title")
    if not 1 <= details.confirm_within_hours <= 720:
        raise Invalid(_("落实时限应在 1 到 720 小时之间"), reason="order.confirm_within_hours")
    return {
        "title": title,
        "document_id": get_document(details.document_id).id if details.document_id else None,
        "event_id": details.event_id,
        "is_exercise": details.is_exercise,
        "confirm_within_hours": details.confirm_within_hours,
        "backdate_reason": " ".join(details.backdate_reason.split())[:200],
    }


def _item(actor: Actor, planned: PlannedMeasure) -> OrderItem:
    area = get_area(planned.area_code)
    ensure_may_draft_orders(actor, area.span)
    kind = get_kind(planned.kind)
    if not area.span:
        raise Invalid(
            _("%(area)s没有管辖范围，不能作为措施的对象") % {"area": area.name}, reason="measure.empty_target"
        )
    if planned.until_at is not None and planned.until_at <= planned.from_at:
        raise Invalid(_("结束时间要晚于开始时间"), reason="measure.ends_before_it_starts")
    _ensure_fits(kind, planned)
    if planned.amends_id is not None:
        amended = get_measure(planned.amends_id)
        if amended.kind != kind.key or hasattr(amended, "end"):
            raise Invalid(_("只能调整同一种类、还没有解除的措施"), reason="order.amends")
    return OrderItem(
        id=planned.id or new_id(),
        kind=kind.key,
        parameters=kind.checked(planned.parameters),
        area_code=area.code,
        org_kinds=sorted(set(planned.org_kinds)),
        org_ids=sorted(set(planned.org_ids)),
        from_at=planned.from_at,
        until_at=planned.until_at,
        amends_id=planned.amends_id,
    )


def _ensure_fits(kind: MeasureKind, planned: PlannedMeasure) -> None:
    if planned.org_kinds and planned.org_ids:
        raise Invalid(_("按机构类型或者按点名的机构，只能选一种"), reason="order.kinds_and_sites")
    unknown = set(planned.org_kinds) - kind.org_kinds
    if unknown or (planned.org_ids and not kind.org_kinds):
        raise Invalid(_("“%(kind)s”不能针对这类机构发布") % {"kind": kind.label}, reason="order.kind_of_organisation")


def _store(order: Order, rows: Sequence[OrderItem]) -> None:
    for position, row in enumerate(rows, 1):
        row.order, row.position = order, position
    OrderItem.objects.bulk_create(rows)


def _locked(actor: Actor, order_id: UUID, expected_version: int | None, verb: str) -> Order:
    order = get_order_for(actor, order_id)
    order = Order.objects.select_for_update().get(id=order.id)
    if (order.state, verb) not in ORDER_MOVES:
        raise StateConflict(
            _("发布单“%(title)s”%(state)s，不能再改动")
            % {"title": order.title, "state": OrderState(order.state).label},
            reason="order.state",
        )
    if expected_version is not None and order.version != expected_version:
        raise Conflict(
            _("发布单“%(title)s”已被他人修改，请刷新后再办") % {"title": order.title}, reason="order.version"
        )
    return order


def _ensure_back_date_is_told(order: Order, items: Sequence[OrderItem]) -> None:
    # What was rehearsed a minute before its start and signed a minute after is not dated back.
    rehearsed_at = order.rehearsed_at or clock.now()
    if not order.backdate_reason and any(item.from_at < rehearsed_at - timedelta(hours=1) for item in items):
        raise Invalid(
            _("有措施的开始时间已经过去，追溯执行要写明原因；已经办结的事项不会改变"), reason="order.backdated"
        )


def _put_in_force(actor: Actor, order: Order, items: Sequence[OrderItem]) -> list[Measure]:
    now = clock.now()
    assert order.document_id is not None
    _end_amended(actor, order, items)
    measures = [
        Measure(
            id=item.id,
            order=order,
            kind=item.kind,
            parameters=item.parameters,
            area_code=item.area_code,
            spans=get_area(item.area_code).span,
            org_kinds=item.org_kinds,
            org_ids=item.org_ids,
            from_at=item.from_at,
            until_at=item.until_at,
            document_id=order.document_id,
            amends_id=item.amends_id,
            is_exercise=order.is_exercise,
            recorded_at=now,
            recorded_by=actor.user_id,
        )
        for item in items
    ]
    return Measure.objects.bulk_create(measures)


def _end_amended(actor: Actor, order: Order, items: Sequence[OrderItem]) -> None:
    amended = [item for item in items if item.amends_id is not None]
    if not amended:
        return
    ids = [item.amends_id for item in amended if item.amends_id is not None]
    standing = {m.id: m for m in Measure.objects.select_for_update().filter(id__in=ids).order_by("id")}
    if MeasureEnd.objects.filter(measure_id__in=ids).exists():
        raise StateConflict(_("要调整的措施已经解除，请重新拟稿"), reason="measure.lifted")
    MeasureEnd.objects.bulk_create(
        MeasureEnd(
            measure=standing[item.amends_id],
            at=max(item.from_at, standing[item.amends_id].from_at),
            reason=_("由新的措施代替"),
            document_id=order.document_id,
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
        )
        for item in amended
        if item.amends_id is not None
    )


def _ask_sites(order: Order, measures: Sequence[Measure], sites: Mapping[UUID, Sequence[Site]]) -> None:
    """A receipt from every site that a measure names, due so many hours after it is signed or starts."""
    now = clock.now()
    within = timedelta(hours=order.confirm_within_hours)
    SiteReceipt.objects.bulk_create(
        (
            SiteReceipt(
                measure=measure,
                organisation_id=site.id,
                area_code=site.area_code,
                due_at=max(now, measure.from_at) + within,
            )
            for measure in measures
            for site in sites.get(measure.id, ())
        ),
        batch_size=1000,
    )


def _audit(actor: Actor, action: str, order: Order, data: Mapping[str, object]) -> None:
    audit.record(actor=actor, action=action, subject=f"order:{order.id}", area_code=order.area_code, data=data)
