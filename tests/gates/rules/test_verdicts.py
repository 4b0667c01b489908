"""What a keeper is told, by the table that a clerk can read and the phone reads too."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from shouwang.gates.rules import verdicts
from shouwang.gates.rules.verdicts import Ask, Exits, GateFacts, Holder, Known, Next, Outcome, PassState, Rule, decide
from shouwang.gates.states import (
    Check,
    Direction,
    EstateKind,
    How,
    PassKind,
    Reason,
    StalePolicy,
    Verdict,
)

ROOT = Path(__file__).parents[3]
TABLE: dict[str, Any] = json.loads((ROOT / "tests/gates/vectors/verdicts.json").read_text(encoding="utf-8"))
PHONE_WORDS = (ROOT / "frontend/gate/src/states.js").read_text(encoding="utf-8")


def rule_of(plain: dict[str, Any]) -> Rule:
    return Rule(
        who=plain["who"],
        checks=plain["checks"],
        fever_from_tenths=plain["fever_from_tenths"],
        leave_hours=tuple(plain["leave_hours"]),
        exits=Exits(**plain["exits"]) if plain["exits"] else None,
        declaration_every_days=plain["declaration_every_days"],
        inside_leave=plain["inside_leave"],
    )


def gate_of(plain: dict[str, Any]) -> GateFacts:
    return GateFacts(EstateKind(plain["kind"]), plain["stale_after_hours"], StalePolicy(plain["stale_policy"]))


def known_of(plain: dict[str, Any]) -> Known:
    holder = plain["holder"]
    return Known(
        direction=Direction(plain["direction"]),
        minute=plain["minute"],
        manifest_age_s=plain["manifest_age_s"],
        pass_state=PassState(plain["pass"]),
        kind=PassKind(plain["kind"]) if plain["kind"] else None,
        is_home=plain["home"],
        holder=Holder(PassKind(holder["kind"]), verdicts.Declaration(holder["declaration"])) if holder else None,
        is_written_down=plain["written_down"],
        refuses_entry=plain["refuses_entry"],
        has_slip=plain["slip"],
        temperature_tenths=plain["temperature"],
        answered=plain["answered"],
        seen=plain["seen"],
        exits_used=plain["exits_used"],
    )


def told(answer: Ask | Outcome) -> dict[str, list[str]]:
    if isinstance(answer, Ask):
        return {"asks": [str(check.label) for check in Check if answer.checks & check]}
    return {"gives": [str(answer.verdict.label), str(answer.reason.label), answer.next.value]}


@pytest.mark.parametrize("row", TABLE["cases"], ids=lambda row: row["case"])
def test_verdict_is_the_table_s(row: dict[str, Any]) -> None:
    known = known_of(TABLE["unless_said"] | row["known"])
    answer = decide(rule_of(TABLE["rules"][row["rule"]]), gate_of(TABLE["gates"][row["gate"]]), known)
    assert told(answer) == {key: row[key] for key in ("asks", "gives") if key in row}


def test_table_has_every_reason_verdict_and_next_step() -> None:
    given = [row["gives"] for row in TABLE["cases"] if "gives" in row]
    assert {reason for _, reason, _ in given} == {str(reason.label) for reason in Reason}
    assert {verdict for verdict, _, _ in given} == {str(verdict.label) for verdict in Verdict}
    assert {step for _, _, step in given} == {step.value for step in Next}


def test_no_two_cases_have_one_name() -> None:
    names = [row["case"] for row in TABLE["cases"]]
    assert len(names) == len(set(names))


def test_who_comes_home_is_never_turned_back() -> None:
    """Every rule of the table, at every hour, whatever was seen, however stale, whatever was used up."""
    turned_back = []
    for rule, gate, minute, seen, age, used, holder in itertools.product(
        TABLE["rules"].values(),
        TABLE["gates"].values(),
        (0, 480, 1439),
        (0, 31),
        (0, 10**7),
        (0, 99),
        (Holder(PassKind.RESIDENT, verdicts.Declaration.DUE), Holder(PassKind.INSTITUTION, verdicts.Declaration.NONE)),
    ):
        known = Known(
            direction=Direction.IN,
            minute=minute,
            manifest_age_s=age,
            holder=holder,
            answered=31,
            seen=seen | Check.IDENTITY,
            exits_used=used,
        )
        answer = decide(rule_of(rule), gate_of(gate), known)
        if not isinstance(answer, Outcome) or answer.verdict == Verdict.TURN_BACK:
            turned_back.append((rule, gate, known, answer))
    assert turned_back == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("VERDICT_WORDS", {choice.value: str(choice.label) for choice in Verdict}),
        ("REASON_WORDS", {choice.value: str(choice.label) for choice in Reason}),
        ("HOW_WORDS", {choice.value: str(choice.label) for choice in How}),
        ("CHECK_WORDS", {choice.value: str(choice.label) for choice in Check}),
        ("KIND_WORDS", {choice.value: str(choice.label) for choice in PassKind}),
    ],
)
def test_phone_has_the_words_of_the_server(name: str, words: dict[int, str]) -> None:
    [body] = re.findall(rf"export const {name} = \{{(.*?)\}}", PHONE_WORDS, re.DOTALL)
    assert {int(number): word for number, word in re.findall(r"(\d+): '([^']*)'", body)} == words


def test_phone_has_words_for_every_next_step() -> None:
    [body] = re.findall(r"export const NEXT_WORDS = \{(.*?)\}", PHONE_WORDS, re.DOTALL)
    assert set(re.findall(r"^\s*(\w+): '", body, re.MULTILINE)) == {step.value for step in Next}
