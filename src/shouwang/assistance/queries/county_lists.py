"""A county's list against the register and the payments: which rows may come in, and why the others may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.areas.public import full_names
from shouwang.kernel import clock, crypto, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.registry.public import (
    Household,
    Member,
    Person,
    household_of,
    members_as_of,
    namesakes_for,
    person_facts_as_of,
    persons_for,
    survivors_of,
)

from ..county_list_file import ListedRow, ReadList
from ..models import CountyList, Payable
from ..policies import ensure_may_read_payments
from ..rules.monthly import REASON_KEY, next_month
from ..rules.places import PayingUnits
from ..states import Door
from .grants import subjects_in_force
from .history import go_live_of
from .places import paying_units
from .subjects import chunks, subject_areas

SENT_BACK: Final = ""
"""The answer that a row without ID number means none of its candidates."""

QUESTIONS_SHOWN: Final = 50

_ROW_FEN_MAX = 20_000_00
"""No household is paid as much in a month; such an amount is mostly a slip of the unit."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A row of the list and whom it means. `household_id` None: the person alone; `covered` are living persons."""

    row: ListedRow
    person_id: UUID
    household_id: UUID | None
    covered: tuple[UUID, ...]

    @property
    def subject_id(self) -> UUID:
        return self.household_id or self.person_id


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """A row without ID number and the living records it may mean. `head` is masked."""

    row: int
    village: str
    head: str
    candidates: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CheckedList:
    """`reasons` by row number, in the order of the sheet. `questions` stand for answered rows as well."""

    good: tuple[Recipient, ...]
    reasons: dict[int, list[str]]
    questions: tuple[RowQuestion, ...]

    @property
    def amount_fen(self) -> int:
        return sum(recipient.row.amount_fen for recipient in self.good)


def check_list(actor: Actor, listed: CountyList, read: ReadList) -> CheckedList:
    """Every row is good or has its reasons. Writes nothing."""
    check = _Check(actor, listed, read)
    check.find_persons()
    if listed.is_by_household:
        check.find_households()
    check.refuse_repeated()
    if listed.door == Door.TAKE_OVER:
        check.refuse_those_in_force()
    else:
        check.refuse_what_is_owed_or_live()
    return CheckedList(tuple(check.good), dict(sorted(check.reasons.items())), tuple(check.questions))


