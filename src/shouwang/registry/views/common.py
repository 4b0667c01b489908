"""What the register's pages share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor, ActorRequest
from shouwang.kernel.errors import Conflict, Invalid
from shouwang.kernel.ids import new_id

from ..forms import ListQuery

PAGE_SIZE = 50
BY_HAND = "手工登记"

F = TypeVar("F", bound=BaseForm)
M = TypeVar("M", bound=Model)
M_co = TypeVar("M_co", bound=Model, covariant=True)


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


class Listing(Protocol[M_co]):
    """A list of the register, as `queries.lists` gives it."""

    def __call__(
        self, actor: Actor, *, keyword: str = "", area: int | None = None, sort: str = ""
    ) -> QuerySet[M_co]: ...


def filtered(request: ActorRequest, listing: Listing[M]) -> QuerySet[M]:
    """The rows the query bar asks for; none when it asks for something that is not there (the bar says what)."""
    query = ListQuery(request.GET)
    if not query.is_valid():
        return listing(request.actor).none()
    keyword, area = query.cleaned_data["q"].strip(), query.cleaned_data["area"]
    return listing(request.actor, keyword=keyword, area=area, sort=request.GET.get("sort", ""))


def bound(request: HttpRequest, form_class: type[F], *, initial: dict[str, Any] | None = None, **kwargs: Any) -> F:
    """The form with what was posted, or fresh with a new request id."""
    data = request.POST if request.method == "POST" else None
    return form_class(data, initial={"request_id": new_id(), **(initial or {})}, **kwargs)


@contextmanager
def refusals_shown_in(form: Any) -> Iterator[None]:
    """A command's refusal of what was typed, or of a stale page, stands in the form, which keeps what was typed."""
    try:
        yield
    except (Invalid, Conflict) as refusal:
        form.add_error(None, str(refusal))


def form_page(request: ActorRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)


def day_asked(request: HttpRequest) -> date:
    """?on=2020-03-01, else today."""
    text = request.GET.get("on", "")
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        raise Invalid(_("日期“%(text)s”应写成 2020-03-01") % {"text": text}, reason="date.format") from None


def cutoff_asked(request: HttpRequest) -> datetime | None:
    """?known=2020-03-01 (its 24:00), else all that is known."""
    text = request.GET.get("known", "")
    try:
        return clock.parse_cutoff(text) if text else None
    except ValueError:
        raise Invalid(_("日期“%(text)s”应写成 2020-03-01") % {"text": text}, reason="date.format") from None
