"""Adding one need of a person, or taking one away, without restating the others."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from shouwang.kernel.actor import Actor

from ..models import PersonFact
from ..queries.as_of import person_facts_as_of
from ..rules.values import split_set
from ..states import PersonFactKind
from .facts import record_person_fact
from .writing import lock_person


@transaction.atomic
def change_need(
    *, actor: Actor, person_id: UUID, need: str, is_needed: bool, valid_from: date, source: str
) -> PersonFact | None:
    """The row that says what is needed from that day on; None when it was so already.

    Two officers who add one need each leave both: the set is read under the person's lock.
    """
    lock_person(actor, person_id)
    said = person_facts_as_of([person_id], [PersonFactKind.NEED], on=valid_from)[person_id]
    needs = set(split_set(str(said.get(PersonFactKind.NEED, ""))))
    wanted = needs | {need} if is_needed else needs - {need}
    return record_person_fact(
        actor=actor,
        person_id=person_id,
        kind=PersonFactKind.NEED,
        value=",".join(sorted(wanted)) or None,
        valid_from=valid_from,
        source=source,
    )
