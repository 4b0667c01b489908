"""One run over a workbook: every row of it read, loaded, and accounted for. The check is the same run, rolled back."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, Final, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import mask_id_number, mask_phone
from shouwang.kernel.errors import DomainError, Invalid
from shouwang.kernel.spreadsheets import Book, Sheet, write_refused

from ..importing.grouping import Households, ParsedHousehold, way_of
from ..importing.layout import Layout, open_sheet
from ..importing.parse import RowReader
from ..importing.refusals import RefusedRows
from ..importing.villages import Villages
from ..models import ImportBatch
from ..queries.duplicates import look_alikes_in_villages
from ..states import ImportQuestion, Relation, Sex
from .load_rows import HouseholdRow, LoadedHousehold, MemberRow, Outcome
from .loading import load_register

NEW_PERSON: Final = "new"
"""A decision: somebody else than the candidates."""
WRONG_NUMBER: Final = "wrong_number"
"""A decision: the ID number is not this person's, whatever the sheet says."""

PROBLEMS_KEPT: Final = 50
SAMPLES_KEPT: Final = 10
UNDECIDED_KEPT: Final = 200
"""Decided in rounds of this many: nobody answers more on one page."""

Decisions = Mapping[str, str]
"""Row number -> the id of a person, NEW_PERSON or WRONG_NUMBER."""

_LONG_NUMBER = re.compile(r"\d{9,}[Xx]?")


class _Sent(NamedTuple):
    """What is remembered of a household while the load has it."""

    numbers: tuple[int, ...]
    row: HouseholdRow
    without_id: tuple[int, ...]
    """Positions of the members without ID number."""


@dataclass(slots=True)
class Run:
    """What became of the rows of a file. `rows` and `households` count by outcome, "undecided" included."""

    rows: Counter[str] = field(default_factory=Counter)
    households: Counter[str] = field(default_factory=Counter)
    persons_created: int = 0
    rows_appended: int = 0
    reasons: RefusedRows = field(default_factory=lambda: RefusedRows(0))
    undecided: list[dict[str, Any]] = field(default_factory=list)
    without_id: dict[str, str] = field(default_factory=dict)
    samples: list[dict[str, str]] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        return sum(self.rows.values())

    def count(self, outcome: str, row_count: int) -> None:
        self.rows[outcome] += row_count
        self.households[outcome] += 1

    def refuse(self, reasons: Mapping[int, Sequence[str]]) -> None:
        self.count(Outcome.REFUSED, len(reasons))
        self.reasons.add(reasons)

    def ask(self, questions: Sequence[dict[str, Any]]) -> None:
        """Keep no more than a page can show."""
        if len(self.undecided) < UNDECIDED_KEPT:
            self.undecided += questions

    def problems(self) -> list[dict[str, Any]]:
        """The first of them; numbers that somebody typed into a wrong cell are masked."""
        return [
            {"row": row, "reasons": [_LONG_NUMBER.sub("********", reason) for reason in messages]}
            for row, messages in islice(self.reasons, PROBLEMS_KEPT)
        ]

    def report(self, skipped: Sequence[str]) -> dict[str, Any]:
        """What pages show."""
        return {
            "households": dict(self.households),
            "persons_created": self.persons_created,
            "rows_appended": self.rows_appended,
            "problems": self.problems(),
            "samples": self.samples,
            "undecided": self.undecided[:UNDECIDED_KEPT],
            "skipped": list(skipped),
        }


