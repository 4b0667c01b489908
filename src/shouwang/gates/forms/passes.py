"""Forms of passes and of the deny list. What goes out of use is a pass with one of five reasons; there is no other field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.kernel.forms import DayField

from ..commands.passes import NAMED_KINDS, Named
from ..models import Estate, Resident
from ..queries.passes import DENIED, ENDED, LIVE, REPRINT
from ..states import DenyReason, PassKind

_STANDINGS = [
    ("", _("全部")),
    (LIVE, _("有效")),
    (REPRINT, _("要重新打印")),
    (ENDED, _("已到期")),
    (DENIED, _("已作废")),
]
PASSES_CHOSEN_MAX = 500


class PassQuery(forms.Form):
    standing = forms.ChoiceField(label=_("状态"), required=False, choices=_STANDINGS)
    estate = forms.TypedChoiceField(label=_("小区"), required=False, coerce=int, empty_value=None)
    kind = forms.TypedChoiceField(
        label=_("种类"), required=False, coerce=int, empty_value=None, choices=[("", _("全部")), *PassKind.choices]
    )
    building = forms.CharField(label=_("楼号"), required=False, max_length=20)
    q = forms.CharField(label=_("姓名、房号或编号"), required=False, max_length=40)

    def __init__(self, *args: Any, estates: Sequence[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].choices = [("", _("全部")), *((one.id, one.name) for one in estates)]  # type: ignore[attr-defined]


class GuestForm(forms.Form):
    """A guest of the own household."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    host = forms.TypedChoiceField(label=_("来看谁"), coerce=str)
    name = forms.CharField(label=_("访客姓名"), max_length=64)
    id_number = forms.CharField(
        label=_("访客身份证号"), required=False, max_length=24, help_text=_("只保存后四位，卡口用来核对。可以不填。")
    )
    purpose = forms.CharField(label=_("事由"), required=False, max_length=60)
    on = DayField(label=_("哪一天来"))

    def __init__(self, *args: Any, residents: Sequence[Resident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].choices = [(str(one.id), one.name) for one in residents]  # type: ignore[attr-defined]

    def guest(self) -> Named:
        values = self.cleaned_data
        return Named(PassKind.VISITOR, values["name"], values["id_number"], values["purpose"], values["on"])


class NamedPassForm(forms.Form):
    """A pass that the community gives by name."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    estate = forms.TypedChoiceField(label=_("小区（机构）"), coerce=int)
    kind = forms.TypedChoiceField(
        label=_("种类"), coerce=int, choices=[(kind.value, kind.label) for kind in NAMED_KINDS]
    )
    name = forms.CharField(label=_("姓名"), max_length=64)
    id_number = forms.CharField(
        label=_("身份证号"), required=False, max_length=24, help_text=_("只保存后四位，卡口用来核对。")
    )
    purpose = forms.CharField(label=_("单位或事由"), required=False, max_length=60)
    on = DayField(label=_("访客哪一天来"), required=False, help_text=_("只有访客填写，不填就是今天。"))

    def __init__(self, *args: Any, estates: Sequence[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].choices = [(one.id, one.name) for one in estates]  # type: ignore[attr-defined]

    def named(self) -> Named:
        values = self.cleaned_data
        kind = PassKind(values["kind"])
        on = values["on"] if kind == PassKind.VISITOR else None
        return Named(kind, values["name"], values["id_number"], values["purpose"], on)


class DenialForm(forms.Form):
    """Which passes go out of use, and for which of the five reasons."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("作废原因"), choices=DenyReason.choices)


class ReplaceForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("补发原因"),
        choices=[
            (DenyReason.LOST.value, DenyReason.LOST.label),
            (DenyReason.REPLACED.value, DenyReason.REPLACED.label),
            (DenyReason.ISSUED_IN_ERROR.value, DenyReason.ISSUED_IN_ERROR.label),
        ],
    )


def chosen_passes(values: Sequence[str]) -> list[int]:
    """Numbers of passes that were ticked; what is no number is left out."""
    return [int(value) for value in values[:PASSES_CHOSEN_MAX] if value.isdecimal() and len(value) <= 19]
