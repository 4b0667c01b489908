"""Forms of the import's pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.areas.public import AreaField
from shouwang.kernel.forms import DayField
from shouwang.kernel.spreadsheets.forms import ColumnsForm as SheetColumnsForm

from .importing.columns import COLUMNS
from .importing.layout import Layout
from .queries.imports import Candidate, Question
from .states import ImportQuestion, ImportState

_SOMEBODY_ELSE = "new"
_ALWAYS_SHOWN = frozenset({"name", "id_number", "relation", "village", "head_name", "household"})


class ImportQuery(forms.Form):
    area = AreaField(label=gettext_lazy("区划"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部")), *ImportState.choices]
    )


class NewImportForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    area = AreaField(
        label=gettext_lazy("乡镇（街道）"),
        help_text=gettext_lazy("表里的人住在哪个乡镇；全是一个村的，可以直接选到村。"),
    )
    since = DayField(
        label=gettext_lazy("从哪天起"),
        help_text=gettext_lazy("表里的情况从这天起算。"),
    )
    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        help_text=gettext_lazy(
            ".xlsx、.xls、.ods、.csv 都可以；一行一个人；.xlsx 和 .csv 最多 50 万行，.xls 和 .ods 最多 65,536 行。"
        ),
    )


class ColumnsForm(SheetColumnsForm):
    """The items that were found or are needed first, the others apart."""

    def __init__(self, *args: Any, layout: Layout, **kwargs: Any) -> None:
        super().__init__(*args, columns=COLUMNS, labels=layout.labels, mapping=layout.mapping, **kwargs)
        self._found = _ALWAYS_SHOWN | set(layout.mapping)

    def main(self) -> list[forms.BoundField]:
        """What was found, and what is needed."""
        return [self[column.key] for column in COLUMNS if column.key in self._found]

    def others(self) -> list[forms.BoundField]:
        return [self[column.key] for column in COLUMNS if column.key not in self._found]


class DecisionForm(forms.Form):
    """Who each undecided person is; a question left open stays open."""

    def __init__(self, *args: Any, questions: list[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = {f"row_{question.row}": question.row for question in questions}
        for question in questions:
            is_name = question.kind == ImportQuestion.OTHER_NAME
            label_of = _renamed_label if is_name else _candidate_label
            choices = [(str(one.person_id), label_of(one)) for one in question.candidates]
            otherwise = _("不是同一人（证件号有误），这一户退回") if is_name else _("不是同一人，新登记")
            self.fields[f"row_{question.row}"] = forms.ChoiceField(
                label=_question_label(question),
                help_text=question.kind.label,
                required=False,
                widget=forms.RadioSelect,
                choices=[*choices, (_SOMEBODY_ELSE, otherwise)],
            )

    def decisions(self) -> dict[int, UUID | None]:
        return {
            row: None if self.cleaned_data[name] == _SOMEBODY_ELSE else UUID(self.cleaned_data[name])
            for name, row in self._rows.items()
            if self.cleaned_data.get(name)
        }


class UndoForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("撤销的理由"), max_length=100)


def all_the_same(questions: list[Question]) -> dict[int, UUID | None]:
    """The answer "the same person" to every question that leaves no choice between records."""
    return {one.row: one.candidates[0].person_id for one in questions if len(one.candidates) == 1}


def _question_label(question: Question) -> str:
    words = {
        "row": question.row,
        "name": question.name,
        "sex": question.sex,
        "birth_on": question.birth_on,
        "head": question.head_name,
    }
    return _("第 %(row)s 行：%(name)s，%(sex)s，%(birth_on)s 出生，户主 %(head)s") % words


def _renamed_label(one: Candidate) -> str:
    words = {"name": one.name, "number": one.household_number, "head": one.head_name}
    if not one.household_number:
        return _("是同一人（更名或错名）：底册登记为 %(name)s，现不在任何一户") % words
    return _("是同一人（更名或错名）：底册登记为 %(name)s，在 %(number)s 户（户主 %(head)s）") % words


def _candidate_label(one: Candidate) -> str:
    words = {"name": one.name, "birth_on": one.birth_on, "number": one.household_number, "head": one.head_name}
    if not one.household_number:
        return _("就是底册中的 %(name)s（%(birth_on)s 出生，现不在任何一户）") % words
    if one.has_same_head:
        return _("就是 %(number)s 户（户主 %(head)s，户主相同）的 %(name)s") % words
    return _("就是 %(number)s 户（户主 %(head)s）的 %(name)s") % words