def run_import(
    *,
    actor: Actor,
    batch: ImportBatch,
    book: Book,
    only: AbstractSet[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Run, Sheet]:
    """Load the rows of the file as `batch` says, in the caller's transaction; `only` limits it to the households with
    these rows. `progress` is told rows done and rows in all."""
    layout = Layout.from_json(batch.layout)
    villages = Villages(batch.area_code)
    missing = layout.missing(needs_village=villages.only is None)
    if missing:
        raise Invalid(missing, reason="import.missing_columns")
    way = way_of(layout.mapping)
    assert way is not None  # said by `missing`
    sheet = open_sheet(book, layout=layout)
    today = clock.today()
    reader = RowReader(villages=villages, since=batch.since, today=today, keys=sheet.mapping.keys())
    households = Households(sheet, way=way, reader=reader, since=batch.since, today=today)
    run = Run(reasons=RefusedRows(sheet.grid.height))
    sent: deque[_Sent] = deque()
    wanted = (one for one in households if only is None or not only.isdisjoint(one.numbers))

    def tell(_households_done: int) -> None:
        if progress is not None:
            progress(run.row_count, households.row_count)

    result = load_register(
        actor=actor,
        households=_good_rows(wanted, run, sent, batch.decisions, villages),
        source=source_of(batch),
        progress=tell,
        tell=lambda loaded: _account_for(sent.popleft(), loaded, run),
    )
    run.persons_created, run.rows_appended = result.persons_created, result.rows_appended
    return run, sheet


def refused_workbook(sheet: Sheet, run: Run) -> IO[bytes] | None:
    """The refused rows with their reasons, to correct and send again; None when there are none."""
    if not run.reasons:
        return None
    with ExitStack() as if_it_fails:
        file = if_it_fails.enter_context(TemporaryFile())
        write_refused(file, sheet, run.reasons)
        if_it_fails.pop_all()  # from here on the caller closes it
    return file


def source_of(batch: ImportBatch) -> str:
    """What stands on every row that an import wrote."""
    return f"import:{batch.id}"


def _good_rows(
    households: Iterator[ParsedHousehold],
    run: Run,
    sent: deque[_Sent],
    decisions: Decisions,
    villages: Villages,
) -> Iterator[HouseholdRow]:
    for household in households:
        if household.row is None:
            run.refuse(household.reasons)
            continue
        wrong = [number for number in household.numbers if decisions.get(str(number)) == WRONG_NUMBER]
        if wrong:
            run.refuse(_wrong_numbers(household, wrong))
            continue
        row, without_id = _decided(household, household.row, decisions)
        sent.append(_Sent(household.numbers, row, without_id))
        if len(run.samples) < SAMPLES_KEPT:
            run.samples += _samples(household.numbers, row, villages)
        yield row


def _wrong_numbers(household: ParsedHousehold, wrong: Sequence[int]) -> dict[int, list[str]]:
    held_back = _("同一户的第 %(row)s 行有问题，整户未导入") % {"row": wrong[0]}
    said = _("经确认不是底册中用这个身份证号的人，请核对身份证号")
    return {number: [said if number in wrong else held_back] for number in household.numbers}


def _decided(
    household: ParsedHousehold, row: HouseholdRow, decisions: Decisions
) -> tuple[HouseholdRow, tuple[int, ...]]:
    """The row with what a person decided; the positions of the members without ID number."""
    without_id = tuple(at for at, member in enumerate(row.members) if member.person.id_number is None)
    answers = {at: said for at, number in enumerate(household.numbers) if (said := decisions.get(str(number)))}
    if not answers:
        return row, without_id
    members = [
        member
        if at not in answers
        else member._replace(is_new=True)
        if answers[at] == NEW_PERSON
        else member._replace(person_id=UUID(answers[at]))
        for at, member in enumerate(row.members)
    ]
    return row._replace(members=tuple(members)), without_id


def _account_for(one: _Sent, loaded: LoadedHousehold, run: Run) -> None:
    if loaded.refusal is None:
        run.count(loaded.outcome, len(one.numbers))
        for at in one.without_id:
            run.without_id[str(one.numbers[at])] = str(loaded.person_ids[at])
    elif loaded.refusal.reason == "person.look_alike":
        run.count("undecided", len(one.numbers))
        run.ask(_look_alike_questions(one))
    elif loaded.refusal.reason == "person.name_differs":
        run.count("undecided", len(one.numbers))
        run.ask([_name_question(one, loaded.refusal)])
    else:
        run.refuse({number: [loaded.refusal.message] for number in one.numbers})


def _look_alike_questions(one: _Sent) -> list[dict[str, Any]]:
    """Those that have a look-alike; who has none needs no decision."""
    members = one.row.members
    undecided = [at for at in one.without_id if members[at].person_id is None and not members[at].is_new]
    return _with_candidates([_question(one, at, ImportQuestion.LOOK_ALIKE) for at in undecided])


def _name_question(one: _Sent, refusal: DomainError) -> dict[str, Any]:
    """The number is somebody's already, under another name: the same person, or a wrong number?"""
    position = refusal.data["position"]
    assert isinstance(position, int)
    return _question(one, position, ImportQuestion.OTHER_NAME) | {"candidates": [str(refusal.data["person_id"])]}


def _question(one: _Sent, at: int, kind: ImportQuestion) -> dict[str, Any]:
    person = one.row.members[at].person
    return {
        "kind": str(kind),
        "row": one.numbers[at],
        "rows": list(one.numbers),
        "name": person.name,
        "birth_on": str(person.birth_on),
        "sex": person.sex,
        "head": next(member.person.name for member in one.row.members if member.relation == Relation.HEAD),
        "area_code": one.row.area_code,
    }


def _with_candidates(questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whom each undecided row may be."""
    keys = [(asked["name"], asked["birth_on"], asked["area_code"]) for asked in questions]
    found = look_alikes_in_villages(keys)
    candidates = [[str(person_id) for person_id in found.get(key, [])] for key in keys]
    return [asked | {"candidates": ids} for asked, ids in zip(questions, candidates, strict=True) if ids]


def _samples(numbers: Sequence[int], row: HouseholdRow, villages: Villages) -> list[dict[str, str]]:
    return [
        _sample(number, member, villages.names[row.area_code])
        for number, member in zip(numbers, row.members, strict=True)
    ]


def _sample(number: int, member: MemberRow, village: str) -> dict[str, str]:
    person = member.person
    return {
        "row": str(number),
        "name": person.name,
        "relation": str(Relation(member.relation).label),
        "id_number": mask_id_number(person.id_number) if person.id_number else _("无"),
        "sex": str(Sex(person.sex).label),
        "birth_on": str(person.birth_on or ""),
        "village": village,
        "phone": mask_phone(person.phone) if person.phone else "",
        "facts": str(len(member.facts) + len(member.accounts) + bool(person.disability)),
    }
