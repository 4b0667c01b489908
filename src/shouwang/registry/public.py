"""What other apps may use of the register."""

from .commands.accounts import AccountDetails, record_bank_account
from .commands.certificates import record_certificate
from .commands.facts import (
    correct_person_fact,
    record_death,
    record_household_fact,
    record_membership,
    record_person_fact,
)
from .commands.households import NewMember, move_household, register_household
from .commands.load_rows import AccountRow, FactRow, HouseholdRow, LoadedHousehold, LoadResult, MemberRow, Outcome
from .commands.loading import load_register
from .commands.members import change_head, join_household
from .commands.merges import merge_persons, unmerge_persons
from .commands.needs import change_need
from .commands.organisations import OrganisationDetails, record_organisation
from .commands.persons import correct_person, find_person_by_id_number, register_person
from .commands.revealing import reveal
from .commands.transfers import refuse_transfer, request_transfer, transfer_household, withdraw_transfer
from .events import PersonDied, PersonsMerged, RecordsMoved
from .filters import HouseholdFilter, Meant, household_filter
from .models import BankAccount, Household, Organisation, Person
from .panels import Panel, household_panel, person_panel
from .queries import frozen as frozen_register
from .queries.accounts import shared_accounts
from .queries.as_of import (
    Member,
    account_as_of,
    account_ids_as_of,
    household_facts_as_of,
    household_of,
    members_as_of,
    membership_of,
    merged_everywhere_sql,
    moves_everywhere_sql,
    person_facts_as_of,
    records_of,
    survivors_of,
    survivors_sql,
    told_dead_sql,
)
from .queries.duplicates import namesakes_for
from .queries.households import get_household_for, households_for
from .queries.lists import list_households_for, list_organisations_for, list_persons_for, organisations_in
from .queries.people import ElsewhereAnswer, get_person_for, persons_for
from .rules.person import CheckedPerson, PersonDetails, check_person
from .rules.values import check_account, check_household_fact, check_name, check_person_fact, check_phone
from .states import (
    CareMode,
    Category,
    HouseholdFactKind,
    Need,
    NoIdReason,
    OrganisationKind,
    PersonFactKind,
    Relation,
    Sex,
)

__all__ = [
    "AccountDetails",
    "AccountRow",
    "BankAccount",
    "CareMode",
    "Category",
    "CheckedPerson",
    "ElsewhereAnswer",
    "FactRow",
    "Household",
    "HouseholdFactKind",
    "HouseholdFilter",
    "HouseholdRow",
    "LoadResult",
    "LoadedHousehold",
    "Meant",
    "Member",
    "MemberRow",
    "Need",
    "NewMember",
    "NoIdReason",
    "Organisation",
    "OrganisationDetails",
    "OrganisationKind",
    "Outcome",
    "Panel",
    "Person",
    "PersonDetails",
    "PersonDied",
    "PersonFactKind",
    "PersonsMerged",
    "RecordsMoved",
    "Relation",
    "Sex",
    "account_as_of",
    "account_ids_as_of",
    "change_head",
    "change_need",
    "check_account",
    "check_household_fact",
    "check_name",
    "check_person",
    "check_person_fact",
    "check_phone",
    "correct_person",
    "correct_person_fact",
    "find_person_by_id_number",
    "frozen_register",
    "get_household_for",
    "get_person_for",
    "household_facts_as_of",
    "household_filter",
    "household_of",
    "household_panel",
    "households_for",
    "join_household",
    "list_households_for",
    "list_organisations_for",
    "list_persons_for",
    "load_register",
    "members_as_of",
    "membership_of",
    "merge_persons",
    "merged_everywhere_sql",
    "move_household",
    "moves_everywhere_sql",
    "namesakes_for",
    "organisations_in",
    "person_facts_as_of",
    "person_panel",
    "persons_for",
    "record_bank_account",
    "record_certificate",
    "record_death",
    "record_household_fact",
    "record_membership",
    "record_organisation",
    "record_person_fact",
    "records_of",
    "refuse_transfer",
    "register_household",
    "register_person",
    "request_transfer",
    "reveal",
    "shared_accounts",
    "survivors_of",
    "survivors_sql",
    "told_dead_sql",
    "transfer_household",
    "unmerge_persons",
    "withdraw_transfer",
]
