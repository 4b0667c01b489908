"""Why a row of a load is refused. What the machine cannot know for sure, a person decides."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import mask_name
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound

from ..policies import require_writer
from ..states import PersonFactKind, Relation
from .load_rows import HouseholdRow, MemberRow
from .matching import Known


def refusal_of(actor: Actor, row: HouseholdRow, indexes: Sequence[bytes | None], known: Known) -> DomainError | None:
    """The first reason, or None; about a member, its data say at which `position`. Reasons: registry.role, registry.area,
    household.*, person.*."""
    try:
        require_writer(actor, row.area_code)
    except NotAllowed as refusal:
        return refusal
    numbered = [index for index in indexes if index is not None]
    if row.area_code not in known.villages:
        return Invalid(_("居住地要选到村（社区）"), reason="household.not_a_village", area_code=row.area_code)
    if sum(member.relation == Relation.HEAD for member in row.members) != 1:
        return Invalid(_("每户要有且只有一位户主"), reason="household.one_head")
    if len(set(numbered)) != len(numbered):
        return Invalid(_("同一个身份证号在这一户中填写了两次"), reason="household.id_twice")
    if row.household_id is not None and row.household_id not in known.households:
        return NotFound(_("没有找到这一户，或者不在您的管辖范围内"), reason="household.unknown")
    for position, (member, index) in enumerate(zip(row.members, indexes, strict=True)):
        reason = _member_refusal(row, member, index, known)
        if reason is not None:
            reason.data["position"] = position
            return reason
    return None


def _member_refusal(row: HouseholdRow, member: MemberRow, index: bytes | None, known: Known) -> DomainError | None:
    name = member.person.name
    if index is not None and index in known.elsewhere:
        answer = known.elsewhere[index]
        return Conflict(answer.message, reason="person.registered_elsewhere", elsewhere=answer)
    person = known.person_of(member, index)
    if person is None:
        if member.person_id is not None:
            return NotFound(_("没有找到选定的人员记录，或者不在您的管辖范围内"), reason="person.unknown")
        candidates = known.look_alikes.get((name, member.person.birth_on, row.area_code), [])
        if member.person.id_number is None and not member.is_new and candidates:
            message = _("%(name)s 没有身份证号，底册中有同村同名同出生日期的人，请确认是否为同一人") % {"name": name}
            return Conflict(message, reason="person.look_alike", person_ids=tuple(candidates))
        return None
    if index is not None and person.id_index is not None and bytes(person.id_index) != index:
        return Conflict(_("%(name)s 的身份证号与选定的记录不同") % {"name": name}, reason="person.other_number")
    if person.name != name and member.person_id is None:
        words = {"name": name, "registered": mask_name(person.name)}
        message = _("%(name)s 的身份证号在底册中登记为 %(registered)s，请核对姓名和号码") % words
        return Conflict(message, reason="person.name_differs", person_id=person.id)
    if known.facts.value((person.id, PersonFactKind.DEATH), clock.today()) == 1:
        return Conflict(_("%(name)s 已登记死亡，请核对") % {"name": name}, reason="person.dead", person_id=person.id)
    return None
