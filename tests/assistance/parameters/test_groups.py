"""Every parameter stands in a group, and a programme's rule reads none outside its keys."""

from __future__ import annotations

import pytest

from shouwang.assistance.rules.benefits.catalogue import catalogue
from shouwang.assistance.rules.benefits.programmes import all_rules
from shouwang.assistance.rules.parameter_groups import GROUPS, amounts_rest_on, group_of, groups_reached, keys_of
from shouwang.assistance.rules.parameter_words import numeral


def test_every_key_has_a_group_and_reaches_it() -> None:
    assert {group_of(key) for key in catalogue()} == set(GROUPS)
    assert [key for key in catalogue() if group_of(key) not in groups_reached(key)] == []


@pytest.mark.parametrize("programme", sorted(all_rules()))
def test_rule_reads_no_parameter_outside_its_keys(programme: str) -> None:
    assert set(all_rules()[programme].uses) - set(keys_of(programme)) == set()


def test_amount_rests_on_what_its_area_has_chosen() -> None:
    def choice(key: str) -> str:
        return {"dibao.surcharge.basis": "amount", "dibao.amount.mode": "gap"}.get(key, "none")

    keys = amounts_rest_on("dibao", choice)
    assert "dibao.surcharge.elderly" in keys
    assert "dibao.surcharge.elderly.age_from" in keys
    assert {"dibao.surcharge.elderly.percent", "dibao.tier.1", "dibao.single_person.amount"} & set(keys) == set()


@pytest.mark.parametrize(("number", "word"), [(1, "一"), (10, "十"), (16, "十六"), (20, "二十"), (23, "二十三")])
def test_numbers_of_paragraphs(number: int, word: str) -> None:
    assert numeral(number) == word
