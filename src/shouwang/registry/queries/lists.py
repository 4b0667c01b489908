"""Lists of the register: filtered by place and keyword, sorted, always inside the actor's scope.

A keyword is a whole ID or phone number, a household's number, or a name (characters, pinyin, initials) by prefix. Part of
a number finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Func, Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import clock, search
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, intersect, spans_q

from ..filters import Meant, household_filters
from ..models import Household, Membership, Organisation, Person, Transfer
from .as_of import household_of
from .people import keyword_q, persons_for

FOUND_MAX = 500
"""Records a name may lead to; whoever finds more narrows the area."""

_HOUSEHOLD_NUMBER = re.compile(r"H\d{8,}", re.IGNORECASE)

PERSON_SORTS = {"name": "name", "birth": "birth_on", "area": "area_code"}
HOUSEHOLD_SORTS = {"number": "number", "area": "area_code", "registered": "registered_on"}
ORGANISATION_SORTS = {"name": "name", "area": "area_code"}


def list_persons_for(actor: Actor, *, keyword: str = "", area: int | None = None, sort: str = "") -> QuerySet[Person]:
    """Persons by keyword and area; the newest records first unless sorted."""
    spans = _spans(actor, area)
    persons = Person.objects.filter(spans_q(spans))
    if keyword:
        persons = persons.filter(_persons_q(keyword, spans))
    return persons.order_by(*_order(sort, PERSON_SORTS))


def list_households_for(
    actor: Actor,
    *,
    keyword: str = "",
    area: int | None = None,
    sort: str = "",
    chosen: Mapping[str, str] | None = None,
) -> QuerySet[Household]:
    """Households by their number, or by anybody who lives in them today; `chosen` answers the filters of higher apps."""
    spans = _spans(actor, area)
    households = Household.objects.filter(spans_q(spans), withdrawn_at=None)
    if _HOUSEHOLD_NUMBER.fullmatch(keyword):
        households = households.filter(number=keyword.upper())
    elif keyword:
        found = persons_for(actor).filter(_persons_q(keyword, spans)).values_list("id", flat=True)[:FOUND_MAX]
        homes = household_of(list(found), on=clock.today())
        households = households.filter(id__in=set(homes.values()))
    for one in household_filters():
        if code := (chosen or {}).get(one.key, ""):
            households = households.filter(_meant_q(one.narrow(actor, code)))
    return households.order_by(*_order(sort, HOUSEHOLD_SORTS))


def list_organisations_for(
    actor: Actor, *, keyword: str = "", area: int | None = None, sort: str = ""
) -> QuerySet[Organisation]:
    """Organisations by name or whole credit code."""
    spans = _spans(actor, area)
    organisations = Organisation.objects.filter(spans_q(spans))
    if keyword:
        found = search.find("organisation", keyword, spans, limit=FOUND_MAX)
        organisations = organisations.filter(Q(id__in=found) | Q(credit_code=keyword.upper()))
    return organisations.order_by(*_order(sort, ORGANISATION_SORTS))


def organisations_in(
    actor: Actor, spans: Sequence[Span], *, kinds: Sequence[str] = (), ids: Sequence[UUID] = ()
) -> list[Organisation]:
    """Those of the kinds, or those named, that stand in the spans and in the actor's scope; in the order of their areas."""
    chosen = Q(kind__in=kinds) | Q(id__in=ids)
    return list(Organisation.objects.filter(actor.scope.q(), spans_q(spans), chosen).order_by("area_code", "id"))


def get_organisation_for(actor: Actor, organisation_id: UUID) -> Organisation:
    """Raises NotFound, also for an organisation outside the actor's scope."""
    organisation = Organisation.objects.filter(actor.scope.q(), id=organisation_id).first()
    if organisation is None:
        raise NotFound(_("没有找到这家机构，或者不在您的管辖范围内"), organisation_id=organisation_id)
    return organisation


def transfers_for(actor: Actor) -> QuerySet[Transfer]:
    """Requests that the actor's areas made or have to answer, the open ones first."""
    either_end = actor.scope.q() | actor.scope.q("from_area_code")
    return Transfer.objects.filter(either_end).order_by("answered_at", "-recorded_at", "-id")


def _persons_q(keyword: str, spans: Sequence[Span]) -> Q:
    exact = keyword_q(keyword)
    if exact is not None:
        return exact
    found: list[UUID] = search.find("person", keyword, spans, limit=FOUND_MAX)
    return Q(id__in=found)


class _IsAnyOf(Func):
    """`column = any(array)`."""

    template = "%(expressions)s)"
    arg_joiner = " = any("
    output_field = BooleanField()


def _meant_q(meant: Meant) -> Q:
    """The households meant, and those in which the persons meant live today."""
    # As an array, whose members are looked up by index: under a policy the planner takes the sub-select for few rows and
    # asks it once for each membership of the city.
    latest = (
        Membership.objects.filter(_IsAnyOf("person_id", ArraySubquery(meant.person_ids)), valid_from__lte=clock.today())
        .order_by("person_id", "-valid_from", "-recorded_at")
        .distinct("person_id")
    )
    homes = Membership.objects.filter(id__in=latest.values("id"), household__isnull=False)
    found = Q(id__in=meant.household_ids) | Q(id__in=homes.values("household_id"))
    return ~found if meant.is_excluded else found


def _spans(actor: Actor, area: int | None) -> tuple[Span, ...]:
    return actor.scope.spans if area is None else intersect(actor.scope.spans, get_area(area).span)


def _order(sort: str, keys: dict[str, str]) -> tuple[str, str]:
    column = keys.get(sort.removeprefix("-"))
    if column is None:
        return "-id", "-recorded_at"
    return (f"-{column}", "-id") if sort.startswith("-") else (column, "id")
