"""The parts of a page, rendered as a page renders them."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Engine, RequestContext
from django.test import RequestFactory


def rendered(source: str, path: str = "/relief/", **context: object) -> str:
    request = RequestFactory().get(path)
    template = Engine.get_default().from_string(source)
    return re.sub(r"\s+", " ", template.render(RequestContext(request, context)))


class Application(forms.Form):
    name = forms.CharField(label="申请人", help_text="与户口簿一致。")
    mode = forms.ChoiceField(label="发放方式", choices=[("bank", "银行卡"), ("cash", "现金")], widget=forms.RadioSelect)
    proxy = forms.BooleanField(label="代办", required=False)


@pytest.mark.parametrize(
    ("path", "sort", "href"),
    [
        ("/relief/", None, "?sort=amount"),
        ("/relief/?sort=amount&page=3", "ascending", "?sort=-amount"),
        ("/relief/?sort=-amount", "descending", "?sort=amount"),
        ("/relief/?sort=number&q=a", None, "?sort=amount&amp;q=a"),
    ],
)
def test_th_turns_the_order_and_drops_the_page(path: str, sort: str | None, href: str) -> None:
    head = rendered('{% th "金额" sort="amount" num=True %}', path)
    assert re.findall(r'aria-sort="(\w+)"', head) == ([sort] if sort else [])
    assert re.findall(r' href="(\?[^"]*)"', head) == [href]


def test_th_without_a_sort_key_is_no_link() -> None:
    assert rendered('{% th "金额" %}').strip() == '<th scope="col">金额</th>'


def test_table_tools_count_all_rows_and_keep_the_search() -> None:
    page = Paginator(range(1_234), 50).get_page(2)
    tools = rendered('{% table_tools page unit="件" export_url="/relief/export" %}', "/relief/?q=张&page=2", page=page)
    assert "共 1,234 件，第 2 / 25 页" in tools
    assert re.findall(r'aria-current="page" href="([^"]*)"', tools) == ["?q=%E5%BC%A0&amp;page=2"]
    assert re.findall(r'href="(/relief/export[^"]*)"', tools) == [
        "/relief/export?q=%E5%BC%A0&amp;format=xlsx",
        "/relief/export?q=%E5%BC%A0&amp;format=csv",
    ]


def test_table_tools_of_one_page_have_no_page_turns() -> None:
    assert "<nav" not in rendered("{% table_tools page %}", page=Paginator([1, 2, 3], 50).get_page(1))


def test_table_tools_of_no_rows_offer_no_export() -> None:
    assert "/x" not in rendered('{% table_tools page export_url="/x" %}', page=Paginator([], 50).get_page(1))


def test_field_links_help_and_errors_to_the_control() -> None:
    form = Application({"name": ""})
    shown = rendered("{% field form.name %}", form=form)
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert re.findall(r'id="(id_name\w*)"', shown) == ["id_name", "id_name_helptext", "id_name_error"]


def test_field_of_choices_is_a_group_with_a_name() -> None:
    shown = rendered("{% field form.mode %}", form=Application())
    assert shown.count("<legend>发放方式") == 1
    assert shown.count('<fieldset class="choices" id="id_mode"') == 1
    assert shown.count('type="radio"') == 2


def test_form_errors_name_each_field() -> None:
    shown = rendered("{% form_errors form %}", form=Application({}))
    assert re.findall(r'<a href="#(\w+)">', shown) == ["id_name", "id_mode"]


def test_form_errors_of_an_untouched_form_are_nothing() -> None:
    assert rendered("{% form_errors form %}", form=Application()) == ""


def test_request_id_differs_from_form_to_form() -> None:
    first, second = re.findall(r'value="([^"]+)"', rendered("{% request_id %}{% request_id %}"))
    assert first != second


def test_definition_keeps_markup_of_tags_and_escapes_values() -> None:
    shown = rendered(
        '{% definition "证件" %}{% masked number "身份证号" "/reveal" %}{{ name }}{% enddefinition %}',
        number="370703********1486",
        name="<b>",
    )
    assert '<span class="masked">370703********1486</span>' in shown
    assert "&lt;b&gt;" in shown


def test_definition_without_a_value_shows_a_dash() -> None:
    assert "<dd>—</dd>" in rendered('{% definition "电话" %} {% enddefinition %}')


def test_step_bar_marks_the_current_step() -> None:
    steps = [SimpleNamespace(label="受理", state="done"), SimpleNamespace(label="审批", state="current")]
    shown = rendered("{% step_bar steps %}", steps=steps)
    assert re.findall(r'aria-current="step">(\w+)', shown) == ["审批"]
    assert "受理<span" in shown


def test_empty_row_spans_the_table() -> None:
    shown = rendered('{% empty_row 9 "还没有申请" "先受理一份。" "受理申请" "/relief/new" %}')
    assert 'colspan="9"' in shown
    assert 'href="/relief/new"' in shown


def test_component_does_not_see_the_page() -> None:
    assert "secret" not in rendered('{% alert %}<p>{% translate "好" %}</p>{% endalert %}', title="secret")
