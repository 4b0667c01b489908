"""Forms of lists of the price subsidy's groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..commands.group_lists import SentGroup
from ..group_list_file import LIMITS
from ..states import ListedGroup
from .payments import MonthField

_DOCUMENTS_OFFERED = 100


class GroupListForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    group = forms.ChoiceField(label=_("对象"), choices=[("", _("请选择")), *ListedGroup.choices])
    month = MonthField(label=_("补贴月份"), help_text=_("名单只管这一个月；下个月请再送一次。"))
    document = forms.TypedChoiceField(
        label=_("名单的来文"), coerce=str, help_text=_("人社、退役军人事务等部门送来名单的函。")
    )
    file = forms.FileField(
        label=_("名单"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        help_text=_("至少有身份证号、姓名两列，最多 5 万行。"),
    )

    def __init__(self, *args: Any, documents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["document"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *documents[:_DOCUMENTS_OFFERED]]

    def sent(self) -> SentGroup:
        """The file is read no further than one byte past the limit: the reader then says so."""
        values = self.cleaned_data
        return SentGroup(
            group=values["group"],
            month=values["month"],
            document_id=values["document"],
            file_name=values["file"].name,
            content=bytes(values["file"].read(LIMITS.file_bytes + 1)),
        )
