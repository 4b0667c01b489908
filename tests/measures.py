"""A measure in force in one line: drafted by a colleague, rehearsed, and signed by `actor`, through the commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.response.models import Measure
from shouwang.response.public import OrderDetails, PlannedMeasure, draft_order, rehearse_order, sign_order


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
    **more: Any,
) -> Measure:
    colleague = actor if actor.is_system else replace(actor, user_id=new_id())
    planned = PlannedMeasure(kind, parameters, area_code, from_at, until_at, **more)
    details = OrderDetails("发布措施", document_id, is_exercise=is_exercise, backdate_reason="补录")
    order = draft_order(actor=colleague, order_id=new_id(), details=details, measures=[planned])
    rehearse_order(actor=colleague, order_id=order.id)
    [measure] = sign_order(actor=actor, order_id=order.id, expected_version=order.version)
    return measure
