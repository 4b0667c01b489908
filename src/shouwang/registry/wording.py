"""Facts in the words of the trade, for pages and exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from shouwang.kernel.disability import KIND_WORDS, LEVEL_WORDS, DisabilityKind, cross_check, parse_certificate
from shouwang.kernel.money import yuan

from .rules.values import FactValue, split_set
from .states import (
    FLAG_KINDS,
    MONEY_KINDS,
    CareMode,
    Category,
    HouseholdFactKind,
    Need,
    PersonFactKind,
)

_CHOICES: Mapping[str, Mapping[str, str]] = {
    PersonFactKind.CATEGORY: {code.value: str(code.label) for code in Category},
    PersonFactKind.NEED: {code.value: str(code.label) for code in Need},
    PersonFactKind.CARE_MODE: {code.value: str(code.label) for code in CareMode},
}


def kind_words(kind: str) -> str:
    """The label of a person's or a household's kind of fact."""
    if kind in frozenset(PersonFactKind):
        return str(PersonFactKind(kind).label)
    return str(HouseholdFactKind(kind).label)


def value_words(kind: str, value: FactValue | None, area_names: Mapping[int, str] | None = None) -> str:
    """What a fact says; `area_names` for places of residence."""
    if value is None:
        return _("不再有")
    if kind in MONEY_KINDS:
        return _("每月 %(amount)s 元") % {"amount": yuan(int(value))}
    if kind == HouseholdFactKind.URBAN:
        return _("城镇") if value else _("农村")
    if kind in FLAG_KINDS:
        return _("是") if value else _("否")
    if kind == PersonFactKind.SELF_CARE:
        return _("%(count)s 项不能自理") % {"count": value}
    if kind == HouseholdFactKind.TIER:
        return _("第 %(tier)s 类") % {"tier": value}
    if kind == PersonFactKind.DISABILITY:
        return disability_words(str(value))
    if kind == HouseholdFactKind.RESIDENCE:
        return (area_names or {}).get(int(value), str(value))
    labels = _CHOICES[kind]
    return "、".join(labels.get(code, code) for code in split_set(str(value)))


@dataclass(frozen=True, slots=True)
class CertificateWords:
    """What a certificate says, and in what it differs from the person's other records; none: they agree."""

    says: str
    differences: tuple[str, ...]


def certificate_words(number: str, id_number: str | None, recorded: str | None, *, today: date) -> CertificateWords:
    """`recorded`: the dated fact, e.g. "41". Raises Invalid for what is no certificate's number."""
    certificate = parse_certificate(number, today=today)
    says = disability_words(f"{int(certificate.kind)}{certificate.level}")
    if certificate.reissue:
        says = _("%(says)s，第%(times)s次补发") % {"says": says, "times": certificate.reissue}
    found = cross_check(
        certificate,
        id_number=id_number,
        kind=DisabilityKind(int(recorded[0])) if recorded else None,
        level=int(recorded[1]) if recorded else None,
    )
    return CertificateWords(says, tuple(difference.message for difference in found))


def disability_words(code: str) -> str:
    """ "41" -> 肢体一级"""
    return _(KIND_WORDS[DisabilityKind(int(code[0]))]) + _(LEVEL_WORDS[int(code[1])])
