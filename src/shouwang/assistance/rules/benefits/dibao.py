"""最低生活保障: gap or tiers, single-person inclusion, category surcharges, rounding, minimum, gradual exit, pause.

Law: 社会救助暂行办法第九条至第十三条; 民发〔2012〕220号第二十七条、第二十八条;
民发〔2021〕57号第八条、第十三条、第二十三条、第三十三条.
The amount is standard x members - household income, never by a rounded income a head. Members are the living ones on the
first day of the benefit month; a person counts once, whatever speaks for a surcharge.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, at_least_zero, count_where, day_number, round_yuan, share, sum_fen, whole
from .clauses import LINE, Clause, Kind, Record, Rule, Shown, Text
from .inputs import Tables
from .keeping import KEPT as KEPT_OF_KEEPING
from .keeping import bit, derive_keeping, keep, reasons_of_keeping, with_measures
from .parameters import StandardsRow
from .reasons import Reason
from .rounding import round_yuan as round_yuan_of
from .rounding import share as share_of

TEXTS = (
    Text("2012", date(2012, 12, 12), "民发〔2012〕220号", "最低生活保障审核审批办法（试行）"),
    Text("2021", date(2021, 7, 1), "民发〔2021〕57号", "最低生活保障审核确认办法"),
)

CATEGORIES = ("severely_disabled", "seriously_ill", "elderly", "minor")
"""In this order one of two equal surcharges is named as the one paid."""

_CATEGORY_REASON = {
    "severely_disabled": Reason.SEVERELY_DISABLED,
    "seriously_ill": Reason.SERIOUSLY_ILL,
    "elderly": Reason.ELDERLY,
    "minor": Reason.MINOR,
}
_TIERS = (1, 2, 3, 4)

USES = (
    "dibao.standard.urban",
    "dibao.standard.rural",
    "dibao.amount.mode",
    "dibao.rounding",
    "dibao.payment.minimum",
    *(f"dibao.tier.{tier}" for tier in _TIERS),
    "dibao.deduction.work_cost",
    "dibao.deduction.rigid",
    "dibao.single_person.mode",
    "dibao.single_person.amount",
    "dibao.gradual_exit.months",
    "dibao.surcharge.basis",
    *(f"dibao.surcharge.{category}" for category in CATEGORIES),
    *(f"dibao.surcharge.{category}.percent" for category in CATEGORIES),
    "dibao.surcharge.elderly.age_from",
    "dibao.surcharge.minor.age_below",
    "dibao.surcharge.severely_disabled.level_to",
)

KEPT = (
    "is_urban",
    "is_single_person",
    "persons",
    "tier",
    "income_fen",
    "deducted_fen",
    *(f"{category}_count" for category in CATEGORIES),
    "base_fen",
    "surcharge_fen",
    *KEPT_OF_KEEPING,
)


_OF_UNIT = (
    "unit_code",
    "benefit_month",
    "is_urban",
    "standard_fen",
    "dibao_amount_mode",
    "dibao_rounding",
    "dibao_payment_minimum",
    *(f"dibao_tier_{tier}" for tier in _TIERS),
    "dibao_deduction_work_cost",
    "dibao_deduction_rigid",
    "dibao_single_person_mode",
    "dibao_single_person_amount",
    "dibao_gradual_exit_months",
)
_OF_PERSONS = (
    "elderly_born_to",
    "minor_born_after",
    "severe_level_to",
    *(f"{category}_rate" for category in CATEGORIES),
)
_FACTS = (
    "person_id",
    "household_id",
    "birth_on",
    "disability_level",
    "is_seriously_ill",
    "income_wage_fen",
    "income_business_fen",
    "income_property_fen",
    "income_transfer_fen",
    "work_cost_fen",
    "rigid_spending_fen",
)


def build(t: Tables, version: str) -> ir.Table:
    """One line a grant of dibao in `grants`."""
    grants = with_measures(_grants(t), t)
    lines = _with_members(grants.drop(*_OF_PERSONS), surcharged_persons(t, grants), version)
    lines = _incomes(lines, version)
    lines = _base(lines)
    lines = lines.mutate(surcharge_fen=(lines.base_fen > 0).ifelse(lines.surcharge_fen, whole(0)))
    lines = lines.mutate(computed_fen=lines.base_fen + lines.surcharge_fen)
    lines = keep(lines, lines.dibao_gradual_exit_months)
    lines = lines.mutate(reasons=_reasons(lines))
    return lines.select(*LINE, *(column for column in KEPT if column not in LINE))


def _grants(t: Tables) -> ir.Table:
    grants = t.grants.filter(t.grants.programme == "dibao").drop("programme")
    rates = _rates(t)
    joined = grants.join(rates, ["unit_code", "is_urban"])
    return joined.mutate(is_single_person=joined.person_id.notnull())


def _rates(t: Tables) -> ir.Table:
    """What holds in a unit, once for town and once for country."""
    standards = t.standards_of(USES)
    urban = standards.mutate(is_urban=ibis.literal(True), standard_fen=standards.dibao_standard_urban)
    rural = standards.mutate(is_urban=ibis.literal(False), standard_fen=standards.dibao_standard_rural)
    rates = ibis.union(urban, rural)
    is_percent = rates.dibao_surcharge_basis == "percent"
    rates = rates.mutate(
        **{
            f"{category}_rate": is_percent.ifelse(
                share(rates.standard_fen, rates[f"dibao_surcharge_{category}_percent"]),
                rates[f"dibao_surcharge_{category}"],
            )
            for category in CATEGORIES
        }
    )
    on = day_number(rates.benefit_month)
    rates = rates.mutate(
        elderly_born_to=on - rates.dibao_surcharge_elderly_age_from * 10_000,
        minor_born_after=on - rates.dibao_surcharge_minor_age_below * 10_000,
        severe_level_to=rates.dibao_surcharge_severely_disabled_level_to,
    )
    return rates.select(*_OF_UNIT, *_OF_PERSONS)


def surcharged_persons(t: Tables, grants: ir.Table) -> ir.Table:
    """The living persons of each grant with every category that applies to them, and the one that is paid."""
    wanted = grants.select("grant_id", "household_id", *_OF_PERSONS, subject_id="person_id")
    persons = t.persons.filter(t.persons.is_living).select(*_FACTS).join(wanted, "household_id")
    persons = persons.filter(persons.subject_id.isnull() | (persons.subject_id == persons.person_id))
    persons = persons.mutate(born=day_number(persons.birth_on))
    level = persons.disability_level
    persons = persons.mutate(
        is_elderly=persons.born <= persons.elderly_born_to,
        is_minor=persons.born > persons.minor_born_after,
        is_severely_disabled=(level > 0) & (level <= persons.severe_level_to),
    )
    persons = persons.mutate(
        surcharge_fen=ibis.greatest(
            *(persons[f"is_{category}"].ifelse(persons[f"{category}_rate"], whole(0)) for category in CATEGORIES)
        )
    )
    return persons.mutate(paid_category=_first_paid(persons))


def build_surcharges(t: Tables) -> ir.Table:
    """One row a living person of a grant: all reasons, though one is paid; `paid_category` counts CATEGORIES from 1."""
    persons = surcharged_persons(t, _grants(t))
    flags = (f"is_{category}" for category in CATEGORIES)
    return persons.select("grant_id", "person_id", *flags, "paid_category", "surcharge_fen")


def _first_paid(persons: ir.Table) -> Expression:
    """The position in CATEGORIES of the category paid for, from 1; 0 for none."""
    return ibis.cases(
        *(
            (
                persons[f"is_{category}"] & (persons[f"{category}_rate"] == persons.surcharge_fen),
                ibis.literal(position, type="int8"),
            )
            for position, category in enumerate(CATEGORIES, start=1)
        ),
        else_=ibis.literal(0, type="int8"),
    )


def _with_members(grants: ir.Table, persons: ir.Table, version: str) -> ir.Table:
    wage = at_least_zero(persons.income_wage_fen)
    deductions = {
        "net_wage_fen": sum_fen(at_least_zero(wage - persons.work_cost_fen)),
        "rigid_fen": sum_fen(persons.rigid_spending_fen),
    }
    members = persons.group_by("grant_id").aggregate(
        persons=persons.count(),
        wage_fen=sum_fen(wage),
        other_income_fen=sum_fen(
            at_least_zero(persons.income_business_fen)
            + at_least_zero(persons.income_property_fen)
            + at_least_zero(persons.income_transfer_fen)
        ),
        **({} if version == "2012" else deductions),
        surcharge_fen=sum_fen(persons.surcharge_fen),
        **{
            f"{category}_count": count_where(persons, persons.paid_category == position)
            for position, category in enumerate(CATEGORIES, start=1)
        },
        **{f"any_{category}": persons[f"is_{category}"].any() for category in CATEGORIES},
    )
    members = members.rename(members_grant="grant_id")
    lines = grants.left_join(members, grants.grant_id == members.members_grant)
    amounts = [column for column in members.columns if column != "members_grant"]
    return lines.mutate(
        **{column: ibis.coalesce(lines[column], False if column.startswith("any_") else whole(0)) for column in amounts}
    )


def _incomes(lines: ir.Table, version: str) -> ir.Table:
    """民发〔2021〕57号第十三条 takes work cost and rigid spending off; the text of 2012 does not."""
    gross = lines.mutate(income_fen=lines.wage_fen + lines.other_income_fen, deducted_fen=whole(0))
    if version == "2012":
        return gross
    is_net = gross.dibao_deduction_work_cost == "actual"
    net = gross.mutate(counted_fen=is_net.ifelse(gross.net_wage_fen, gross.wage_fen) + gross.other_income_fen)
    rigid = (net.dibao_deduction_rigid == "actual").ifelse(net.rigid_fen, whole(0))
    net = net.mutate(counted_fen=at_least_zero(net.counted_fen - rigid))
    return net.mutate(deducted_fen=net.income_fen - net.counted_fen)


def _base(lines: ir.Table) -> ir.Table:
    lines = lines.mutate(
        counted_fen=lines.income_fen - lines.deducted_fen,
        is_tiered=(lines.dibao_amount_mode == "tiers") & ~lines.is_single_person,
        single_mode=lines.is_single_person.ifelse(lines.dibao_single_person_mode, ibis.literal("")),
    )
    lines = lines.mutate(
        is_below=(lines.counted_fen < lines.standard_fen * lines.persons) | lines.single_mode.isin(["full", "fixed"]),
        per_person_fen=_per_person(lines),
        subtracted_fen=(lines.is_tiered | lines.single_mode.isin(["none", "full", "fixed"])).ifelse(
            whole(0), lines.counted_fen
        ),
    )
    full = lines.per_person_fen * lines.persons
    lines = lines.mutate(gap_fen=lines.is_below.ifelse(at_least_zero(full - lines.subtracted_fen), whole(0)))
    lines = lines.mutate(rounded_fen=round_yuan(lines.gap_fen, lines.dibao_rounding))
    topped = ibis.greatest(lines.rounded_fen, lines.dibao_payment_minimum)
    return lines.mutate(base_fen=(lines.gap_fen > 0).ifelse(topped, whole(0)))


def _per_person(lines: ir.Table) -> Expression:
    of_tier = ibis.cases(
        *((lines.tier == tier, lines[f"dibao_tier_{tier}"]) for tier in _TIERS),
        else_=whole(0),
    )
    return ibis.cases(
        (lines.single_mode == "none", whole(0)),
        (lines.single_mode == "fixed", lines.dibao_single_person_amount),
        (lines.is_tiered, of_tier),
        else_=lines.standard_fen,
    )


def _reasons(lines: ir.Table) -> Expression:
    has_base = lines.base_fen > 0
    bits = (
        bit(lines.persons == 0, Reason.NOBODY_LIVING)
        + bit((lines.persons > 0) & ~lines.is_below, Reason.INCOME_NOT_BELOW)
        + bit(lines.is_tiered & ~lines.tier.isin(_TIERS), Reason.NO_TIER)
        + bit(lines.single_mode == "none", Reason.SINGLE_PERSON_NOT_ALLOWED)
        + bit(lines.is_single_person, Reason.SINGLE_PERSON)
        + bit(has_base & (lines.rounded_fen != lines.gap_fen), Reason.ROUNDED)
        + bit(has_base & (lines.base_fen != lines.rounded_fen), Reason.MINIMUM)
        + reasons_of_keeping(lines)
    )
    for category, reason in _CATEGORY_REASON.items():
        bits = bits + bit(lines[f"any_{category}"], reason)
    return bits


def derive(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit. Raises nothing: a test compares."""
    town = "urban" if record["is_urban"] else "rural"
    standard, persons = standards.number(f"dibao.standard.{town}"), record["persons"]
    steps = {"standard": standard, "persons": persons, "income": record["income_fen"]}
    steps["deducted"] = record["deducted_fen"] if version != "2012" else 0
    counted = steps["income"] - steps["deducted"]
    single = standards.text("dibao.single_person.mode") if record["is_single_person"] else ""
    is_tiered = not single and standards.text("dibao.amount.mode") == "tiers"
    each = standard
    if single in ("none", "fixed"):
        each = standards.number("dibao.single_person.amount") if single == "fixed" else 0
    elif is_tiered:
        each = standards.number(f"dibao.tier.{record['tier']}") if record["tier"] in _TIERS else 0
    is_below = counted < standard * persons or single in ("full", "fixed")
    steps["each"], steps["full"] = each, each * persons if is_below else 0
    is_gap = not is_tiered and single not in ("none", "full", "fixed")
    steps["subtracted"] = min(counted, steps["full"]) if is_gap and is_below else 0
    gap = steps["full"] - steps["subtracted"]
    rounded = round_yuan_of(gap, standards.text("dibao.rounding"))
    base = max(rounded, standards.number("dibao.payment.minimum")) if gap else 0
    steps["rounded"], steps["topped"] = (rounded - gap, base - rounded) if gap else (0, 0)
    for category, rate in _rates_of(standards, standard):
        steps[f"{category}_count"], steps[f"{category}_rate"] = record[f"{category}_count"], rate
    surcharge = sum(steps[f"{category}_count"] * steps[f"{category}_rate"] for category in CATEGORIES)
    steps["surcharge"] = surcharge if base else 0
    computed = base + steps["surcharge"]
    ordinary, amount = derive_keeping(record, computed, standards.number("dibao.gradual_exit.months"))
    steps["graced"], steps["kept"] = ordinary - computed, amount - ordinary
    return steps


