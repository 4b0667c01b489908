"""Would this household qualify, and why not: from the register's facts, before anybody applies."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from shouwang.areas.public import full_names
from shouwang.kernel.actor import ActorRequest

from ..engine.would_be import would_qualify
from ..queries.subjects import subject_names
from ..rules.benefits.eligibility import Band
from ..rules.benefits.parameters import NATION

BAND_WORDS = {
    Band.DIBAO: (_("低于低保标准，按收入可以申请低保"), "done"),
    Band.BORDERLINE: (_("不低于低保标准、低于 1.5 倍，按收入属于低保边缘"), "waiting"),
    Band.ABOVE: (_("达到低保标准的 1.5 倍，按收入不符合低保和低保边缘"), "stopped"),
}
ABILITY_WORDS = {
    "elderly": _("年满 60 周岁"),
    "minor": _("未满 16 周岁"),
    "disabled": _("残疾类别和等级符合"),
}


@require_GET
def would_be_page(request: ActorRequest, household_id: UUID) -> HttpResponse:
    found = would_qualify(request.actor, household_id)
    context: dict[str, object] = {"found": found, "household_id": household_id}
    if found is not None:
        people = [*found.single_ids, *(person_id for person_id, _why in found.unable_ids)]
        names = subject_names([household_id, *people])
        codes = {row.area_code for step in found.explanation.steps for row in step.sources} - {NATION}
        words, tone = BAND_WORDS[found.band]
        context |= {
            "name": names.get(household_id, ""),
            "words": words,
            "tone": tone,
            "explanation": found.explanation,
            "singles": [names.get(person_id, "") for person_id in found.single_ids],
            "unable": [(names.get(person_id, ""), ABILITY_WORDS[why]) for person_id, why in found.unable_ids],
            "source_names": {NATION: _("全国"), **full_names(list(codes))},
        }
    return render(request, "assistance/payments/would_be.html", context)
