"""Disability certificates: parsed and held against what was declared."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.kernel.disability import DisabilityKind, cross_check, parse_certificate
from shouwang.kernel.errors import Invalid
from tests.kernel.numbers import id_number

TODAY = date(2020, 3, 18)
HOLDER = id_number(date(1975, 5, 20), 233)


def test_first_certificate_is_read() -> None:
    certificate = parse_certificate(f"{HOLDER}41", today=TODAY)
    assert (certificate.holder.number, certificate.kind, certificate.level, certificate.reissue) == (
        HOLDER,
        DisabilityKind.PHYSICAL,
        1,
        0,
    )


def test_reissued_certificate_is_read() -> None:
    certificate = parse_certificate(f"{HOLDER} 63 ｂ2", today=TODAY)
    assert (certificate.number, certificate.kind, certificate.level, certificate.reissue) == (
        f"{HOLDER}63B2",
        DisabilityKind.MENTAL,
        3,
        2,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HOLDER, "disability.length"),
        (f"{HOLDER}01", "disability.kind"),
        (f"{HOLDER}81", "disability.kind"),
        (f"{HOLDER}40", "disability.level"),
        (f"{HOLDER}45", "disability.level"),
        (f"{HOLDER}41A1", "disability.suffix"),
        (f"{HOLDER}41B0", "disability.suffix"),
        (f"{HOLDER}411", "disability.suffix"),
        (f"{HOLDER[:17]}Z41", "id.characters"),
    ],
)
def test_impossible_certificate_is_refused_with_its_own_reason(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_certificate(text, today=TODAY)
    assert refused.value.reason == reason


def test_cross_check_agrees_with_what_is_right_or_not_declared() -> None:
    certificate = parse_certificate(f"{HOLDER}41", today=TODAY)
    assert cross_check(certificate) == []
    assert cross_check(certificate, id_number=HOLDER, kind=DisabilityKind.PHYSICAL, level=1) == []


def test_cross_check_names_each_difference() -> None:
    certificate = parse_certificate(f"{HOLDER}41", today=TODAY)
    differences = cross_check(certificate, id_number=id_number(date(1980, 1, 1)), kind=DisabilityKind.VISUAL, level=2)
    assert [difference.reason for difference in differences] == [
        "disability.other_holder",
        "disability.kind_differs",
        "disability.level_differs",
    ]
    assert differences[1].message == "填报的残疾类别为视力，残疾人证号第19位为肢体"
