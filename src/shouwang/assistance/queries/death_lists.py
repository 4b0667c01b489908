"""A list of deaths against the register: whom each row means, what they receive, what was paid after the death."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.registry.public import Person, household_of, persons_for, records_of, survivors_of

from ..death_list_file import ReadDeaths
from ..models import DeathList, Grant, PayablePerson
from ..policies import ensure_may_read_payments
from ..rules.benefits.recovery import overpaid_after_death
from ..states import AttemptState, Programme
from .grants import amounts_as_of
from .listed_people import persons_by_number
from .overpayments import death_days


@dataclass
class CheckedDeaths:
    """By rows of the sheet: matched, to be looked at, not in the register here, recorded already."""

    matched: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ShownDeath:
    """A matched row on the page. `programmes`: the person's own and the household's.

    `paid_fen`: what arrived for months after the death.
    """

    row: int
    person: Person
    died_on: date
    name_differs: bool
    programmes: tuple[str, ...]
    paid_months: int
    paid_fen: int


def check_deaths(actor: Actor, read: ReadDeaths) -> CheckedDeaths:
    """Writes nothing. A person is found by the ID number alone; the name only says whether to look twice."""
    found = persons_by_number(actor, {row.number: row.id_number for row in read.rows})
    roots = survivors_of(list({person_id for person_id, _name in found.values()}))
    deaths = death_days(set(roots.values()))
    checked = CheckedDeaths(problems=[{"row": row, "reason": why} for row, why in read.problems.items()])
    seen: dict[UUID, date] = {}
    for row in read.rows:
        if row.number not in found:
            checked.unknown.append(row.number)
            continue
        person_id, name = found[row.number]
        root = roots[person_id]
        earlier = deaths.get(root) or seen.get(root)
        if earlier == row.died_on:
            checked.known.append(row.number)
        elif earlier is not None:
            reason = _("底册登记的死亡日期是 %(day)s，与名单不同，请核对后在人员页更正")
            checked.problems.append({"row": row.number, "reason": reason % {"day": earlier.isoformat()}})
        else:
            seen[root] = row.died_on
            checked.matched.append(
                {
                    "row": row.number,
                    "person_id": str(root),
                    "died_on": row.died_on.isoformat(),
                    "name_differs": name != row.name,
                }
            )
    checked.problems.sort(key=lambda one: one["row"])
    return checked


def list_death_lists_for(actor: Actor) -> QuerySet[DeathList]:
    """The newest first."""
    ensure_may_read_payments(actor)
    return DeathList.objects.filter(actor.scope.q()).order_by("-recorded_at")


def get_death_list_for(actor: Actor, list_id: UUID) -> DeathList:
    """Raises NotFound, also for another county's."""
    ensure_may_read_payments(actor)
    listed = DeathList.objects.filter(actor.scope.q(), id=list_id).select_related("document").first()
    if listed is None:
        raise NotFound(_("没有这份名单，可能不在您的辖区"), list_id=list_id)
    return listed


def undecided(listed: DeathList) -> list[dict[str, Any]]:
    """The matched rows that no officer has looked at yet, in the order of the sheet."""
    decided_to = listed.report.get("decided_to", 0)
    return [one for one in listed.report["matched"] if one["row"] > decided_to]


def shown_deaths(actor: Actor, matched: Collection[dict[str, Any]]) -> list[ShownDeath]:
    """The matched rows with who they are; one who has left the scope since is left out."""
    ids = [UUID(one["person_id"]) for one in matched]
    persons = {person.id: person for person in persons_for(actor).filter(id__in=ids)}
    days = {UUID(one["person_id"]): date.fromisoformat(one["died_on"]) for one in matched}
    programmes = _programmes({person_id: died_on for person_id, died_on in days.items() if person_id in persons})
    paid = _paid_after(days)
    return [
        ShownDeath(
            one["row"],
            persons[person_id],
            days[person_id],
            one["name_differs"],
            tuple(programmes.get(person_id, ())),
            *paid.get(person_id, (0, 0)),
        )
        for one in matched
        if (person_id := UUID(one["person_id"])) in persons
    ]


def _programmes(days: dict[UUID, date]) -> dict[UUID, list[str]]:
    """What is in force today of each, under whichever record, and of the household that each lived in when dying."""
    persons = {record_id: person_id for person_id, records in records_of(days).items() for record_id in records}
    families = _families(days)
    grants = list(Grant.objects.filter(Q(person_id__in=persons) | Q(household_id__in=families)).order_by("programme"))
    amounts = amounts_as_of([grant.id for grant in grants], month=clock.today())
    found: dict[UUID, dict[str, None]] = defaultdict(dict)
    for grant in grants:
        if grant.id not in amounts or not amounts[grant.id].monthly_fen:
            continue
        label = str(Programme(grant.programme).label)
        if grant.person_id is not None:
            found[persons[grant.person_id]][label] = None
        elif grant.household_id is not None:
            for person_id in families[grant.household_id]:
                found[person_id][_("%(programme)s（全户）") % {"programme": label}] = None
    return {person_id: list(labels) for person_id, labels in found.items()}


def _families(days: dict[UUID, date]) -> dict[UUID, list[UUID]]:
    """By household, who of these lived in it until the death: with the day of it the membership ends."""
    by_day: dict[date, list[UUID]] = defaultdict(list)
    for person_id, died_on in days.items():
        by_day[died_on].append(person_id)
    families: dict[UUID, list[UUID]] = defaultdict(list)
    for died_on, person_ids in by_day.items():
        until_then = household_of(person_ids, on=died_on - timedelta(days=1))
        for person_id, household_id in {**until_then, **household_of(person_ids, on=died_on)}.items():
            families[household_id].append(person_id)
    return families


def _paid_after(days: dict[UUID, date]) -> dict[UUID, tuple[int, int]]:
    """By person, the months after the death whose payment arrived, and their sum."""
    persons = {record_id: person_id for person_id, records in records_of(days).items() for record_id in records}
    rows = PayablePerson.objects.filter(
        person_id__in=persons,
        payable__benefit_month__gt=min(days.values(), default=clock.today()),
        payable__attempts__state=AttemptState.SUCCEEDED,
    ).values_list("person_id", "payable__benefit_month", "payable__attempts__amount_fen")
    paid: dict[UUID, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for record_id, month, fen in rows:
        paid[persons[record_id]][month] += fen
    late = {person_id: overpaid_after_death(by_month, days[person_id]) for person_id, by_month in paid.items()}
    return {person_id: (len(by_month), sum(by_month.values())) for person_id, by_month in late.items()}