class _Check:
    """The rows that are still good, narrowed step by step; each step gives its reason to those it refuses."""

    def __init__(self, actor: Actor, listed: CountyList, read: ReadList) -> None:
        self._actor, self._list = actor, listed
        self.reasons: dict[int, list[str]] = {number: list(why) for number, why in read.reasons.items()}
        self._rows = [row for row in read.rows if self._passes(row, _amount_or_month_refused(row, listed.door))]
        self.good: list[Recipient] = []
        self.questions: list[RowQuestion] = []

    def _passes(self, row: ListedRow, reason: str) -> bool:
        if reason:
            self.reasons.setdefault(row.number, []).append(reason)
        return not reason

    def _keep(self, reasons: Iterable[tuple[Recipient, str]]) -> None:
        self.good = [recipient for recipient, reason in list(reasons) if self._passes(recipient.row, reason)]

    def find_persons(self) -> None:
        meant = self._by_number([row for row in self._rows if row.id_number])
        meant |= self._by_answer([row for row in self._rows if not row.id_number])
        for row in self._rows:
            person_id, reason = meant[row.number]
            if self._passes(row, reason) and person_id is not None:
                self.good.append(Recipient(row, person_id, None, (person_id,)))

    def _by_number(self, rows: list[ListedRow]) -> dict[int, tuple[UUID | None, str]]:
        """The person each row means, or the reason, by row number."""
        index = crypto.indexer("id_number")
        by_index = {index(row.id_number): row for row in rows}
        found: dict[bytes, UUID] = {}
        for piece in chunks(list(by_index)):
            holders = persons_for(self._actor).filter(id_index__in=piece)
            found.update(
                (bytes(known), person_id) for known, person_id in holders.values_list("id_index", "id") if known
            )
        survivors = survivors_of(list(found.values()))
        names: dict[UUID, str] = {}
        for ids in chunks(list({*found.values(), *survivors.values()})):
            names.update(Person.objects.filter(id__in=ids).values_list("id", "name"))
        alive = self._alive(set(survivors.values()))
        meant: dict[int, tuple[UUID | None, str]] = {}
        for row in rows:
            person_id = found.get(index(row.id_number))
            if person_id is None:
                reason = _("本辖区底册中没有这个身份证号，请先在底册登记或办理迁入")
            elif row.name != names[person_id]:
                reason = _("底册中的姓名是%(name)s，与名单不一致，请核对") % {
                    "name": crypto.mask_name(names[person_id])
                }
            elif self._list.door == Door.TAKE_OVER and survivors[person_id] not in alive:
                reason = _("底册中已登记死亡")
            else:
                reason = ""
            meant[row.number] = (survivors[person_id] if person_id else None, reason)
        return meant

    def _by_answer(self, rows: list[ListedRow]) -> dict[int, tuple[UUID | None, str]]:
        """Name and birth date make a question, never a match: an officer's answer says who is meant, or the reason."""
        found: dict[tuple[str, date], list[UUID]] = {}
        for piece in chunks(list({(row.name, row.birth_on) for row in rows if row.birth_on is not None})):
            found.update(namesakes_for(self._actor, piece))
        every = {person_id for ids in found.values() for person_id in ids}
        living = self._alive(every) if self._list.door == Door.TAKE_OVER else every
        meant: dict[int, tuple[UUID | None, str]] = {}
        for row in rows:
            known = found.get((row.name, row.birth_on), []) if row.birth_on is not None else []
            candidates = tuple(person_id for person_id in known if person_id in living)
            if candidates:
                head = crypto.mask_name(row.head_name)
                self.questions.append(RowQuestion(row.number, row.village, head, candidates))
                meant[row.number] = self._answered(row, candidates)
            elif known:
                meant[row.number] = (None, _("底册中已登记死亡"))
            else:
                reason = _("没有身份证号，本辖区底册中也没有姓名和出生日期都相同的人，请先在底册登记或办理迁入")
                meant[row.number] = (None, reason)
        return meant

    def _answered(self, row: ListedRow, candidates: tuple[UUID, ...]) -> tuple[UUID | None, str]:
        answer = self._list.answers.get(str(row.number))
        if answer == SENT_BACK:
            return None, _("没有身份证号，经办人没有认定为底册中的人，请核对姓名和出生日期，或先在底册登记")
        person_id = next((one for one in candidates if str(one) == answer), None)
        if person_id is None:
            return None, _("没有身份证号，还没有确认是不是底册中姓名和出生日期相同的人")
        return person_id, ""

    def find_households(self) -> None:
        """The household that each person heads: as of the month for history, as of today for those in force.

        A register that was filled after the month knows nothing of it: then the household of today is meant.
        """
        today = clock.today()
        homes: dict[tuple[UUID, date], tuple[UUID, date]] = {}
        for month in {self._on(recipient.row) for recipient in self.good}:
            asked = {recipient.person_id for recipient in self.good if self._on(recipient.row) == month}
            then = household_of(asked, on=month)
            now = household_of(asked - then.keys(), on=today)
            homes.update({(person, month): (home, month) for person, home in then.items()})
            homes.update({(person, month): (home, today) for person, home in now.items()})
        families: dict[tuple[UUID, date], list[Member]] = {}
        for day in {day for _home, day in homes.values()}:
            ids = {home for home, on in homes.values() if on == day}
            families.update({(home, day): members for home, members in members_as_of(ids, on=day).items()})
        kept: list[Recipient] = []
        for recipient in self.good:
            home = homes.get((recipient.person_id, self._on(recipient.row)))
            members = families.get(home, []) if home else []
            reason = self._household_refused(recipient, members)
            if self._passes(recipient.row, reason) and home is not None:
                kept.append(self._with_household(recipient, home[0], members))
        self.good = kept
        self._keep((recipient, _count_differs(recipient)) for recipient in self.good)

    def _on(self, row: ListedRow) -> date:
        return row.month if self._list.door == Door.HISTORY else clock.today()

    def _household_refused(self, recipient: Recipient, members: list[Member]) -> str:
        if not members:
            return _("底册中此人不在任何家庭里，请先登记家庭")
        if not any(one.person_id == recipient.person_id and one.relation == "head" for one in members):
            return _("底册中此人不是户主，请填写户主的身份证号和姓名")
        return ""

    def _with_household(self, recipient: Recipient, household_id: UUID, members: list[Member]) -> Recipient:
        day = self._on(recipient.row) - timedelta(days=1)
        ids = [member.person_id for member in members]
        living = self._alive(set(ids), on=day) if self._list.door == Door.HISTORY else set(ids)
        return Recipient(recipient.row, recipient.person_id, household_id, tuple(one for one in ids if one in living))

    def _alive(self, person_ids: set[UUID], *, on: date | None = None) -> set[UUID]:
        deaths = person_facts_as_of(person_ids, ["death"], on=on or clock.today())
        return {person_id for person_id in person_ids if not deaths[person_id].get("death")}

    def refuse_repeated(self) -> None:
        """One row a subject; of history one a subject and month."""
        first: dict[tuple[UUID, date | None], int] = {}

        def reason(recipient: Recipient) -> str:
            month = recipient.row.month if self._list.door == Door.HISTORY else None
            earlier = first.setdefault((recipient.subject_id, month), recipient.row.number)
            if earlier == recipient.row.number:
                return ""
            return _("与第 %(row)s 行是同一个对象，只保留前一行") % {"row": earlier}

        self._keep((recipient, reason(recipient)) for recipient in self.good)

    def refuse_those_in_force(self) -> None:
        if not self.good:
            return
        month = min(recipient.row.month for recipient in self.good)
        taken: set[UUID] = set()
        for piece in chunks([recipient.subject_id for recipient in self.good]):
            taken |= subjects_in_force(
                programme=self._list.programme,
                subject_ids=piece,
                month=month,
                is_household=self._list.is_by_household,
            )
        self._keep(
            (recipient, _("已经在保，不能重复接转") if recipient.subject_id in taken else "") for recipient in self.good
        )

    def refuse_what_is_owed_or_live(self) -> None:
        by_month: dict[date, list[UUID]] = defaultdict(list)
        for recipient in self.good:
            by_month[recipient.row.month].append(recipient.subject_id)
        owed: set[tuple[UUID, date]] = set()
        for month, subjects in by_month.items():
            for piece in chunks(subjects):
                known = Payable.objects.filter(
                    programme=self._list.programme, benefit_month=month, reason_key=REASON_KEY, subject_id__in=piece
                )
                owed |= {(subject_id, month) for subject_id in known.values_list("subject_id", flat=True)}
        live = self._live_days()
        self._keep((recipient, _history_refused(recipient, owed, live)) for recipient in self.good)

    def _live_days(self) -> dict[UUID, date | None]:
        """From which day each subject's unit pays here. A subject outside the units is left out."""
        subjects = [recipient.subject_id for recipient in self.good]
        is_household = self._list.is_by_household
        areas = subject_areas(
            household_ids=subjects if is_household else (), person_ids=() if is_household else subjects
        )
        directory = PayingUnits(paying_units(self._actor.area_code))
        units = {subject_id: directory.of(code) for subject_id, code in areas.items()}
        days = {
            unit.code: go_live_of(programme=self._list.programme, area_code=unit.code)
            for unit in {unit.code: unit for unit in units.values() if unit is not None}.values()
        }
        return {subject_id: days[unit.code] for subject_id, unit in units.items() if unit is not None}


