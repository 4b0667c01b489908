"""Which column of a sheet each item is: shown as it was matched, corrected by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from ..errors import Invalid
from .columns import Column


class ColumnsForm(forms.Form):
    """A drop-down of the sheet's columns for each item; `mapping` once it is valid."""

    def __init__(
        self, *args: Any, columns: Sequence[Column], labels: Sequence[str], mapping: Mapping[str, int], **kwargs: Any
    ) -> None:
        """`mapping`: item -> position from 0, as it is now."""
        super().__init__(*args, **kwargs)
        choices = [("", _("表里没有"))] + [
            (str(at), f"{column_letter(at)}　{label or _('（无标题）')}"[:40]) for at, label in enumerate(labels)
        ]
        for column in columns:
            at = mapping.get(column.key)
            self.fields[column.key] = forms.ChoiceField(
                label=column.label, required=False, choices=choices, initial="" if at is None else str(at)
            )

    def mapping(self) -> dict[str, int]:
        return {key: int(value) for key, value in self.cleaned_data.items() if value != ""}


def check_mapping(mapping: Mapping[str, int], columns: Sequence[Column], labels: Sequence[str]) -> None:
    """Raises Invalid when a column is not there or is named twice."""
    positions = list(mapping.values())
    if not set(mapping) <= {column.key for column in columns} or any(not 0 <= at < len(labels) for at in positions):
        raise Invalid(_("选定的列不在这张表里，请刷新后重新选择"), reason="import.mapping")
    if len(set(positions)) != len(positions):
        raise Invalid(_("同一列选给了两个项目，请核对"), reason="import.mapping")


def column_letter(position: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
