"""Forms of lists of deaths."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..commands.death_lists import SentDeaths
from ..death_list_file import LIMITS

_DOCUMENTS_OFFERED = 100


class DeathListForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    document = forms.TypedChoiceField(
        label=_("名单的来文"), coerce=str, help_text=_("民政殡葬、公安或卫健送来名单的函；登记的死亡以它为来源。")
    )
    file = forms.FileField(
        label=_("死亡名单"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        help_text=_("至少有身份证号、姓名、死亡日期三列，最多 2 万行。"),
    )

    def __init__(self, *args: Any, documents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["document"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *documents[:_DOCUMENTS_OFFERED]]

    def sent(self) -> SentDeaths:
        """The file is read no further than one byte past the limit: the reader then says so."""
        values = self.cleaned_data
        return SentDeaths(
            document_id=values["document"],
            file_name=values["file"].name,
            content=bytes(values["file"].read(LIMITS.file_bytes + 1)),
        )
