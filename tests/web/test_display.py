"""What a clerk reads in a cell."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import TemplateSyntaxError

from shouwang.kernel import clock
from shouwang.web.templatetags import display


@pytest.mark.parametrize(
    ("fen", "shown"), [(0, "0.00"), (5, "0.05"), (123_456, "1,234.56"), (-123_456, "-1,234.56"), (None, "—")]
)
def test_yuan(fen: int | None, shown: str) -> None:
    assert display.yuan(fen) == shown


@pytest.mark.parametrize(("fen", "shown"), [(442_700_000, "442.70"), (5_270_100_000_0, "52,701.00"), (None, "—")])
def test_wan_yuan(fen: int | None, shown: str) -> None:
    assert display.wan_yuan(fen) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2020, 3, 17), "2020-03-17"),
        (datetime(2020, 3, 17, 16, 30, tzinfo=UTC), "2020-03-18"),  # 00:30 of the next day in Shanghai
        (None, "—"),
    ],
)
def test_day(value: date | None, shown: str) -> None:
    assert display.day(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (clock.instant(2020, 3, 18), "2020-03-17 24:00"),
        (clock.instant(2020, 3, 17, 18, 30), "2020-03-17 18:30"),
        (datetime(2020, 3, 17, 16, tzinfo=UTC), "2020-03-17 24:00"),
        (None, "—"),
    ],
)
def test_cutoff(value: datetime | None, shown: str) -> None:
    assert display.cutoff(value) == shown


def test_moment_is_in_shanghai() -> None:
    assert display.moment(datetime(2020, 3, 17, 10, 5, tzinfo=UTC)) == "2020-03-17 18:05"


@pytest.mark.parametrize(
    ("code", "shown"),
    [(370_703_001_001_000, "370703001001"), (370_703_001_001_012, "370703001001-012"), (None, "—")],
)
def test_area_code(code: int | None, shown: str) -> None:
    assert display.area_code(code) == shown


def test_area_name_without_a_name_shows_the_code() -> None:
    names = {370_703_000_000_000: "寒亭区"}
    assert display.area_name(370_703_000_000_000, names) == "寒亭区"
    assert display.area_name(370_704_000_000_000, names) == "370704000000"


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (display.mask_id, "370703198001011486", "370703********1486"),
        (display.mask_phone, "13812345678", "138****5678"),
        (display.mask_account, "6217001234567890123", "****0123"),
        (display.mask_name, "欧阳建国", "欧**国"),
        (display.mask_id, "", "—"),
        (display.mask_name, None, "—"),
    ],
)
def test_mask(mask: object, value: str | None, shown: str) -> None:
    assert mask(value) == shown  # type: ignore[operator]


def test_status_has_shape_and_word() -> None:
    shown = display.status("<已批准>", "done")
    assert "#shape-done" in shown
    assert "&lt;已批准&gt;" in shown


def test_status_with_an_unknown_tone_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        display.status("已批准", "green")
