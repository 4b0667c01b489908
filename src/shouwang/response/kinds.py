"""Kinds of measures 措施种类: what a module can be told, with typed parameters, in words, and how several combine.

Each app declares the kinds it obeys in its `measures.py`; `register_kind` is called in AppConfig.ready(). A parameter
that the kind does not know, or a value out of its range, is refused here and so never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.scope import Span

from .states import WorkField

Combine = Literal["strictest", "nearest", "union"]
Values = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Parameter:
    """An integer with a range. `is_money`: fen, typed and shown as yuan. `stricter` is what strictest combines by.

    `words` names the values that mean something else than a number: all of them, where the parameter is a choice.
    """

    key: str
    label: str | Promise
    unit: str | Promise
    minimum: int
    maximum: int
    stricter: Literal["lower", "higher"] = "lower"
    is_money: bool = False
    words: Mapping[int, str | Promise] = field(default_factory=dict)
    usual: int | None = None
    """What a form begins with, where most orders say the same."""

    @property
    def is_choice(self) -> bool:
        """Whether every value that it may have has a word of its own."""
        return len(self.words) == self.maximum - self.minimum + 1

    def told(self, value: int) -> str:
        """A value in words: its own word, or the number with its unit."""
        return str(self.words[value]) if value in self.words else f"{value} {self.unit}".rstrip()

    def strictest(self, values: Sequence[int]) -> int:
        return min(values) if self.stricter == "lower" else max(values)


@dataclass(frozen=True, slots=True)
class Target:
    """For whom and when a measure is to hold: what a rehearsal asks about. `from_at` until before `until_at`."""

    area_code: int
    spans: tuple[Span, ...]
    org_kinds: tuple[str, ...]
    org_ids: tuple[UUID, ...]
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of a rehearsal: so many of something would be met. `url` opens onto them; `fen` is money more or less."""

    label: str | Promise
    count: int
    unit: str | Promise
    url: str = ""
    fen: int | None = None


Rehearse = Callable[["Actor", Target, "Values"], Sequence[Effect]]


def _no_effects(_actor: Actor, _target: Target, _values: Values) -> Sequence[Effect]:
    return ()


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """What several measures of a kind say together, where they hold in one place:

    - strictest: of each parameter the stricter value; a lower authority cannot loosen what a higher one ordered.
    - nearest: the measure of the smallest area; of two for the same area, the one that began last.
    - union: they hold together; such a kind has no parameters.
    """

    key: str
    label: str | Promise
    parameters: tuple[Parameter, ...]
    combine: Combine
    sentence: Callable[[Values], str]
    """The measure in plain words, from its parameters."""
    work_field: WorkField = WorkField.GENERAL
    """Under which of the ten fields the library of measures shows it."""
    org_kinds: frozenset[str] = frozenset()
    """The kinds of organisations it can be ordered for; without any it is for areas alone."""
    is_text_only: bool = False
    """No module of this version obeys it: it is issued, shown and answered for by its sites, and says so."""
    rehearse: Rehearse = _no_effects
    """What would change if it were signed."""
    postponed: Rehearse = _no_effects
    """What was put off while it held: told when it is lifted."""

    def checked(self, parameters: Mapping[str, object]) -> dict[str, int]:
        """The parameters, each known, there, an integer and in its range. Raises Invalid, in words."""
        names = {"kind": self.label}
        known = {parameter.key for parameter in self.parameters}
        for key in parameters:
            if key not in known:
                raise Invalid(
                    _("措施“%(kind)s”没有参数“%(key)s”") % (names | {"key": key}),
                    reason="measure.unknown_parameter",
                    key=key,
                )
        return {
            parameter.key: self._checked_value(parameter, parameters.get(parameter.key))
            for parameter in self.parameters
        }

    def _checked_value(self, parameter: Parameter, value: object) -> int:
        names = {"kind": self.label, "parameter": parameter.label, "unit": parameter.unit}
        if value is None:
            raise Invalid(
                _("措施“%(kind)s”要写明“%(parameter)s”") % names, reason="measure.missing_parameter", key=parameter.key
            )
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid(_("“%(parameter)s”必须是整数") % names, reason="measure.not_an_integer", key=parameter.key)
        if not parameter.minimum <= value <= parameter.maximum:
            scale = 100 if parameter.is_money else 1
            limits = {"low": f"{parameter.minimum / scale:g}", "high": f"{parameter.maximum / scale:g}"}
            raise Invalid(
                _("“%(parameter)s”应在 %(low)s 到 %(high)s %(unit)s之间") % (names | limits),
                reason="measure.out_of_range",
                key=parameter.key,
            )
        return value

    def combined(self, measures: Sequence[Values]) -> dict[str, int]:
        """What `measures`, the nearest first, say together. At least one."""
        if self.combine == "strictest":
            return {p.key: p.strictest([measure[p.key] for measure in measures]) for p in self.parameters}
        return dict(measures[0])


_kinds: dict[str, MeasureKind] = {}


def register_kind(kind: MeasureKind) -> None:
    """Declare a kind, once."""
    if kind.key in _kinds:
        raise ValueError(f"the measure kind {kind.key!r} is registered already")
    if kind.combine == "union" and kind.parameters:
        raise ValueError(f"the measure kind {kind.key!r} combines by union and so has no parameters")
    _kinds[kind.key] = kind


def get_kind(key: str) -> MeasureKind:
    """Raises NotFound for a kind that no app declares."""
    if key not in _kinds:
        raise NotFound(_("没有“%(kind)s”这种措施") % {"kind": key}, reason="measure.unknown_kind", kind=key)
    return _kinds[key]


def all_kinds() -> list[MeasureKind]:
    """In the order in which the apps declared them."""
    return list(_kinds.values())
