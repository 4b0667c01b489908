"""Passes 通行证: issued when a registration is confirmed, renewed, replaced; for staff, helpers, guests, institutions.

Guarantees: a pass says no name; it ends with its kind's life at the latest; a guest's is for one day and is made by the
host or by the community. A lost pass is taken out of use in the same step in which another is given.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.kernel.identity import parse_id_number
from shouwang.kernel.requests import reused, take_turns
from shouwang.registry.public import check_name
from shouwang.response.public import effective

from ..measures import GATE_CONTROL, NOT_ADMITTED
from ..models import Estate, Pass, Registration, Resident
from ..policies_residents import require_registrar
from ..queries.estates_public import get_estate_of
from ..queries.passes import get_pass_for, latest_passes_of
from ..queries.registrations import get_registration_for, residents_of
from ..states import DenyReason, EstateKind, PassKind, RegistrationState
from ..states_residents import GUESTS_A_DAY_MAX, KEPT_AFTER_LAST_PASS, RENEWED_BEFORE
from .denials import deny_one
from .signing import WantedPass, pass_id_of, with_current_text, with_longer_life, write_passes

NAMED_KINDS = (PassKind.STAFF, PassKind.HELPER, PassKind.INSTITUTION, PassKind.VISITOR)
"""Kinds that the community gives by name, outside a registration."""

_PURPOSE_LENGTH_MAX = 60


@dataclass(frozen=True, slots=True)
class Named:
    """Who is given a pass without being a resident. `id_number` may be empty: the keeper then compares the name alone.
    `on`: a guest's day."""

    kind: PassKind
    name: str
    id_number: str = ""
    purpose: str = ""
    on: date | None = None


def issue_to_residents(actor: Actor, estate: Estate, residents: Sequence[Resident]) -> list[Pass]:
    """One each, in the caller's transaction, who audits."""
    kind = PassKind.INSTITUTION if estate.kind == EstateKind.INSTITUTION else PassKind.RESIDENT
    return write_passes(actor, estate, [WantedPass(kind=kind, holder=resident) for resident in residents])


@transaction.atomic
def issue_named_pass(*, actor: Actor, request_id: UUID, estate_id: int, named: Named) -> Pass:
    """A pass for staff, a helper, an institution's people or a guest. The form's id sent again gives the same pass.

    Raises NotFound, NotAllowed, Invalid, Conflict.
    """
    estate = get_estate_of(actor, estate_id)
    require_registrar(actor, estate.area_code)
    if named.kind not in NAMED_KINDS:
        raise Invalid(_("居民的通行证在确认登记时签发"), reason="pass.kind")
    return _issue_once(actor, estate, request_id, _wanted(named, pass_id_of(request_id)))


@transaction.atomic
def invite_guest(*, actor: Actor, host_id: UUID, request_id: UUID, guest: Named) -> Pass:
    """A guest's pass for one day, made by the host, who so confirms the visit.

    Raises Conflict while the measures in force admit no guests, or beyond the guests of a day.
    """
    host = (
        Resident.objects.select_related("registration__estate")
        .filter(actor.scope.q(), id=host_id, left_on=None, registration__state=RegistrationState.CONFIRMED)
        .first()
    )
    if host is None:
        raise NotFound(_("没有找到这个人，或者登记还没有确认"), resident_id=host_id)
    estate, day = host.registration.estate, guest.on or clock.today()
    Registration.objects.select_for_update().get(id=host.registration_id)  # two guests at once are counted one by one
    moment = max(clock.now(), clock.day_start(day))
    control = effective(GATE_CONTROL, estate.area_code, moment)
    if control is not None and control.parameters["visitors"] == NOT_ADMITTED:
        raise Conflict(_("现行措施不准访客进入，不能开访客通行证"), reason="pass.no_visitors")
    wanted = _wanted(guest, pass_id_of(request_id), host)
    if not Pass.objects.filter(id=wanted.pass_id).exists():
        _ensure_few_guests(host.registration, day)
    return _issue_once(actor, estate, request_id, wanted)


@transaction.atomic
def renew_passes(*, actor: Actor, registration_id: UUID) -> list[Pass]:
    """Every resident's pass that ends within two weeks, or has ended, has a full life again under its number. The card in the
    drawer is good until the day printed on it; who has none (all are out of use) is given one."""
    registration = get_registration_for(actor, registration_id)
    require_registrar(actor, registration.area_code)
    return renew_in(actor, registration)


def renew_in(actor: Actor, registration: Registration) -> list[Pass]:
    """Inside the caller's transaction, for whoever may."""
    Registration.objects.select_for_update().get(id=registration.id)
    if registration.state != RegistrationState.CONFIRMED:
        raise StateConflict(_("登记确认以后才能换发通行证"), reason="registration.state")
    residents = residents_of(registration)
    soon = clock.now() + RENEWED_BEFORE
    held = latest_passes_of(residents)
    due = [one for one in held.values() if one.expires_at <= soon]
    without = [resident for resident in residents if resident.id not in held]
    made = with_longer_life(due) + (issue_to_residents(actor, registration.estate, without) if without else [])
    if not made:
        return []
    keep_until(registration, made)
    _audit(actor, "pass.renew", f"registration:{registration.id}", registration.area_code, {"count": len(made)})
    return made


