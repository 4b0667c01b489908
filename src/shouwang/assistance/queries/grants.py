"""Reading grants: what they pay as of a month, what officers see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, spans_q
from shouwang.registry.public import members_as_of

from ..models import Grant, GrantAmount
from ..policies import ensure_may_read_payments
from ..states import GrantChangeKind


def amounts_as_of(grant_ids: Collection[UUID], *, month: date) -> dict[UUID, GrantAmount]:
    """The amount that holds in `month`, by grant; a grant that has not begun is left out."""
    latest = (
        GrantAmount.objects.filter(grant_id__in=grant_ids, valid_from__lte=month)
        .order_by("grant_id", "-valid_from", "-recorded_at")
        .distinct("grant_id")
    )
    return {amount.grant_id: amount for amount in latest}


def subjects_in_force(*, programme: str, subject_ids: Collection[UUID], month: date, is_household: bool) -> set[UUID]:
    """Which of the subjects have a grant that is not ended as of `month` or later: they cannot be taken over again."""
    field = "household_id" if is_household else "person_id"
    last = GrantAmount.objects.filter(grant_id=OuterRef("id")).order_by("-valid_from", "-recorded_at")
    grants = Grant.objects.filter(programme=programme, **{f"{field}__in": list(subject_ids)}).annotate(
        last_kind=Subquery(last.values("kind")[:1]), last_from=Subquery(last.values("valid_from")[:1])
    )
    return set(grants.exclude(last_kind=GrantChangeKind.END, last_from__lte=month).values_list(field, flat=True))


def get_grant_for(actor: Actor, grant_id: UUID) -> Grant:
    """Raises NotFound, also for another county's grant."""
    ensure_may_read_payments(actor)
    grant = Grant.objects.filter(actor.scope.q(), id=grant_id).select_related("household", "person", "document").first()
    if grant is None:
        raise NotFound(_("没有这个在保对象，可能不在您的辖区"), grant_id=grant_id)
    return grant


def list_grants_for(
    actor: Actor,
    *,
    month: date,
    programme: str = "",
    spans: Sequence[Span] | None = None,
    in_force: str = "",
    sort: str = "",
) -> QuerySet[Grant]:
    """Grants in scope with `monthly_fen` as of `month`; `in_force` "yes" or "no" narrows to those that pay or do not."""
    ensure_may_read_payments(actor)
    latest = GrantAmount.objects.filter(grant_id=OuterRef("id"), valid_from__lte=month).order_by(
        "-valid_from", "-recorded_at"
    )
    grants = Grant.objects.filter(actor.scope.q()).annotate(
        monthly_fen=Subquery(latest.values("monthly_fen")[:1]), change=Subquery(latest.values("kind")[:1])
    )
    if programme:
        grants = grants.filter(programme=programme)
    if spans is not None:
        grants = grants.filter(spans_q(spans))
    if in_force:
        pays = _pays_as_of(month)
        grants = grants.filter(pays if in_force == "yes" else ~pays)
    order = {"amount": "monthly_fen", "starts": "starts_on", "area": "area_code"}.get(sort.lstrip("-"), "area_code")
    ordering = F(order).desc(nulls_last=True) if sort.startswith("-") else F(order).asc(nulls_last=True)
    return grants.select_related("household", "person").order_by(ordering, "id")


def _pays_as_of(month: date) -> Q:
    """That a grant annotated with `monthly_fen` pays in `month`: it has begun, and was not stopped, or was taken up
    again. Few were ever stopped, so that the amount is looked up for those only."""
    stopped = GrantAmount.objects.filter(monthly_fen=None, valid_from__lte=month)
    return Q(starts_on__lte=month) & (~Q(id__in=stopped.values("grant_id")) | Q(monthly_fen__isnull=False))


def heads_of(grants: Sequence[Grant], *, on: date) -> dict[UUID, str]:
    """The name of each grant's person, or of the head of its household; who has none is left out."""
    members = members_as_of([grant.household_id for grant in grants if grant.household_id], on=on)
    heads = {household_id: family[0].name for household_id, family in members.items() if family}
    names = {
        grant.id: grant.person.name if grant.person else heads.get(grant.household_id or grant.id) for grant in grants
    }
    return {grant_id: name for grant_id, name in names.items() if name}


def amount_history(grant: Grant) -> QuerySet[GrantAmount]:
    """Every dated amount, the latest first."""
    return GrantAmount.objects.filter(grant=grant).order_by("-valid_from", "-recorded_at")
