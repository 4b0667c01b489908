"""Forms of sign-in, users and posts, and the working-day page. They tidy what was typed; commands decide."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.forms import DayField, PeriodQuery

from .audit_words import SUBJECTS
from .queries import STATES
from .states import Role

_PASSWORD_LENGTH_MAX = 128
_ALL = [("", _("全部"))]


def _password(autocomplete: str, *, autofocus: bool = False) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": autocomplete} | ({"autofocus": True} if autofocus else {}))


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("密码"), strip=False, max_length=_PASSWORD_LENGTH_MAX, widget=_password("current-password")
    )


class ChangePasswordForm(forms.Form):
    current = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        max_length=_PASSWORD_LENGTH_MAX,
        widget=_password("current-password", autofocus=True),
    )
    new = forms.CharField(
        label=_("新密码"), strip=False, max_length=_PASSWORD_LENGTH_MAX, widget=_password("new-password")
    )
    again = forms.CharField(
        label=_("再输一次新密码"), strip=False, max_length=_PASSWORD_LENGTH_MAX, widget=_password("new-password")
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new", again):
            raise forms.ValidationError(_("两次输入的新密码不一致"))
        return again


class UserQuery(forms.Form):
    q = forms.CharField(label=_("姓名或用户名"), required=False, max_length=40)
    role = forms.ChoiceField(label=_("岗位"), required=False, choices=[*_ALL, *Role.choices])
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[*_ALL, *STATES])


class AuditQuery(PeriodQuery):
    who = forms.CharField(label=_("经办人"), required=False, max_length=40)
    what = forms.ChoiceField(label=_("事项"), required=False, choices=[*_ALL, *SUBJECTS.items()])
    area = AreaField(label=_("区划"), required=False)


class PostForm(forms.Form):
    """A role in an area from a day on."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("岗位"), choices=Role.choices)
    area = AreaField(label=_("任职区划"))
    on = DayField(label=_("任职日期"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["on"].initial = clock.today


class NewUserForm(PostForm):
    name = forms.CharField(label=_("姓名"), max_length=40)
    username = forms.CharField(
        label=_("用户名"), max_length=40, help_text=_("工号或姓名拼音：小写字母、数字、点、横线，3至40位")
    )
    field_order = ("name", "username", "role", "area", "on", "request_id")


class MovePostForm(PostForm):
    reason = forms.CharField(label=_("调动原因"), max_length=200)


class EndPostForm(forms.Form):
    until_on = DayField(label=_("从哪天起不再任职"))
    reason = forms.CharField(label=_("终止原因"), max_length=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["until_on"].initial = clock.today


class WorkingDayForm(forms.Form):
    day = DayField(label=_("日期"))
    is_working = forms.TypedChoiceField(
        label=_("当天"),
        choices=[("1", _("上班")), ("0", _("休息"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("依据或说明"), max_length=64, help_text=_("例如：国办发明电〔2020〕1号"))
