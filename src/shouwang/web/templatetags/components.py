"""The parts pages are made of; docs/pages.md shows each with its arguments.

A tag that wraps something ends with `end<name>`. Texts come in translated. Nothing here reads the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shouwang.kernel.ids import new_id
from shouwang.web.navigation import section_for
from shouwang.web.tiles import SIDE, Tile, draw

from . import display
from .display import checked_tone

register = template.Library()

ALERT_ICONS = {
    "neutral": "info-circle",
    "progress": "info-circle",
    "waiting": "alert-triangle",
    "done": "circle-check",
    "stopped": "info-circle",
    "overdue": "circle-x",
}


def _render(context: Context, name: str, **values: object) -> SafeString:
    """The component's template, seeing its own arguments and the request, nothing else of the page."""
    inner = context.new({"request": context.get("request"), "csrf_token": context.get("csrf_token"), **values})
    assert context.template is not None
    return context.template.engine.get_template(f"components/{name}.html").render(inner)


# ---- the page and its parts ----


@register.simple_block_tag(takes_context=True)
def page_header(
    context: Context, content: str, title: str, parent: str = "", parent_url: str = "", pretitle: str = ""
) -> SafeString:
    """The page's one h1, the way back up, and its actions (one primary) as content."""
    return _render(
        context, "page_header", content=content, title=title, parent=parent, parent_url=parent_url, pretitle=pretitle
    )


@register.simple_tag(takes_context=True)
def section_nav(context: Context, key: str) -> SafeString:
    """Under the header: the pages of one entry of the side bar, by its key in web/navigation.py."""
    request = context["request"]
    label, links = section_for(key, request.actor.role, request.path)
    return _render(context, "section_nav", label=label, links=links)


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, title: str = "", body: bool = True) -> SafeString:
    """A box with a heading; body=False when the content (a table, a query bar) reaches the edges."""
    return _render(context, "card", content=content, title=title, body=body)


@register.simple_block_tag(takes_context=True)
def alert(context: Context, content: str, tone: str = "progress", title: str = "") -> SafeString:
    """A message that stays on the page: what happened and what to do."""
    return _render(context, "alert", content=content, tone=checked_tone(tone), title=title, icon_name=ALERT_ICONS[tone])


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: str, id: str, title: str, open_now: bool = False) -> SafeString:
    """A native dialog, opened by any element with data-dialog-open="id"."""
    return _render(context, "dialog", content=content, id=id, title=title, open_now=open_now)


@register.simple_tag(takes_context=True)
def print_header(context: Context, title: str, number: str = "", note: str = "") -> SafeString:
    """What the paper says at its top and the screen does not: title, number, area and the hour of printing."""
    return _render(context, "print_header", shell=context.get("shell"), title=title, number=number, note=note)


# ---- lists ----


@register.simple_block_tag(takes_context=True)
def query_bar(context: Context, content: str) -> SafeString:
    """The search form above a table: fields as content, 查询 and 重置; updates the `results` block only."""
    return _render(context, "query_bar", content=content)


@register.simple_block_tag
def results(content: str) -> SafeString:
    """The part of a list page that a search, a sort or a page turn replaces."""
    return format_html('<div id="results" data-busy>{}</div>', content)


@register.simple_block_tag(takes_context=True)
def table(context: Context, content: str, caption: str, keep: bool = False) -> SafeString:
    """A table with thead and tbody as content; cards on a phone, unless keep=True (few columns, or a matrix)."""
    return _render(context, "table", content=content, caption=caption, keep=keep)


@register.simple_tag(takes_context=True)
def th(context: Context, label: str, sort: str = "", num: bool = False) -> SafeString:
    """A column's head; with `sort` a link that sorts by that key, then the other way round (?sort=key, ?sort=-key)."""
    request = context.get("request")
    current = request.GET.get("sort", "") if request else ""
    direction = {sort: "ascending", f"-{sort}": "descending"}.get(current, "") if sort else ""
    turned = f"-{sort}" if direction == "ascending" else sort
    return _render(context, "th", label=label, sort=turned, num=num, direction=direction)


