"""健康登记: declared for all members at once, by one of them or by the community for them.

Guarantees: a declaration is a row of its own, sealed, with its source; nothing is edited and nothing follows from it but
what a gate is told in a word. Declared twice on a day, the later row counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id

from ..models import HealthDeclaration, Registration, Resident
from ..policies_residents import require_registrar
from ..queries.registrations import get_registration_for
from ..rules.declarations import DeclaredHealth, check_declared
from ..states_residents import FORGOTTEN


@transaction.atomic
def declare_health(
    *, actor: Actor, registration_id: UUID, declared: Mapping[UUID, DeclaredHealth], source: str
) -> list[HealthDeclaration]:
    """What each of the household's residents declares today, taken down by the community. Raises Invalid for somebody
    who is not of the household."""
    registration = get_registration_for(actor, registration_id)
    require_registrar(actor, registration.area_code)
    return write_declarations(actor, registration, declared, source)


def write_declarations(
    actor: Actor, registration: Registration, declared: Mapping[UUID, DeclaredHealth], source: str
) -> list[HealthDeclaration]:
    """Inside the caller's transaction, for whoever may."""
    residents = {one.id: one for one in registration.residents.exclude(no_id_reason=FORGOTTEN)}
    if not declared or not declared.keys() <= residents.keys():
        raise Invalid(_("请为这一户的成员填写健康登记"), reason="declaration.members")
    rows = declared_rows(actor, [(residents[one], said) for one, said in declared.items()], source)
    written = HealthDeclaration.objects.bulk_create(rows)
    audit.record(
        actor=actor,
        action="declaration.register",
        subject=f"registration:{registration.id}",
        area_code=registration.area_code,
        data={"count": len(rows)},
    )
    return written


def declared_rows(
    actor: Actor, declared: Sequence[tuple[Resident, DeclaredHealth]], source: str
) -> list[HealthDeclaration]:
    """The rows, checked and not yet written."""
    now, today = clock.now(), clock.today()
    return [
        HealthDeclaration(
            id=new_id(),
            resident=resident,
            area_code=resident.area_code,
            declared_on=today,
            source=source,
            reports_symptoms=said.reports_symptoms,
            answers=check_declared(said, today=today).answers(),
            recorded_at=now,
            recorded_by=actor.user_id,
        )
        for resident, said in declared
    ]
