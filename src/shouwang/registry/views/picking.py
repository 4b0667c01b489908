"""A form's ID number that is somebody's already: the page offers that record, or the way to ask another county for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid

from ..commands.households import NewMember
from ..commands.persons import find_person_by_id_number
from ..forms import MemberForm
from ..models import Household, Person
from ..queries.as_of import membership_of
from ..queries.households import households_for
from ..queries.people import ElsewhereAnswer
from ..states import Relation

_REGISTERED = frozenset({"person.registered", "person.registered_elsewhere"})


@dataclass(frozen=True, slots=True)
class Offer:
    """Whose number it is: a record of this register with where they live, or a masked answer from elsewhere."""

    person: Person | None = None
    area: str = ""
    household: Household | None = None
    relation: str = ""
    elsewhere: ElsewhereAnswer | None = None


def picked(actor: Actor, form: MemberForm) -> NewMember:
    """The member as the form says: the record that holds the number when it was ticked, else a new person."""
    values = form.cleaned_data
    if values["use_registered"] and values["id_number"]:
        found = find_person_by_id_number(actor=actor, number=values["id_number"])
        if isinstance(found, Person):
            return NewMember(relation=values["relation"], person_id=found.id)
    return NewMember(relation=values["relation"], details=form.details())


@contextmanager
def refusals_offered(actor: Actor, form: Any, members: Iterable[MemberForm]) -> Iterator[None]:
    """As `refusals_shown_in`; a number that is registered already puts an offer beside it (`form.offer`)."""
    try:
        yield
    except (Invalid, Conflict) as refusal:
        form.add_error(None, str(refusal))
        if refusal.reason in _REGISTERED:
            for member in members:
                _offer(actor, member)


def _offer(actor: Actor, form: MemberForm) -> None:
    number = form.cleaned_data.get("id_number", "")
    found = find_person_by_id_number(actor=actor, number=number) if number else None
    if isinstance(found, ElsewhereAnswer):
        form.offer = Offer(elsewhere=found)
    elif found is not None and not form.cleaned_data["use_registered"]:
        household_id, relation = membership_of([found.id], on=clock.today()).get(found.id, (None, ""))
        form.offer = Offer(
            person=found,
            area=full_names([found.area_code]).get(found.area_code, ""),
            household=households_for(actor).filter(id=household_id).first() if household_id else None,
            relation=Relation(relation).label if relation else "",
        )
