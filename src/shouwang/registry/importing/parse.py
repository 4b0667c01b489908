"""One row of a sheet -> one person of a household, or the reasons why not.

Guarantees: a parsed row is as the register stores it; a blank cell says nothing (what is recorded stays), a word for
"none" ends what was recorded. Refuses: words that are in no table, cells that contradict one another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from django.utils.translation import gettext as _

from shouwang.kernel.disability import DisabilityKind, cross_check, parse_certificate
from shouwang.kernel.errors import Invalid
from shouwang.kernel.spreadsheets import Row
from shouwang.kernel.spreadsheets.half_width import to_half_width
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.load_rows import AccountRow, FactRow, MemberRow
from ..rules.person import CheckedPerson, PersonDetails, check_person
from ..rules.values import check_account
from ..states import HouseholdFactKind, NoIdReason, PersonFactKind, Relation
from . import columns as words
from .villages import Villages

T = TypeVar("T")
Cells = Mapping[str, Value]

_BLANKS = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[、,;/|+和及\s]+")
_MONTHS: Final = 12


class ParsedRow(NamedTuple):
    """What a row says. `reasons` is empty or the row is refused; `member` is None when there is a reason."""

    number: int
    member: MemberRow | None
    area_code: int
    facts: tuple[FactRow, ...]
    """About the household: what any of its rows says of it."""
    reasons: tuple[str, ...]


class RowReader:
    """Reads the rows of one file: they hold from `since` on, in the villages of one township."""

    def __init__(self, *, villages: Villages, since: date, today: date, keys: Collection[str]) -> None:
        """`keys` are the columns that the file has."""
        self._villages = villages
        self._since = since
        self._today = today
        self._income_columns = {
            key: present
            for key in (*words.INCOMES, "income")
            if (present := [(name, factor) for name, factor in ((key, _MONTHS), (f"{key}_year", 1)) if name in keys])
        }

    def read(self, row: Row, *, village: str | None, head_name: str) -> ParsedRow:
        """`village` and `head_name` are as the group's rows above say where this row's cells are blank."""
        cells = row.cells
        reasons = [problem.message for problem in row.problems]
        read: _Reasons = _Reasons(reasons)
        relation = read("relation", lambda: self._relation(cells, head_name)) or Relation.OTHER
        area_code = read("village", lambda: self._area(village)) or 0
        person = None if row.problems else read("", lambda: self._person(cells))
        facts = self._facts(cells, read, person)
        accounts = read("account", lambda: self._accounts(cells)) or ()
        urban = read("urban", lambda: _word(cells, "urban", words.URBAN))
        about_household = () if urban is None else (FactRow(HouseholdFactKind.URBAN, urban, self._since),)
        member = None if reasons or person is None else MemberRow(relation, person, facts, accounts)
        return ParsedRow(row.number, member, area_code, about_household, tuple(reasons))

    def _relation(self, cells: Cells, head_name: str) -> str:
        said = _word(cells, "relation", words.RELATIONS)
        name = cells.get("name")
        if said == Relation.HEAD and head_name and head_name != name:
            message = _("本行写明是户主，但户主姓名栏是“%(name)s”，请核对") % {"name": head_name}
            raise Invalid(message, reason="import.head_differs")
        is_head = name == head_name or (cells.get("head_id") and cells.get("head_id") == cells.get("id_number"))
        if said is None and is_head:
            return Relation.HEAD
        if said is None:
            raise Invalid(_("不能为空"), reason="import.relation_missing")
        return said

    def _area(self, village: str | None) -> int:
        if village:
            return self._villages.find(village)
        if self._villages.only is None:
            raise Invalid(_("不能为空"), reason="import.village_missing")
        return self._villages.only

    def _person(self, cells: Cells) -> CheckedPerson:
        birth_on = cells.get("birth_on")
        details = PersonDetails(
            name=_text(cells, "name"),
            id_number=_text(cells, "id_number"),
            no_id_reason=_word(cells, "no_id_reason", words.NO_ID_REASONS) or "",
            sex=_word(cells, "sex", words.SEXES) or "",
            birth_on=birth_on if isinstance(birth_on, date) else None,
            phone=_text(cells, "phone"),
            disability_certificate="" if _is_none(cells, "certificate") else _text(cells, "certificate"),
        )
        if details.no_id_reason == NoIdReason.UNKNOWN_IDENTITY and not details.id_number and birth_on is None:
            message = _("身份不明又没有出生日期的人无法与底册比对，请在人员页面单独登记")
            raise Invalid(message, reason="import.unknown_person")
        return check_person(details, today=self._today)

    def _facts(self, cells: Cells, read: _Reasons, person: CheckedPerson | None) -> tuple[FactRow, ...]:
        facts = list(read("income", lambda: self._incomes(cells)) or ()) if self._income_columns else []
        since = self._since
        if cells.get("disability_kind") or cells.get("disability_level"):
            said = read("disability_kind", lambda: self._disability(cells, person))
            if said is not None:
                facts.append(FactRow(PersonFactKind.DISABILITY, said or None, since))
        if cells.get("health"):
            ill = read("health", lambda: _health(_text(cells, "health")))
            if ill is not None:
                facts.append(FactRow(PersonFactKind.SERIOUS_ILLNESS, ill or None, since))
        if cells.get("category"):
            codes = read("category", lambda: _categories(_text(cells, "category")))
            if codes:
                facts.append(FactRow(PersonFactKind.CATEGORY, codes, since))
        return tuple(facts)

    def _incomes(self, cells: Cells) -> list[FactRow]:
        yearly: dict[str, int] = {}
        for key, columns in self._income_columns.items():
            said = [fen * factor for name, factor in columns if (fen := _fen(cells, name)) is not None]
            if len(said) == 2 and said[0] != said[1]:
                raise Invalid(_("月收入乘以12与年收入不一致，请核对"), reason="import.income_differs")
            if said:
                yearly[key] = said[0]
        total = yearly.pop("income", None)
        if total is not None and yearly and sum(yearly.values()) != total:
            raise Invalid(_("各项收入之和与总收入不一致，请核对"), reason="import.income_differs")
        if total is not None and not yearly:
            rest = [FactRow(kind, None, self._since) for key, kind in words.INCOMES.items() if key != "wage"]
            return [FactRow(PersonFactKind.INCOME_WAGE, _monthly(total), self._since), *rest]
        return [FactRow(words.INCOMES[key], _monthly(fen), self._since) for key, fen in yearly.items()]

    def _disability(self, cells: Cells, person: CheckedPerson | None) -> str | None:
        """Kind and level, "" for none; None when a certificate says it already."""
        filled = [key for key in ("disability_kind", "disability_level") if cells.get(key)]
        if all(_is_none(cells, key) for key in filled):
            return ""
        kind = _word(cells, "disability_kind", words.DISABILITY_KINDS)
        level = _word(cells, "disability_level", words.DISABILITY_LEVELS)
        if person is not None and person.disability_certificate:
            certificate = parse_certificate(person.disability_certificate, today=self._today)
            for difference in cross_check(certificate, kind=DisabilityKind(kind) if kind else None, level=level):
                raise difference
            return None
        if kind is None or level is None:
            raise Invalid(_("残疾类别和残疾等级要一起填写"), reason="import.disability_half")
        return f"{kind}{level}"

    def _accounts(self, cells: Cells) -> tuple[AccountRow, ...]:
        number, bank, name = _text(cells, "account"), _text(cells, "bank"), _text(cells, "name")
        if not number or _is_none(cells, "account"):
            return ()
        if not bank:
            raise Invalid(_("填了账号就要填写开户行"), reason="account.bank_missing")
        holder = _text(cells, "holder") or name
        if holder != name:
            message = _("开户人“%(holder)s”不是本人，请在人员页面凭代领协议登记") % {"holder": holder}
            raise Invalid(message, reason="account.agreement_missing")
        return (AccountRow(check_account(number), bank[:64], holder, self._since),)


class _Reasons:
    """Runs a reader and keeps its refusal, under the column's name."""

    def __init__(self, reasons: list[str]) -> None:
        self._reasons = reasons

    def __call__(self, key: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Invalid as refusal:
            self._reasons.append(f"{words.LABELS[key]}：{refusal.message}" if key else refusal.message)
            return None


def squeezed(text: str) -> str:
    """As words are compared: half width, no blanks."""
    return _BLANKS.sub("", to_half_width(text))


def _text(cells: Cells, key: str) -> str:
    value = cells.get(key)
    return value if isinstance(value, str) else ""


def _fen(cells: Cells, key: str) -> int | None:
    value = cells.get(key)
    return value if isinstance(value, int) else None


def _is_none(cells: Cells, key: str) -> bool:
    text = _text(cells, key)
    return bool(text) and squeezed(text) in words.NONE_WORDS


def _word(cells: Cells, key: str, table: Mapping[str, T]) -> T | None:
    """The value of the cell's word; None for a blank cell. Raises Invalid, naming some of the words that are known."""
    value = cells.get(key)
    if not isinstance(value, str):
        return None
    found = table.get(value)
    if found is None:
        found = table.get(squeezed(value))
    if found is None:
        known = "、".join(_first_words(tuple(table.items())))
        message = _("“%(text)s”不认识，可以填：%(known)s") % {"text": value[:20], "known": known}
        raise Invalid(message, reason="import.word")
    return found


@lru_cache(maxsize=16)
def _first_words(entries: tuple[tuple[str, object], ...]) -> list[str]:
    first: dict[object, str] = {}
    for word, value in entries:
        first.setdefault(value, word)
    return list(first.values())


@lru_cache(maxsize=256)
def _health(text: str) -> int:
    parts = _parts(text)
    if any(part in words.SERIOUSLY_ILL for part in parts):
        return 1
    unknown = [part for part in parts if part not in words.NOT_SERIOUSLY_ILL]
    if unknown:
        message = _("“%(text)s”不认识，重病请填“重病”，否则填“健康”“慢性病”等") % {"text": unknown[0][:20]}
        raise Invalid(message, reason="import.word")
    return 0


@lru_cache(maxsize=1024)
def _categories(text: str) -> str:
    """The codes, sorted and joined; words that another record says are read over."""
    codes = set()
    for part in _parts(text):
        if part in words.CATEGORIES:
            codes.add(words.CATEGORIES[part])
        elif part not in words.OTHER_CATEGORIES:
            known = "、".join(_first_words(tuple(words.CATEGORIES.items())))
            message = _("“%(text)s”不认识，可以填：%(known)s") % {"text": part[:20], "known": known}
            raise Invalid(message, reason="import.word")
    return ",".join(sorted(codes))


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(to_half_width(text)) if part]


def _monthly(yearly_fen: int) -> int:
    """A twelfth, half a fen up: the one rounding of an import."""
    return (yearly_fen + _MONTHS // 2) // _MONTHS


def labels_of(keys: Iterable[str]) -> str:
    return "、".join(words.LABELS[key] for key in keys)
