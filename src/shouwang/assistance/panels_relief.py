"""Relief on the pages of the register: what a household or a person was helped with, and a way to open a case."""

from __future__ import annotations

from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from shouwang.kernel.actor import Actor
from shouwang.registry.public import household_panel, person_panel

from .policies_relief import READS_RELIEF, may_take
from .queries.relief import cases_covering, cases_of_household
from .states import ReliefVerb
from .views.relief_words import TONES

SHOWN = 5


def of_household(actor: Actor, household_id: UUID) -> SafeString:
    if actor.role not in READS_RELIEF:
        return SafeString("")
    return _panel(cases=list(cases_of_household(actor, household_id)[:SHOWN]))


def of_person(actor: Actor, person_id: UUID) -> SafeString:
    if actor.role not in READS_RELIEF:
        return SafeString("")
    cases = list(cases_covering(actor, person_id)[:SHOWN])
    return _panel(cases=cases, person_id=person_id if may_take(actor, ReliefVerb.OPEN) else None)


def _panel(**values: object) -> SafeString:
    cases = values.pop("cases")
    assert isinstance(cases, list)
    rows = [{"case": case, "tone": TONES[case.state]} for case in cases]
    return render_to_string("assistance/relief/panel.html", {"rows": rows, **values})


def register() -> None:
    household_panel("relief", order=30)(of_household)
    person_panel("relief", order=30)(of_person)
