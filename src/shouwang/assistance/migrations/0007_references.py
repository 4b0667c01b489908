"""The references of the tables that a month fills by the hundred thousand, and the rows that they refer to.

Two references of attempts change: a line that is taken off its list loses its batch and part.
"""

from django.db import migrations

from shouwang.kernel.schema import never_deleted, referenced


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0003_references"),
        ("ledger", "0002_guards"),
        ("assistance", "0006_late_facts"),
    ]
    operations = [
        *(
            never_deleted(table)
            for table in (
                "assistance_grant",
                "assistance_reliefcase",
                "assistance_paymentbatch",
                "assistance_batchpart",
            )
        ),
        referenced(
            "assistance_payable",
            {
                "household_id": "registry_household",
                "person_id": "registry_person",
                "payee_id": "registry_person",
                "grant_id": "assistance_grant",
                "case_id": "assistance_reliefcase",
                "run_id": "assistance_benefitrun",
            },
        ),
        referenced("assistance_payableperson", {"payable_id": "assistance_payable", "person_id": "registry_person"}),
        referenced(
            "assistance_paymentattempt",
            {
                "payable_id": "assistance_payable",
                "batch_id": "assistance_paymentbatch",
                "part_id": "assistance_batchpart",
                "account_id": "registry_bankaccount",
            },
        ),
        # Not attempt_id: the line of a drafted list can be deleted, so what refers to it keeps a foreign key.
        referenced("assistance_paymentoutcome", {"payable_id": "assistance_payable", "entry_id": "ledger_entry"}),
        referenced(
            "assistance_runline",
            {"run_id": "assistance_benefitrun", "grant_id": "assistance_grant", "payable_id": "assistance_payable"},
        ),
    ]
