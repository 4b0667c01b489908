"""价格临时补贴: standard x year-on-year rise of the index, when a trigger is reached; one person, one payment.

Law: 社会救助和保障标准与物价上涨挂钩联动机制 (2016; 发改价格〔2020〕526号; 发改价格〔2021〕1553号). Either index starts it; the
province says which rise counts, how the yuan is rounded, and what is the least. Whoever is in several groups is paid in
the one that pays best.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, at_least_zero, ratio_to_fen, share, whole
from .catalogue import BASIS_POINTS
from .clauses import LINE, Clause, Kind, Record, Rule, Shown, Text
from .inputs import Tables
from .keeping import bit, with_measures
from .parameters import StandardsRow
from .reasons import Reason
from .rounding import ratio_to_fen as ratio_to_fen_of
from .rounding import share as share_of

TEXTS = (
    Text("2016", date(2016, 8, 1), "发改价格规〔2016〕1835号", "完善社会救助和保障标准与物价上涨挂钩联动机制"),
    Text("2021", date(2021, 10, 1), "发改价格〔2021〕1553号", "进一步健全社会救助和保障标准与物价上涨挂钩联动机制"),
)

GROUPS = (
    "dibao",
    "tekun",
    "orphan",
    "unattended_child",
    "hiv_child",
    "veteran",
    "unemployment_insurance",
    "unemployment_allowance",
    "borderline",
)
"""What `holds` calls them; in this order one of two equal groups is named as the one paid."""

INDICES = ("cpi", "food", "scpi")
_DOUBLE = 2 * BASIS_POINTS

USES = (
    "dibao.standard.urban",
    "dibao.standard.rural",
    *(f"price_index.{index}" for index in INDICES),
    *(f"price_subsidy.trigger.{index}" for index in INDICES),
    "price_subsidy.index_used",
    "price_subsidy.rounding",
    "price_subsidy.minimum",
    "price_subsidy.factor",
    "price_subsidy.factor_applies",
    *(f"price_subsidy.standard.{group}" for group in GROUPS),
)
KEPT = ("is_urban", "group_number", "group_count", "is_price_doubled")


def build(t: Tables, version: str) -> ir.Table:
    """One line a person in `holds` of one of the groups; `grant_id` is null."""
    del version  # the texts differ in groups and deadlines, which are parameters
    lines = with_measures(_entitled(t), t)
    lines = _rise(lines)
    lines = lines.mutate(standard_fen=_standard(lines))
    lines = lines.mutate(**_amounts(lines))
    lines = _best_group(lines)
    lines = lines.mutate(
        grant_id=ibis.null("int64"),
        amount_fen=lines.doubled_fen,
        ordinary_fen=lines.single_fen,
        reasons=_reasons(lines),
    )
    return lines.select(*LINE, *(column for column in KEPT if column not in LINE))


def _entitled(t: Tables) -> ir.Table:
    holds = t.holds.filter(t.holds.programme.isin(GROUPS)).drop("received_fen")
    holds = holds.mutate(group_number=_position(holds.programme))
    return holds.join(t.standards_of(USES), "unit_code")


def _position(programme: Expression) -> Expression:
    return ibis.cases(
        *((programme == group, ibis.literal(number, type="int64")) for number, group in enumerate(GROUPS)),
        else_=whole(-1),
    )


def _rise(lines: ir.Table) -> ir.Table:
    """The rise that counts, in hundredths of a percent; a place without a trigger for the SCPI does not use it."""
    hits = {
        f"hit_{index}": lines[f"price_index_{index}"] >= lines[f"price_subsidy_trigger_{index}"] for index in INDICES
    }
    hits["hit_scpi"] = hits["hit_scpi"] & (lines.price_subsidy_trigger_scpi > 0)
    lines = lines.mutate(**hits)
    highest = ibis.greatest(
        *(lines[f"hit_{index}"].ifelse(lines[f"price_index_{index}"], whole(0)) for index in INDICES)
    )
    named = ibis.cases(
        *((lines.price_subsidy_index_used == index, lines[f"price_index_{index}"]) for index in INDICES),
        else_=highest,
    )
    is_triggered = lines.hit_cpi | lines.hit_food | lines.hit_scpi
    return lines.mutate(is_triggered=is_triggered, rise=at_least_zero(named))


def _standard(lines: ir.Table) -> Expression:
    """By the group's parameter: the household's own standard, the urban or the rural one; 0 outside the groups paid."""
    chosen = ibis.cases(
        *(
            (lines.group_number == number, lines[f"price_subsidy_standard_{group}"])
            for number, group in enumerate(GROUPS)
        ),
        else_=ibis.literal("none"),
    )
    own = lines.is_urban.ifelse(lines.dibao_standard_urban, lines.dibao_standard_rural)
    return ibis.cases(
        (chosen == "own", own),
        (chosen == "urban", lines.dibao_standard_urban),
        (chosen == "rural", lines.dibao_standard_rural),
        else_=whole(0),
    )


def _amounts(lines: ir.Table) -> dict[str, Expression]:
    is_paid = lines.is_triggered & (lines.standard_fen > 0)
    least, mode = lines.price_subsidy_minimum, lines.price_subsidy_rounding
    product = lines.standard_fen * lines.rise
    single = ibis.greatest(ratio_to_fen(product, BASIS_POINTS, mode), least)
    factor = ibis.greatest(
        lines.price_subsidy_factor, lines.is_price_doubled.ifelse(whole(_DOUBLE), whole(BASIS_POINTS))
    )
    multiplied_first = ibis.greatest(ratio_to_fen(product * factor, BASIS_POINTS * BASIS_POINTS, mode), least)
    is_first = lines.price_subsidy_factor_applies == "before_rounding"
    doubled = is_first.ifelse(multiplied_first, share(single, factor))
    return {
        "single_fen": is_paid.ifelse(single, whole(0)),
        "doubled_fen": is_paid.ifelse(doubled, whole(0)),
    }


def _best_group(lines: ir.Table) -> ir.Table:
    """One person, one payment: the best-paid group, the first of GROUPS among equals."""
    whose = ibis.window(group_by="person_id")
    ranked = ibis.window(
        group_by="person_id",
        order_by=[ibis.desc("doubled_fen"), "group_number", "unit_code", "household_id"],
    )
    lines = lines.mutate(place=ibis.row_number().over(ranked), group_count=lines.count().over(whose))
    return lines.filter(lines.place == 0)


def _reasons(lines: ir.Table) -> Expression:
    return (
        bit(~lines.is_triggered, Reason.NOT_TRIGGERED)
        + bit(lines.is_triggered & (lines.standard_fen == 0), Reason.NOT_IN_GROUP)
        + bit(lines.group_count > 1, Reason.OTHER_GROUP_BETTER)
        + bit(lines.doubled_fen > lines.single_fen, Reason.DOUBLED)
        + bit((lines.single_fen > 0) & (lines.single_fen == lines.price_subsidy_minimum), Reason.MINIMUM)
    )


def derive(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    rises = {index: standards.number(f"price_index.{index}") for index in INDICES}
    triggers = {index: standards.number(f"price_subsidy.trigger.{index}") for index in INDICES}
    hits = [index for index in INDICES if rises[index] >= triggers[index] and (index != "scpi" or triggers[index])]
    used = standards.text("price_subsidy.index_used")
    rise = max([rises[index] for index in hits], default=0) if used == "triggered" else rises[used]
    chosen = standards.text(f"price_subsidy.standard.{GROUPS[record['group_number']]}")
    if chosen == "own":
        chosen = "urban" if record["is_urban"] else "rural"
    standard = 0 if chosen == "none" else standards.number(f"dibao.standard.{chosen}")
    steps = {"standard": standard, "rise": max(rise, 0), "single": 0, "multiplied": 0}
    steps |= {f"index_{index}": rises[index] for index in INDICES}
    if hits and standard:
        steps["single"], doubled = _subsidies(standard * steps["rise"], record, standards)
        steps["multiplied"] = doubled - steps["single"]
    return steps


def _subsidies(product: int, record: Record, standards: StandardsRow) -> tuple[int, int]:
    mode, least = standards.text("price_subsidy.rounding"), standards.number("price_subsidy.minimum")
    single = max(ratio_to_fen_of(product, BASIS_POINTS, mode), least)
    factor = max(standards.number("price_subsidy.factor"), _DOUBLE if record["is_price_doubled"] else BASIS_POINTS)
    if standards.text("price_subsidy.factor_applies") == "after_rounding":
        return single, share_of(single, factor)
    return single, max(ratio_to_fen_of(product * factor, BASIS_POINTS * BASIS_POINTS, mode), least)


_MECHANISM = {"2016": "联动机制", "2021": "联动机制"}

CLAUSES = (
    Clause(
        "standard",
        _("低保标准"),
        Kind.PARAMETER,
        {"": "社会救助暂行办法第十条"},
        keys=("dibao.standard.urban", "dibao.standard.rural"),
    ),
    Clause(
        "index_cpi",
        _("居民消费价格同比"),
        Kind.PARAMETER,
        _MECHANISM,
        Shown.PERCENT,
        keys=("price_index.cpi", "price_subsidy.trigger.cpi"),
    ),
    Clause(
        "index_food",
        _("食品价格同比"),
        Kind.PARAMETER,
        _MECHANISM,
        Shown.PERCENT,
        keys=("price_index.food", "price_subsidy.trigger.food"),
    ),
    Clause("rise", _("计算用的涨幅"), Kind.PARAMETER, _MECHANISM, Shown.PERCENT, keys=("price_subsidy.index_used",)),
    Clause(
        "single",
        _("价格临时补贴"),
        Kind.ADD,
        _MECHANISM,
        words=_("低保标准 %(standard)s 元 × 涨幅 %(rise)s%% 得 %(single)s 元"),
        keys=("price_subsidy.rounding", "price_subsidy.minimum"),
    ),
    Clause(
        "multiplied",
        _("提高标准"),
        Kind.ADD,
        {"2016": "发改价格〔2020〕526号"},
        words=_("提高标准 %(multiplied)s 元"),
        keys=("price_subsidy.factor", "price_subsidy.factor_applies"),
        is_emergency=True,
    ),
)

RULE = Rule("price_subsidy", TEXTS, USES, KEPT, build, CLAUSES, derive, GROUPS)
