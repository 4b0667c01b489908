"""The caps of a relief and what its formula gives: the place's parameters as of acceptance, one source."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.commands.relief import approve_case
from shouwang.assistance.queries.relief_amounts import suggestion_for
from shouwang.kernel.errors import Invalid, NotAllowed
from shouwang.kernel.scope import use_scope
from tests.assistance.payments.setting import acting_as, confirm_values, everywhere, hold_standards, make_document
from tests.factories import make_actor

from .test_pages import body, signed_in
from .world import FULL, Officers, as_actor, make_family, small, standard, verified

pytestmark = pytest.mark.django_db

CAPS = """
defaults: {area: 370703000000000, from: 2020-01-01, status: confirmed, source: {number: 寒民〔2020〕5号}}
parameters:
  relief.township_limit: {unit: 元, values: [{value: "1500"}, {value: "900", from: 2020-04-01}]}
  relief.small.most: {unit: 元, values: [{value: "800"}]}
  relief.months.dibao: {unit: 个月, values: [{value: "4"}]}
"""


@pytest.fixture
def officers(db: None) -> Officers:
    made = Officers()
    with use_scope(FULL):
        hold_standards()
        confirm_values("寒民〔2020〕5号", CAPS)
    return made


def test_township_decides_up_to_the_parameter(officers: Officers) -> None:
    within, above = (verified(officers, make_family((name,))) for name in ("甲一", "乙一"))
    with as_actor(officers.head) as head:
        case = approve_case(actor=head, case_id=within.id, expected_version=within.version, claim=small(150_000))
        assert (case.decided_by_level, case.formula) == ("township", "小额救助 1,500.00 元")
        with pytest.raises(Invalid, match=r"不超过 1,500\.00 元"):
            approve_case(actor=head, case_id=above.id, expected_version=above.version, claim=small(150_001))
        claim = standard(60_000, 1, 3)
        with pytest.raises(NotAllowed):
            approve_case(actor=head, case_id=above.id, expected_version=above.version, claim=claim, channel="bank")


def test_months_are_capped_by_the_kind_of_household(officers: Officers) -> None:
    """A family on dibao 4 months by the county's parameter, any other the nation's 6."""
    poor = make_family(("丙一",))
    with acting_as(everywhere()):
        document = make_document()
    with acting_as(make_actor("county_officer")) as opener:
        row = TakenOver("dibao", poor.id, None, date(2020, 1, 1), 400_00)
        take_over_grants(actor=opener, document_id=document.id, rows=[row])
    on_dibao, other = verified(officers, poor), verified(officers, make_family(("丁一",)))
    with as_actor(officers.leader) as leader:
        for case, months in ((on_dibao, 4), (other, 6)):
            with pytest.raises(Invalid, match=f"不超过 {months} 个月"):
                approve_case(
                    actor=leader,
                    case_id=case.id,
                    expected_version=case.version,
                    claim=standard(60_000, 1, months + 1),
                    channel="bank",
                )
            suggestion = suggestion_for(case, limit_fen=150_000)
            assert suggestion is not None
            assert suggestion.months == months


def test_approve_page_suggests_by_the_formula(officers: Officers) -> None:
    case = verified(officers, make_family(("戊一", "戊二")))
    with use_scope(FULL):
        found = suggestion_for(case, limit_fen=150_000)
    assert found is not None
    small_amount, by_standard, level = found.rows
    assert (small_amount.most_fen, [row.source_number for row in small_amount.sources]) == (800_00, ["寒民〔2020〕5号"])
    assert by_standard.most_fen == found.standard_fen * 2 * 6
    assert (by_standard.has_placeholder, level.most_fen) == (True, 150_000)
    with signed_in(officers.leader) as client:
        page = body(client.get(reverse("relief_step", args=[case.id, "approve"])))
    assert "建议金额" in page
    assert by_standard.words in page
    assert "小额救助不超过 800.00 元" in page
    assert f'name="standard" value="{found.standard_fen // 100:,}.00"' in page
    with signed_in(officers.leader) as client:
        assert "建议金额" not in body(client.get(reverse("relief_step", args=[case.id, "refuse"])))
