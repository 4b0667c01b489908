"""Issuing and lifting measures. Nothing is edited: a measure is ended by a row of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock, events
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, StateConflict
from shouwang.kernel.ids import new_id

from ..events import MeasureIssued, MeasureLifted
from ..kinds import get_kind
from ..models import Measure, MeasureEnd
from ..policies import ensure_may_order_measures
from ..queries.documents import get_document
from ..queries.measures import get_measure


@transaction.atomic
def issue_measure(
    *,
    actor: Actor,
    kind: str,
    parameters: Mapping[str, object],
    area_code: int,
    from_at: datetime,
    until_at: datetime | None,
    document_id: UUID,
    is_exercise: bool = False,
    measure_id: UUID | None = None,
) -> Measure:
    """Order a measure for a whole area, from an instant until before another (None: until it is lifted).

    The target's spans are kept as they are now. Sent again with its id and the same content it is the measure that is
    there. Raises Invalid for an unknown parameter, NotFound for an unknown kind, NotAllowed, Conflict.
    """
    area = get_area(area_code)
    ensure_may_order_measures(actor, area.span)
    if not area.span:
        raise Invalid(
            _("%(area)s没有管辖范围，不能作为措施的对象") % {"area": area.name}, reason="measure.empty_target"
        )
    checked = get_kind(kind).checked(parameters)
    if until_at is not None and until_at <= from_at:
        raise Invalid(_("结束时间要晚于开始时间"), reason="measure.ends_before_it_starts")
    content = {
        "kind": kind,
        "parameters": checked,
        "area_code": area_code,
        "from_at": from_at,
        "until_at": until_at,
        "document_id": get_document(document_id).id,
        "is_exercise": is_exercise,
    }
    measure = Measure(
        id=measure_id or new_id(), spans=area.span, recorded_at=clock.now(), recorded_by=actor.user_id, **content
    )
    try:
        with transaction.atomic():
            measure.save(force_insert=True)
    except IntegrityError:
        existing = get_measure(measure.id)
        if any(getattr(existing, field) != value for field, value in content.items()):
            raise Conflict(_("这项措施已经发布，内容不同，未再发布"), reason="measure.differs") from None
        return existing
    audit.record(
        actor=actor,
        action="measure.issue",
        subject=f"measure:{measure.id}",
        area_code=area_code,
        data={"kind": kind, "parameters": checked, "from_at": from_at, "until_at": until_at, "document": document_id},
    )
    events.publish(
        MeasureIssued(
            measure_id=measure.id,
            measure_kind=kind,
            area_code=area_code,
            from_at=from_at,
            until_at=until_at,
            is_exercise=is_exercise,
        )
    )
    return measure


@transaction.atomic
def lift_measure(
    *, actor: Actor, measure_id: UUID, at: datetime, reason: str, document_id: UUID | None = None
) -> MeasureEnd:
    """End a measure before its term, from an instant on; at its start it never comes into force.

    Raises StateConflict when it is lifted already or over by then, NotAllowed for who could not have ordered it.
    """
    measure = get_measure(measure_id)
    ensure_may_order_measures(actor, measure.spans)
    if not reason.strip():
        raise Invalid(_("请写明解除的原因"), reason="measure.reason_missing")
    if at < measure.from_at:
        raise Invalid(_("解除时间不能早于措施开始的时间"), reason="measure.lifted_before_it_starts")
    if measure.until_at is not None and at >= measure.until_at:
        raise StateConflict(_("这项措施到那时已经期满，不用解除"), reason="measure.over")
    Measure.objects.select_for_update().get(id=measure.id)
    earlier = MeasureEnd.objects.filter(measure=measure).first()
    if earlier is not None:
        raise StateConflict(
            _("这项措施已经解除：%(reason)s") % {"reason": earlier.reason}, reason="measure.lifted", at=earlier.at
        )
    end = MeasureEnd.objects.create(
        measure=measure,
        at=at,
        reason=reason.strip()[:200],
        document=get_document(document_id) if document_id else None,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    audit.record(
        actor=actor,
        action="measure.lift",
        subject=f"measure:{measure.id}",
        area_code=measure.area_code,
        data={"at": at, "reason": end.reason},
    )
    events.publish(
        MeasureLifted(
            measure_id=measure.id,
            measure_kind=measure.kind,
            area_code=measure.area_code,
            at=at,
            is_exercise=measure.is_exercise,
        )
    )
    return end
