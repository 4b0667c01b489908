"""What the list pages of this app share."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE_SIZE) -> Page[Any]:
    return Paginator(rows, size).get_page(request.GET.get("page"))


def wanted(query: Form) -> dict[str, Any]:
    """What a query bar asks for; what cannot be read asks for nothing."""
    query.is_valid()
    return query.cleaned_data