@transaction.atomic
def replace_pass(*, actor: Actor, pass_id: int, reason: str) -> Pass:
    """The pass goes out of use, and its holder is given another with the same end or a full life. Raises StateConflict for
    one that is out already."""
    old = get_pass_for(actor, pass_id)
    require_registrar(actor, old.area_code)
    if reason not in (DenyReason.LOST, DenyReason.REPLACED, DenyReason.ISSUED_IN_ERROR):
        raise Invalid(_("补发的原因是遗失、换发或者误发"), reason="pass.replace_reason")
    if old.kind == PassKind.VISITOR:
        raise Invalid(_("访客通行证当日有效，请重新开一张"), reason="pass.kind")
    if hasattr(old, "denial"):
        raise StateConflict(_("这张通行证已经作废"), reason="pass.denied")
    if old.holder is not None and old.holder.left_on is not None:
        raise StateConflict(_("持证人已经迁出，不再补发"), reason="pass.left")
    deny_one(actor, old, reason)
    wanted = WantedPass(
        kind=PassKind(old.kind),
        holder=old.holder,
        holder_name=old.holder_name,
        holder_tail=old.holder_tail,
        purpose=old.purpose,
    )
    (made,) = write_passes(actor, old.estate, [wanted])
    if old.holder is not None:
        keep_until(old.holder.registration, [made])
    _audit(actor, "pass.replace", f"pass:{made.id}", made.area_code, {"reason": reason})
    return made


@transaction.atomic
def passes_to_print(*, actor: Actor, pass_ids: Collection[int]) -> list[Pass]:
    """The passes with their present code, noted as printed now: what a sheet of cards holds. Raises NotFound, NotAllowed."""
    passes = list(
        Pass.objects.filter(actor.scope.q(), id__in=pass_ids, denial=None, expires_at__gt=clock.now())
        .select_related("key", "estate", "holder__registration")
        .order_by("holder__registration__building", "holder__registration__room", "holder__position", "id")
    )
    if not passes:
        raise NotFound(_("没有可以打印的通行证：没有找到，或者已经作废、过期"))
    for area_code in sorted({one.area_code for one in passes}):
        require_registrar(actor, area_code)
    shown = with_current_text(passes)
    now = clock.now()
    Pass.objects.filter(id__in=[one.id for one in shown]).update(printed_at=now)
    _audit(actor, "pass.print", f"estate:{shown[0].estate_id}", shown[0].area_code, {"count": len(shown)})
    return shown


def keep_until(registration: Registration, passes: Sequence[Pass]) -> None:
    """The registration is kept for as long as its last pass can be used, and four weeks."""
    last = max(one.expires_at for one in passes).astimezone(clock.TZ).date() + KEPT_AFTER_LAST_PASS
    if last > registration.forget_on:
        Registration.objects.filter(id=registration.id).update(forget_on=last)
        registration.forget_on = last


def _wanted(named: Named, pass_id: int, host: Resident | None = None) -> WantedPass:
    today = clock.today()
    tail = parse_id_number(named.id_number, today=today).number[-4:] if named.id_number.strip() else ""
    if len(named.purpose) > _PURPOSE_LENGTH_MAX:
        raise Invalid(_("事由最多 %(limit)s 个字") % {"limit": _PURPOSE_LENGTH_MAX}, reason="pass.purpose")
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    if named.kind == PassKind.VISITOR:
        day = named.on or today
        if not today <= day <= today + timedelta(days=7):
            raise Invalid(_("访客通行证只能开今天到七天以内的一天"), reason="pass.day")
        valid_from, expires_at = clock.day_start(day), clock.day_start(day + timedelta(days=1))
    return WantedPass(
        kind=named.kind,
        holder_name=check_name(named.name),
        holder_tail=tail,
        host=host,
        purpose=named.purpose.strip(),
        valid_from=valid_from,
        expires_at=expires_at,
        pass_id=pass_id,
    )


def _ensure_few_guests(registration: Registration, day: date) -> None:
    begins, ends = clock.day_start(day), clock.day_start(day + timedelta(days=1))
    guests = Pass.objects.filter(
        host__registration=registration, expires_at__gt=begins, expires_at__lte=ends, denial=None
    ).count()
    if guests >= GUESTS_A_DAY_MAX:
        message = _("一户一天最多开 %(limit)s 张访客通行证，更多的请到社区办理") % {"limit": GUESTS_A_DAY_MAX}
        raise Conflict(message, reason="pass.too_many_guests")


def _issue_once(actor: Actor, estate: Estate, request_id: UUID, wanted: WantedPass) -> Pass:
    take_turns([request_id])
    there = Pass.objects.filter(id=wanted.pass_id).first()
    if there is not None:
        said = (there.kind, there.estate_id, there.holder_name, there.holder_tail, there.purpose)
        if said != (wanted.kind, estate.id, wanted.holder_name, wanted.holder_tail, wanted.purpose):
            raise reused()
        return there
    (made,) = write_passes(actor, estate, [wanted])
    _audit(actor, "pass.issue", f"pass:{made.id}", made.area_code, {"kind": int(made.kind)})
    return made


def _audit(actor: Actor, action: str, subject: str, area_code: int, data: dict[str, object]) -> None:
    audit.record(actor=actor, action=action, subject=subject, area_code=area_code, data=data)