@register.simple_tag(takes_context=True)
def table_tools(context: Context, page: Page[Any], unit: str = "", export_url: str = "") -> SafeString:
    """Under a table: the count, the page turns, and the exports (`export_url` plus ?format=xlsx|csv and the search)."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return _render(
        context,
        "table_tools",
        page=page,
        unit=unit or _("条"),
        numbers=list(numbers),
        gap=page.paginator.ELLIPSIS,
        export_url=export_url,
    )


@register.simple_tag(takes_context=True)
def empty(context: Context, title: str, hint: str = "", action: str = "", url: str = "") -> SafeString:
    """Nothing here yet: says what to do first."""
    return _render(context, "empty", title=title, hint=hint, action=action, url=url)


@register.simple_tag(takes_context=True)
def empty_row(
    context: Context, columns: int, title: str, hint: str = "", action: str = "", url: str = ""
) -> SafeString:
    """`empty` as the only row of a table with that many columns."""
    inside = empty(context, title, hint, action, url)
    return format_html('<tr class="empty-row"><td colspan="{}">{}</td></tr>', columns, inside)


# ---- one record ----


@register.simple_block_tag
def definitions(content: str) -> SafeString:
    """A list of labels and values."""
    return format_html('<dl class="definitions">{}</dl>', content)


@register.simple_block_tag
def definition(content: str, label: str, wide: bool = False) -> SafeString:
    """One label and its value, inside `definitions`."""
    css = mark_safe(' class="wide"') if wide else ""
    return format_html("<div{}><dt>{}</dt><dd>{}</dd></div>", css, label, SafeString(content.strip()) or "—")


@register.simple_tag(takes_context=True)
def masked(context: Context, shown: str, what: str, reveal_url: str = "") -> SafeString:
    """A masked value, and the way to see it whole (a page that asks for a reason and logs it)."""
    return _render(context, "masked", shown=shown, what=what, reveal_url=reveal_url)


@register.simple_tag(takes_context=True)
def step_bar(context: Context, steps: Iterable[object], label: str = "") -> SafeString:
    """Where a case stands. Each step has `.label`, `.state` (done, current, todo) and may have `.note`."""
    return _render(context, "step_bar", steps=steps, label=label or _("办理进度"))


@register.simple_tag(takes_context=True)
def timeline(context: Context, moves: Iterable[object]) -> SafeString:
    """What happened, newest first. Each move has `.at`, `.title` and may have `.who`, `.text`, `.tone`."""
    return _render(context, "timeline", moves=moves)


@register.simple_block_tag
def stats(content: str) -> SafeString:
    """A row of `stat` tiles."""
    return format_html('<dl class="stats">{}</dl>', content)


@register.simple_tag(takes_context=True)
def stat(context: Context, label: str, value: str, unit: str, url: str = "", note: str = "") -> SafeString:
    """A figure with its unit, opening onto its rows; `value` comes formatted (yuan, wan_yuan, count)."""
    return _render(context, "stat", label=label, value=value, unit=unit, url=url, note=note)


@register.simple_tag(takes_context=True)
def progress(context: Context, label: str, value: int, total: int, note: str = "") -> SafeString:
    """How far a long work has come."""
    return _render(context, "progress", label=label, value=value, total=total, note=note)


# ---- maps ----


@register.simple_tag(takes_context=True)
def tile_map(
    context: Context,
    tiles: Iterable[Mapping[str, Any]],
    area: int,
    label: str,
    unit: str = "",
    money: bool = False,
    thresholds: Sequence[int] | None = None,
) -> SafeString:
    """A tile-grid map with legend and table. Each of `tiles` has `code`, `name`, `value` (whole number, fen with
    `money`; None: not reported), `shown` (the value as printed) and may have `url`. `area` is what they partition."""
    listed = [Tile(**tile) for tile in tiles]
    drawing = draw(listed, area=area, show=display.wan_yuan if money else display.count, thresholds=thresholds)
    return _render(context, "tile_map", map=drawing, listed=listed, label=label, unit=unit, side=SIDE, half=SIDE // 2)


# ---- forms ----


@register.simple_tag(takes_context=True)
def field(context: Context, bound: forms.BoundField, wide: bool = False) -> SafeString:
    """A form field: label above, the control, help, errors linked to it."""
    widget = bound.field.widget
    choices = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    single = isinstance(widget, forms.CheckboxInput)
    file = isinstance(widget, forms.FileInput)
    attrs: dict[str, str | bool] = {}
    if not choices:
        css = "form-check-input" if single else "form-select" if isinstance(widget, forms.Select) else "form-control"
        attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described and not choices:
        attrs["aria-describedby"] = " ".join(described)
    kind = "choices" if choices else "check" if single else "file" if file else "plain"
    control = bound.as_widget(attrs=attrs)
    return _render(context, "field", bound=bound, control=control, kind=kind, wide=wide, described=" ".join(described))


@register.simple_tag(takes_context=True)
def form_errors(context: Context, form: forms.Form) -> SafeString:
    """What is wrong with a form as a whole, with a link to each field that has to change."""
    return _render(context, "form_errors", form=form) if form.errors else SafeString("")


@register.simple_tag
def request_id() -> SafeString:
    """A hidden id made with the form: sent twice it is one command, sent with another content it is refused."""
    return format_html('<input type="hidden" name="request_id" value="{}">', new_id())
