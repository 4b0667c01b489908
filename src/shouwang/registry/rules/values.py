"""What a fact, a phone number, an account number or a name may say.

Each function returns the one form that is stored (so that equal means equal), or raises Invalid in the user's words.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from shouwang.kernel.disability import KIND_WORDS, LEVEL_WORDS
from shouwang.kernel.errors import Invalid
from shouwang.kernel.money import FEN_MAX

from ..states import (
    AMOUNT_KINDS,
    FLAG_KINDS,
    MONEY_KINDS,
    SELF_CARE_MAX,
    SET_KINDS,
    TIER_MAX,
    CareMode,
    Category,
    HouseholdFactKind,
    Need,
    PersonFactKind,
)

FactValue = int | str

_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_PHONE = re.compile(r"(\+?86)?(1\d{10}|0\d{2,3}-?\d{7,8}|\d{7,8})")
_ACCOUNT = re.compile(r"\d{8,30}")
_CODES: dict[str, frozenset[str]] = {
    PersonFactKind.CATEGORY: frozenset(Category),
    PersonFactKind.NEED: frozenset(Need),
    PersonFactKind.CARE_MODE: frozenset(CareMode),
    PersonFactKind.DISABILITY: frozenset(f"{int(kind)}{level}" for kind in KIND_WORDS for level in LEVEL_WORDS),
}


def check_name(text: str) -> str:
    """A person's name without blanks (张 三 is 张三); the middle dot of minority names is kept as ·."""
    kept = unicodedata.normalize("NFC", text).replace("•", "·").replace("．", "·")
    name = "·".join(_BLANKS.sub("", part) for part in kept.split("·") if part.strip())
    if not name:
        raise Invalid(_("请填写姓名"), reason="person.name_missing")
    if len(name) > 64 or any(char.isdigit() for char in name):
        raise Invalid(_("姓名“%(name)s”含有数字或过长，请核对") % {"name": name[:20]}, reason="person.name")
    return name


def check_phone(text: str) -> str:
    """Digits only, without +86. Raises Invalid; the message never repeats the number."""
    compact = re.sub(r"[\s()（）]", "", unicodedata.normalize("NFKC", text))
    match = _PHONE.fullmatch(compact)
    if match is None:
        raise Invalid(_("联系电话应为11位手机号或带区号的座机号"), reason="person.phone")
    return match[2].replace("-", "")


def check_account(text: str) -> str:
    """A bank account as digits. Raises Invalid; the message never repeats the number."""
    compact = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if not _ACCOUNT.fullmatch(compact):
        raise Invalid(_("银行账号应为8至30位数字，请对照存折或银行卡核对"), reason="account.number")
    return compact


def check_person_fact(kind: str, value: FactValue | None) -> FactValue | None:
    """The stored form of a person's fact; None: no longer so."""
    if kind not in frozenset(PersonFactKind):
        raise ValueError(f"no such fact about a person: {kind}")
    return _checked(kind, value, str(PersonFactKind(kind).label))


def check_household_fact(kind: str, value: FactValue | None) -> FactValue | None:
    """The stored form of a household's fact; None: no longer so."""
    if kind not in frozenset(HouseholdFactKind):
        raise ValueError(f"no such fact about a household: {kind}")
    return _checked(kind, value, str(HouseholdFactKind(kind).label))


def split_set(value: str) -> list[str]:
    """The codes of a set fact."""
    return value.split(",") if value else []


def _checked(kind: str, value: FactValue | None, label: str) -> FactValue | None:
    if value is None:
        return None
    if kind in AMOUNT_KINDS:
        return _checked_amount(kind, value, label)
    if not isinstance(value, str):
        raise TypeError(f"{kind} is a code")
    if kind == HouseholdFactKind.RESIDENCE:
        if not (len(value) == 15 and value.isdigit()):
            raise Invalid(_("居住区划应为15位代码"), reason="fact.area")
        return value
    codes = sorted({code for code in value.split(",") if code}) if kind in SET_KINDS else [value]
    unknown = [code for code in codes if code not in _CODES[kind]]
    if unknown:
        message = _("%(label)s没有“%(code)s”这一项") % {"label": label, "code": unknown[0]}
        raise Invalid(message, reason="fact.code", kind=kind)
    return ",".join(codes) or None


def _checked_amount(kind: str, value: FactValue, label: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{kind} is an integer")
    low, top = _bounds(kind)
    if not low <= value <= top:
        message = _("%(label)s应在 %(low)s 与 %(top)s 之间") % {"label": label, "low": low, "top": top}
        if kind in MONEY_KINDS:
            message = _("%(label)s不能是负数") % {"label": label}
        raise Invalid(message, reason="fact.range", kind=kind)
    return value


def _bounds(kind: str) -> tuple[int, int]:
    if kind in FLAG_KINDS:
        return 0, 1
    if kind == PersonFactKind.SELF_CARE:
        return 0, SELF_CARE_MAX
    if kind == HouseholdFactKind.TIER:
        return 1, TIER_MAX
    return 0, FEN_MAX
