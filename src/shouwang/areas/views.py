"""What the area picker asks for: {"results": [{"code", "name", "path", "has_children"}]}.

The tree is public to whoever is signed in. `?mine=1` narrows it to where the actor can act.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.scope import Span

from .codes import format_area_code, parse_area_code
from .models import Area
from .queries import get_area, picker_children, search_areas


@require_GET
def area_search(request: ActorRequest) -> JsonResponse:
    """?q=寒亭, ?q=hanting, ?q=ht or ?q=370703."""
    spans = _own_spans(request) if _is_mine(request) else None
    return _answer(search_areas(request.GET.get("q", "")[:64], spans=spans))


@require_GET
def area_children(request: ActorRequest) -> JsonResponse:
    """?parent=370700; without a parent the provinces, or with mine=1 the actor's own area."""
    parent = request.GET.get("parent", "")
    if not parent:
        return _answer(
            search_areas(str(request.actor.area_code), limit=1) if _is_mine(request) else picker_children(None)
        )
    return _answer(picker_children(parse_area_code(parent), spans=_own_spans(request) if _is_mine(request) else None))


def _is_mine(request: HttpRequest) -> bool:
    return request.GET.get("mine") == "1"


def _own_spans(request: ActorRequest) -> tuple[Span, ...]:
    """The scope; for the system administrator, whose scope is closed, the area of the post."""
    return request.actor.scope.spans or get_area(request.actor.area_code).span


def _answer(areas: Iterable[Area]) -> JsonResponse:
    results = [
        {
            "code": format_area_code(area.code),
            "name": area.name,
            "path": area.full_name,
            "has_children": area.has_children,  # type: ignore[attr-defined]  # annotated by the queries
        }
        for area in areas
    ]
    return JsonResponse({"results": results}, json_dumps_params={"ensure_ascii": False})
