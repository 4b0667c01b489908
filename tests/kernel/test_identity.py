"""Identity numbers by GB 11643-1999."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import Invalid
from shouwang.kernel.identity import IdNumber, check_character, parse_id_number
from tests.kernel.numbers import id_number

TODAY = date(2020, 3, 18)


def test_check_character_of_the_standard() -> None:
    """The two examples printed in GB 11643-1999."""
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


def test_number_of_a_woman_is_read() -> None:
    assert parse_id_number("11010519491231002X", today=TODAY) == IdNumber(
        "11010519491231002X", date(1949, 12, 31), "female"
    )


def test_blanks_full_width_and_small_x_are_tidied() -> None:
    assert parse_id_number(" 110105 19491231 002x ", today=TODAY).number == "11010519491231002X"
    assert parse_id_number("１１０１０５１９４９１２３１００２Ｘ", today=TODAY).number == "11010519491231002X"


def test_area_that_no_division_has_is_accepted() -> None:
    number = id_number(area="999999")
    assert parse_id_number(number, today=TODAY).area_hint == "999999"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "id.length"),
        ("1101051949123100", "id.length"),
        ("11010519491231002X1", "id.length"),
        ("110105491231002", "id.old_15"),
        ("1101051949123100AX", "id.characters"),
        ("X1010519491231002X", "id.characters"),
        ("11010519491231002Y", "id.characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "id.characters"),
        ("110105194913310021", "id.birth_date"),
        ("110105194902290021", "id.birth_date"),
        ("110105194900000021", "id.birth_date"),
        (id_number(date(1879, 12, 31)), "id.birth_too_early"),
        (id_number(date(2020, 3, 19)), "id.birth_in_future"),
        ("110105194912310021", "id.checksum"),
    ],
)
def test_impossible_number_is_refused_with_its_own_reason(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_id_number(text, today=TODAY)
    assert refused.value.reason == reason


def test_first_and_last_birth_dates_are_accepted() -> None:
    assert parse_id_number(id_number(date(1880, 1, 1)), today=TODAY).birth_on == date(1880, 1, 1)
    assert parse_id_number(id_number(TODAY), today=TODAY).birth_on == TODAY


def test_message_never_repeats_the_number() -> None:
    with pytest.raises(Invalid) as refused:
        parse_id_number("110105194912310021", today=TODAY)
    assert "110105" not in refused.value.message


days = st.dates(date(1880, 1, 1), TODAY)


@given(days, st.integers(0, 999))
def test_every_generated_number_is_read_back(born: date, order: int) -> None:
    number = id_number(born, order)
    assert parse_id_number(number, today=TODAY) == IdNumber(number, born, "male" if order % 2 else "female")


@given(days, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_refused(born: date, order: int, position: int, shift: int) -> None:
    number = id_number(born, order)
    digit = str((int(number[position]) + shift) % 10)
    wrong = number[:position] + digit + number[position + 1 :]
    with pytest.raises(Invalid):
        parse_id_number(wrong, today=date.max)
