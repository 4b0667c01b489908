"""特困人员救助供养: the basic standard, and care by self-care score and mode.

Law: 国发〔2016〕14号; 民发〔2016〕178号; 民发〔2021〕43号第二十一条至第二十三条. Of the six tests (eat, dress, get up,
toilet, walk indoors, bathe) none failed is self-care, one to three half care, four and more full care.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext_lazy as _

from .arithmetic import Expression, round_yuan, share, whole
from .clauses import LINE, Clause, Kind, Record, Rule, Shown, Text
from .inputs import Tables
from .keeping import KEPT as KEPT_OF_KEEPING
from .keeping import bit, derive_keeping, keep, reasons_of_keeping, with_measures
from .parameters import StandardsRow
from .reasons import Reason
from .rounding import round_yuan as round_yuan_of
from .rounding import share as share_of

TEXTS = (
    Text("2016", date(2016, 10, 10), "民发〔2016〕178号", "特困人员认定办法"),
    Text("2021", date(2021, 7, 1), "民发〔2021〕43号", "特困人员认定办法"),
)

MODES = ("dispersed", "concentrated")
TIERS = ("self", "half", "full")
_CARE = tuple(f"tekun.care.{mode}.{tier}" for mode in MODES for tier in TIERS)

USES = (
    "dibao.standard.urban",
    "dibao.standard.rural",
    "tekun.basic.urban",
    "tekun.basic.rural",
    "tekun.basic.urban.amount",
    "tekun.basic.rural.amount",
    "tekun.rounding",
    "tekun.care.base",
    "tekun.care.half.failed_from",
    "tekun.care.full.failed_from",
    *_CARE,
    *(f"{key}.percent" for key in _CARE),
    "minimum_wage",
)
KEPT = ("is_urban", "persons", "failed_tests", "is_concentrated", "basic_fen", "care_fen", *KEPT_OF_KEEPING)

UNKNOWN = -1
"""The failed tests of somebody not assessed, and the mode of somebody for whom none is registered: no care money."""


def build(t: Tables, version: str) -> ir.Table:
    """One line a grant of tekun in `grants`; such a grant is a person's."""
    del version  # the texts differ in who is a tekun person, not in what one is paid
    lines = with_measures(_persons(t), t)
    lines = lines.mutate(basic_fen=_basic(lines))
    lines = lines.mutate(care_fen=_care(lines))
    lines = lines.mutate(
        computed_fen=(lines.persons > 0).ifelse(lines.basic_fen + lines.care_fen, whole(0)),
    )
    lines = keep(lines, None)
    lines = lines.mutate(reasons=_reasons(lines))
    return lines.select(*LINE, *(column for column in KEPT if column not in LINE))


def _persons(t: Tables) -> ir.Table:
    grants = t.grants.filter(t.grants.programme == "tekun").join(t.standards_of(USES), "unit_code")
    persons = t.persons.select("person_id", "is_living", "self_care_failed", "care_mode")
    persons = persons.rename(subject_id="person_id")
    joined = grants.left_join(persons, grants.person_id == persons.subject_id)
    return joined.mutate(
        persons=ibis.coalesce(joined.is_living, False).ifelse(whole(1), whole(0)),
        failed_tests=ibis.coalesce(joined.self_care_failed.cast("int64"), whole(UNKNOWN)),
        is_concentrated=ibis.cases(
            (joined.care_mode == "concentrated", whole(1)), (joined.care_mode == "dispersed", whole(0)), else_=whole(-1)
        ),
    )


def _basic(lines: ir.Table) -> Expression:
    """国发〔2016〕14号: not below 1.3 times the standard of dibao; a published amount goes before the percentage."""
    standard = lines.is_urban.ifelse(lines.dibao_standard_urban, lines.dibao_standard_rural)
    percent = lines.is_urban.ifelse(lines.tekun_basic_urban, lines.tekun_basic_rural)
    amount = lines.is_urban.ifelse(lines.tekun_basic_urban_amount, lines.tekun_basic_rural_amount)
    by_percent = round_yuan(share(standard, percent), lines.tekun_rounding)
    return (amount > 0).ifelse(amount, by_percent)


