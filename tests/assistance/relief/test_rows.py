"""A row written by hand is the row that its model would have written."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from shouwang.assistance.commands.rows import insert_row, update_row
from shouwang.assistance.models import CaseMove, ReliefCase
from shouwang.kernel.ids import new_id

from .world import Officers, accepted, as_actor, make_family

pytestmark = pytest.mark.django_db


def columns_of(move: CaseMove) -> dict[str, object]:
    return {field.attname: getattr(move, field.attname) for field in CaseMove._meta.concrete_fields}


@pytest.mark.parametrize("due_on", [None, date(2020, 2, 3)])
def test_new_row_is_as_the_model_saves_it(due_on: date | None) -> None:
    officers = Officers()
    case = accepted(officers, make_family())
    with as_actor(officers.assistant):
        said = columns_of(CaseMove.objects.get(case=case, verb="accept")) | {"due_on": due_on, "note": "100%\t\\"}
        saved = CaseMove(**said | {"id": new_id(), "version": 8})
        saved.save()
        by_hand = CaseMove(**said | {"id": new_id(), "version": 9})
        insert_row(by_hand)
        found = [columns_of(CaseMove.objects.get(id=move.id)) for move in (saved, by_hand)]
        assert found == [said | {"id": saved.id, "version": 8}, said | {"id": by_hand.id, "version": 9}]


@pytest.mark.parametrize("measure_ids", [[], [UUID(int=1), UUID(int=2)]])
def test_named_columns_of_a_row_change_and_no_other(measure_ids: list[UUID]) -> None:
    officers = Officers()
    case = accepted(officers, make_family())
    with as_actor(officers.assistant):
        case.measure_ids, case.paid_on, case.story = measure_ids, date(2020, 2, 3), "别的"
        update_row(case, ("measure_ids", "paid_on"))
        found = ReliefCase.objects.get(id=case.id)
        assert (found.measure_ids, found.paid_on) == (measure_ids, date(2020, 2, 3))
        assert found.story != "别的"


def test_row_that_is_not_there_is_not_written_silently() -> None:
    officers = Officers()
    case = accepted(officers, make_family())
    with as_actor(officers.assistant):
        case.id = new_id()
        with pytest.raises(RuntimeError, match="not there to be written"):
            update_row(case, ("state",))
