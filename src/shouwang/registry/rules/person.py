"""Whether what was said about a person can be one person.

Guarantees: with an ID number, sex and birth date are the number's and a disability certificate is the same person's;
without one there is a reason, a sex and (unless nobody knows who it is) a birth date. Refuses everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from shouwang.kernel.disability import cross_check, parse_certificate
from shouwang.kernel.errors import Invalid
from shouwang.kernel.identity import parse_id_number

from ..states import NoIdReason, Sex
from .values import check_name, check_phone


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What a form or a sheet says about a person; sex and birth date may be left to the ID number."""

    name: str
    id_number: str = ""
    no_id_reason: str = ""
    sex: str = ""
    birth_on: date | None = None
    phone: str = ""
    disability_certificate: str = ""


@dataclass(frozen=True, slots=True)
class CheckedPerson:
    """What is stored. `disability` is kind and level, e.g. "41", when there is a certificate."""

    name: str
    sex: str
    birth_on: date | None
    id_number: str | None
    no_id_reason: str
    phone: str | None
    disability_certificate: str | None
    disability: str | None


def check_person(details: PersonDetails, *, today: date) -> CheckedPerson:
    """Raises Invalid, with a reason of identity numbers or person.*, disability.*."""
    name = check_name(details.name)
    phone = check_phone(details.phone) if details.phone.strip() else None
    if details.id_number.strip():
        return _with_number(details, name, phone, today)
    return _without_number(details, name, phone, today)


def _with_number(details: PersonDetails, name: str, phone: str | None, today: date) -> CheckedPerson:
    number = parse_id_number(details.id_number, today=today)
    if details.sex and details.sex != number.sex:
        words = {"said": Sex(details.sex).label, "number": Sex(number.sex).label}
        raise Invalid(_("填写的性别为%(said)s，身份证号表示%(number)s，请核对") % words, reason="person.sex_differs")
    if details.birth_on and details.birth_on != number.birth_on:
        days = {"said": details.birth_on.isoformat(), "number": number.birth_on.isoformat()}
        message = _("填写的出生日期为%(said)s，身份证号中为%(number)s，请核对") % days
        raise Invalid(message, reason="person.birth_differs")
    certificate = disability = None
    if details.disability_certificate.strip():
        parsed = parse_certificate(details.disability_certificate, today=today)
        for difference in cross_check(parsed, id_number=number.number):
            raise difference
        certificate, disability = parsed.number, f"{int(parsed.kind)}{parsed.level}"
    return CheckedPerson(name, number.sex, number.birth_on, number.number, "", phone, certificate, disability)


def _without_number(details: PersonDetails, name: str, phone: str | None, today: date) -> CheckedPerson:
    if details.no_id_reason not in frozenset(NoIdReason):
        raise Invalid(_("请填写身份证号；没有身份证号的，要选明原因"), reason="person.no_id_reason")
    if details.sex not in frozenset(Sex):
        raise Invalid(_("没有身份证号时要填写性别"), reason="person.sex_missing")
    if details.birth_on is None and details.no_id_reason != NoIdReason.UNKNOWN_IDENTITY:
        raise Invalid(_("没有身份证号时要填写出生日期"), reason="person.birth_missing")
    if details.birth_on and details.birth_on > today:
        raise Invalid(_("出生日期晚于今天，请核对"), reason="person.birth_in_future")
    if details.disability_certificate.strip():
        message = _("残疾人证号的前18位就是身份证号，请一并填写身份证号")
        raise Invalid(message, reason="disability.without_id")
    return CheckedPerson(name, details.sex, details.birth_on, None, details.no_id_reason, phone, None, None)
