"""Estates, their buildings and gates: put down once, a gate opened and sealed by rows that are never changed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid

from ..models import Building, Estate, Gate, GateStatus
from ..policies import require_keeper
from ..queries.devices import get_estate_for, get_gate_for
from ..states import EstateKind, GateState, StalePolicy

HOUSEHOLDS_MAX = 5_000
_SECRET_BYTES = 32


def create_estate(
    *, actor: Actor, name: str, area_code: int, kind: EstateKind = EstateKind.RESIDENTIAL, address: str = ""
) -> Estate:
    """Raises Conflict when the community has an estate of that name, NotAllowed, Invalid."""
    require_keeper(actor, area_code)
    get_area(area_code)
    with _once(_("本社区已有“%(name)s”") % {"name": name.strip()}, "estate.taken"):
        estate = Estate.objects.create(
            name=_named(name, 60),
            kind=EstateKind(kind),
            address=address.strip()[:120],
            area_code=area_code,
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
        )
        _noted(actor, "estate.create", f"estate:{estate.id}", area_code, kind=str(estate.kind))
    return estate


def create_building(*, actor: Actor, estate_id: int, name: str, household_count: int) -> Building:
    """`household_count` as the community counted: what coverage is measured against."""
    estate = get_estate_for(actor, estate_id)
    require_keeper(actor, estate.area_code)
    if not 0 <= household_count <= HOUSEHOLDS_MAX:
        raise Invalid(_("户数应在 0 到 %(most)s 之间") % {"most": HOUSEHOLDS_MAX}, reason="building.households")
    with _once(_("%(estate)s 已有 %(name)s") % {"estate": estate.name, "name": name.strip()}, "building.taken"):
        building = Building.objects.create(
            estate=estate, name=_named(name, 20), household_count=household_count, area_code=estate.area_code
        )
        _noted(actor, "building.create", f"building:{building.id}", estate.area_code, households=household_count)
    return building


def create_gate(
    *,
    actor: Actor,
    estate_id: int,
    name: str,
    stale_after_hours: int = 24,
    stale_policy: StalePolicy = StalePolicy.ADMIT_AND_FLAG,
) -> Gate:
    """A gate is open from its beginning. Its secret is made here and leaves only in manifests."""
    estate = get_estate_for(actor, estate_id)
    require_keeper(actor, estate.area_code)
    if not 1 <= stale_after_hours <= 72:
        raise Invalid(_("名册有效时间应在 1 到 72 小时之间"), reason="gate.stale_hours")
    now = clock.now()
    with _once(_("%(estate)s 已有 %(name)s") % {"estate": estate.name, "name": name.strip()}, "gate.taken"):
        gate = Gate.objects.create(
            estate=estate,
            name=_named(name, 40),
            stale_after_hours=stale_after_hours,
            stale_policy=StalePolicy(stale_policy),
            secret=secrets.token_hex(_SECRET_BYTES),
            area_code=estate.area_code,
            recorded_at=now,
        )
        GateStatus.objects.create(
            gate=gate,
            state=GateState.OPEN,
            from_at=now,
            area_code=gate.area_code,
            recorded_at=now,
            recorded_by=actor.user_id,
        )
        _noted(actor, "gate.create", f"gate:{gate.id}", gate.area_code)
    return gate


@transaction.atomic
def set_gate_status(
    *, actor: Actor, gate_id: int, state: GateState, emergency_note: str = "", from_at: datetime | None = None
) -> GateStatus:
    """Open or sealed from now, or from a later instant. A sealed entrance says how fire engines and ambulances get in."""
    gate = get_gate_for(actor, gate_id)
    require_keeper(actor, gate.area_code)
    now = clock.now()
    if state == GateState.SEALED and not emergency_note.strip():
        message = _("封闭出入口要写明消防车、救护车怎样进入")
        raise Invalid(message, reason="gate.no_way_in")
    Gate.objects.select_for_update().get(id=gate.id)
    status = GateStatus.objects.create(
        gate=gate,
        state=GateState(state),
        from_at=max(from_at or now, now),
        emergency_note=emergency_note.strip()[:200],
        area_code=gate.area_code,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    _noted(actor, "gate.set", f"gate:{gate.id}", gate.area_code, state=str(status.state), from_at=status.from_at)
    return status


def _named(name: str, longest: int) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > longest:
        raise Invalid(_("请填写名称，不超过 %(count)s 字") % {"count": longest}, reason="gates.name")
    return plain


@contextmanager
def _once(message: str, reason: str) -> Iterator[None]:
    """A transaction whose breach of a unique key is told in the user's words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(message, reason=reason) from error


def _noted(actor: Actor, action: str, subject: str, area_code: int, **data: object) -> None:
    audit.record(actor=actor, action=action, subject=subject, area_code=area_code, data=data)
