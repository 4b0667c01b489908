"""Grants and payments on the pages of the register, and the filter of its household list by who is in receipt 在保."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.registry.public import Meant, household_filter, household_panel, members_as_of, person_panel

from .models import Grant, PaymentAttempt
from .policies import READS_PAYMENTS
from .queries.grants import list_grants_for
from .queries.received import grants_of, payments_covering, payments_to_household
from .queries.run_records import Explained, latest_lines_for
from .states import Programme
from .views.tones import ATTEMPT_TONES

SHOWN = 6
NONE = "none"
"""The choice of the filter that means every household in none of IN_CARE."""

IN_CARE = (Programme.DIBAO, Programme.TEKUN)
"""What 在保 means in the trade: an allowance for age or disability makes nobody a household in care."""

CHOICES = (
    (Programme.DIBAO.value, _("低保")),
    (Programme.TEKUN.value, _("特困")),
    (Programme.DISABILITY_LIVING.value, _("残疾人生活补贴")),
    (Programme.DISABILITY_NURSING.value, _("残疾人护理补贴")),
    (Programme.ORPHAN.value, _("孤儿")),
    (Programme.UNATTENDED_CHILD.value, _("事实无人抚养儿童")),
    (Programme.OLD_AGE.value, _("高龄津贴")),
    (NONE, _("不在保")),
)


def of_household(actor: Actor, household_id: UUID) -> SafeString:
    if actor.role not in READS_PAYMENTS:
        return SafeString("")
    today = clock.today()
    members = {member.person_id: member.name for member in members_as_of([household_id], on=today)[household_id]}
    person_ids = list(members)
    grants = grants_of(actor, month=today.replace(day=1), household_id=household_id, person_ids=person_ids)
    explained = latest_lines_for(actor, [household_id, *person_ids])
    payments = payments_to_household(actor, household_id=household_id, person_ids=person_ids)
    return _panel(grants, payments, explained, members, household_id)


def of_person(actor: Actor, person_id: UUID) -> SafeString:
    if actor.role not in READS_PAYMENTS:
        return SafeString("")
    grants = grants_of(actor, month=clock.today().replace(day=1), household_id=None, person_ids=[person_id])
    return _panel(grants, payments_covering(actor, person_id), latest_lines_for(actor, [person_id]))


def in_receipt(actor: Actor, code: str) -> Meant:
    """Households with a grant that pays this month, or with a member who has one; `none`: without dibao and tekun."""
    programme = "" if code == NONE else code
    paid = list_grants_for(actor, month=clock.today().replace(day=1), programme=programme, in_force="yes").order_by()
    paid = paid.select_related(None)
    if code == NONE:
        paid = paid.filter(programme__in=IN_CARE)
    return Meant(
        household_ids=paid.filter(household__isnull=False).values("household_id"),
        person_ids=paid.filter(person__isnull=False).values("person_id"),
        is_excluded=code == NONE,
    )


def _panel(
    grants: QuerySet[Grant],
    payments: QuerySet[PaymentAttempt],
    explained: Sequence[Explained],
    names: Mapping[UUID, str] = MappingProxyType({}),
    household_id: UUID | None = None,
) -> SafeString:
    """`names`: the members, where several persons of one household may each have a line of their own."""
    context = {
        "household_id": household_id,
        "grants": list(grants),
        "payments": [
            (payment, names.get(payment.payable.subject_id, ""), ATTEMPT_TONES[payment.state])
            for payment in payments[:SHOWN]
        ],
        "explained": [(found, names.get(found.line.subject_id, "")) for found in explained],
    }
    return render_to_string("assistance/payments/panel.html", context)


def register() -> None:
    household_panel("payments", order=20)(of_household)
    person_panel("payments", order=20)(of_person)
    household_filter("programme", label=_("在保情况"), choices=CHOICES, order=10)(in_receipt)
