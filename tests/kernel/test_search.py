"""Names are found by what people type, numbers never by a part, and nothing outside the spans."""

from __future__ import annotations

import pytest

from shouwang.kernel.ids import new_id
from shouwang.kernel.models import SearchTerm
from shouwang.kernel.search import find, index_terms, is_number, name_terms, title_terms
from tests.factories import FANGZI, HANTING, WEIFANG, acting


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("张建国", {"张建国", "建国", "zhangjianguo", "jianguo", "zjg"}),
        ("张 伟", {"张伟", "zhangwei", "zw"}),
        ("单雄", {"单雄", "shanxiong", "danxiong", "sx", "dx"}),
        ("Ann Lee", {"annlee"}),
        ("", set()),
    ],
)
def test_terms_of_a_name(name: str, terms: set[str]) -> None:
    assert name_terms(name) == terms


def test_terms_of_a_long_name_stay_within_the_column() -> None:
    assert max(map(len, name_terms("潍坊市寒亭区固堤街道社会救助服务中心（第一服务站）" * 3))) == 40


def test_terms_of_a_title_are_its_pairs() -> None:
    assert title_terms("救助 办法") == {"救助办法", "救助", "助办", "办法"}


@pytest.mark.parametrize(
    "text", ["370703198001011486", "37070319800101148X", "13812345678", "3707", "370703********1486"]
)
def test_number_or_its_part_is_no_name(text: str) -> None:
    assert is_number(text)


@pytest.mark.django_db
def test_found_by_name_given_name_pinyin_and_initials_within_the_spans() -> None:
    here, there = new_id(), new_id()
    with acting("city_officer", WEIFANG) as city:
        rows = [(here, HANTING, name_terms("张建国")), (there, FANGZI, name_terms("张建华"))]
        assert index_terms("person", rows) == 10
        for text in ("张建", "zhang jian", "ZJ", "zhangjian"):
            assert set(find("person", text, city.scope.spans)) == {here, there}
        assert find("person", "建国", city.scope.spans) == [here]
        assert find("household", "建国", city.scope.spans) == []
        assert [find("person", text, city.scope.spans) for text in ("z", "", "李")] == [[], [], []]
    with acting(area_code=FANGZI) as neighbour:
        assert find("person", "张建", neighbour.scope.spans) == [there]
        assert find("person", "张建", city.scope.spans) == [there]  # the policy stands below the condition


@pytest.mark.django_db
def test_exact_name_comes_before_longer_ones() -> None:
    exact, longer = new_id(), new_id()
    with acting(area_code=HANTING) as actor:
        index_terms("person", [(longer, HANTING, ["王小明明"]), (exact, HANTING, ["王小明"])])
        assert find("person", "王小明", actor.scope.spans) == [exact, longer]
        assert find("person", "王小明", actor.scope.spans, limit=1) == [exact]


@pytest.mark.django_db
def test_index_again_replaces_the_records_terms_of_that_kind_only() -> None:
    one = new_id()
    with acting(area_code=HANTING) as actor:
        index_terms("person", [(one, HANTING, ["旧名"])])
        index_terms("note", [(one, HANTING, ["旧名"])])
        index_terms("person", [(one, HANTING, ["新名"])], replace=True)
        assert find("person", "旧名", actor.scope.spans) == []
        assert find("person", "新名", actor.scope.spans) == [one]
        assert find("note", "旧名", actor.scope.spans) == [one]
        assert index_terms("person", [(one, HANTING, [])], replace=True) == 0
        assert SearchTerm.objects.filter(kind="person").count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("term", ["13812345678", "h370703198001011486", "6217001234567890123"])
def test_number_is_never_stored_as_a_term(term: str) -> None:
    with acting(area_code=HANTING):
        with pytest.raises(ValueError, match="blind index"):
            index_terms("person", [(new_id(), HANTING, ["好名", term])])
        assert SearchTerm.objects.count() == 0
