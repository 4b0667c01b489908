"""Every kind of measure that the apps declare, told as docs/measures.md: the page is made from the code, never by hand."""

from __future__ import annotations

from collections.abc import Iterator

from shouwang.registry.public import OrganisationKind

from .kinds import MeasureKind, Parameter, all_kinds

_HEAD = """# Measures 措施

What a bureau can order, as the code declares it. Made by `shouwang measures document`; a test holds that this page is what
it prints. An order is drafted, rehearsed and signed by a second officer; it holds from an instant until it ends or is lifted.

How several of a kind combine: *strictest* takes of each parameter the stricter value; *nearest* takes the measure of the
smallest area, the later of two; *union* has no parameters. **Text** kinds are issued, shown and answered for by sites; no
module obeys them yet. Each example sentence has the strictest values.
"""


def as_markdown() -> str:
    return "\n".join([_HEAD, *(_section(kind) for kind in sorted(all_kinds(), key=lambda kind: kind.key))])


def _section(kind: MeasureKind) -> str:
    return "\n".join([f"## `{kind.key}` {kind.label}", "", *_facts(kind), *_parameters(kind), ""])


def _facts(kind: MeasureKind) -> Iterator[str]:
    facts = [f"Field: {kind.work_field.label}", f"combines: {kind.combine}"]
    if kind.is_text_only:
        facts.append("**text**")
    if kind.org_kinds:
        facts.append("for " + "、".join(str(OrganisationKind(key).label) for key in sorted(kind.org_kinds)))
    yield "; ".join(facts) + "."
    yield ""
    yield f"> {kind.sentence({parameter.key: _example(parameter) for parameter in kind.parameters})}"


def _example(parameter: Parameter) -> int:
    return parameter.maximum if parameter.stricter == "higher" else parameter.minimum


def _parameters(kind: MeasureKind) -> Iterator[str]:
    if not kind.parameters:
        return
    yield ""
    yield "| parameter | meaning | values | stricter |"
    yield "|---|---|---|---|"
    for parameter in kind.parameters:
        values = (
            f"{parameter.minimum} to {parameter.maximum} {'fen' if parameter.is_money else parameter.unit}".rstrip()
        )
        if parameter.words:
            values += "; " + ", ".join(f"{value} = {word}" for value, word in sorted(parameter.words.items()))
        yield f"| `{parameter.key}` | {parameter.label} | {values} | {parameter.stricter} |"
