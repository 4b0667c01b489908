"""The form field of a place: a code, chosen with the area picker or typed."""

from __future__ import annotations

from typing import Any

from django import forms

from shouwang.kernel.errors import DomainError

from .codes import format_area_code, parse_area_code
from .queries import full_names, get_area


class AreaField(forms.CharField):
    """Cleans to the 15-digit code (int) of an area that exists; None when empty and not required.

    The input carries `data-area-picker`, and the full name of its initial value, for the front end.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-area-picker": "", "inputmode": "text"}

    def prepare_value(self, value: Any) -> Any:
        return format_area_code(value) if isinstance(value, int) else value

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        bound = super().get_bound_field(form, field_name)
        code = bound.value()
        if code:
            self.widget.attrs["data-area-path"] = _name_of(str(code))
        return bound

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return get_area(parse_area_code(text)).code
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.reason) from None


def _name_of(code: str) -> str:
    try:
        number = parse_area_code(code)
    except DomainError:
        return ""
    return full_names([number]).get(number, "")
