"""Groups, who is in them, who answers for which line; what nobody answers for; whom to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from shouwang.areas.public import Area, reporting_units
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import lies_within, spans_q

from ..group_templates import deputies_expected
from ..models import Event, Group, GroupLine, GroupMember
from ..policies_command import may_arrange_by_post
from ..states_command import COMMANDS_GROUP, SIX_LINES, DutyField, EventState, GroupKind, MemberRole

_ROLE_RANK = {role: rank for rank, role in enumerate(("head", "deputy", "liaison", "member"))}
ROLE_ORDER = Case(*(When(role=role, then=rank) for role, rank in _ROLE_RANK.items()))


@dataclass(frozen=True, slots=True)
class Hole:
    """A post or a line that nobody holds."""

    area_code: int
    group: Group | None
    what: str


@dataclass(slots=True)
class Roster:
    """The groups of an event in an area as they stand, each with its members and lines."""

    groups: list[Group]
    members: dict[UUID, list[GroupMember]]
    lines: dict[UUID, list[GroupLine]]

    def rows(self) -> list[tuple[Group, list[GroupMember], list[GroupLine]]]:
        return [(group, self.members.get(group.id, []), self.lines.get(group.id, [])) for group in self.groups]


def list_groups_for(
    actor: Actor, *, area_code: int | None = None, event_id: UUID | None = None, text: str = ""
) -> QuerySet[Group]:
    """The groups that stand, in the order in which they are called; of one area or event where one is named."""
    groups = Group.objects.filter(actor.scope.command_q(), until_on=None, event__state=EventState.OPEN)
    if area_code is not None:
        groups = groups.filter(area_code=area_code)
    if event_id is not None:
        groups = groups.filter(event_id=event_id)
    if text.strip():
        groups = groups.filter(name__contains=text.strip())
    return groups.select_related("event").order_by("-event__started_at", "area_code", "position", "id")


def with_heads(groups: QuerySet[Group]) -> QuerySet[Group]:
    """Each with `head_name` and `member_count`."""
    standing = GroupMember.objects.filter(group_id=OuterRef("id"), until_on=None)
    return groups.annotate(
        head_name=Subquery(standing.filter(role=MemberRole.HEAD).values("name")[:1]),
        member_count=Coalesce(
            Subquery(standing.order_by().values("group_id").annotate(count=Count("id")).values("count")), 0
        ),
    )


def people_in(actor: Actor, group: Group) -> list[GroupMember]:
    """Everybody in the groups of the event in the group's area, once each, those of the group first."""
    standing = GroupMember.objects.filter(
        actor.scope.command_q(), event_id=group.event_id, area_code=group.area_code, until_on=None
    ).order_by(Case(When(group_id=group.id, then=0), default=1), "group__position", ROLE_ORDER, "position", "id")
    once: dict[str, GroupMember] = {}
    for member in standing:
        once.setdefault(member.person_key, member)
    return list(once.values())


def get_group_for(actor: Actor, group_id: UUID) -> Group:
    """Raises NotFound."""
    group = (
        Group.objects.filter(actor.scope.command_q(), id=group_id).select_related("event", "parent", "document").first()
    )
    if group is None:
        raise NotFound(_("没有这个工作组，或不在您的辖区"), reason="group.unknown", group_id=group_id)
    return group


def get_member_for(actor: Actor, member_id: UUID) -> GroupMember:
    """Raises NotFound."""
    member = (
        GroupMember.objects.filter(actor.scope.command_q(), id=member_id)
        .select_related("group", "group__event")
        .first()
    )
    if member is None:
        raise NotFound(_("没有这位成员，或不在您的辖区"), reason="group_member.unknown", member_id=member_id)
    return member


def may_arrange(actor: Actor, event: Event, area: Area) -> bool:
    """By the post, or as head or deputy of a group of the event whose area holds this one; never in an ended event."""
    if event.state != EventState.OPEN or not all(
        any(low <= begin and end <= high for low, high in event.spans) for begin, end in area.span
    ):
        return False
    if may_arrange_by_post(actor, area):
        return True
    if actor.user_id is None or not actor.scope.event_spans:
        return False
    held = GroupMember.objects.filter(
        user_id=actor.user_id, event=event, role__in=sorted(COMMANDS_GROUP), until_on=None
    ).values_list("area_code", flat=True)
    return any(
        all(any(low <= begin and end <= high for low, high in one.span) for begin, end in area.span)
        for one in Area.objects.filter(code__in=list(held))
    )


def roster(actor: Actor, event: Event, area_codes: Sequence[int]) -> Roster:
    """What stands in the areas: four statements, however many groups."""
    groups = list(
        Group.objects.filter(actor.scope.command_q(), event=event, area_code__in=area_codes, until_on=None).order_by(
            "area_code", "position", "id"
        )
    )
    ids = [group.id for group in groups]
    members: dict[UUID, list[GroupMember]] = defaultdict(list)
    for member in GroupMember.objects.filter(group_id__in=ids, until_on=None).order_by(ROLE_ORDER, "position", "id"):
        members[member.group_id].append(member)
    lines: dict[UUID, list[GroupLine]] = defaultdict(list)
    for line in (
        GroupLine.objects.filter(group_id__in=ids, until_on=None)
        .select_related("responsible", "doer")
        .order_by("recorded_at", "id")
    ):
        lines[line.group_id].append(line)
    return Roster(groups, dict(members), dict(lines))


def holder(member: GroupMember | None) -> GroupMember | None:
    """Who holds a line today: somebody who has left their group holds nothing."""
    return member if member is not None and member.until_on is None else None


