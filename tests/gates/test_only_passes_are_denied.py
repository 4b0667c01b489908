"""There is no way to turn a person away: the deny list holds passes, and nothing else says no to anybody.

Looked for in the schema, the models, the forms, the addresses, the commands, the measures and the admin. Whoever adds a way
fails here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.db import connection

from shouwang import gates
from shouwang.gates import commands as gate_commands
from shouwang.gates import forms as gate_forms
from shouwang.gates.measures import KINDS
from shouwang.gates.models import DenialProposal, PassDenial
from shouwang.gates.states import DenyReason
from tests.invariants.addresses import routed

SAYS_NO = re.compile(
    r"den(y|ied|ial)|ban(ned|_|$)|block(ed|list)|black|revok|forbid|barred|suspend|refus(e|ed|al)_|watch_?list|red_code|"
    r"禁止|黑名单|拉黑|封禁|限制出行|不准.{0,4}人"
)
DENIAL_TABLES = {"gates_passdenial", "gates_denialproposal"}
OF_DEVICES = {"gates_device"}
"""A phone of the bureau's is revoked; it is nobody's way home."""
PERSONAL = {
    "name",
    "id_number",
    "id_index",
    "id_tail",
    "person_id",
    "resident_id",
    "holder_id",
    "phone",
    "household_id",
}


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


@pytest.mark.django_db
def test_no_other_table_has_a_column_that_says_no() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and table_name like 'gates\\_%'"
        )
        columns = cursor.fetchall()
    found = {(table, column) for table, column in columns if SAYS_NO.search(column)}
    assert {table for table, _column in found} - OF_DEVICES <= DENIAL_TABLES | {"gates_registrationsheet"}
    assert {column for table, column in found if table == "gates_registrationsheet"} <= {"refused", "refused_count"}


@pytest.mark.django_db
def test_deny_list_has_no_column_for_a_person_and_none_for_text() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns where table_name = any(%s)",
            [sorted(DENIAL_TABLES)],
        )
        columns = dict(cursor.fetchall())
    assert set(columns) & PERSONAL == set()
    assert {name for name, kind in columns.items() if "char" in kind or kind in ("text", "jsonb", "bytea")} == {
        "reason"
    }
    assert {name for name in columns if name.endswith("_id")} == {"denied_id"}
    for model in (PassDenial, DenialProposal):
        assert model._meta.get_field("reason").choices == DenyReason.choices


@pytest.mark.django_db
def test_database_knows_the_five_reasons_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conname in"
            " ('denial_reason_closed', 'denial_proposal_reason_closed')"
        )
        definitions = [row[0] for row in cursor.fetchall()]
    assert len(definitions) == 2
    for definition in definitions:
        assert set(re.findall(r"'(\w+)'", definition)) == set(DenyReason.values)


def test_nothing_but_a_pass_is_pointed_at() -> None:
    """From the deny list to a pass, and from nowhere else to the deny list."""
    pointing = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.is_relation and field.related_model in (PassDenial, DenialProposal)
    }
    assert pointing == set()
    (relation,) = [field for field in PassDenial._meta.local_fields if field.is_relation]
    assert relation.related_model._meta.label == "gates.Pass"


def test_no_form_takes_a_person_a_text_or_a_file_to_deny() -> None:
    found = {}
    for module in modules_of(gate_forms):
        for name, form in inspect.getmembers(module, inspect.isclass):
            if not issubclass(form, forms.Form) or form is forms.Form:
                continue
            fields = {key: type(field).__name__ for key, field in form.base_fields.items()}
            assert not any(SAYS_NO.search(key) for key in fields), (name, fields)
            if "reason" in fields and name in ("DenialForm", "ReplaceForm"):
                found[name] = fields
    assert found == {
        "DenialForm": {"request_id": "UUIDField", "reason": "ChoiceField"},
        "ReplaceForm": {"reason": "ChoiceField"},
    }


def test_only_these_addresses_deny_and_none_imports() -> None:
    names = {name: arguments for name, arguments in routed() if SAYS_NO.search(name)}
    gates_own = {name: arguments for name, arguments in names.items() if name.startswith("denial")}
    assert gates_own == {
        "denial_list": [],
        "denial_new": [],
        "denial_proposal": ["proposal_id"],
        "denial_decide": ["proposal_id"],
    }
    elsewhere = {name for name in set(names) - set(gates_own) if "gate" in name or "resident" in name or "pass" in name}
    assert elsewhere == set()


def test_only_these_commands_deny_and_all_of_them_passes() -> None:
    found = {}
    for module in modules_of(gate_commands):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and re.search(r"den(y|ial)", name) and not name.startswith("_"):
                found[name] = sorted(inspect.signature(function).parameters)
    assert found == {
        "deny_passes": ["actor", "pass_ids", "reason"],
        "propose_denial": ["actor", "pass_ids", "proposal_id", "reason"],
        "decide_denial": ["actor", "is_confirmed", "proposal_id"],
        "deny_passes_of": ["actor", "reason", "residents"],
        "deny_one": ["actor", "one", "reason"],
    }


def test_who_denies_for_residents_does_so_for_moving_out_alone() -> None:
    """`deny_passes_of` is the one call that begins with people: its callers give no other reason."""
    calls = [
        call
        for module in modules_of(gates)
        for call in re.findall(r"(?<!def )deny_passes_of\(([^)]*)\)", Path(module.__file__ or "").read_text())
    ]
    assert calls
    assert all("DenyReason.MOVED_OUT" in call for call in calls)


def test_no_measure_names_a_person() -> None:
    for kind in KINDS:
        for parameter in kind.parameters:
            assert isinstance(parameter.minimum, int)
            assert isinstance(parameter.maximum, int)
            assert parameter.maximum <= 999
    residents = next(parameter for parameter in KINDS[0].parameters if parameter.key == "residents")
    assert residents.minimum == 1  # a resident may be asked to sign in, never turned away


def test_there_is_no_admin() -> None:
    assert [app for app in settings.INSTALLED_APPS if "admin" in app] == []
    assert [name for name, _arguments in routed() if "admin" in name] == []
