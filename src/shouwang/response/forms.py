"""Forms of documents and measures. They tidy what was typed; commands decide."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.forms import DayField, YuanField

from .files import FILE_BYTES_MAX, IncomingFile
from .kinds import MeasureKind, Parameter, all_kinds
from .queries.documents import list_documents
from .states import MeasurePhase

_DOCUMENTS_OFFERED = 100
_FIELD_PREFIX = "parameter_"


class InstantField(forms.DateTimeField):
    """A moment in Asia/Shanghai, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(
            widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs
        )


class DocumentQuery(forms.Form):
    q = forms.CharField(label=_("文号、标题或发文机关"), required=False, max_length=60)


class DocumentForm(forms.Form):
    number = forms.CharField(label=_("文号"), max_length=60, help_text=_("例如 潍民〔2020〕8号。"))
    title = forms.CharField(label=_("标题"), max_length=200)
    issuer = forms.CharField(label=_("发文机关"), max_length=100)
    issued_on = DayField(label=_("发文日期"))
    area = AreaField(label=_("登记单位所在区划"))
    file = forms.FileField(
        label=_("文件"),
        required=False,
        help_text=_("PDF、OFD、Word、Excel、WPS 或图片，不超过 20 MB。登记后不能更换。"),
    )

    def incoming(self) -> IncomingFile | None:
        """The uploaded file, read no further than one byte past the limit."""
        upload = self.cleaned_data.get("file")
        return IncomingFile(upload.name, upload.read(FILE_BYTES_MAX + 1)) if upload else None


class InForceQuery(forms.Form):
    area = AreaField(label=_("区划"), required=False)
    day = DayField(label=_("日期"), required=False)
    exercises = forms.BooleanField(label=_("包括演练"), required=False)

    def on(self) -> date | datetime:
        """The day asked for; this moment where none is."""
        day: date | None = self.cleaned_data.get("day")
        return day or clock.now()


class MeasureQuery(forms.Form):
    area = AreaField(label=_("区划"), required=False)
    phase = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *MeasurePhase.choices])
    kind = forms.ChoiceField(label=_("措施种类"), required=False)
    exercises = forms.BooleanField(label=_("包括演练"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("全部")), *((kind.key, str(kind.label)) for kind in all_kinds())]
        cast(forms.ChoiceField, self.fields["kind"]).choices = choices


class IssueForm(forms.Form):
    """The fields of one kind of measure; its parameters have a field each."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    area = AreaField(label=_("执行区划"), help_text=_("该区划及其以下全部执行。"))
    from_at = InstantField(label=_("开始时间"))
    until_at = InstantField(
        label=_("结束时间"), required=False, help_text=_("不填即执行到解除为止；这个时间本身不再执行。")
    )
    document = forms.ChoiceField(label=_("依据文件"))
    is_exercise = forms.BooleanField(label=_("这是演练，不影响实际业务"), required=False)

    def __init__(self, *args: Any, kind: MeasureKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for parameter in kind.parameters:
            self.fields[_FIELD_PREFIX + parameter.key] = _field_of(parameter)
        offer_documents(self.fields["document"])

    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[_FIELD_PREFIX + parameter.key] for parameter in self.kind.parameters]

    def parameters(self) -> dict[str, object]:
        return {parameter.key: self.cleaned_data[_FIELD_PREFIX + parameter.key] for parameter in self.kind.parameters}


class LiftForm(forms.Form):
    at = InstantField(label=_("解除时间"))
    reason = forms.CharField(label=_("解除原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    document = forms.ChoiceField(label=_("解除文件"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_documents(self.fields["document"])


def _field_of(parameter: Parameter) -> forms.Field:
    if parameter.is_choice:
        choices = [(value, str(word)) for value, word in sorted(parameter.words.items(), reverse=True)]
        return forms.TypedChoiceField(label=str(parameter.label), coerce=int, choices=choices)
    label = f"{parameter.label}（{parameter.unit}）"
    if parameter.is_money:
        return YuanField(label=label)
    told = "；".join(str(_("%(value)s 即%(word)s") % {"value": v, "word": w}) for v, w in parameter.words.items())
    return forms.IntegerField(label=label, min_value=parameter.minimum, max_value=parameter.maximum, help_text=told)


def offer_documents(field: forms.Field) -> None:
    """The newest documents: a measure follows the document that has just been registered."""
    assert isinstance(field, forms.ChoiceField)
    documents = list_documents()[:_DOCUMENTS_OFFERED]
    field.choices = [("", _("请选择")), *((str(document.id), str(document)) for document in documents)]
