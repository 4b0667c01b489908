"""A file of suppositions: parameters in their own form, and measures that are supposed to hold or not. Pure.

measures: {exit_paused: false, gradual_exit_months: 6, price_doubled: true}
defaults: {area: 370700000000000, from: 2020-03-01, status: placeholder, source: {number: 测算}}
parameters:
  dibao.standard.urban: {unit: 元/人/月, values: [{value: "650"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

from .benefits.parameters import ParameterRow, read_parameters

_COLUMNS: Mapping[str, tuple[str, type]] = {
    "exit_paused": ("is_exit_paused", bool),
    "gradual_exit_months": ("gradual_exit_months", int),
    "price_doubled": ("is_price_doubled", bool),
}


def read_supposed(text: str, *, where: str) -> tuple[tuple[ParameterRow, ...], dict[str, Any]]:
    """The rows, and the columns of the measures table that are supposed. Raises Invalid naming what is wrong."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(
            _("%(file)s 不是 YAML：%(error)s") % {"file": where, "error": error}, reason="supposed.yaml"
        ) from None
    if not isinstance(content, dict):
        raise Invalid(_("%(file)s 里没有参数") % {"file": where}, reason="supposed.empty")
    measures = _measures(content.pop("measures", {}) or {}, where)
    rows = read_parameters(yaml.safe_dump(content, allow_unicode=True), where=where) if "parameters" in content else ()
    return rows, measures


def _measures(stored: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = {}
    for name, value in stored.items():
        column, kind = _COLUMNS.get(name, ("", object))
        if not column or not (value is None or type(value) is kind):
            raise Invalid(
                _("%(file)s 的措施“%(name)s”写得不对") % {"file": where, "name": name}, reason="supposed.measure"
            )
        found[column] = value
    return found
