"""Forms of county lists and of go-live. They tidy what was typed; commands decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel.forms import DayField

from ..commands.county_lists import SentList
from ..county_list_file import LIMITS
from ..queries.county_lists import SENT_BACK, ListCandidate, ListQuestion
from ..states import BY_HOUSEHOLD, GRANTED, LINKED, Door, Programme
from .payments import MonthField

_BY_PERSON = "person"
_ROW = "row_"
_SEND_BACK = "back"
_DOCUMENTS_OFFERED = 100
_TAKEN_OVER = [(code, label) for code, label in Programme.choices if code in GRANTED]
_PAID_BEFORE = [
    *_TAKEN_OVER,
    (Programme.PRICE_SUBSIDY, _("价格临时补贴（按户）")),
    (f"{Programme.PRICE_SUBSIDY}:{_BY_PERSON}", _("价格临时补贴（按人）")),
    (Programme.ONE_OFF, _("一次性补助（按户）")),
    (f"{Programme.ONE_OFF}:{_BY_PERSON}", _("一次性补助（按人）")),
]
_LIVE = [(code, label) for code, label in Programme.choices if code != Programme.TEMPORARY_RELIEF]


class _WithDocument(forms.Form):
    document = forms.TypedChoiceField(label=_("依据文件"), coerce=str)

    def __init__(self, *args: Any, documents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["document"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *documents[:_DOCUMENTS_OFFERED]]


class _ListForm(_WithDocument):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    programme = forms.ChoiceField(label=_("救助类别"))
    file = forms.FileField(
        label=_("名单表格"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        help_text=_(".xlsx、.xls、.ods、.csv 都可以，最多 1 万行。"),
    )
    month = MonthField(label=_("月份"), required=False)

    def sent(self, door: Door) -> SentList:
        """The file is read no further than one byte past the limit: the reader then says so."""
        values = self.cleaned_data
        programme, _sign, per = values["programme"].partition(":")
        return SentList(
            door=door,
            programme=programme,
            is_by_household=programme in BY_HOUSEHOLD | LINKED and per != _BY_PERSON,
            document_id=values["document"],
            file_name=values["file"].name,
            content=bytes(values["file"].read(LIMITS.file_bytes + 1)),
            month=values["month"],
            paid_on=values.get("paid_on"),
        )


class TakeOverForm(_ListForm):
    field_order = ("programme", "document", "month", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = _TAKEN_OVER  # type: ignore[attr-defined]
        self.fields["month"].label = _("起始月")
        self.fields["month"].help_text = _("表中没有“起始月”列，或者这一格没填时使用。")


class HistoryForm(_ListForm):
    field_order = ("programme", "document", "month", "paid_on", "file")
    paid_on = DayField(label=_("发放日期"), required=False, help_text=_("表中没有“发放日期”时使用。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = _PAID_BEFORE  # type: ignore[attr-defined]
        self.fields["month"].label = _("发放月份")
        self.fields["month"].help_text = _("表中没有“发放月份”时使用。")


class AnswersForm(forms.Form):
    """Who each row without ID number means; a question left open stays open."""

    def __init__(self, *args: Any, questions: Sequence[ListQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = {f"{_ROW}{question.row}": question.row for question in questions}
        for question in questions:
            choices = [(str(one.person_id), _candidate_label(one)) for one in question.candidates]
            self.fields[f"{_ROW}{question.row}"] = forms.ChoiceField(
                label=_question_label(question),
                required=False,
                widget=forms.RadioSelect,
                choices=[*choices, (_SEND_BACK, _("退回这一行"))],
                initial=_SEND_BACK if question.answer == SENT_BACK else question.answer,
            )

    @staticmethod
    def rows_in(sent: Mapping[str, object]) -> set[int]:
        """The rows that were answered on the page as it was shown."""
        return {int(key[len(_ROW) :]) for key in sent if key.startswith(_ROW) and key[len(_ROW) :].isdecimal()}

    def answers(self) -> dict[int, UUID | None]:
        return {
            row: None if self.cleaned_data[name] == _SEND_BACK else UUID(self.cleaned_data[name])
            for name, row in self._rows.items()
            if self.cleaned_data.get(name)
        }


def _question_label(question: ListQuestion) -> str:
    parts = [gettext("第 %(row)s 行") % {"row": question.row}]
    parts += sorted({one.name for one in question.candidates})
    if question.village:
        parts.append(gettext("名单上的村：%(village)s") % {"village": question.village})
    if question.head:
        parts.append(gettext("名单上的户主：%(head)s") % {"head": question.head})
    return "，".join(parts)


def _candidate_label(one: ListCandidate) -> str:
    words = {
        "name": one.name,
        "birth_on": one.birth_on,
        "number": one.number,
        "village": one.village,
        "household": one.household,
        "head": one.head,
    }
    if not one.household:
        return gettext("就是此人：%(name)s，%(birth_on)s 出生，%(number)s，%(village)s，现不在任何一户") % words
    return (
        gettext("就是此人：%(name)s，%(birth_on)s 出生，%(number)s，%(village)s，%(household)s 户（户主 %(head)s）")
        % words
    )


class GoLiveForm(_WithDocument):
    area = AreaField(label=_("区划"), help_text=_("县（市、区）、功能区或者市；市一级登记的，所辖各县一并适用。"))
    programme = forms.ChoiceField(label=_("救助类别"), choices=_LIVE)
    live_on = DayField(label=_("上线日期"), help_text=_("从这天起在本系统发放；登记后不能更改。"))
