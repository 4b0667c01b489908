"""Passes as their holders and their community see them, the deny list, and cards to print anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import mask_name
from shouwang.kernel.errors import NotFound

from ..models import DenialProposal, Pass, PassDenial, Resident
from ..states_residents import RENEWED_BEFORE

LIVE, ENDED, DENIED, REPRINT = "live", "ended", "denied", "reprint"
STANDINGS = (LIVE, REPRINT, ENDED, DENIED)


def passes_for(actor: Actor) -> QuerySet[Pass]:
    related = ("estate", "holder__registration", "denial", "key")
    return Pass.objects.filter(actor.scope.q()).select_related(*related)


def get_pass_for(actor: Actor, pass_id: int) -> Pass:
    """Raises NotFound, also for one outside the actor's areas."""
    found = passes_for(actor).filter(id=pass_id).first()
    if found is None:
        raise NotFound(_("没有找到这张通行证，或者不在您的管辖范围内"), pass_id=pass_id)
    return found


def list_passes_for(
    actor: Actor,
    *,
    standing: str = "",
    estate_id: int | None = None,
    kind: int | None = None,
    building: str = "",
    text: str = "",
) -> QuerySet[Pass]:
    """`text`: the holder's whole name, a room, or the pass's number."""
    found = passes_for(actor)
    now = clock.now()
    if standing == LIVE:
        found = found.filter(denial=None, expires_at__gt=now)
    elif standing == ENDED:
        found = found.filter(denial=None, expires_at__lte=now)
    elif standing == DENIED:
        found = found.exclude(denial=None)
    elif standing == REPRINT:
        found = found.filter(reprint_q(now))
    if estate_id is not None:
        found = found.filter(estate_id=estate_id)
    if kind is not None:
        found = found.filter(kind=kind)
    if building:
        found = found.filter(holder__registration__building=building)
    if text:
        by_number = Q(id=int(text)) if text.isdecimal() and len(text) <= 18 else Q(pk__in=[])
        found = found.filter(
            by_number | Q(holder__name=text) | Q(holder_name=text) | Q(holder__registration__room=text)
        )
    order = ("estate_id", "holder__registration__building", "holder__registration__room", "holder__position", "id")
    return found.order_by(*order)


def reprint_q(now: datetime) -> Q:
    """Printed cards that are to be printed anew, two weeks ahead: the pass ends, its key does, or it was signed anew."""
    soon = now + RENEWED_BEFORE
    ends = Q(expires_at__lte=soon, expires_at__gt=now)
    key_ends = Q(key__withdrawn_at__lte=soon) | Q(key__valid_until__lte=soon)
    return Q(denial=None, printed_at__isnull=False, holder__left_on=None, expires_at__gt=now) & (
        ends | key_ends | Q(printed_at__lt=F("issued_at"))
    )


def cards_to_reprint_count() -> int:
    """Everywhere in the connection's scope."""
    return Pass.objects.filter(reprint_q(clock.now())).count()


def live_passes_of(residents: Collection[Resident]) -> list[Pass]:
    """Not ended, not out of use; the one that lasts longest last."""
    ids = [one.id for one in residents]
    found = Pass.objects.filter(holder_id__in=ids, denial=None, expires_at__gt=clock.now())
    return list(found.select_related("key", "estate").order_by("expires_at", "id"))


def latest_passes_of(residents: Collection[Resident]) -> dict[UUID, Pass]:
    """By resident, the pass that lasts longest of those that are not out of use; it may have ended."""
    found = Pass.objects.filter(holder__in=residents, denial=None).select_related("key").order_by("expires_at", "id")
    return {one.holder_id: one for one in found if one.holder_id is not None}


def shown_passes_of(residents: Collection[Resident]) -> dict[UUID, Pass]:
    """By resident, the live pass that lasts longest."""
    return {one.holder_id: one for one in live_passes_of(residents) if one.holder_id is not None}


def guests_of(residents: Collection[Resident]) -> list[Pass]:
    """Guests' passes that have not ended, the soonest first."""
    ids = [one.id for one in residents]
    found = Pass.objects.filter(host_id__in=ids, denial=None, expires_at__gt=clock.now())
    return list(found.select_related("key", "estate").order_by("valid_from", "id"))


def holder_words(one: Pass) -> tuple[str, str]:
    """Masked name and the last four of the ID number: what a keeper compares."""
    if one.holder is not None:
        return mask_name(one.holder.name), one.holder.id_tail
    return mask_name(one.holder_name), one.holder_tail


def denials_for(actor: Actor) -> QuerySet[PassDenial]:
    """The latest first."""
    related = ("denied__estate", "denied__holder__registration")
    return PassDenial.objects.filter(actor.scope.q()).select_related(*related).order_by("-number")


def proposals_for(actor: Actor) -> QuerySet[DenialProposal]:
    """What waits for a second officer first, then the latest."""
    found = DenialProposal.objects.filter(actor.scope.q())
    return found.order_by(F("decided_at").desc(nulls_first=True), "-recorded_at", "-id")


def get_proposal_for(actor: Actor, proposal_id: UUID) -> DenialProposal:
    """Raises NotFound, also for one outside the actor's areas."""
    found = proposals_for(actor).filter(id=proposal_id).first()
    if found is None:
        raise NotFound(_("没有找到这份作废申请，或者不在您的管辖范围内"), proposal_id=proposal_id)
    return found


def passes_with_ids(actor: Actor, ids: Iterable[int]) -> list[Pass]:
    return list(passes_for(actor).filter(id__in=list(ids)).order_by("id"))
