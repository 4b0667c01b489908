"""Lists of the price subsidy's groups against the register: whom each row means, and which list of a month holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.registry.public import Category, Person, PersonFactKind, person_facts_as_of, persons_for, survivors_of

from ..group_list_file import ReadGroup
from ..models import GroupList, GroupListPerson
from ..policies import ensure_may_read_payments
from ..states import CountyListState, ListedGroup
from .listed_people import persons_by_number
from .overpayments import death_days

_CATEGORY: dict[str, str] = {
    ListedGroup.ORPHAN: Category.ORPHAN,
    ListedGroup.UNATTENDED_CHILD: Category.UNATTENDED_CHILD,
}
"""A child of these groups must be known to the register as one: what protects the name is asked there."""


@dataclass
class CheckedGroup:
    """By rows of the sheet: matched, to be looked at, not in the register here."""

    matched: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)


def check_group(actor: Actor, read: ReadGroup, group: str, month: date) -> CheckedGroup:
    """Writes nothing. A person is found by the ID number alone and listed only when the name agrees."""
    found = persons_by_number(actor, {row.number: row.id_number for row in read.rows})
    roots = survivors_of(list({person_id for person_id, _name in found.values()}))
    deaths = death_days(set(roots.values()))
    categories = _categories(set(roots.values()), group, month)
    checked = CheckedGroup(problems=[{"row": row, "reason": why} for row, why in read.problems.items()])
    seen: set[UUID] = set()
    for row in read.rows:
        if row.number not in found:
            checked.unknown.append(row.number)
            continue
        person_id, name = found[row.number]
        root = roots[person_id]
        why = ""
        if name != row.name:
            why = _("姓名与底册不一致，请核对是不是本人")
        elif root in seen:
            why = _("名单里重复，只列一次")
        elif root in deaths and deaths[root] < month:
            why = _("底册登记 %(day)s 已经死亡") % {"day": deaths[root].isoformat()}
        elif categories is not None and root not in categories:
            why = _("底册没有登记为%(group)s，请先在人员页登记") % {"group": ListedGroup(group).label}
        if why:
            checked.problems.append({"row": row.number, "reason": why})
        else:
            seen.add(root)
            checked.matched.append({"row": row.number, "person_id": str(root)})
    checked.problems.sort(key=lambda one: one["row"])
    return checked


def _categories(person_ids: Collection[UUID], group: str, month: date) -> set[UUID] | None:
    """Who is of the group by the register; None where the register need not know."""
    wanted = _CATEGORY.get(group)
    if wanted is None:
        return None
    facts = person_facts_as_of(person_ids, [PersonFactKind.CATEGORY], on=month)
    return {
        person_id
        for person_id, known in facts.items()
        if wanted in str(known.get(PersonFactKind.CATEGORY) or "").split(",")
    }


def list_group_lists_for(actor: Actor) -> QuerySet[GroupList]:
    """The newest first."""
    ensure_may_read_payments(actor)
    return GroupList.objects.filter(actor.scope.q()).select_related("document").order_by("-recorded_at")


def get_group_list_for(actor: Actor, list_id: UUID) -> GroupList:
    """Raises NotFound, also for another county's."""
    ensure_may_read_payments(actor)
    listed = GroupList.objects.filter(actor.scope.q(), id=list_id).select_related("document").first()
    if listed is None:
        raise NotFound(_("没有这份名单，可能不在您的辖区"), list_id=list_id)
    return listed


def holds_for_its_month(listed: GroupList) -> bool:
    """Whether no list of the same group, month and area was taken after it."""
    if listed.state != CountyListState.TAKEN:
        return False
    later = GroupList.objects.filter(
        group_key=listed.group_key,
        benefit_month=listed.benefit_month,
        area_code=listed.area_code,
        state=CountyListState.TAKEN,
    )
    after = Q(taken_at__gt=listed.taken_at) | Q(taken_at=listed.taken_at, id__gt=listed.id)
    return not later.filter(after).exists()


def listed_persons(actor: Actor, listed: GroupList) -> QuerySet[Person]:
    """Whom the list means, by name; who has left the scope since is left out."""
    if listed.state == CountyListState.TAKEN:
        named = GroupListPerson.objects.filter(group_list=listed).values("person_id")
        return persons_for(actor).filter(id__in=named).order_by("area_code", "name", "id")
    ids = [UUID(one["person_id"]) for one in listed.report["matched"]]
    return persons_for(actor).filter(id__in=ids).order_by("area_code", "name", "id")