def holes_of(standing: Roster, area_code: int) -> list[Hole]:
    """What an area lacks, in the order of its groups: no leading group, a post without a person, a line without an owner."""
    rows = [row for row in standing.rows() if row[0].area_code == area_code]
    if not any(group.kind == GroupKind.LEADING for group, _members, _lines in rows):
        return [Hole(area_code, None, _("还没有成立领导小组"))]
    holes = [
        Hole(area_code, group, what)
        for group, members, lines in rows
        for what in (*_empty_posts(group, members), *_lines_without_owner(lines))
    ]
    covered = {line.field for _group, _members, lines in rows for line in lines}
    return holes + [
        Hole(area_code, None, _("“%(line)s”没有工作组负责") % {"line": field.label})
        for field in SIX_LINES
        if field not in covered
    ]


def _empty_posts(group: Group, members: Sequence[GroupMember]) -> Iterable[str]:
    head = next((member for member in members if member.role == MemberRole.HEAD), None)
    if head is None:
        yield _("缺组长")
    elif not head.phone:
        yield _("组长没有登记电话")
    missing = deputies_expected(group.template_key, group.key) - sum(
        member.role == MemberRole.DEPUTY for member in members
    )
    if missing > 0:
        yield _("缺副组长 %(count)s 名") % {"count": missing}


def _lines_without_owner(lines: Sequence[GroupLine]) -> Iterable[str]:
    for line in lines:
        lacking = [
            word
            for word, member in ((_("责任人"), holder(line.responsible)), (_("承办人"), holder(line.doer)))
            if member is None
        ]
        if lacking:
            yield _("“%(what)s”缺%(lacking)s") % {"what": line.what, "lacking": "、".join(lacking)}


def holes_for(actor: Actor, event: Event, area_code: int) -> list[Hole]:
    return holes_of(roster(actor, event, [area_code]), area_code)


@dataclass(frozen=True, slots=True)
class Call:
    """A place in the call tree, and who is called next when nobody answers."""

    group: Group
    member: GroupMember
    next: GroupMember | None


def call_tree(standing: Roster) -> list[Call]:
    """Group by group, the leading group first; in a group the head, the deputies, the liaison, the others.

    Who stands in two groups is called once, where they stand first.
    """
    places: list[tuple[Group, GroupMember]] = []
    called: set[str] = set()
    for group, members, _lines in standing.rows():
        for member in members:
            if member.person_key not in called:
                called.add(member.person_key)
                places.append((group, member))
    return [
        Call(group, member, places[at + 1][1] if at + 1 < len(places) else None)
        for at, (group, member) in enumerate(places)
    ]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """How far a unit below is with its groups."""

    code: int
    name: str
    formed_on: date | None
    group_count: int
    member_count: int
    holes: list[Hole]
    below_count: int
    """Areas inside the unit that have formed a leading group of their own."""

    @property
    def has_gap(self) -> bool:
        return self.formed_on is None or bool(self.holes)


def rollup(actor: Actor, event: Event, area: Area) -> list[UnitRow]:
    """Every unit that reports to the area, whether it has groups or not; those with gaps first."""
    units = reporting_units(area.code)
    standing = roster(actor, event, [code for code, _name, _spans in units])
    below = list(
        Group.objects.filter(
            actor.scope.command_q(), spans_q(area.span), event=event, kind=GroupKind.LEADING, until_on=None
        ).values_list("area_code", flat=True)
    )
    rows = []
    for code, name, spans in units:
        own = [row for row in standing.rows() if row[0].area_code == code]
        leading = next((group for group, _m, _l in own if group.kind == GroupKind.LEADING), None)
        rows.append(
            UnitRow(
                code=code,
                name=name,
                formed_on=leading.from_on if leading else None,
                group_count=len(own),
                member_count=len({member.person_key for _group, members, _l in own for member in members}),
                holes=holes_of(standing, code),
                below_count=sum(other != code and lies_within(other, spans) for other in below),
            )
        )
    return sorted(rows, key=lambda row: (row.formed_on is not None, not row.holes, row.code))


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of the responsibility matrix: who answers, who does, when."""

    field: DutyField
    line: GroupLine | None
    group: Group | None
    responsible: GroupMember | None
    doer: GroupMember | None


def responsibility_lines(standing: Roster) -> list[LineRow]:
    """The six lines in their order, then the others; a line that no group has stands there empty."""
    rows: list[LineRow] = []
    for field in DutyField:
        found = [
            LineRow(field, line, group, holder(line.responsible), holder(line.doer))
            for group, _members, lines in standing.rows()
            for line in lines
            if line.field == field
        ]
        if not found and field != DutyField.OTHER:
            found = [LineRow(field, None, None, None, None)]
        rows.extend(found)
    return rows


def history_of(actor: Actor, event: Event, area_code: int) -> list[Group]:
    """The groups of the area that stood before, the latest first."""
    past = Group.objects.filter(actor.scope.command_q(), event=event, area_code=area_code).exclude(until_on=None)
    return list(past.order_by("-until_on", "-from_on", "position", "id"))


def members_of(group: Group, *, past: bool = False) -> list[GroupMember]:
    members = group.members.exclude(until_on=None) if past else group.members.filter(until_on=None)
    return list(members.order_by("-until_on", ROLE_ORDER, "position", "id"))


def lines_of(group: Group) -> list[GroupLine]:
    lines = group.lines.filter(until_on=None).select_related("responsible", "doer")
    return list(lines.order_by("recorded_at", "id"))


def of_member(actor: Actor, outer: str = "group_id") -> Q:
    """Rows of a group in which the actor has a place."""
    if actor.user_id is None:
        return Q(pk__in=[])
    places = GroupMember.objects.filter(group_id=OuterRef(outer), user_id=actor.user_id, until_on=None)
    return Q(Exists(places))
