"""Cases that a clerk can read: YAML in Chinese, one table a programme, run through the compiled rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from shouwang.assistance.rules.benefits.catalogue import catalogue
from shouwang.assistance.rules.benefits.parameters import (
    ParameterRow,
    Parameters,
    StandardsRow,
    Status,
    shipped,
)
from shouwang.assistance.rules.benefits.programmes import rule_of
from shouwang.kernel.money import parse_yuan

from .snapshots import UNIT, Snapshot

FOLDER = Path(__file__).parent / "cases"
SHANDONG, WEIFANG = 370_000_000_000_000, 370_700_000_000_000

_LABELS = {entry.label: key for key, entry in catalogue().items()}
_PROGRAMMES = {
    "低保": "dibao",
    "特困": "tekun",
    "价格补贴": "price_subsidy",
    "残疾人生活补贴": "disability_living",
    "残疾人护理补贴": "disability_nursing",
    "孤儿": "orphan",
    "事实无人抚养儿童": "unattended_child",
    "高龄津贴": "old_age",
    "一次性补助": "one_off",
}
_HOLDS = {
    **_PROGRAMMES,
    "优抚": "veteran",
    "失业保险金": "unemployment_insurance",
    "失业补助金": "unemployment_allowance",
    "低保边缘": "borderline",
    "艾滋病病毒感染儿童": "hiv_child",
    "工伤护理费": "work_injury_care",
    "离休护理费": "retired_cadre_care",
    "养老服务补贴": "elderly_care_allowance",
}
_KINDS = {"视力": 1, "听力": 2, "言语": 3, "肢体": 4, "智力": 5, "精神": 6, "多重": 7}
_LEVELS = {"一级": 1, "二级": 2, "三级": 3, "四级": 4}
_INCOMES = {"工资": "wage", "经营": "business", "财产": "property", "转移": "transfer"}
_MODES = {"集中": "concentrated", "分散": "dispersed"}


@dataclass(frozen=True)
class Case:
    """One row of a clerk's table. `expected` as the file has it."""

    file: str
    name: str
    programme: str
    month: date
    body: Mapping[str, Any]
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"

    @property
    def version(self) -> str:
        return rule_of(self.programme).text_on(self.month).version

    @property
    def amount_fen(self) -> int:
        return parse_yuan(str(self.body["期望"]["金额"]))

    def standards(self, unit_code: int = UNIT) -> StandardsRow:
        rows = (*shipped(), *_rows(self.parameters, unit_code))
        chain = (unit_code, WEIFANG, SHANDONG)
        return Parameters(rows).standards_row(chain, self.month, keys=rule_of(self.programme).uses)

    def add_to(self, snapshot: Snapshot, unit_code: int, household_id: int) -> None:
        """The case's household, in a unit of its own."""
        snapshot.standards.append(self.standards(unit_code))
        body, measures = self.body, self.body.get("措施", {})
        place = {"household_id": household_id, "unit_code": unit_code, "is_urban": body.get("城乡", "城市") == "城市"}
        grant = {**place, "programme": self.programme, **_grant(body)}
        is_personal = False
        for position, member in enumerate(body["家庭"]):
            person_id = snapshot.add_person(household_id=household_id, is_head=position == 0, **_person(member))
            for held in member.get("已享受", []):
                received = parse_yuan(str(member.get("已享受金额", "0")))
                snapshot.add_hold(person_id=person_id, programme=_HOLDS[held], received_fen=received, **place)
            if member.get("对象"):
                is_personal = True
                snapshot.add_grant(person_id=person_id, **grant)
        if not is_personal:
            snapshot.add_grant(**grant)
        snapshot.measures.append(
            {
                "unit_code": unit_code,
                "is_exit_paused": "暂缓退出" in measures,
                "gradual_exit_months": measures.get("低保渐退"),
                "is_price_doubled": "价格补贴加倍" in measures,
            }
        )


def _grant(body: Mapping[str, Any]) -> dict[str, Any]:
    decided = body.get("原数额")
    return {
        "decided_fen": parse_yuan(str(decided)) if decided is not None else 0,
        "tier": body.get("类别", 0),
        "exit_from": _month(body["超过标准自"]) if "超过标准自" in body else None,
        "has_death": bool(body.get("有人死亡", False)),
        "has_fraud": bool(body.get("骗取救助", False)),
    }


def _person(member: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {"is_living": not member.get("已死亡", False)}
    if "出生" in member:
        columns["birth_on"] = member["出生"]
    if "残疾" in member:
        kind, level = member["残疾"][:2], member["残疾"][2:]
        columns |= {"disability_kind": _KINDS[kind], "disability_level": _LEVELS[level]}
    for word, column in _INCOMES.items():
        if word in member:
            columns[f"income_{column}_fen"] = parse_yuan(str(member[word]))
    for word, column in (("就业成本", "work_cost_fen"), ("刚性支出", "rigid_spending_fen")):
        if word in member:
            columns[column] = parse_yuan(str(member[word]))
    columns["is_seriously_ill"] = bool(member.get("重病", False))
    columns["needs_care"] = bool(member.get("需要照护", False))
    columns["self_care_failed"] = member.get("不能自理")
    columns["care_mode"] = _MODES[member["供养"]] if "供养" in member else None
    return columns


def _month(text: Any) -> date:
    year, month = str(text).split("-")[:2]
    return date(int(year), int(month), 1)


def _rows(parameters: Mapping[str, Any], unit_code: int) -> Iterator[ParameterRow]:
    """Values by the catalogue's label: one value from 2012 on, or dated ones."""
    for label, value in parameters.items():
        key = _LABELS[label]
        dated = value if isinstance(value, dict) else {date(2012, 1, 1): value}
        for day, text in dated.items():
            unit = catalogue()[key].unit.value
            words = str(text)
            if words.endswith("/年"):
                words, unit = words.removesuffix("/年"), "元/人/年"
            yield ParameterRow(key, unit_code, day, words, unit, "案例", status=Status.CONFIRMED)


def read_cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if content["项目"] not in _PROGRAMMES:
            continue
        for body in content["案例"]:
            parameters = {**content.get("参数", {}), **body.get("参数", {})}
            programme = _PROGRAMMES[content["项目"]]
            found.append(Case(path.stem, body["名称"], programme, _month(body["月份"]), body, parameters))
    return found
