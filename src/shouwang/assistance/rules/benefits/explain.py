"""Why an amount is what it is: the chain of its steps, re-derived from what the line keeps.

Guarantees that the steps add up to the amount to the fen, or raises `ChainBroken`: an explanation that does not add up is
never shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwang.kernel import money

from .catalogue import percent
from .changing import changes
from .clauses import Clause, Kind, Record, Rule, Shown
from .exclusions import excluded_because
from .parameters import ParameterRow, StandardsRow, Status
from .programmes import rule_of
from .reasons import GROUP_WORDS, WORDS, reasons_of


class ChainBroken(Exception):
    """A line's record and the parameters of its run do not give its amount."""


@dataclass(frozen=True, slots=True)
class Step:
    """One named step in words. `value` is fen, hundredths of a percent or a count; `sources` are the parameters behind."""

    name: str
    label: str
    kind: Kind
    value: int
    shown: str
    words: str
    article: str
    sources: Sequence[ParameterRow]

    @property
    def documents(self) -> list[ParameterRow]:
        """Of the parameters behind it one for each area and document: two of one notice are told once."""
        return list({(row.area_code, row.source, row.status): row for row in self.sources}.values())

    @property
    def is_placeholder(self) -> bool:
        return any(row.status is Status.PLACEHOLDER for row in self.sources)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`formula` is the chain in one line; `why` the reasons; `changes` what would change the amount."""

    programme: str
    version: str
    number: str
    amount_fen: int
    ordinary_fen: int
    steps: Sequence[Step]
    formula: str
    why: Sequence[str]
    changes: Sequence[str]


def amounts_from(programme: str, version: str, record: Record, standards: StandardsRow) -> tuple[int, int]:
    """What is paid and what would be without measures, from the facts of a line and the parameters of its unit."""
    rule = rule_of(programme)
    return _amounts(rule.clauses, rule.derive(record, standards, version))


def _amounts(clauses: Sequence[Clause], steps: Mapping[str, int]) -> tuple[int, int]:
    parts = [
        (clause.is_emergency, steps[clause.name] * _SIGN[clause.kind]) for clause in clauses if clause.kind in _SIGN
    ]
    return sum(fen for _is, fen in parts), sum(fen for is_emergency, fen in parts if not is_emergency)


def explain(programme: str, version: str, record: Record, standards: StandardsRow) -> Explanation:
    """Raises ChainBroken when the record does not give its own amounts."""
    rule = rule_of(programme)
    steps = rule.derive(record, standards, version)
    if _amounts(rule.clauses, steps) != (record["amount_fen"], record["ordinary_fen"]):
        raise ChainBroken(f"{programme} {version}: {dict(record)}")
    shown = [_step(clause, steps, standards, version) for clause in rule.clauses]
    text = next(text for text in rule.texts if text.version == version)
    return Explanation(
        programme,
        version,
        text.number,
        record["amount_fen"],
        record["ordinary_fen"],
        [step for step in shown if step.value or step.kind in (Kind.FACT, Kind.PARAMETER)],
        _formula(shown, record["amount_fen"]),
        [
            *(str(WORDS[reason]) for reason in reasons_of(record["reasons"])),
            *excluded_because(programme, record.get("excluded_by", 0)),
            *_as_whom(rule, record),
        ],
        changes(record, steps, standards, reasons_of(record["reasons"])),
    )


def _as_whom(rule: Rule, record: Record) -> list[str]:
    """The group that a line was paid for, where the rule has groups and pays."""
    if not rule.groups or not record["amount_fen"]:
        return []
    return [_("按%(group)s发放") % {"group": GROUP_WORDS[rule.groups[record["group_number"]]]}]


_SIGN: Mapping[Kind, int] = {Kind.ADD: 1, Kind.SUBTRACT: -1}


def _step(clause: Clause, steps: Mapping[str, int], standards: StandardsRow, version: str) -> Step:
    value = steps[clause.name]
    return Step(
        clause.name,
        str(clause.label),
        clause.kind,
        value,
        _shown(value, clause.shown),
        _words(clause, steps),
        clause.article(version),
        [standards.rows[key] for key in clause.keys if key in standards.rows],
    )


def _words(clause: Clause, steps: Mapping[str, int]) -> str:
    if not clause.words:
        return f"{clause.label} {_shown(steps[clause.name], clause.shown)}"
    return str(clause.words) % {name: _in_words(name, value) for name, value in steps.items()}


def _in_words(name: str, value: int) -> str:
    if name in ("rise", "percent") or name.startswith("index_"):
        return percent(value)
    if name in ("persons", "failed_tests", "age", "level", "concentrated") or name.endswith("_count"):
        return str(value)
    return money.yuan(value).removesuffix(".00")


def _shown(value: int, shown: Shown) -> str:
    if shown is Shown.FEN:
        return _("%(yuan)s 元") % {"yuan": money.yuan(value).removesuffix(".00")}
    return f"{percent(value)}%" if shown is Shown.PERCENT else str(value)


def _formula(steps: Sequence[Step], amount_fen: int) -> str:
    parts = [step for step in steps if step.kind in _SIGN and step.value]
    amount = _("%(yuan)s 元") % {"yuan": money.yuan(amount_fen).removesuffix(".00")}
    if not parts:
        return amount
    if len(parts) == 1 and parts[0].words.endswith(amount):
        return parts[0].words
    words = [f"{'− ' if step.kind is Kind.SUBTRACT else '+ '}{step.words}" for step in parts]
    return f"{' '.join(words).removeprefix('+ ')} = {amount}"
