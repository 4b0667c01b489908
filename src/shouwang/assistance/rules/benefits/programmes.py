"""Every programme that has rules, by key.

A rule's module is imported when it is first asked for: compiling needs Ibis, which takes most of a second to import, and
most commands never compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module

from .clauses import Rule

_WHERE: Mapping[str, tuple[str, str]] = {
    "dibao": ("dibao", "RULE"),
    "tekun": ("tekun", "RULE"),
    "price_subsidy": ("price_subsidy", "RULE"),
    "disability_living": ("disability", "LIVING_RULE"),
    "disability_nursing": ("disability", "NURSING_RULE"),
    "orphan": ("children", "ORPHAN_RULE"),
    "unattended_child": ("children", "UNATTENDED_RULE"),
    "old_age": ("old_age", "RULE"),
    "one_off": ("one_off", "RULE"),
}
"""By programme: the module of this package and the name in it."""


@lru_cache(maxsize=len(_WHERE))
def rule_of(programme: str) -> Rule:
    """Raises KeyError for a programme without rules."""
    module, name = _WHERE[programme]
    rule: Rule = getattr(import_module(f".{module}", __package__), name)
    assert rule.programme == programme
    return rule


def all_rules() -> dict[str, Rule]:
    """Every programme's rule, in the order of a page."""
    return {programme: rule_of(programme) for programme in _WHERE}
