"""健康登记 of one person in a form: four questions, the first answered by everybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from shouwang.kernel.forms import DayField

from ..rules.declarations import PLACES_LENGTH_MAX, DeclaredHealth
from ..states_residents import Certificate, Symptom

WELL, UNWELL = "well", "unwell"


class HealthForm(forms.Form):
    """`declared` once it is valid; None where nothing was answered and nothing is asked for."""

    health = forms.ChoiceField(
        label=_("现在身体情况"),
        choices=[(WELL, _("没有不舒服")), (UNWELL, _("有下面的症状"))],
        widget=forms.RadioSelect,
        required=False,
    )
    symptoms = forms.MultipleChoiceField(
        label=_("症状"), choices=Symptom.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    temperature = forms.DecimalField(
        label=_("体温（℃）"),
        required=False,
        min_value=34,
        max_value=43,
        max_digits=3,
        decimal_places=1,
        help_text=_("量过就填，没有量可以不填。"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    places = forms.CharField(
        label=_("14 天内到过的外地"),
        required=False,
        max_length=PLACES_LENGTH_MAX,
        help_text=_("写到县、市；没有离开过就空着。"),
    )
    certificate = forms.ChoiceField(
        label=_("持有的证明"), required=False, choices=[("", _("没有")), *Certificate.choices]
    )
    certificate_on = DayField(label=_("证明的日期"), required=False)

    is_asked = False
    """Whether the measure in force asks for an answer."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        said = values.get("health")
        if values.get("symptoms") and said != UNWELL:
            self.add_error("health", text("勾选了症状的，请选“有下面的症状”"))
        elif said == UNWELL and not values.get("symptoms"):
            self.add_error("symptoms", text("请勾选有哪些症状"))
        elif not said and (self.is_asked or self._has_more(values)):
            self.add_error("health", text("请选择现在身体情况"))
        if (
            bool(values.get("certificate")) != bool(values.get("certificate_on"))
            and "certificate_on" not in self.errors
        ):
            self.add_error("certificate_on", text("有证明的，种类和日期都要填"))
        return values

    def declared(self) -> DeclaredHealth | None:
        values = self.cleaned_data
        if not values.get("health"):
            return None
        temperature = values["temperature"]
        return DeclaredHealth(
            temperature_tenths=int(temperature * 10) if temperature is not None else None,
            symptoms=tuple(sorted(values["symptoms"])),
            places=values["places"].strip(),
            certificate=values["certificate"],
            certificate_on=values["certificate_on"],
        )

    @staticmethod
    def _has_more(values: dict[str, Any]) -> bool:
        return any(values.get(name) for name in ("temperature", "places", "certificate"))


HEALTH_FIELDS = tuple(HealthForm.base_fields)
