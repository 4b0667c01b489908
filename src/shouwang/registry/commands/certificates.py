"""Recording a disability certificate: its number is parsed and cross-checked, what it says becomes a dated fact."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.disability import DisabilityKind, cross_check, parse_certificate
from shouwang.kernel.errors import Invalid

from ..models import Person
from ..states import PersonFactKind
from .facts import append_person_fact
from .writing import lock_person, refuse_future, touch


@transaction.atomic
def record_certificate(
    *,
    actor: Actor,
    person_id: UUID,
    number: str,
    since: date,
    source: str,
    declared_kind: int | None = None,
    declared_level: int | None = None,
    expected_version: int | None = None,
) -> Person:
    """The person holds this certificate; its kind and level hold from `since` on.

    Raises Invalid with everything in which the number, the holder or what was declared differ. Recorded twice it is one.
    """
    refuse_future(since)
    certificate = parse_certificate(number, today=clock.today())
    person = lock_person(actor, person_id, expected_version)
    if person.id_number is None:
        raise Invalid(_("请先更正个人信息、补上身份证号，再登记残疾人证"), reason="disability.without_id")
    kind = DisabilityKind(declared_kind) if declared_kind else None
    differences = cross_check(certificate, id_number=person.id_number, kind=kind, level=declared_level)
    if differences:
        message = "；".join(difference.message for difference in differences)
        raise Invalid(message, reason=differences[0].reason)
    value = f"{int(certificate.kind)}{certificate.level}"
    fact = append_person_fact(actor, person, PersonFactKind.DISABILITY, value, since, source)
    if person.disability_certificate != certificate.number:
        person.disability_certificate = certificate.number
        person.save(update_fields=["disability_certificate"])
    elif fact is None:
        return person
    data = {"since": since, "disability": value, "reissue": certificate.reissue}
    touch(actor, person, "person.record_certificate", data)
    return person
