"""Numbers of disability certificates (残疾人证): 18-digit identity number + kind 1-7 + level 1-4, and B1, B2... after a
re-issue.

Guarantees: a parsed certificate's identity number is valid by `identity.parse_id_number`, its kind and level exist.
Refuses: other shapes, and (in `cross_check`) a declared holder, kind or level that the certificate contradicts.
Source: the China Disabled Persons' Federation's numbering, as collected in domain notes §10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .errors import Invalid
from .identity import IdNumber, parse_id_number, tidy_id_number


class DisabilityKind(IntEnum):
    VISUAL = 1
    HEARING = 2
    SPEECH = 3
    PHYSICAL = 4
    INTELLECTUAL = 5
    MENTAL = 6
    MULTIPLE = 7


KIND_WORDS = {
    DisabilityKind.VISUAL: gettext_noop("视力"),
    DisabilityKind.HEARING: gettext_noop("听力"),
    DisabilityKind.SPEECH: gettext_noop("言语"),
    DisabilityKind.PHYSICAL: gettext_noop("肢体"),
    DisabilityKind.INTELLECTUAL: gettext_noop("智力"),
    DisabilityKind.MENTAL: gettext_noop("精神"),
    DisabilityKind.MULTIPLE: gettext_noop("多重"),
}
LEVEL_WORDS = {1: gettext_noop("一级"), 2: gettext_noop("二级"), 3: gettext_noop("三级"), 4: gettext_noop("四级")}

_SUFFIX = re.compile(r"(?:B([1-9]\d?))?")


@dataclass(frozen=True, slots=True)
class DisabilityCertificate:
    number: str
    holder: IdNumber
    kind: DisabilityKind
    level: int
    reissue: int
    """How many times it was issued again; 0 is the first certificate."""


def parse_certificate(text: str, *, today: date) -> DisabilityCertificate:
    """Raises Invalid with reason disability.length, .suffix, .kind or .level, or a reason of identity numbers."""
    number = tidy_id_number(text).translate(str.maketrans("Ｂｂb", "BBB"))
    if len(number) < 20:
        message = _("残疾人证号应为20位（18位身份证号加类别、等级各1位），现为%(length)s位") % {"length": len(number)}
        raise Invalid(message, reason="disability.length", length=len(number))
    suffix = _SUFFIX.fullmatch(number, 20)
    if suffix is None:
        raise Invalid(_("残疾人证号20位之后只能是补发序号，如 B1"), reason="disability.suffix")
    holder = parse_id_number(number[:18], today=today)
    if number[18] not in "1234567":
        message = _("残疾人证号第19位（类别）应为1至7，现为“%(digit)s”") % {"digit": number[18]}
        raise Invalid(message, reason="disability.kind")
    if number[19] not in "1234":
        message = _("残疾人证号第20位（等级）应为1至4，现为“%(digit)s”") % {"digit": number[19]}
        raise Invalid(message, reason="disability.level")
    return DisabilityCertificate(
        number=number,
        holder=holder,
        kind=DisabilityKind(int(number[18])),
        level=int(number[19]),
        reissue=int(suffix[1] or 0),
    )


def cross_check(
    certificate: DisabilityCertificate,
    *,
    id_number: str | None = None,
    kind: DisabilityKind | None = None,
    level: int | None = None,
) -> list[Invalid]:
    """Where a declared holder, kind or level differs from the certificate. What was not declared is not compared.

    Reasons: disability.other_holder, disability.kind_differs, disability.level_differs.
    """
    differences: list[Invalid] = []
    if id_number is not None and id_number != certificate.holder.number:
        differences.append(
            Invalid(_("残疾人证号的前18位与本人身份证号不一致，请核对是否为同一人"), reason="disability.other_holder")
        )
    if kind is not None and kind != certificate.kind:
        words = {"declared": _(KIND_WORDS[kind]), "certified": _(KIND_WORDS[certificate.kind])}
        message = _("填报的残疾类别为%(declared)s，残疾人证号第19位为%(certified)s") % words
        differences.append(Invalid(message, reason="disability.kind_differs", **words))
    if level is not None and level != certificate.level:
        words = {"declared": _(LEVEL_WORDS[level]), "certified": _(LEVEL_WORDS[certificate.level])}
        message = _("填报的残疾等级为%(declared)s，残疾人证号第20位为%(certified)s") % words
        differences.append(Invalid(message, reason="disability.level_differs", **words))
    return differences
