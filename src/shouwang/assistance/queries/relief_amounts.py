"""What a relief case may come to: the place's parameters as of acceptance, and the amount that its formula gives.

One source: the caps and limits are the parameters `relief.*` and the urban dibao standard, nearest area first. What is
suggested is the most that the formula allows; an officer decides, and `rules.relief.check_amount` holds the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.kernel import clock, money

from ..models import Grant, ReliefCase
from ..rules.benefits import relief_amounts as formulas
from ..rules.benefits.parameters import MissingParameter, ParameterRow, StandardsRow
from ..rules.benefits.relief_amounts import Formula, Household, by_months, light, months_allowed
from ..states import Programme, ReliefKind
from .grants import amounts_as_of
from .parameters import standards_for
from .places import paying_unit_around

STANDARD, MONTHS_MAX, TOWNSHIP_LIMIT, SMALL_MOST = (
    "dibao.standard.urban", "relief.months_max", "relief.township_limit", "relief.small.most",
)  # fmt: skip
_MONTHS_ASKED = 24
"""More than any place allows: what is left of it is the cap."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """An amount that a formula gives, in words, with the parameters that it rests on. `most_fen` None: no amount, a limit."""

    label: str
    words: str
    most_fen: int
    sources: tuple[ParameterRow, ...]

    @property
    def has_placeholder(self) -> bool:
        return any(row.status == "placeholder" for row in self.sources)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`standard_fen` and `months` fill the form in; `rows` are shown with their sources."""

    standard_fen: int
    months: int
    rows: tuple[Suggested, ...]


def standards_of_case(case: ReliefCase, keys: Iterable[str]) -> StandardsRow:
    """The parameters of the unit that pays, as of acceptance. Raises MissingParameter."""
    on = case.accepted_on or clock.today()
    (row,) = standards_for([paying_unit_around(case.area_code)], on, keys=keys)
    return row


def household_kind(case: ReliefCase) -> Household:
    """Whose months a place may cap apart: who is a tekun person or an orphan, who is on dibao, all others."""
    people = list(case.persons.values_list("person_id", flat=True))
    subjects = Q(person_id__in=[*people, case.applicant_id])
    if case.household_id is not None:
        subjects |= Q(household_id=case.household_id)
    grants = dict(Grant.objects.filter(subjects).values_list("id", "programme"))
    amounts = amounts_as_of(list(grants), month=clock.today())
    held = {grants[grant_id] for grant_id, amount in amounts.items() if amount.monthly_fen}
    if held & {Programme.TEKUN, Programme.ORPHAN}:
        return Household.TEKUN
    return Household.DIBAO if Programme.DIBAO in held else Household.OTHER


def months_cap(case: ReliefCase) -> int:
    """The most months that the formula allows such a household in the place."""
    return months_allowed(_MONTHS_ASKED, household_kind(case), standards_of_case(case, [MONTHS_MAX]))


def suggestion_for(case: ReliefCase, *, limit_fen: int) -> Suggestion | None:
    """None where the place has no standard to compute by. `limit_fen`: what the township decides."""
    try:
        standards = standards_of_case(case, [STANDARD, MONTHS_MAX])
    except MissingParameter:
        return None
    persons, household = max(case.persons.count(), 1), household_kind(case)
    most = by_months(persons, _MONTHS_ASKED, household, standards)
    standard_fen = standards.number(STANDARD)
    own_cap = f"relief.months.{household.value}"
    rows = [
        Suggested(
            _("按低保标准计算"),
            _("城市低保标准 %(standard)s 元 × %(persons)s 人 × 最多 %(months)s 个月 = %(amount)s 元")
            % {
                "standard": money.yuan(standard_fen),
                "persons": persons,
                "months": most.months,
                "amount": money.yuan(most.amount_fen),
            },
            most.amount_fen,
            _sources(standards, [STANDARD, MONTHS_MAX, own_cap]),
        )
    ]
    small = light(standards)
    if case.kind == ReliefKind.URGENT and small.formula is Formula.SMALL:
        words = _("急难型情形较轻的，小额救助不超过 %(amount)s 元") % {"amount": money.yuan(small.amount_fen)}
        rows.insert(0, Suggested(_("小额救助"), words, small.amount_fen, _sources(standards, [SMALL_MOST])))
    if formulas.needs_county(most.amount_fen, most.formula, standards) or most.amount_fen > limit_fen:
        words = _("超过 %(amount)s 元的由县区审批") % {"amount": money.yuan(limit_fen)}
        rows.append(Suggested(_("乡镇审批限额"), words, limit_fen, _sources(standards, [TOWNSHIP_LIMIT])))
    return Suggestion(standard_fen, most.months, tuple(rows))


def _sources(standards: StandardsRow, keys: Sequence[str]) -> tuple[ParameterRow, ...]:
    return tuple(standards.rows[key] for key in keys if key in standards.rows)