def _amount_or_month_refused(row: ListedRow, door: str) -> str:
    if row.amount_fen <= 0:
        return _("金额必须大于零")
    if row.amount_fen > _ROW_FEN_MAX:
        values = {"amount": money.yuan(row.amount_fen), "limit": money.yuan(_ROW_FEN_MAX)}
        return _("金额 %(amount)s 元超过每月 %(limit)s 元，请核对单位是不是元") % values
    today = clock.today()
    if door == Door.TAKE_OVER and row.month > next_month(today):
        return _("起始月 %(month)s 太晚，最多到下个月") % {"month": f"{row.month:%Y-%m}"}
    if row.paid_on is not None and row.paid_on > today:
        return _("发放日期 %(day)s 晚于今天") % {"day": row.paid_on.isoformat()}
    return ""


def _count_differs(recipient: Recipient) -> str:
    said, known = recipient.row.person_count, len(recipient.covered)
    if said is None or said == known:
        return ""
    return _("名单上 %(said)s 人，底册中这一户当月有 %(known)s 人，请核对") % {"said": said, "known": known}


def _history_refused(recipient: Recipient, owed: set[tuple[UUID, date]], live: dict[UUID, date | None]) -> str:
    if (recipient.subject_id, recipient.row.month) in owed:
        return _("%(month)s 已经列入应发，不能再录") % {"month": f"{recipient.row.month:%Y-%m}"}
    if recipient.subject_id not in live:
        return _("此人不在您的发放单位里")
    live_on, paid_on = live[recipient.subject_id], recipient.row.paid_on
    if live_on is not None and paid_on is not None and paid_on >= live_on:
        return _("%(day)s 起已在本系统发放，之后的发放要走每月清册") % {"day": live_on.isoformat()}
    return ""


