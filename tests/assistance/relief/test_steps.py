"""The transition table as a whole: every state with every verb, and who may take which step."""

from __future__ import annotations

import pytest

from shouwang.assistance.states import RELIEF_STEP_OF, RELIEF_STEPS, ReliefState, ReliefVerb

LEADS = {
    ("", "open"): "draft",
    ("draft", "accept"): "accepted",
    ("draft", "propose"): "accepted",
    ("draft", "withdraw"): "withdrawn",
    ("accepted", "verify"): "verified",
    ("accepted", "confirm"): "approved",
    ("accepted", "refuse"): "refused",
    ("accepted", "withdraw"): "withdrawn",
    ("verified", "publish_notice"): "notice",
    ("verified", "send_back"): "accepted",
    ("verified", "approve"): "approved",
    ("verified", "refuse"): "refused",
    ("verified", "withdraw"): "withdrawn",
    ("notice", "end_notice"): "verified",
    ("notice", "send_back"): "accepted",
    ("notice", "withdraw"): "withdrawn",
    ("approved", "pay_cash"): "paid",
    ("approved", "send_to_bank"): "approved",
    ("approved", "bank_paid"): "paid",
    ("paid", "owe_papers"): "papers_owed",
    ("paid", "close"): "closed",
    ("papers_owed", "receive_papers"): "closed",
}

ROLES = {
    "open": {"grid_worker", "township_assistant", "county_officer"},
    "accept": {"township_assistant", "county_officer"},
    "propose": {"township_assistant"},
    "verify": {"township_assistant", "county_officer"},
    "publish_notice": {"township_assistant", "county_officer"},
    "end_notice": {"township_assistant", "county_officer"},
    "send_back": {"township_head", "county_officer", "county_leader"},
    "approve": {"township_head", "county_leader"},
    "refuse": {"township_head", "county_leader"},
    "confirm": {"township_head"},
    "pay_cash": {"township_assistant"},
    "owe_papers": {"township_assistant"},
    "send_to_bank": {"county_officer"},
    "bank_paid": {"finance", "county_officer", "city_officer"},
    "receive_papers": {"township_assistant", "county_officer"},
    "close": {"township_assistant", "county_officer"},
    "withdraw": {"grid_worker", "township_assistant", "county_officer"},
}


@pytest.mark.parametrize("verb", ReliefVerb.values)
@pytest.mark.parametrize("state", ["", *ReliefState.values])
def test_state_and_verb(state: str, verb: str) -> None:
    step = RELIEF_STEP_OF[verb]
    leads_to = step.to_state.value if state in step.from_states else None
    assert leads_to == LEADS.get((state, verb))


def test_every_verb_has_one_row_and_its_roles() -> None:
    assert {step.verb.value: set(step.roles) for step in RELIEF_STEPS} == ROLES
    assert len(RELIEF_STEPS) == len(ReliefVerb)


def test_who_prepares_does_not_decide_and_who_decides_does_not_pay() -> None:
    prepares = {"open", "accept", "propose", "verify"}
    assert {step.verb.value: set(step.not_after) for step in RELIEF_STEPS if step.not_after} == {
        "approve": prepares,
        "confirm": prepares,
        "refuse": prepares,
        "pay_cash": {"approve", "confirm"},
    }


def test_ended_cases_have_no_way_on() -> None:
    for ended in ("refused", "closed", "withdrawn"):
        assert [step.verb for step in RELIEF_STEPS if ended in step.from_states] == []
