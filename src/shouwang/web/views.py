"""The shell's own pages: 今天, search, health; and the answers to what cannot be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.accounts.public import SEES_PERSONS, Role, roles_required
from shouwang.kernel import clock, deadlines
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.worklist import WorkItem, work_for
from shouwang.reporting.public import figures_for
from shouwang.response.public import command_panel_for, measures_in_force

from . import health as checks
from .searching import find

HOME_FIGURES = ("relief.person_times", "relief.amount", "dibao.people", "tekun.people", "dibao_tekun.amount")


@require_GET
def home(request: ActorRequest) -> HttpResponse:
    """今天: what waits for me by deadline, what is in force here and late here, and where the figures stand."""
    actor = request.actor
    has_work = actor.role != Role.SYSADMIN
    work = work_for(actor) if has_work else []
    return render(
        request,
        "web/home.html",
        {
            "work": work,
            "rows": _with_deadlines(work),
            "overdue_count": sum(item.is_overdue for item in work),
            "due_today_count": sum(item.is_due_today for item in work),
            "measures": measures_in_force(None, actor.area_code, clock.now()),
            "command": command_panel_for(actor) if has_work else None,
            "has_work": has_work,
            "sees_persons": actor.role in SEES_PERSONS,
        },
    )


def _with_deadlines(work: Sequence[WorkItem]) -> list[tuple[WorkItem, deadlines.Told | None]]:
    """Each item with the words of its deadline, once the day has come; before that, the date says enough."""
    words = deadlines.told(item.due_on for item in work if item.is_overdue or item.is_due_today)
    return [(item, words.get(item.due_on)) for item in work]


@require_GET
def home_figures(request: ActorRequest) -> HttpResponse:
    """The home page's figures, fetched after it: the first asking of a day counts, the others read what was kept."""
    as_of = clock.day_start(clock.today())
    table = figures_for(
        request.actor,
        area_code=request.actor.area_code,
        since=(as_of - timedelta(days=1)).date().replace(month=1, day=1),
        as_of=as_of,
        keys=HOME_FIGURES,
    )
    return render(request, "web/_home_figures.html", {"table": table})


@require_http_methods(["GET", "POST"])
def search(request: ActorRequest) -> HttpResponse:
    """Persons, households, cases, batches and areas by name, number or whole ID. The words come in the body."""
    text = request.POST.get("q", "").replace("\0", "").strip()[:60]
    return render(request, "web/search.html", {"text": text, "groups": find(request.actor, text) if text else []})


@never_cache
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """For machines: 200 when the database answers; a broken database is a 500."""
    checks.database_answers()
    return JsonResponse({"status": "ok"})


@require_GET
@roles_required(Role.SYSADMIN)
def system_health(request: ActorRequest) -> HttpResponse:
    return render(request, "web/system_health.html", {"checks": checks.all_checks()})


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Without context processors: whatever broke may be what they need."""
    return HttpResponse(render_to_string("500.html"), status=500)
