"""Taking passes out of use 作废: passes, never persons.

Guarantees: every pass that goes out of use has one of five reasons and an author; no text, no list from outside, no way
from a person to a refusal but the passes that he holds. More than twenty at once are proposed by one officer and
confirmed by another; the database refuses the same one twice. A pass that is out stays out: its holder is given another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.requests import ensure_same, take_turns

from ..models import DenialProposal, Pass, PassDenial, Resident
from ..policies_residents import require_registrar, require_second_officer
from ..states import DENIED_ALONE_MAX, DenyReason

PROPOSED_MAX = 2_000


@transaction.atomic
def deny_passes(*, actor: Actor, pass_ids: Collection[int], reason: str) -> list[PassDenial]:
    """Take them out of use; those that are out already stay as they are. Raises NotFound, NotAllowed, Invalid for a reason
    that is none of the five, Conflict for more than twenty."""
    passes = _passes(actor, pass_ids, reason)
    if len(passes) > DENIED_ALONE_MAX:
        message = _("一次作废超过 %(limit)s 张要由两名工作人员办理，请提出作废申请") % {"limit": DENIED_ALONE_MAX}
        raise Conflict(message, reason="denial.second_officer", count=len(passes))
    return _deny(actor, passes, reason)


@transaction.atomic
def propose_denial(*, actor: Actor, proposal_id: UUID, pass_ids: Collection[int], reason: str) -> DenialProposal:
    """Many at once, for a second officer to confirm. The form's id sent again is the proposal that is there."""
    passes = _passes(actor, pass_ids, reason)
    if len(passes) > PROPOSED_MAX:
        raise Invalid(_("一次最多提出 %(limit)s 张") % {"limit": PROPOSED_MAX}, reason="denial.too_many")
    take_turns([proposal_id])
    ids = [one.id for one in passes]
    there = DenialProposal.objects.filter(actor.scope.q(), id=proposal_id).first()
    if there is not None:
        ensure_same((there.pass_ids, there.reason), (ids, reason))
        return there
    # A proposal lies where all its passes lie: what one community cannot see it cannot propose.
    proposal = DenialProposal.objects.create(
        id=proposal_id,
        pass_ids=ids,
        reason=reason,
        area_code=passes[0].area_code if len({one.area_code for one in passes}) == 1 else actor.area_code,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    _audit(actor, "denial.propose", f"denial:{proposal.id}", proposal.area_code, len(ids))
    return proposal


@transaction.atomic
def decide_denial(*, actor: Actor, proposal_id: UUID, is_confirmed: bool) -> DenialProposal:
    """The second officer's word. Raises NotAllowed for who proposed it, StateConflict for one that is decided."""
    proposal = DenialProposal.objects.select_for_update().filter(actor.scope.q(), id=proposal_id).first()
    if proposal is None:
        raise NotFound(_("没有找到这份作废申请，或者不在您的管辖范围内"), proposal_id=proposal_id)
    require_second_officer(actor, proposal.area_code)
    if proposal.recorded_by == actor.user_id:
        raise NotAllowed(_("作废申请要由另一名工作人员复核"), reason="denial.own_proposal")
    if proposal.decided_at is not None:
        raise StateConflict(_("这份作废申请已经复核过"), reason="denial.decided")
    proposal.is_confirmed = is_confirmed
    proposal.decided_at, proposal.decided_by = clock.now(), actor.user_id
    proposal.save(update_fields=["is_confirmed", "decided_at", "decided_by"])
    verb = "denial.confirm" if is_confirmed else "denial.refuse"
    _audit(actor, verb, f"denial:{proposal.id}", proposal.area_code, len(proposal.pass_ids))
    if is_confirmed:
        passes = list(Pass.objects.filter(actor.scope.q(), id__in=proposal.pass_ids).order_by("id"))
        if len(passes) < len(proposal.pass_ids):
            raise NotAllowed(_("其中有的通行证不在您的管辖范围内，请由上级复核"), reason="gates.area")
        _deny(actor, passes, proposal.reason, proposed_by=proposal.recorded_by)
    return proposal


def deny_passes_of(actor: Actor, residents: Iterable[Resident], reason: DenyReason) -> list[PassDenial]:
    """The live passes of residents and of their guests, in the caller's transaction: what follows from moving out. The
    fact is about one household, so twenty is no bound here."""
    ids = [one.id for one in residents]
    live = Pass.objects.filter(Q(holder_id__in=ids) | Q(host_id__in=ids), expires_at__gt=clock.now())
    return _deny(actor, list(live.order_by("id")), reason)


def deny_one(actor: Actor, one: Pass, reason: str) -> None:
    """A pass that is replaced by another, in the caller's transaction."""
    _deny(actor, [one], reason)


def _passes(actor: Actor, pass_ids: Collection[int], reason: str) -> list[Pass]:
    if reason not in DenyReason.values:
        raise Invalid(_("请从列出的原因中选择"), reason="denial.reason")
    passes = list(Pass.objects.filter(actor.scope.q(), id__in=pass_ids).order_by("id"))
    if not passes or len(passes) < len(set(pass_ids)):
        raise NotFound(_("没有找到这些通行证，或者不在您的管辖范围内"))
    for area_code in sorted({one.area_code for one in passes}):
        require_registrar(actor, area_code)
    return passes


def _deny(actor: Actor, passes: Sequence[Pass], reason: str, *, proposed_by: UUID | None = None) -> list[PassDenial]:
    """Locked in the order of their ids; a pass that is out already is left as it is."""
    ids = [one.id for one in passes]
    list(Pass.objects.select_for_update().filter(id__in=ids).order_by("id").values_list("id", flat=True))
    denied = set(PassDenial.objects.filter(denied_id__in=ids).values_list("denied_id", flat=True))
    fresh = [one for one in passes if one.id not in denied]
    now = clock.now()
    rows = PassDenial.objects.bulk_create(
        PassDenial(
            denied=one,
            reason=reason,
            area_code=one.area_code,
            recorded_at=now,
            recorded_by=proposed_by or actor.user_id,
            confirmed_by=actor.user_id if proposed_by else None,
        )
        for one in fresh
    )
    if rows:
        _audit(actor, "pass.deny", f"pass:{rows[0].denied_id}", rows[0].area_code, len(rows), reason)
    return rows


def _audit(actor: Actor, action: str, subject: str, area_code: int, count: int, reason: str = "") -> None:
    data = {"count": count, **({"reason": reason} if reason else {})}
    audit.record(actor=actor, action=action, subject=subject, area_code=area_code, data=data)
