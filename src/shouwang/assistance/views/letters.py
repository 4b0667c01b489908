"""The decision's letter of a monthly amount, on a page and on paper; the summary of a run on paper."""

from __future__ import annotations

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwang.areas.public import area_names, full_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.documents import paper_response

from ..papers.monthly import amount_letter, run_summary
from ..queries.overpayments import set_off_fen_of
from ..queries.run_pages import cause_sums, look_counts, unit_sums
from ..queries.run_records import get_line_for
from ..queries.runs import get_run_for
from ..queries.subjects import subject_names
from .runs import CAUSE_WORDS, HELD_WORDS, LOOK_WORDS


@require_GET
def run_line_letter(request: ActorRequest, line_id: UUID) -> HttpResponseBase:
    found = get_line_for(request.actor, line_id)
    line = found.line
    name = subject_names([line.subject_id]).get(line.subject_id, "—")
    paper = amount_letter(
        found,
        name=name,
        place=full_names([line.area_code])[line.area_code],
        held=_(str(HELD_WORDS[line.held])) if line.held else "",
        set_off_fen=set_off_fen_of(line.payable_id),
    )
    if file_format := request.GET.get("format"):
        return paper_response(paper, file_format, name=f"{paper.title}_{paper.number}_{name}")
    return render(request, "assistance/payments/amount_letter.html", {"line": line, "paper": paper, "name": name})


@require_GET
def run_paper(request: ActorRequest, run_id: UUID, file_format: str) -> HttpResponseBase:
    run = get_run_for(request.actor, run_id)
    units = unit_sums(request.actor, run)
    paper = run_summary(
        run,
        names=area_names([run.area_code, *(unit.unit_code for unit in units)]),
        units=units,
        causes=[(_(str(CAUSE_WORDS[one.cause])), one.count, one.change_fen) for one in cause_sums(request.actor, run)],
        looks=[(_(str(LOOK_WORDS[look])), count) for look, count in look_counts(request.actor, run).items()],
    )
    return paper_response(paper, file_format, name=f"{paper.title}_{paper.number}")
