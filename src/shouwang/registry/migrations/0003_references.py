"""The references of the tables that an import fills by the hundred thousand, and the rows that they refer to."""

from django.db import migrations

from shouwang.kernel.schema import never_deleted, referenced


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_guards")]
    operations = [
        never_deleted("registry_household"),
        never_deleted("registry_person"),
        referenced("registry_membership", {"person_id": "registry_person", "household_id": "registry_household"}),
        referenced("registry_personfact", {"person_id": "registry_person"}),
        referenced("registry_householdfact", {"household_id": "registry_household"}),
        referenced("registry_bankaccount", {"person_id": "registry_person"}),
    ]