def _care(lines: ir.Table) -> Expression:
    is_of_wage = lines.tekun_care_base == "minimum_wage"
    branches = []
    for mode in MODES:
        is_mode = lines.is_concentrated == MODES.index(mode)
        for tier, is_tier in _tiers(lines):
            column = f"tekun_care_{mode}_{tier}"
            of_wage = share(lines.minimum_wage, lines[f"{column}_percent"])
            branches.append((is_mode & is_tier, is_of_wage.ifelse(of_wage, lines[column])))
    return ibis.cases(*branches, else_=whole(0))


def _tiers(lines: ir.Table) -> list[tuple[str, Expression]]:
    failed = lines.failed_tests
    is_full = failed >= lines.tekun_care_full_failed_from
    is_half = (failed >= lines.tekun_care_half_failed_from) & ~is_full
    return [("self", (failed >= 0) & ~is_half & ~is_full), ("half", is_half), ("full", is_full)]


def _reasons(lines: ir.Table) -> Expression:
    return (
        bit(lines.persons == 0, Reason.NOBODY_LIVING)
        + bit((lines.persons > 0) & (lines.failed_tests < 0), Reason.NOT_ASSESSED)
        + bit((lines.persons > 0) & (lines.is_concentrated < 0), Reason.NO_CARE_MODE)
        + reasons_of_keeping(lines)
    )


def care_tier(failed_tests: int, half_from: int = 1, full_from: int = 4) -> str:
    """民发〔2021〕43号第二十一条、第二十二条: self, half or full. Raises ValueError outside 0 to 6."""
    if not 0 <= failed_tests <= 6:
        raise ValueError("six tests")
    if failed_tests >= full_from:
        return "full"
    return "half" if failed_tests >= half_from else "self"


def derive(record: Record, standards: StandardsRow, version: str) -> dict[str, int]:
    """Every clause from the facts of a line and the parameters of its unit."""
    del version
    town = "urban" if record["is_urban"] else "rural"
    steps = {"standard": standards.number(f"dibao.standard.{town}"), "percent": standards.number(f"tekun.basic.{town}")}
    steps["persons"], steps["failed_tests"] = record["persons"], record["failed_tests"]
    basic = standards.number(f"tekun.basic.{town}.amount") or round_yuan_of(
        share_of(steps["standard"], steps["percent"]), standards.text("tekun.rounding")
    )
    steps["basic"] = basic if record["persons"] else 0
    steps["care"] = _care_of(record, standards) if record["persons"] else 0
    ordinary, amount = derive_keeping(record, steps["basic"] + steps["care"], 0)
    steps["kept"] = amount - ordinary
    return steps


def _care_of(record: Record, standards: StandardsRow) -> int:
    if record["failed_tests"] < 0 or record["is_concentrated"] < 0:
        return 0
    half, full = (standards.number(f"tekun.care.{tier}.failed_from") for tier in ("half", "full"))
    key = f"tekun.care.{MODES[record['is_concentrated']]}.{care_tier(record['failed_tests'], half, full)}"
    if standards.text("tekun.care.base") == "minimum_wage":
        return share_of(standards.number("minimum_wage"), standards.number(f"{key}.percent"))
    return standards.number(key)


CLAUSES = (
    Clause(
        "standard",
        _("低保标准"),
        Kind.PARAMETER,
        {"": "社会救助暂行办法第十条"},
        keys=("dibao.standard.urban", "dibao.standard.rural"),
    ),
    Clause(
        "percent",
        _("基本生活标准比例"),
        Kind.PARAMETER,
        {"": "国发〔2016〕14号"},
        Shown.PERCENT,
        keys=("tekun.basic.urban", "tekun.basic.rural"),
    ),
    Clause(
        "failed_tests",
        _("不能自理的项数"),
        Kind.FACT,
        {"2021": "第二十一条、第二十二条"},
        Shown.COUNT,
        keys=("tekun.care.half.failed_from", "tekun.care.full.failed_from"),
    ),
    Clause("basic", _("基本生活标准"), Kind.ADD, {"": "国发〔2016〕14号"}, words=_("基本生活标准 %(basic)s 元")),
    Clause(
        "care",
        _("照料护理标准"),
        Kind.ADD,
        {"": "国发〔2016〕14号"},
        words=_("照料护理标准 %(care)s 元"),
        keys=("tekun.care.base", *_CARE),
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

RULE = Rule("tekun", TEXTS, USES, KEPT, build, CLAUSES, derive)
