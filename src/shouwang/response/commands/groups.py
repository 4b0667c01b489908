"""Forming groups, dissolving them, who is in them and who answers for which line.

Guarantees: nothing is edited, a change ends a row and begins another; a place of a user in a group of a real event is an
event role of theirs from today until it ends, and never longer than the event; in an exercise nobody gets a right. The
duties of the donation groups are in four hands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import Role, end_event_posts, officers_within, open_event_post
from shouwang.areas.public import Area, area_chains, full_names, get_area
from shouwang.kernel import audit, clock
from shouwang.kernel import reveal as door
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id

from ..group_templates import GroupTemplate, get_template
from ..models import Event, Group, GroupLine, GroupMember
from ..policies_command import SEES_PHONES, ensure_level_forms_groups
from ..queries.documents import get_document
from ..queries.events import get_event_for
from ..queries.groups import get_group_for, get_member_for, may_arrange
from ..states_command import DutyField, EventState, MemberRole

NAME_LENGTH_MAX, ORGANISATION_LENGTH_MAX = 40, 100
_DUTY_CONSTRAINT = "group_one_duty_a_person"


@transaction.atomic
def form_groups(
    *,
    actor: Actor,
    event_id: UUID,
    area_code: int,
    template_key: str,
    document_id: UUID | None = None,
    replaces: bool = False,
    reason: str = "",
) -> list[Group]:
    """The groups of a template, from today, with their lines and as yet without people.

    `replaces`: what stands in the area is dissolved first, for a reason; without it a second leading group is refused,
    and forming the same template again returns what stands. Raises NotAllowed, NotFound, Conflict, StateConflict.
    """
    event, area, template = _may(actor, event_id, area_code), get_area(area_code), get_template(template_key)
    ensure_level_forms_groups(area)
    Event.objects.select_for_update().get(id=event.id)
    standing = list(Group.objects.filter(event=event, area_code=area.code, until_on=None).order_by("position"))
    if replaces:
        if not reason.strip():
            raise Invalid(_("调整工作组要写明原因"), reason="group.reason")
        _dissolve(actor, event, standing, reason.strip(), area.code)
        standing = []
    same = [group for group in standing if group.template_key == template.key]
    if same:
        return same
    taken = {group.key for group in standing} & {shape.key for shape in template.groups}
    if taken:
        raise Conflict(_("这里已经成立领导小组，要改用另一种组成，请选择“调整”"), reason="group.standing")
    return _insert(actor, event, area, template, document_id, len(standing))


def _insert(
    actor: Actor, event: Event, area: Area, template: GroupTemplate, document_id: UUID | None, after: int
) -> list[Group]:
    made: dict[str, Group] = {}
    common = {"recorded_at": clock.now(), "recorded_by": actor.user_id, "from_on": clock.today()}
    document = get_document(document_id) if document_id else None
    for position, shape in enumerate(template.groups, after + 1):
        group = Group.objects.create(
            event=event, area_code=area.code, template_key=template.key, key=shape.key, parent=made.get(shape.parent),
            kind=shape.kind, name=str(shape.name), duty=shape.duty, position=position, document=document, **common,
        )  # fmt: skip
        made[shape.key] = group
        GroupLine.objects.bulk_create(
            GroupLine(
                group=group, area_code=area.code, field=line.field, what=str(line.what), rhythm=str(line.rhythm),
                **common,
            )
            for line in shape.lines
        )  # fmt: skip
    audit.record(
        actor=actor,
        action="group.form",
        subject=f"event:{event.id}",
        area_code=area.code,
        data={"template": template.key, "count": len(made)},
    )
    return list(made.values())


@transaction.atomic
def dissolve_group(*, actor: Actor, group_id: UUID, reason: str) -> None:
    """The group ends today, with its places, its lines and the event roles that hung on it. Raises StateConflict, Invalid."""
    group = get_group_for(actor, group_id)
    event = _may(actor, group.event_id, group.area_code)
    if not reason.strip():
        raise Invalid(_("请写明原因"), reason="group.reason")
    locked = Group.objects.select_for_update().get(id=group.id)
    _check_standing(locked)
    _dissolve(actor, event, [locked], reason.strip(), locked.area_code)


def dissolve_all(*, actor: Actor, event: Event, reason: str) -> None:
    """Every group of an event that ends, wherever it is. Called inside `end_event`, which has authorised."""
    standing = Group.objects.select_for_update().filter(event=event, until_on=None).order_by("id")
    _dissolve(actor, event, list(standing), reason, event.area_code)


def _dissolve(actor: Actor, event: Event, groups: Iterable[Group], reason: str, area_code: int) -> None:
    ids = [group.id for group in groups]
    if not ids:
        return
    today = clock.today()
    places = list(GroupMember.objects.select_for_update().filter(group_id__in=ids, until_on=None).order_by("id"))
    GroupLine.objects.filter(group_id__in=ids, until_on=None).update(until_on=today)
    GroupMember.objects.filter(id__in=[place.id for place in places]).update(until_on=today, end_reason=reason[:200])
    Group.objects.filter(id__in=ids).update(until_on=today, end_reason=reason[:200])
    _end_rights(actor, event, places)
    audit.record(
        actor=actor,
        action="group.dissolve",
        subject=f"event:{event.id}",
        area_code=area_code,
        data={"count": len(ids), "reason": reason[:200]},
    )


def _end_rights(actor: Actor, event: Event, ended: Iterable[GroupMember]) -> None:
    """An event role lasts as long as there is a place in some group of the event in the area."""
    for user_id, area_code in sorted({(place.user_id, place.area_code) for place in ended if place.user_id}, key=str):
        still = GroupMember.objects.filter(event=event, user_id=user_id, area_code=area_code, until_on=None)
        if not still.exists():
            end_event_posts(actor=actor, event_id=event.id, user_id=user_id, area_code=area_code)


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Somebody to join a group: a user of the system, or the name and organisation of a person from outside."""

    role: str
    user_id: UUID | None = None
    name: str = ""
    organisation: str = ""
    title: str = ""
    phone: str = ""


