"""Imports for pages: the list, one batch, and the people that a person has to decide on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import Span, spans_q

from ..models import Household, ImportBatch, Person
from ..states import ImportQuestion, ImportState, Relation, Sex
from .as_of import household_of, members_as_of

SORTS = {"recorded": "recorded_at", "rows": "row_count", "name": "file_name"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that an undecided row may speak of."""

    person_id: UUID
    name: str
    birth_on: date | None
    household_number: str
    head_name: str
    has_same_head: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A row, and the records it may speak of: by name, birth date and village (one with its head comes first), or the
    one that has its ID number under another name."""

    kind: ImportQuestion
    row: int
    name: str
    birth_on: str
    sex: str
    head_name: str
    candidates: Sequence[Candidate]


def get_import_for(actor: Actor, batch_id: UUID) -> ImportBatch:
    """Raises NotFound, also for an import outside the actor's scope."""
    batch = ImportBatch.objects.filter(actor.scope.q(), id=batch_id).first()
    if batch is None:
        raise NotFound(_("没有找到这次导入，或者不在您的管辖范围内"), batch_id=batch_id)
    return batch


def list_imports_for(
    actor: Actor, *, spans: Sequence[Span] | None = None, state: str = "", sort: str = ""
) -> QuerySet[ImportBatch]:
    """The imports in the actor's scope, the newest first."""
    batches = ImportBatch.objects.filter(actor.scope.q()).defer("layout", "decisions", "report")
    if spans is not None:
        batches = batches.filter(spans_q(spans))
    if state in ImportState:
        batches = batches.filter(state=state)
    column = SORTS.get(sort.lstrip("-"), "")
    order = f"-{column}" if sort.startswith("-") else column
    return batches.order_by(*([order] if order else []), "-recorded_at", "-id")


def questions_of(actor: Actor, batch: ImportBatch) -> list[Question]:
    """The undecided rows of the batch with their candidates, in four queries however many there are."""
    asked = [one for one in batch.report.get("undecided", []) if str(one["row"]) not in batch.decisions]
    ids = {UUID(candidate) for one in asked for candidate in one["candidates"]}
    persons = Person.objects.filter(actor.scope.q()).in_bulk(ids)
    today = clock.today()
    homes = household_of(list(persons), on=today)
    households = Household.objects.in_bulk(set(homes.values()))
    members = members_as_of(list(households), on=today)
    heads = {
        home: next((member.name for member in living if member.relation == Relation.HEAD), "")
        for home, living in members.items()
    }

    def candidate(person: Person, head_name: str) -> Candidate:
        home = homes.get(person.id)
        found = heads.get(home, "") if home else ""
        number = households[home].number if home else ""
        return Candidate(person.id, person.name, person.birth_on, number, found, bool(found) and found == head_name)

    return [
        Question(
            kind=ImportQuestion(one["kind"]),
            row=one["row"],
            name=one["name"],
            birth_on=one["birth_on"],
            sex=str(Sex(one["sex"]).label),
            head_name=one["head"],
            candidates=sorted(
                (candidate(persons[UUID(key)], one["head"]) for key in one["candidates"] if UUID(key) in persons),
                key=lambda found: not found.has_same_head,
            ),
        )
        for one in asked
    ]
