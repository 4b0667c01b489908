"""Pages of orders: drafting measures, rehearsing them, signing them; and what the sites that they name have answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import Area, area_names, full_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor, ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import NotAllowed
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value
from shouwang.registry.public import OrganisationKind, organisations_in

from ..commands.measures import confirm_measure, receive_measure
from ..commands.orders import (
    OrderDetails,
    PlannedMeasure,
    change_order,
    draft_order,
    drop_order,
    rehearse_order,
    sign_order,
)
from ..forms import AmendQuery, OrderForm, OrderQuery, PlannedMeasureForm, ReceiptAnswerForm, ReceiptQuery, initial_of
from ..kinds import MeasureKind, all_kinds, get_kind
from ..models import Measure, Order, OrderItem, SiteReceipt
from ..policies import may_answer_for_sites, may_draft_orders, may_order_measures, may_read_orders
from ..queries.measures import get_measure
from ..queries.orders import get_order_for, items_of, list_orders_for
from ..queries.receipts import receipt_state, receipts_for
from ..queries.rehearsals import Rehearsal, Rehearsed, rehearsal_of
from ..rules.diff import Note
from ..states import OrderState

PAGE_SIZE = 50


def note_words() -> dict[str, str]:
    """What a rehearsal remarks on, in words."""
    return {
        Note.NO_CHANGE: _("现在执行的已经是这样，签发后没有变化"),
        Note.STRICTER_ABOVE: _("上级或别的文件要求更严，按更严的执行"),
        Note.OTHER_INSIDE: _("区划内有的地方另有规定，那里按那里的规定和这一项合并执行"),
        Note.TWICE: _("这份发布单里另有一项措施，对同一地方要求不同"),
    }


@require_GET
def order_list(request: ActorRequest) -> HttpResponseBase:
    _ensure_may_read(request)
    query = OrderQuery(request.GET)
    state = query.cleaned_data["state"] if query.is_valid() else ""
    orders = list_orders_for(request.actor, state=state)
    if "format" in request.GET:
        return table_download(_("发布单"), _order_columns(), _order_rows(orders), request.GET["format"])
    page = Paginator(orders, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "area_names": area_names([order.area_code for order in page]),
        "kinds": all_kinds(),
        "may_draft": may_draft_orders(request.actor),
    }
    return render(request, "response/order_list.html", context)


@require_http_methods(["GET", "POST"])
def order_new(request: ActorRequest, kind: str) -> HttpResponse:
    """A draft with its first measure; with `?amends=` one that is to take the place of a measure."""
    _ensure_may_draft(request)
    declared = get_kind(kind)
    amended = _amended(request, declared)
    initial = {"request_id": new_id(), "confirm_within_hours": 24, "title": _title(declared, amended)}
    order_form = OrderForm(request.POST or None, initial=initial)
    measure_form = PlannedMeasureForm(request.POST or None, kind=declared, initial=_first(request, amended))
    if request.method == "POST" and order_form.is_valid() and measure_form.is_valid():
        with refusals_shown_in(order_form):
            order = draft_order(
                actor=request.actor,
                order_id=order_form.cleaned_data["request_id"],
                details=order_form.details(),
                measures=[measure_form.planned(amended.id if amended else None)],
            )
            messages.success(request, _("已拟稿。推演以后，由另一位负责人签发。"))
            return redirect("order_detail", order.id)
    context = {"form": order_form, "measure_form": measure_form, "kind": declared, "amended": amended}
    return render(request, "response/order_new.html", context, status=_status(order_form, measure_form))


@require_http_methods(["GET", "POST"])
def order_edit(request: ActorRequest, order_id: UUID) -> HttpResponse:
    _ensure_may_draft(request)
    order = get_order_for(request.actor, order_id)
    initial = {
        "request_id": order.id,
        "title": order.title,
        "document": order.document_id or "",
        "confirm_within_hours": order.confirm_within_hours,
        "is_exercise": order.is_exercise,
        "backdate_reason": order.backdate_reason,
    }
    form = OrderForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            change_order(
                actor=request.actor,
                order_id=order.id,
                expected_version=order.version,
                details=replace(form.details(), event_id=order.event_id),
                measures=[_planned(item) for item in items_of(order)],
            )
            messages.success(request, _("已保存，需要重新推演。"))
            return redirect("order_detail", order.id)
    return render(request, "response/order_edit.html", {"form": form, "order": order}, status=_status(form))


@require_http_methods(["GET", "POST"])
def order_add(request: ActorRequest, order_id: UUID, kind: str) -> HttpResponse:
    """One measure more in a draft."""
    _ensure_may_draft(request)
    order, declared = get_order_for(request.actor, order_id), get_kind(kind)
    form = PlannedMeasureForm(request.POST or None, kind=declared, initial=_first(request, None))
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            _rewrite(request, order, [*map(_planned, items_of(order)), form.planned()])
            messages.success(request, _("已加入“%(kind)s”，需要重新推演。") % {"kind": declared.label})
            return redirect("order_detail", order.id)
    return render(
        request, "response/order_add.html", {"form": form, "order": order, "kind": declared}, status=_status(form)
    )


@require_POST
def order_remove(request: ActorRequest, order_id: UUID, position: int) -> HttpResponse:
    """One measure less."""
    _ensure_may_draft(request)
    order = get_order_for(request.actor, order_id)
    _rewrite(request, order, [_planned(item) for item in items_of(order) if item.position != position])
    messages.success(request, _("已移出，需要重新推演。"))
    return redirect("order_detail", order.id)


@require_GET
def order_detail(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """The draft with what signing it would change, as it is now; told when that is no longer what was rehearsed."""
    _ensure_may_read(request)
    order = get_order_for(request.actor, order_id)
    is_rehearsed = order.fingerprint is not None
    is_draft = order.state == OrderState.DRAFT
    rehearsal = rehearsal_of(request.actor, order) if is_draft and is_rehearsed else None
    items = items_of(order)
    measures = _by_id([id for one in rehearsal.rehearsed for id in one.change.inside] if rehearsal else [])
    context = {
        "order": order,
        "state": order.state_now,
        "rows": [_row(item, rehearsal, measures) for item in items],
        "is_draft": is_draft,
        "may_draft": may_draft_orders(request.actor),
        "is_rehearsed": is_rehearsed,
        "has_changed": rehearsal is not None and rehearsal.fingerprint != bytes(order.fingerprint or b""),
        "may_sign": is_draft and may_order_measures(request.actor) and request.actor.user_id != order.drafted_by,
        "is_own_draft": request.actor.user_id == order.drafted_by,
        "area_names": full_names([order.area_code, *(item.area_code for item in items)]),
        "kinds": all_kinds(),
    }
    return render(request, "response/order_detail.html", context)


@require_POST
def order_rehearse(request: ActorRequest, order_id: UUID) -> HttpResponse:
    rehearsal = rehearse_order(actor=request.actor, order_id=order_id)
    text = _("已推演：%(measures)s 项措施，点名 %(sites)s 家机构。请核对后由另一位负责人签发。")
    messages.success(request, text % {"measures": len(rehearsal.rehearsed), "sites": rehearsal.site_count})
    return redirect("order_detail", order_id)


@require_POST
def order_sign(request: ActorRequest, order_id: UUID) -> HttpResponse:
    measures = sign_order(actor=request.actor, order_id=order_id, expected_version=_version(request))
    messages.success(request, _("已签发，%(count)s 项措施按时生效。") % {"count": len(measures)})
    return redirect("order_detail", order_id)


@require_POST
def order_drop(request: ActorRequest, order_id: UUID) -> HttpResponse:
    order = drop_order(actor=request.actor, order_id=order_id, expected_version=_version(request))
    messages.success(request, _("发布单“%(title)s”已作废。") % {"title": order.title})
    return redirect("order_list")


@require_http_methods(["GET", "POST"])
def receipt_list(request: ActorRequest) -> HttpResponseBase:
    """Every site that a measure names in the area; ticked ones are received or done, by proxy."""
    if request.method == "POST":
        _answer(request)
        return redirect(request.get_full_path())
    query = ReceiptQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    area = get_area(wanted.get("area") or request.actor.area_code)
    measure = get_measure(wanted["measure"]) if wanted.get("measure") else None
    receipts = receipts_for(request.actor, area=area, measure=measure, state=wanted.get("state", ""))
    if "format" in request.GET:
        rows = _receipt_rows(request.actor, area, receipts)
        return table_download(_("机构落实"), _receipt_columns(), rows, request.GET["format"])
    page = Paginator(receipts, PAGE_SIZE).get_page(request.GET.get("page"))
    sites = organisations_in(request.actor, area.span, ids=[receipt.organisation_id for receipt in page])
    named = {site.id: site for site in sites}
    context = {
        "query": query if request.GET else ReceiptQuery(initial={"area": area.code}),
        "page": page,
        "rows": [
            {
                "receipt": receipt,
                "site": named.get(receipt.organisation_id),
                "state": receipt_state(receipt),
                "sentence": get_kind(receipt.measure.kind).sentence(receipt.measure.parameters),
            }
            for receipt in page
        ],
        "measure": measure,
        "area_names": area_names([receipt.area_code for receipt in page]),
        "may_answer": may_answer_for_sites(request.actor),
    }
    return render(request, "response/receipt_list.html", context)


def _order_columns() -> list[Column]:
    return [
        Column("title", _("标题")),
        Column("area", _("拟稿单位")),
        Column("state", _("状态")),
        Column("measures", _("措施"), kind=Kind.COUNT),
        Column("document", _("依据文件")),
        Column("drafted_on", _("拟稿日期"), kind=Kind.DATE),
    ]


def _order_rows(orders: QuerySet[Order]) -> Iterator[dict[str, Value]]:
    everything = list(orders)
    names = full_names([order.area_code for order in everything])
    for order in everything:
        yield {
            "title": order.title + (_("（演练）") if order.is_exercise else ""),
            "area": names.get(order.area_code, ""),
            "state": str(order.state_now.label),
            "measures": order.measure_count,  # type: ignore[attr-defined]  # annotated by the query
            "document": order.document.number if order.document else "",
            "drafted_on": order.drafted_at.astimezone(clock.TZ).date(),
        }


def _receipt_columns() -> list[Column]:
    return [
        Column("site", _("机构")),
        Column("area", _("所在地")),
        Column("measure", _("措施")),
        Column("state", _("状态")),
        Column("due_on", _("落实期限"), kind=Kind.DATE),
        Column("note", _("落实情况")),
    ]


def _receipt_rows(actor: Actor, area: Area, receipts: QuerySet[SiteReceipt]) -> Iterator[dict[str, Value]]:
    everything = list(receipts)
    sites = organisations_in(actor, area.span, ids=[receipt.organisation_id for receipt in everything])
    named = {site.id: site.name for site in sites}
    places = full_names([receipt.area_code for receipt in everything])
    for receipt in everything:
        yield {
            "site": named.get(receipt.organisation_id, ""),
            "area": places.get(receipt.area_code, ""),
            "measure": get_kind(receipt.measure.kind).sentence(receipt.measure.parameters),
            "state": str(receipt_state(receipt).label),
            "due_on": receipt.due_at.astimezone(clock.TZ).date(),
            "note": receipt.note,
        }


def _answer(request: ActorRequest) -> None:
    form = ReceiptAnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return
    ids = form.cleaned_data["receipt"]
    if form.cleaned_data["answer"] == "receive":
        count = receive_measure(actor=request.actor, receipt_ids=ids)
        messages.success(request, _("已代为签收 %(count)s 家。") % {"count": count})
    else:
        count = confirm_measure(actor=request.actor, receipt_ids=ids, note=form.cleaned_data["note"])
        messages.success(request, _("已代报落实 %(count)s 家。") % {"count": count})


def _ensure_may_draft(request: ActorRequest) -> None:
    if not may_draft_orders(request.actor):
        raise NotAllowed(_("措施由县区或市局民政人员拟稿"), reason="measure.not_an_authority")


def _ensure_may_read(request: ActorRequest) -> None:
    if not may_read_orders(request.actor):
        raise NotAllowed(_("发布单由拟稿和签发的单位及审计查看"), reason="order.not_a_reader")


def _amended(request: ActorRequest, kind: MeasureKind) -> Measure | None:
    query = AmendQuery(request.GET)
    if not query.is_valid() or query.cleaned_data["amends"] is None:
        return None
    measure = get_measure(query.cleaned_data["amends"])
    if measure.kind != kind.key:
        raise NotAllowed(_("只能调整同一种类、还没有解除的措施"), reason="order.amends")
    return measure


def _title(kind: MeasureKind, amended: Measure | None) -> str:
    return (_("调整：%(kind)s") if amended else _("发布：%(kind)s")) % {"kind": kind.label}


def _first(request: ActorRequest, amended: Measure | None) -> dict[str, Any]:
    given = initial_of(amended) if amended else {"area": request.actor.area_code}
    return given | {"from_at": clock.now()}


def _status(*forms: Any) -> int:
    return 422 if any(form.errors for form in forms) else 200


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdigit() else 0


def _planned(item: OrderItem) -> PlannedMeasure:
    return PlannedMeasure(
        kind=item.kind,
        parameters=item.parameters,
        area_code=item.area_code,
        from_at=item.from_at,
        until_at=item.until_at,
        org_kinds=tuple(item.org_kinds),
        org_ids=tuple(item.org_ids),
        amends_id=item.amends_id,
        id=item.id,
    )


def _rewrite(request: ActorRequest, order: Order, measures: list[PlannedMeasure]) -> None:
    details = OrderDetails(
        title=order.title,
        document_id=order.document_id,
        event_id=order.event_id,
        is_exercise=order.is_exercise,
        confirm_within_hours=order.confirm_within_hours,
        backdate_reason=order.backdate_reason,
    )
    change_order(
        actor=request.actor, order_id=order.id, expected_version=order.version, details=details, measures=measures
    )


def _by_id(measure_ids: list[UUID]) -> dict[UUID, Measure]:
    return {measure_id: get_measure(measure_id) for measure_id in dict.fromkeys(measure_ids[:20])}


def _row(item: OrderItem, rehearsal: Rehearsal | None, inside: dict[UUID, Measure]) -> dict[str, Any]:
    kind = get_kind(item.kind)
    told: Rehearsed | None = None
    if rehearsal is not None:
        told = next(one for one in rehearsal.rehearsed if one.item.id == item.id)
    before = told.change.before if told else None
    return {
        "item": item,
        "kind": kind,
        "sentence": kind.sentence(item.parameters),
        "org_kinds": [OrganisationKind(key).label for key in item.org_kinds],
        "told": told,
        "before": kind.sentence(before) if before is not None else "",
        "after": kind.sentence(told.change.after) if told else "",
        "notes": [note_words()[note] for note in told.change.notes] if told else [],
        "inside": [
            (measure, kind.sentence(measure.parameters))
            for measure in (inside.get(measure_id) for measure_id in (told.change.inside if told else ()))
            if measure is not None
        ],
    }
