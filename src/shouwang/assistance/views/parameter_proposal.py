"""Proposing a change of parameters: typed or loaded, checked against what holds, told for publication, then proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in

from ..commands.parameters import propose_parameters
from ..forms.parameters import (
    ROWS_SHOWN,
    NoticeForm,
    ValueForm,
    ValueForms,
    digest_of,
    posted,
)
from ..policies_parameters import ensure_may_propose
from ..queries.documents import documents_for
from ..queries.parameter_changes import Change, ProposedNotice, announcement_of, check_values
from ..queries.parameter_pages import (
    Holding,
    issuing_areas,
    list_parameters_for,
)
from ..queries.parameters import rows_around
from ..rules.benefits.catalogue import catalogue
from ..rules.monthly import next_month
from .parameter_changes import change_rows


@require_http_methods(["GET", "POST"])
def parameter_notice_new(request: ActorRequest) -> HttpResponse:
    """Type or load the values, check them against what holds, edit the text for publication, then propose."""
    ensure_may_propose(request.actor, [request.actor.area_code])
    if request.method != "POST":
        return _form_page(request, _blank_form(request), _blank_values(request))
    form, values = _sent_forms(request)
    step = request.POST.get("step", "check")
    if step == "more":
        return _form_page(request, _unbound(request, form), _more_values(request, values))
    if not (form.is_valid() and values.is_valid()):
        return _form_page(request, form, values, status=422)
    try:
        proposed = form.proposed(values)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _form_page(request, form, values, status=422)
    with refusals_shown_in(form):
        ensure_may_propose(request.actor, {proposed.area_code, *(value.area_code for value in proposed.values)})
        changes = check_values(proposed, rows_around(proposed.area_code))
        checked = digest_of(replace(proposed, announcement=""))
        if step == "propose" and form.cleaned_data["checked"] == checked:
            notice = propose_parameters(
                actor=request.actor, notice_id=form.cleaned_data["request_id"], proposed=proposed
            )
            messages.success(request, _("已提出，等待另一人确认。"))
            return redirect("parameter_notice_page", notice.id)
        return _checked_page(request, form, values, proposed, changes, checked)
    return _form_page(request, form, values, status=422)


def _checked_page(
    request: ActorRequest,
    form: NoticeForm,
    values: BaseFormSet[ValueForm],
    proposed: ProposedNotice,
    changes: Sequence[Change],
    checked: str,
) -> HttpResponse:
    """The form once more with what it would change, and the text that says so unless the officer has written their own."""
    drafted = announcement_of(proposed, changes)
    is_edited = proposed.announcement and form.cleaned_data["drafted"] != digest_of(proposed.announcement.strip())
    text = proposed.announcement if is_edited else drafted
    shown = {"announcement": text, "drafted": digest_of(drafted.strip()), "checked": checked}
    if form.cleaned_data.get("yaml"):
        shown["yaml"] = form.cleaned_data["yaml"]
    again = _unbound(request, form, shown)
    return _form_page(request, again, values, changes=changes, is_edited=bool(is_edited))


def _form_page(
    request: ActorRequest,
    form: NoticeForm,
    values: BaseFormSet[ValueForm],
    *,
    changes: Sequence[Change] = (),
    is_edited: bool = False,
    status: int = 200,
) -> HttpResponse:
    words = {word for entry in catalogue().values() for word in entry.choices.values()}
    context = {
        "form": form,
        "values": values,
        "changes": change_rows(changes),
        "is_edited": is_edited,
        "choices": ["随上级", *sorted(words)],
    }
    return render(request, "assistance/parameters/notice_new.html", context, status=status)


def _choices(request: ActorRequest) -> dict[str, Any]:
    return {
        "areas": issuing_areas(request.actor),
        "documents": [(str(document.id), str(document)) for document in documents_for(request.actor)[:100]],
    }


def _sent_forms(request: ActorRequest) -> tuple[NoticeForm, BaseFormSet[ValueForm]]:
    areas = _choices(request)["areas"]
    values = ValueForms(request.POST, prefix="values", form_kwargs={"areas": areas})
    return NoticeForm(request.POST, request.FILES, **_choices(request)), values


def _unbound(request: ActorRequest, form: NoticeForm, changes: dict[str, str] | None = None) -> NoticeForm:
    """The same answers, nothing complained of."""
    names = {name for name in form.fields if name in request.POST}
    initial = posted({name: request.POST[name] for name in names}, changes or {})
    return NoticeForm(initial=initial, **_choices(request))


def _blank_form(request: ActorRequest) -> NoticeForm:
    initial = {
        "request_id": new_id(),
        "area": request.actor.area_code,
        "effective_on": next_month(clock.today()),
    }
    return NoticeForm(initial=initial, **_choices(request))


def _blank_values(request: ActorRequest) -> BaseFormSet[ValueForm]:
    """The standards that were chosen on the list, with what holds now; or some empty rows."""
    chosen = [key for key in request.GET.getlist("key") if key in catalogue()]
    initial: list[dict[str, object]] = []
    if chosen:
        today = clock.today().replace(day=1)
        held = list_parameters_for(request.actor, area_code=request.actor.area_code, month=today)
        initial = [
            {
                "key": one.entry.key,
                "area": request.actor.area_code,
                "text": "" if one.row is None or one.row.text is None else _typed(one),
                "unit": one.row.unit if one.row is not None and one.row.unit != one.entry.unit else "",
            }
            for one in held
            if one.entry.key in chosen
        ]
    initial += [{"area": request.actor.area_code}] * max(1, ROWS_SHOWN - len(initial))
    return _values(request, initial)


def _typed(holding: Holding) -> str:
    assert holding.row is not None
    return holding.entry.show(holding.row.value).replace(",", "")


def _more_values(request: ActorRequest, values: BaseFormSet[ValueForm]) -> BaseFormSet[ValueForm]:
    fields = ("key", "area", "text", "unit", "article", "status")
    initial: list[dict[str, object]] = [
        {name: request.POST.get(form.add_prefix(name), "") for name in fields}
        for form in values
        if request.POST.get(form.add_prefix("key")) or request.POST.get(form.add_prefix("text"))
    ]
    return _values(request, initial + [{"area": request.actor.area_code}] * ROWS_SHOWN)


def _values(request: ActorRequest, initial: list[dict[str, object]]) -> BaseFormSet[ValueForm]:
    areas = _choices(request)["areas"]
    return ValueForms(initial=initial, prefix="values", form_kwargs={"areas": areas})