@transaction.atomic
def add_member(*, actor: Actor, group_id: UUID, member_id: UUID, place: NewPlace) -> GroupMember:
    """A place in the group from today. `member_id` comes from the form: a repeat returns what is there.

    Raises NotAllowed, NotFound, Invalid, StateConflict (dissolved), Conflict (a second head, twice in the group, a
    second duty of the donation groups).
    """
    group = get_group_for(actor, group_id)
    event = _may(actor, group.event_id, group.area_code)
    group = Group.objects.select_for_update().get(id=group.id)
    _check_standing(group)
    name, organisation, person_key = _who(group, place)
    earlier = GroupMember.objects.filter(id=member_id).first()
    if earlier is not None:
        if (earlier.group_id, earlier.person_key, earlier.role) != (group.id, person_key, place.role):
            raise Conflict(_("这次提交的编号已经用于另一位成员，请重新打开页面"), reason="group_member.differs")
        return earlier
    _check_place(group, place.role, person_key, name)
    member = GroupMember(
        id=member_id,
        group=group,
        event=event,
        area_code=group.area_code,
        duty=group.duty,
        user_id=place.user_id,
        person_key=person_key,
        name=name,
        organisation=organisation,
        title=place.title.strip()[:60],
        phone=place.phone.strip(),
        role=place.role,
        position=group.members.count() + 1,
        from_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(str(error), name) from None
    if place.user_id is not None and not event.is_exercise:
        open_event_post(actor=actor, user_id=place.user_id, event_id=event.id, area_code=group.area_code)
    _audit_member(actor, "group.join", member)
    return member


def _who(group: Group, place: NewPlace) -> tuple[str, str, str]:
    """Name, organisation, and the key by which one person is one. Raises Invalid, NotFound."""
    if place.role not in MemberRole:
        raise Invalid(_("请选择在组里的职务"), reason="group_member.role")
    if place.phone.strip() and not _is_phone(place.phone):
        raise Invalid(_("电话只填数字，可带区号和横线"), reason="group_member.phone")
    if len(place.name.strip()) > NAME_LENGTH_MAX or len(place.organisation.strip()) > ORGANISATION_LENGTH_MAX:
        raise Invalid(_("姓名不超过 40 字，单位不超过 100 字"), reason="group_member.too_long")
    if place.user_id is not None:
        user = officers_within(_around(group)).filter(id=place.user_id).first()
        if user is None:
            raise NotFound(_("没有这位用户，或不能参加这个工作组"), reason="group_member.user")
        post = user.held[0]
        home = f"{full_names([post.area_code]).get(post.area_code, '')} {Role(post.role).label}"
        return user.name, place.organisation.strip() or home[:ORGANISATION_LENGTH_MAX], f"user:{user.id}"
    name, organisation = place.name.strip(), place.organisation.strip()
    if not name or not organisation:
        raise Invalid(_("系统外的成员要填写姓名和单位"), reason="group_member.incomplete")
    return name, organisation, f"{organisation}:{name}"


def _around(group: Group) -> tuple[tuple[int, int], ...]:
    """Who may join: officers of the group's area, of those inside it, and of those around it that the event covers."""
    return (
        *get_area(group.area_code).span,
        *((code, code + 1) for code in area_chains([group.area_code])[group.area_code]),
    )


def _is_phone(text: str) -> bool:
    digits = text.strip().replace("-", "")
    return digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 15


def _check_place(group: Group, role: str, person_key: str, name: str) -> None:
    standing = GroupMember.objects.filter(group=group, until_on=None)
    if role == MemberRole.HEAD and standing.filter(role=MemberRole.HEAD).exists():
        raise Conflict(_("“%(group)s”已有组长，请先结束其任职") % {"group": group.name}, reason="group.head_taken")
    if standing.filter(person_key=person_key).exists():
        raise Conflict(_("%(name)s 已在这个组里") % {"name": name}, reason="group_member.twice")
    if not group.duty:
        return
    other = (
        GroupMember.objects.filter(
            event_id=group.event_id, area_code=group.area_code, person_key=person_key, until_on=None
        )
        .exclude(duty="")
        .first()
    )
    if other is not None:
        words = {"name": name, "held": other.get_duty_display(), "duty": group.get_duty_display()}
        raise Conflict(
            _("%(name)s 已负责捐赠%(held)s，不能同时负责%(duty)s：接收、分配、公示、监督要由不同的人办理") % words,
            reason="group.duty_split",
        )


def _taken(error: str, name: str) -> Conflict:
    if _DUTY_CONSTRAINT in error:
        return Conflict(
            _("%(name)s 已负责捐赠的另一项，接收、分配、公示、监督要由不同的人办理") % {"name": name},
            reason="group.duty_split",
        )
    return Conflict(_("这个位置刚由别人登记，请刷新页面后再看"), reason="group_member.taken")


@transaction.atomic
def end_member(*, actor: Actor, member_id: UUID, reason: str) -> GroupMember:
    """The place ends today; an event role that hung on it ends at once. Raises StateConflict, Invalid, NotAllowed."""
    shown = get_member_for(actor, member_id)
    event = _may(actor, shown.event_id, shown.area_code)
    if not reason.strip():
        raise Invalid(_("请写明原因"), reason="group_member.reason")
    member = GroupMember.objects.select_for_update().get(id=member_id)
    if member.until_on is not None:
        raise StateConflict(_("%(name)s 已经不在这个组里") % {"name": member.name}, reason="group_member.ended")
    member.until_on, member.end_reason = clock.today(), reason.strip()[:200]
    member.save(update_fields=["until_on", "end_reason"])
    _end_rights(actor, event, [member])
    _audit_member(actor, "group.leave", member)
    return member


@transaction.atomic
def assign_line(
    *,
    actor: Actor,
    group_id: UUID,
    field: str,
    what: str,
    rhythm: str,
    responsible_id: UUID | None,
    doer_id: UUID | None,
) -> GroupLine:
    """Who answers for a line of the group and who does it, from today; the row before it ends. Two persons, never one.

    Raises Invalid, NotFound (no member of the group), StateConflict, NotAllowed.
    """
    group = get_group_for(actor, group_id)
    _may(actor, group.event_id, group.area_code)
    if field not in DutyField or not what.strip():
        raise Invalid(_("请填写责任线和内容"), reason="group_line.incomplete")
    if responsible_id is not None and responsible_id == doer_id:
        raise Invalid(_("责任人和承办人不能是同一个人"), reason="group_line.one_person")
    group = Group.objects.select_for_update().get(id=group.id)
    _check_standing(group)
    wanted = [member_id for member_id in (responsible_id, doer_id) if member_id is not None]
    # One of the two may answer from a group above: a leader contracts the line of a work group.
    held = GroupMember.objects.filter(id__in=wanted, event_id=group.event_id, area_code=group.area_code, until_on=None)
    if len(held) != len(wanted):
        raise NotFound(_("责任人和承办人要从本地工作组的成员里选"), reason="group_line.member")
    if len({member.person_key for member in held}) != len(wanted):
        raise Invalid(_("责任人和承办人不能是同一个人"), reason="group_line.one_person")
    before = GroupLine.objects.filter(group=group, field=field, what=what.strip(), until_on=None).first()
    said = {"rhythm": rhythm.strip(), "responsible_id": responsible_id, "doer_id": doer_id}
    if before is not None:
        if all(getattr(before, name) == value for name, value in said.items()):
            return before
        before.until_on = clock.today()
        before.save(update_fields=["until_on"])
    line = GroupLine.objects.create(
        id=new_id(),
        group=group,
        area_code=group.area_code,
        field=field,
        what=what.strip(),
        from_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        **said,
    )
    audit.record(
        actor=actor,
        action="group.assign_line",
        subject=f"group:{group.id}",
        area_code=group.area_code,
        data={"field": field, "responsible": responsible_id, "doer": doer_id},
    )
    return line


@transaction.atomic
def reveal_member_phone(*, actor: Actor, member_id: UUID, reason: str, note: str = "") -> str:
    """The phone in the clear, for a reason that is kept. Raises NotFound, NotAllowed, Invalid."""
    member = get_member_for(actor, member_id)
    if actor.role not in SEES_PHONES:
        raise NotAllowed(_("您的岗位不查看成员电话"), reason="group_member.phone")
    if not member.phone:
        raise NotFound(_("没有登记电话"), reason="reveal.nothing")
    door.reveal(
        actor=actor,
        subject=f"group_member:{member.id}",
        field="phone",
        area_code=member.area_code,
        reason=reason,
        note=note,
        is_command=True,
    )
    return str(member.phone)


def _may(actor: Actor, event_id: UUID, area_code: int) -> Event:
    """The event, when the actor arranges groups of it in the area. Raises NotFound, StateConflict, NotAllowed."""
    event = get_event_for(actor, event_id)
    if not actor.scope.commands(area_code):
        raise NotFound(_("没有这个区划，或者不在您的管辖范围"), reason="group.area", area_code=area_code)
    if event.state != EventState.OPEN:
        raise StateConflict(_("“%(event)s”已经结束，不能再调整工作组") % {"event": event.title}, reason="event.ended")
    if not may_arrange(actor, event, get_area(area_code)):
        raise NotAllowed(_("工作组由当地民政负责人、经办，或工作组的组长、副组长安排"), reason="group.not_an_authority")
    return event


def _check_standing(group: Group) -> None:
    if group.until_on is not None:
        raise StateConflict(_("“%(group)s”已经撤销") % {"group": group.name}, reason="group.dissolved")


def _audit_member(actor: Actor, action: str, member: GroupMember) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=f"group:{member.group_id}",
        area_code=member.area_code,
        data={"member": member.id, "role": member.role, "user_id": member.user_id},
    )
