"""Forms of documents and measures. They tidy what was typed; commands decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.forms import DayField, YuanField
from shouwang.registry.public import OrganisationKind

from .commands.documents import Lineage
from .commands.orders import OrderDetails, PlannedMeasure
from .files import FILE_BYTES_MAX, IncomingFile
from .kinds import MeasureKind, Parameter, all_kinds
from .models import Measure
from .queries.documents import list_documents
from .states import MeasurePhase, OrderState, ReceiptState, WorkField

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
    work_field = forms.ChoiceField(
        label=_("领域"), choices=WorkField.choices, initial=WorkField.GENERAL, required=False
    )
    co_issuers = forms.CharField(
        label=_("联合发文机关"), max_length=300, required=False, help_text=_("有几个的，用顿号隔开。")
    )
    forwards = forms.ChoiceField(label=_("转发哪份上级文件"), required=False)
    supersedes = forms.ChoiceField(label=_("代替哪份文件"), required=False, help_text=_("原文件不再算现行文件。"))
    area = AreaField(label=_("登记单位所在区划"))
    file = forms.FileField(
        label=_("文件"),
        required=False,
        help_text=_("PDF、OFD、Word、Excel、WPS 或图片，不超过 20 MB。登记后不能更换。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_documents(self.fields["forwards"])
        offer_documents(self.fields["supersedes"])

    def lineage(self) -> Lineage:
        values = self.cleaned_data
        return Lineage(
            work_field=values["work_field"] or WorkField.GENERAL,
            co_issuers=tuple(values["co_issuers"].replace("，", "、").split("、")),
            forwards_id=UUID(values["forwards"]) if values["forwards"] else None,
            supersedes_id=UUID(values["supersedes"]) if values["supersedes"] else None,
        )

    def incoming(self) -> IncomingFile | None:
        """The uploaded file, read no further than one byte past the limit."""
        upload = self.cleaned_data.get("file")
        return IncomingFile(upload.name, upload.read(FILE_BYTES_MAX + 1)) if upload else None


class SendDocumentForm(forms.Form):
    units = forms.TypedMultipleChoiceField(
        label=_("发给"), coerce=int, widget=forms.CheckboxSelectMultiple, error_messages={"required": _("先勾选单位")}
    )
    due_on = DayField(label=_("签收期限"))

    def __init__(self, *args: Any, units: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["units"]).choices = list(units)


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


class OrderForm(forms.Form):
    """What an order is besides its measures."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("发布单标题"), max_length=100, help_text=_("例如 全市养老机构封闭管理。"))
    document = forms.ChoiceField(label=_("依据文件"), required=False, help_text=_("拟稿时可以不选，签发前必须选定。"))
    confirm_within_hours = forms.IntegerField(
        label=_("落实时限（小时）"),
        min_value=1,
        max_value=720,
        initial=24,
        help_text=_("点名的机构要在生效或签发后多少小时内报落实。"),
    )
    is_exercise = forms.BooleanField(label=_("这是演练，不影响实际业务"), required=False)
    backdate_reason = forms.CharField(
        label=_("追溯执行的原因"),
        max_length=200,
        required=False,
        help_text=_("开始时间已经过去时填写；已经办结的事项不会改变。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_documents(self.fields["document"])

    def details(self) -> OrderDetails:
        values = self.cleaned_data
        return OrderDetails(
            title=values["title"],
            document_id=UUID(values["document"]) if values["document"] else None,
            is_exercise=values["is_exercise"],
            confirm_within_hours=values["confirm_within_hours"],
            backdate_reason=values["backdate_reason"],
        )


class PlannedMeasureForm(forms.Form):
    """One measure of an order: the fields of its kind, where, for whom, from when until when."""

    area = AreaField(label=_("执行区划"), help_text=_("该区划及其以下全部执行。"))
    org_kinds = forms.MultipleChoiceField(
        label=_("只针对这些类型的机构"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("都不选就是针对整个区划；选了的机构每家都要签收、报落实。"),
    )
    from_at = InstantField(label=_("开始时间"))
    until_at = InstantField(
        label=_("结束时间"), required=False, help_text=_("不填即执行到解除为止；这个时间本身不再执行。")
    )

    def __init__(self, *args: Any, kind: MeasureKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for parameter in kind.parameters:
            self.fields[_FIELD_PREFIX + parameter.key] = _field_of(parameter)
        choices = [(key, label) for key, label in OrganisationKind.choices if key in kind.org_kinds]
        cast(forms.MultipleChoiceField, self.fields["org_kinds"]).choices = choices
        if not choices:
            del self.fields["org_kinds"]

    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[_FIELD_PREFIX + parameter.key] for parameter in self.kind.parameters]

    def planned(self, amends_id: UUID | None = None) -> PlannedMeasure:
        values = self.cleaned_data
        return PlannedMeasure(
            kind=self.kind.key,
            parameters={p.key: values[_FIELD_PREFIX + p.key] for p in self.kind.parameters},
            area_code=values["area"],
            from_at=values["from_at"],
            until_at=values["until_at"],
            org_kinds=tuple(values.get("org_kinds", ())),
            amends_id=amends_id,
        )


def initial_of(measure: Measure) -> dict[str, Any]:
    """The fields of a measure as it stands, for the one that is to take its place."""
    parameters = {_FIELD_PREFIX + key: value for key, value in measure.parameters.items()}
    return parameters | {"area": measure.area_code, "until_at": measure.until_at, "org_kinds": measure.org_kinds}


class OrderQuery(forms.Form):
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *OrderState.choices])


class ReceiptQuery(forms.Form):
    area = AreaField(label=_("区划"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *ReceiptState.choices])
    measure = forms.UUIDField(required=False, widget=forms.HiddenInput)


class AmendQuery(forms.Form):
    amends = forms.UUIDField(required=False)


class ReceiptAnswerForm(forms.Form):
    """签收 or 落实 of the sites that were ticked."""

    receipt = forms.MultipleChoiceField(error_messages={"required": _("先勾选机构")})
    answer = forms.ChoiceField(choices=[("receive", ""), ("confirm", "")])
    note = forms.CharField(label=_("落实情况"), max_length=200, required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        field = cast(forms.MultipleChoiceField, self.fields["receipt"])
        field.choices = [(value, value) for value in data.getlist("receipt")]

    def clean_receipt(self) -> list[UUID]:
        try:
            return [UUID(value) for value in self.cleaned_data["receipt"]]
        except ValueError:
            raise forms.ValidationError(_("先勾选机构")) from None


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
        return forms.TypedChoiceField(label=str(parameter.label), coerce=int, choices=choices, initial=parameter.usual)
    label = f"{parameter.label}（{parameter.unit}）" if parameter.unit else str(parameter.label)
    if parameter.is_money:
        return YuanField(label=label)
    told = "；".join(str(_("%(value)s 即%(word)s") % {"value": v, "word": w}) for v, w in parameter.words.items())
    return forms.IntegerField(
        label=label,
        min_value=parameter.minimum,
        max_value=parameter.maximum,
        initial=parameter.usual,
        help_text=told,
    )


def offer_documents(field: forms.Field) -> None:
    """The newest documents: a measure follows the document that has just been registered."""
    assert isinstance(field, forms.ChoiceField)
    documents = list_documents()[:_DOCUMENTS_OFFERED]
    field.choices = [("", _("请选择")), *((str(document.id), str(document)) for document in documents)]
