"""Forms of temporary relief. They tidy what was typed; rules and commands decide."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock, reveal
from shouwang.kernel.forms import DayField, PeriodQuery, YuanField
from shouwang.registry.public import NoIdReason, PersonDetails, Sex

from ..commands.relief import ReliefApplication
from ..rules.relief import AmountClaim
from ..states import Channel, ReliefBasis, ReliefCause, ReliefKind, ReliefState

_CHOOSE = [("", _("请选择"))]
_ALL = [("", _("全部"))]


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CaseQuery(forms.Form):
    """The query bar of the list."""

    q = forms.CharField(
        label=_("申请人、受理编号"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": _("姓名、拼音或编号")}),
    )
    area = AreaField(label=_("乡镇、村"), required=False)
    state = forms.ChoiceField(
        label=_("办理状态"), required=False, choices=[*_ALL, ("open", _("办理中")), *ReliefState.choices]
    )
    kind = forms.ChoiceField(label=_("救助类型"), required=False, choices=[*_ALL, *ReliefKind.choices])
    overdue = forms.BooleanField(label=_("只看超期"), required=False)


class RevealForm(forms.Form):
    """Why a masked value is looked at."""

    reason = forms.ChoiceField(label=_("查看原因"), choices=list(reveal.REASONS.items()))
    note = forms.CharField(label=_("说明"), required=False, max_length=200, help_text=_("选“其他”时必填。"))


class LookUpForm(forms.Form):
    """Finding the applicant: the number travels in the body of a POST, never in an address."""

    id_number = forms.CharField(
        label=_("申请人身份证号"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        help_text=_("先查底册：查到的直接选用，查不到的在下一步登记。"),
    )


class ApplicationForm(forms.Form):
    """What the applicant, or who applies for them, says."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    area = AreaField(label=_("困难发生地（村、社区）"))
    kind = forms.ChoiceField(label=_("救助类型"), choices=ReliefKind.choices, widget=forms.RadioSelect)
    cause = forms.ChoiceField(label=_("困难原因"), choices=[*_CHOOSE, *ReliefCause.choices])
    occurred_on = DayField(label=_("发生日期"))
    amount = YuanField(label=_("申请金额（元）"), required=False)
    channel = forms.ChoiceField(label=_("发放方式"), choices=Channel.choices, widget=forms.RadioSelect)
    story = forms.CharField(label=_("困难情况"), max_length=1000, widget=_text(3))
    home_area_name = forms.CharField(
        label=_("户籍地"), required=False, max_length=100, help_text=_("本地户籍不用填；外来人员写到县。")
    )
    proxy_name = forms.CharField(label=_("代办人姓名"), required=False, max_length=64)
    proxy_relation = forms.CharField(
        label=_("与申请人的关系"), required=False, max_length=40, help_text=_("本人申请的，代办人两项都不填。")
    )
    follow_up_reason = forms.CharField(label=_("跟进救助的理由"), required=False, max_length=200)
    follow_up_of = forms.TypedChoiceField(
        label=_("跟进哪一次救助"), required=False, empty_value=None, help_text=_("同一事由再次救助时选。")
    )
    covered = forms.MultipleChoiceField(
        label=_("救助对象"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("人次按这里计算。")
    )

    def __init__(
        self,
        *args: Any,
        members: list[tuple[str, str]] | None = None,
        followable: list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        covered, earlier = self.fields["covered"], self.fields["follow_up_of"]
        assert isinstance(covered, forms.MultipleChoiceField)
        assert isinstance(earlier, forms.ChoiceField)
        covered.choices = members or []
        earlier.choices = [("", _("不是跟进救助")), *(followable or [])]
        if not members:
            del self.fields["covered"]
        if not followable:
            del self.fields["follow_up_of"], self.fields["follow_up_reason"]

    def application(self, **applicant: Any) -> ReliefApplication:
        values = self.cleaned_data
        return ReliefApplication(
            area_code=values["area"],
            kind=values["kind"],
            cause=values["cause"],
            story=values["story"],
            occurred_on=values["occurred_on"],
            channel=values["channel"],
            is_local=not values["home_area_name"],
            home_area_name=values["home_area_name"],
            proxy_name=values["proxy_name"],
            proxy_relation=values["proxy_relation"],
            amount_fen=values["amount"],
            follow_up_reason=values.get("follow_up_reason", ""),
            **applicant,
        )


class NewApplicantForm(forms.Form):
    """An applicant whom this register does not hold."""

    name = forms.CharField(label=_("姓名"), max_length=64)
    id_number = forms.CharField(label=_("身份证号"), required=False, max_length=24)
    no_id_reason = forms.ChoiceField(
        label=_("没有身份证号的原因"), required=False, choices=[*_CHOOSE, *NoIdReason.choices]
    )
    sex = forms.ChoiceField(label=_("性别"), required=False, choices=[*_CHOOSE, *Sex.choices])
    birth_on = DayField(label=_("出生日期"), required=False)
    phone = forms.CharField(label=_("电话"), required=False, max_length=20)

    def details(self) -> PersonDetails:
        return PersonDetails(**self.cleaned_data)


class StepForm(forms.Form):
    """The form of one step; `version` refuses a page that is no longer true."""

    submit: ClassVar[Any] = _("提交")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        """What the command takes besides actor, case and version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class NoteForm(StepForm):
    note = forms.CharField(label=_("说明"), required=False, max_length=300, widget=_text(2))


class ReasonForm(StepForm):
    reason = forms.CharField(label=_("原因"), max_length=300, widget=_text(3))


class RefuseForm(StepForm):
    reason = forms.CharField(label=_("不予救助的理由"), max_length=200, widget=_text(3))
    clause = forms.CharField(
        label=_("依据的条款"), max_length=150, help_text=_("例如：国发〔2014〕47号，同一事由无正当理由重复申请")
    )


class VerifyForm(StepForm):
    first = forms.CharField(label=_("核实人"), max_length=40)
    second = forms.CharField(label=_("核实人（第二名）"), max_length=40, required=False)
    is_remote = forms.BooleanField(label=_("电话、视频核实（简化审批执行期间）"), required=False)
    findings = forms.CharField(label=_("核实情况"), max_length=300, widget=_text(3))

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            "investigators": [values["first"], values["second"]],
            "findings": values["findings"],
            "is_remote": values["is_remote"],
        }


class PapersForm(StepForm):
    first = forms.CharField(label=_("核实人"), max_length=40)
    second = forms.CharField(label=_("核实人（第二名）"), max_length=40)
    findings = forms.CharField(label=_("补齐的手续和核实情况"), max_length=300, widget=_text(3))

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {"investigators": [values["first"], values["second"]], "findings": values["findings"]}


class NoticeForm(StepForm):
    place = forms.CharField(label=_("公示地点"), max_length=100)


class ProposeForm(StepForm):
    amount = YuanField(label=_("先行救助金额（元）"))
    note = forms.CharField(label=_("说明"), required=False, max_length=300, widget=_text(2))

    def arguments(self) -> dict[str, Any]:
        return {"amount_fen": self.cleaned_data["amount"], "note": self.cleaned_data["note"]}


class ApproveForm(StepForm):
    basis = forms.ChoiceField(label=_("金额怎样确定"), choices=ReliefBasis.choices, widget=forms.RadioSelect)
    amount = YuanField(label=_("救助金额（元）"))
    standard = YuanField(label=_("城市低保标准（元/人·月）"), required=False, help_text=_("按标准计算时填写。"))
    months = forms.IntegerField(label=_("月数"), required=False, min_value=1, max_value=24)
    channel = forms.ChoiceField(label=_("发放方式"), choices=Channel.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("说明"), required=False, max_length=200, widget=_text(2), help_text=_("一事一议要写明议定的经过。")
    )

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        is_case_by_case = values["basis"] == ReliefBasis.CASE_BY_CASE
        claim = AmountClaim(
            amount_fen=values["amount"],
            basis=values["basis"],
            person_count=0,
            standard_fen=values["standard"],
            months=values["months"],
            note=values["note"] if is_case_by_case else "",
        )
        return {"claim": claim, "channel": values["channel"], "note": "" if is_case_by_case else values["note"]}


class PayForm(StepForm):
    received_by = forms.CharField(label=_("收款签字人"), max_length=64)
    note = forms.CharField(label=_("说明"), required=False, max_length=200, widget=_text(2))


class ReserveQuery(PeriodQuery):
    """A period of the petty reserves; this year so far unless given."""

    @property
    def period(self) -> tuple[Any, Any]:
        values = self.cleaned_data if self.is_valid() else {}
        until = values.get("until") or clock.today()
        return values.get("since") or until.replace(month=1, day=1), until


class FillForm(forms.Form):
    """County finance puts money into a township's reserve."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    treasury = forms.ChoiceField(label=_("从哪个专户拨付"))
    township = AreaField(label=_("拨付到（乡镇、街道）"))
    amount = YuanField(label=_("金额（元）"))
    occurred_on = DayField(label=_("拨付日期"))
    memo = forms.CharField(label=_("摘要"), required=False, max_length=100)

    def __init__(self, *args: Any, treasuries: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        treasury = self.fields["treasury"]
        assert isinstance(treasury, forms.ChoiceField)
        treasury.choices = treasuries