def get_county_list_for(actor: Actor, list_id: UUID) -> CountyList:
    """Raises NotFound, NotAllowed."""
    ensure_may_read_payments(actor)
    found = CountyList.objects.select_related("document").filter(actor.scope.q(), id=list_id).first()
    if found is None:
        raise NotFound(_("没有这份名单，可能不在您的辖区"), list_id=list_id)
    return found


def list_county_lists_for(actor: Actor, *, door: str) -> QuerySet[CountyList]:
    """The newest first, without their workbooks."""
    lists = CountyList.objects.filter(actor.scope.q(), door=door).select_related("document")
    return lists.defer("source", "refused").order_by("-recorded_at", "-id")


@dataclass(frozen=True, slots=True)
class ListCandidate:
    """A record that a row without ID number may mean, masked. `head` empty: lives in no household."""

    person_id: UUID
    name: str
    birth_on: date | None
    number: str
    village: str
    household: str
    head: str


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """A row to be answered, as an officer sees it. `answer` None: not yet."""

    row: int
    village: str
    head: str
    answer: str | None
    candidates: tuple[ListCandidate, ...]


def questions_of(actor: Actor, listed: CountyList, *, rows: Collection[int] | None = None) -> list[ListQuestion]:
    """The questions of these rows, else the first QUESTIONS_SHOWN of the list, those without an answer before the others.

    Of several candidates those of the village that the sheet says come first.
    """
    asked = listed.report.get("questions", [])
    if rows is None:
        asked = sorted(asked, key=lambda one: str(one["row"]) in listed.answers)[:QUESTIONS_SHOWN]
    else:
        asked = [one for one in asked if one["row"] in rows]
    shown = _candidates(actor, {UUID(key) for one in asked for key in one["candidates"]})
    return [
        ListQuestion(
            row=one["row"],
            village=one["village"],
            head=one["head"],
            answer=listed.answers.get(str(one["row"])),
            candidates=_nearest_first(
                [shown[UUID(key)] for key in one["candidates"] if UUID(key) in shown], one["village"]
            ),
        )
        for one in asked
    ]


def _nearest_first(candidates: list[ListCandidate], village: str) -> tuple[ListCandidate, ...]:
    return tuple(sorted(candidates, key=lambda one: village not in one.village))


def _candidates(actor: Actor, ids: Collection[UUID]) -> dict[UUID, ListCandidate]:
    persons = persons_for(actor).in_bulk(ids)
    homes = household_of(list(persons), on=clock.today())
    families = members_as_of(set(homes.values()), on=clock.today())
    numbers = dict(Household.objects.filter(id__in=set(homes.values())).values_list("id", "number"))
    villages = full_names([person.area_code for person in persons.values()])
    shown: dict[UUID, ListCandidate] = {}
    for person in persons.values():
        home = homes.get(person.id)
        head = next((one.name for one in families[home] if one.relation == "head"), "") if home else ""
        shown[person.id] = ListCandidate(
            person_id=person.id,
            name=crypto.mask_name(person.name),
            birth_on=person.birth_on,
            number=_number_words(person),
            village=villages.get(person.area_code, ""),
            household=numbers[home] if home else "",
            head=crypto.mask_name(head),
        )
    return shown


def _number_words(person: Person) -> str:
    if person.id_tail:
        return _("身份证号尾号 %(tail)s") % {"tail": person.id_tail}
    return _("没有身份证号（%(reason)s）") % {"reason": person.get_no_id_reason_display()}