def _rates_of(standards: StandardsRow, standard: int) -> Iterator[tuple[str, int]]:
    is_percent = standards.text("dibao.surcharge.basis") == "percent"
    for category in CATEGORIES:
        if is_percent:
            yield category, share_of(standard, standards.number(f"dibao.surcharge.{category}.percent"))
        else:
            yield category, standards.number(f"dibao.surcharge.{category}")


_AMOUNT = {"2012": "第二十七条", "2021": "第二十三条"}
_SURCHARGE = {"2012": "第二十八条", "2021": "社会救助暂行办法第十二条"}

CLAUSES = (
    Clause(
        "standard",
        _("保障标准"),
        Kind.PARAMETER,
        {"": "社会救助暂行办法第十条"},
        keys=("dibao.standard.urban", "dibao.standard.rural"),
    ),
    Clause("persons", _("保障人数"), Kind.FACT, {"2012": "第五条", "2021": "第七条"}, Shown.COUNT),
    Clause("income", _("家庭月收入"), Kind.FACT, {"2012": "第十五条", "2021": "第十三条"}),
    Clause(
        "deducted",
        _("扣减就业成本和刚性支出"),
        Kind.FACT,
        {"2021": "第十三条"},
        keys=("dibao.deduction.work_cost", "dibao.deduction.rigid"),
    ),
    Clause(
        "full",
        _("按标准计算"),
        Kind.ADD,
        _AMOUNT,
        words=_("每人 %(each)s 元 × %(persons)s 人"),
        keys=("dibao.amount.mode",),
    ),
    Clause("subtracted", _("计入的家庭月收入"), Kind.SUBTRACT, _AMOUNT, words=_("月收入 %(subtracted)s 元")),
    Clause("rounded", _("取整"), Kind.ADD, {"": "地方规定"}, words=_("取整 %(rounded)s 元"), keys=("dibao.rounding",)),
    Clause(
        "topped",
        _("补到最低发放额"),
        Kind.ADD,
        {"": "地方规定"},
        words=_("补到最低发放额 %(topped)s 元"),
        keys=("dibao.payment.minimum",),
    ),
    Clause(
        "surcharge",
        _("分类施保"),
        Kind.ADD,
        _SURCHARGE,
        words=_("分类施保 %(surcharge)s 元"),
        keys=tuple(f"dibao.surcharge.{category}" for category in CATEGORIES),
    ),
    Clause(
        "graced",
        _("渐退期内继续发放"),
        Kind.ADD,
        {"": "中办国办2020年意见第十一项", "2021": "第三十三条"},
        words=_("渐退期内继续发放 %(graced)s 元"),
        keys=("dibao.gradual_exit.months",),
    ),
    Clause(
        "kept",
        _("措施期间继续发放"),
        Kind.ADD,
        {"": "应急期间的措施"},
        words=_("措施期间继续发放 %(kept)s 元"),
        is_emergency=True,
    ),
)

RULE = Rule("dibao", TEXTS, USES, KEPT, build, CLAUSES, derive)
