"""Unified social credit codes."""

from __future__ import annotations

import pytest

from shouwang.kernel.credit_code import parse_credit_code
from shouwang.kernel.errors import Invalid


def test_code_is_tidied() -> None:
    assert parse_credit_code(" 9111 0000 600037341l ") == "91110000600037341L"
    assert parse_credit_code("９１１１００００６０００３７３４１Ｌ") == "91110000600037341L"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9111000060003734", "credit_code.length"),
        ("", "credit_code.length"),
        ("91110000600037342L", "credit_code.checksum"),
        ("I1110000600037341L", "credit_code.characters"),
        ("9111000060003734!L", "credit_code.characters"),
    ],
)
def test_impossible_code_is_refused_with_its_own_reason(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_credit_code(text)
    assert refused.value.reason == reason
