"""Finding households: one by id, many in the actor's scope."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound

from ..models import Household, Person
from .as_of import members_as_of
from .people import get_person_for


def get_household_for(actor: Actor, household_id: UUID) -> Household:
    """Raises NotFound, also for a household outside the actor's scope. One whose registration was undone is found, for
    its history."""
    household = Household.objects.filter(actor.scope.q(), id=household_id).first()
    if household is None:
        raise NotFound(_("没有找到这一户，或者不在您的管辖范围内"), household_id=household_id)
    return household


def households_for(actor: Actor) -> QuerySet[Household]:
    """All households in the actor's scope, but for those whose registration was undone."""
    return Household.objects.filter(actor.scope.q(), withdrawn_at=None)


def household_numbered(actor: Actor, number: str) -> Household | None:
    """The household with that number in the actor's scope, as it is typed: h00000012 is H00000012."""
    return households_for(actor).filter(number=number.strip().upper()).first()


def get_member_for(actor: Actor, household_id: UUID, person_id: UUID) -> tuple[Household, Person, str]:
    """A household, somebody who lives in it today, and their relation to its head. Raises NotFound."""
    household = get_household_for(actor, household_id)
    for member in members_as_of([household_id], on=clock.today())[household_id]:
        if member.person_id == person_id:
            return household, get_person_for(actor, person_id), member.relation
    raise NotFound(_("此人现在不是这一户的成员，请回到家庭页面核对"), person_id=person_id)
