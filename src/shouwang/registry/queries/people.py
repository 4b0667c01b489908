"""Finding persons: one by id, one by ID number, many by area and keyword. Each enters through the actor's scope."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import blind_index
from shouwang.kernel.errors import NotFound

from ..models import Person, PersonFact


@dataclass(frozen=True, slots=True)
class ElsewhereAnswer:
    """The person is in the register of a place outside the actor's scope; nothing more is told."""

    person_id: UUID
    township_code: int
    unit_name: str
    masked_name: str

    @property
    def message(self) -> str:
        return _("此人（%(name)s）已在%(unit)s的底册中登记，请发起移交") % {
            "name": self.masked_name,
            "unit": self.unit_name,
        }


def get_person_for(actor: Actor, person_id: UUID) -> Person:
    """Raises NotFound, also for a person outside the actor's scope."""
    person = Person.objects.filter(actor.scope.q(), id=person_id).first()
    if person is None:
        raise NotFound(_("没有找到这个人，或者不在您的管辖范围内"), person_id=person_id)
    return person


def persons_for(actor: Actor) -> QuerySet[Person]:
    """All persons in the actor's scope."""
    return Person.objects.filter(actor.scope.q())


def persons_with_id_number(actor: Actor, number: str) -> QuerySet[Person]:
    """At most one, in the actor's scope; `number` as `parse_id_number` returns it."""
    return persons_for(actor).filter(id_index=blind_index("id_number", number))


def holders(indexes: list[bytes]) -> dict[bytes, ElsewhereAnswer]:
    """Who holds these ID numbers, in whatever area. The asking command logs that it asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select holder.id_index, holder.person_id, holder.township_code, coalesce(unit.full_name, ''),
                      holder.masked_name
                 from registry_holders(%s) holder
                 left join areas_area unit
                   on unit.level in ('county', 'zone') and unit.span @> holder.township_code and unit.valid_to is null""",
            [indexes],
        )
        return {bytes(index): ElsewhereAnswer(*answer) for index, *answer in cursor.fetchall()}


def keyword_q(keyword: str) -> Q | None:
    """A whole ID number or a whole phone number, by blind index; None when the keyword is neither."""
    compact = keyword.replace(" ", "").upper()
    if len(compact) == 18 and compact[:17].isdigit():
        return Q(id_index=blind_index("id_number", compact))
    if len(compact) >= 7 and compact.isdigit():
        return Q(phone_index=blind_index("phone", compact))
    return None


def get_fact_for(actor: Actor, fact_id: UUID) -> PersonFact:
    """A person's recorded fact, with the person. Raises NotFound."""
    fact = PersonFact.objects.filter(actor.scope.q(), id=fact_id).select_related("person").first()
    if fact is None:
        raise NotFound(_("没有找到这条记录，或者不在您的管辖范围内"), fact_id=fact_id)
    return fact
