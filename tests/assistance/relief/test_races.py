"""Two officers at once: the case's lock decides who moves it; two applications at once are one."""

from __future__ import annotations

from threading import Barrier
from uuid import UUID

import pytest

from shouwang.assistance.commands.relief import approve_case, deciding, moving, open_case, refuse_case
from shouwang.assistance.errors import DuplicateCause, ReliefChanged
from shouwang.assistance.models import CaseMove, ReliefCase
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from tests.ledger.test_races import at_once

from .world import Officers, application, make_family, small, verified


def decide_at_once(officers: Officers, case: ReliefCase) -> list[object]:
    arguments = {"case_id": case.id, "expected_version": case.version}
    return at_once(
        officers.leader,
        lambda: approve_case(actor=officers.leader, claim=small(), **arguments).state,
        lambda: refuse_case(actor=officers.head, reason="不符合", clause="第九条", **arguments).state,
    )


@pytest.mark.usefixtures("committed_db")
def test_two_officers_on_one_case_the_second_sees_what_changed() -> None:
    officers = Officers()
    case = verified(officers, make_family())
    results = decide_at_once(officers, case)
    lost = [result for result in results if isinstance(result, ReliefChanged)]
    won = [result for result in results if isinstance(result, str)]
    assert (len(lost), len(won)) == (1, 1)
    assert lost[0].data["what"] in ("approve", "refuse")
    assert str(lost[0].data["who"]) in lost[0].message
    with use_scope(FULL):
        assert CaseMove.objects.filter(case=case, verb__in=["approve", "refuse"]).count() == 1


@pytest.mark.usefixtures("committed_db")
def test_control_without_the_lock_both_read_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unique key on the moves is what is left: it stops the second with a crash instead of words."""
    officers = Officers()
    case = verified(officers, make_family())
    meet = Barrier(2, timeout=20)

    def read_unlocked(actor, case_id: UUID, verb, expected_version) -> ReliefCase:
        found = ReliefCase.objects.get(id=case_id)
        assert found.version == expected_version
        meet.wait()
        return found

    monkeypatch.setattr(deciding, "lock_case", read_unlocked)
    results = decide_at_once(officers, case)
    assert not any(isinstance(result, ReliefChanged) for result in results)
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "str"]
    assert moving.lock_case is not read_unlocked


@pytest.mark.usefixtures("committed_db")
def test_two_applications_for_one_cause_at_once_are_one_case() -> None:
    officers = Officers()
    said = application(make_family())
    results = at_once(
        officers.assistant,
        lambda: open_case(actor=officers.assistant, case_id=new_id(), application=said).number,
        lambda: open_case(actor=officers.assistant, case_id=new_id(), application=said).number,
    )
    assert sum(isinstance(result, DuplicateCause) for result in results) == 1
    with use_scope(FULL):
        assert ReliefCase.objects.count() == 1


@pytest.mark.usefixtures("committed_db")
def test_one_form_sent_twice_at_once_is_one_case() -> None:
    officers = Officers()
    said, case_id = application(make_family()), new_id()
    results = at_once(
        officers.assistant,
        lambda: open_case(actor=officers.assistant, case_id=case_id, application=said).number,
        lambda: open_case(actor=officers.assistant, case_id=case_id, application=said).number,
    )
    assert results[0] == results[1]
    with use_scope(FULL):
        assert ReliefCase.objects.count() == 1
