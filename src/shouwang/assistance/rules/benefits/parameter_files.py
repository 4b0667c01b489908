"""Files of parameters: YAML that a clerk can write and a diff can show, read strictly.

    defaults: {area: 370700000000000, from: 2019-07-01, source: {number: 潍民〔2019〕1号, article: 第二条}, status: confirmed}
    parameters:
      dibao.standard.urban:
        unit: 元/人/月
        values:
          - {value: "580"}
          - {value: "600", from: 2020-07-01, area: 370702000000000}

A field that stands at the value holds for it, then at its parameter, then in `defaults`. A value is text, so that no
reader makes a float of it; `value: 随上级` gives the area back to the one above.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import yaml
from django.utils.translation import gettext as _

from .catalogue import catalogue

FOLLOW = "随上级"

_FIELDS = {"value", "area", "from", "source", "status", "unit", "recorded"}
_STATUSES = ("confirmed", "placeholder")


class _StrictLoader(yaml.SafeLoader):
    """A key written twice is an error, not the last one's victory."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}”写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_entries(text: str, problems: list[str]) -> Iterator[dict[str, Any]]:
    """The fields of each row; what is wrong is added to `problems`, and its row left out."""
    try:
        stored = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader with one more check
    except yaml.YAMLError as broken:
        problems.append(_("不是有效的 YAML：%(why)s") % {"why": " ".join(str(broken).split())})
        return
    if not isinstance(stored, dict) or not isinstance(stored.get("parameters"), dict):
        problems.append(_("没有 parameters 一节"))
        return
    defaults = stored.get("defaults") or {}
    for key, entry in stored["parameters"].items():
        if key not in catalogue():
            problems.append(_("没有“%(key)s”这个参数") % {"key": key})
            continue
        if not isinstance(entry, dict) or not isinstance(entry.get("values"), list) or not entry["values"]:
            problems.append(_("“%(key)s”没有 values") % {"key": key})
            continue
        for one in entry["values"]:
            if not isinstance(one, dict):
                problems.append(_("“%(key)s”的值要写成 {value: ..., ...}") % {"key": key})
                continue
            row = _row(key, {**defaults, **{k: v for k, v in entry.items() if k != "values"}, **one}, problems)
            if row is not None:
                yield row


def _row(key: str, fields: Mapping[str, Any], problems: list[str]) -> dict[str, Any] | None:
    found = list(_problems(key, fields))
    if found:
        problems += found
        return None
    source = fields["source"]
    value = str(fields["value"]).strip()
    return {
        "key": key,
        "area_code": fields["area"],
        "valid_from": fields["from"],
        "text": None if value == FOLLOW else value,
        "unit": fields["unit"],
        "source_number": str(source["number"]),
        "source_article": str(source.get("article", "")),
        "status": fields["status"],
        "recorded_at": fields.get("recorded"),
    }


def _problems(key: str, fields: Mapping[str, Any]) -> Iterator[str]:
    words = {"key": key, "area": fields.get("area", ""), "from": fields.get("from", "")}
    where = _("“%(key)s”（%(area)s，%(from)s）") % words
    for unknown in sorted(set(fields) - _FIELDS):
        yield _("%(where)s不认识“%(field)s”一项") % {"where": where, "field": unknown}
    for name in sorted(_FIELDS - {"recorded"} - set(fields)):
        yield _("%(where)s缺少“%(field)s”") % {"where": where, "field": name}
    if isinstance(fields.get("value"), float | bool) or fields.get("value", "") is None:
        yield _("%(where)s的值要加引号") % {"where": where}
    if "area" in fields and (type(fields["area"]) is not int or not 0 <= fields["area"] < 10**15):
        yield _("%(where)s的区划代码应为 15 位数字，全国写 0") % {"where": where}
    if "from" in fields and type(fields["from"]) is not date:
        yield _("%(where)s的起始日期应写成 2020-01-01") % {"where": where}
    if "status" in fields and fields["status"] not in _STATUSES:
        yield _("%(where)s的 status 应为 confirmed 或 placeholder") % {"where": where}
    source = fields.get("source")
    if "source" in fields and (not isinstance(source, dict) or not source.get("number")):
        yield _("%(where)s的来源要写文号：{number: ..., article: ...}") % {"where": where}
    recorded = fields.get("recorded")
    if recorded is not None and (not isinstance(recorded, datetime) or recorded.tzinfo is None):
        yield _("%(where)s的 recorded 应为带时区的时刻") % {"where": where}
