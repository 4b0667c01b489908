"""Turning a row that is not refused into lines for its tables. This is the hot path: text, no model objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import F

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import blind_index, indexer, sealer
from shouwang.kernel.ids import new_ids
from shouwang.kernel.search import index_terms, name_terms

from ..models import Household, Person
from ..rules.person import CheckedPerson
from ..states import AMOUNT_KINDS, HouseholdFactKind, PersonFactKind, Relation
from .custody import move_custody
from .households import household_numbers
from .load_rows import AccountRow, FactRow, HouseholdRow, LoadedHousehold, MemberRow, Outcome
from .matching import History, Known
from .staging import NULL, Staging, binary, text


class Writer:
    """Writes the rows of one load; counts what it created."""

    def __init__(self, actor: Actor, staging: Staging, source: str, is_synthetic: bool) -> None:
        self._lines = staging.lines
        self._staging = staging
        self._now = clock.now()
        self._now_text = str(self._now)
        self._seal_id = sealer("registry_person.id_number")
        self._seal_phone = sealer("registry_person.phone")
        self._seal_certificate = sealer("registry_person.disability_certificate")
        self._seal_account = sealer("registry_bankaccount.account")
        self._phone_index = indexer("phone")
        self._account_index = indexer("account")
        self._by = str(actor.user_id) if actor.user_id else NULL
        self._source = text(source)
        self._is_synthetic = "t" if is_synthetic else "f"
        self._ids = _endless_ids()
        self._numbers: Iterator[str] = iter(())
        self._new = History()
        self._changes = 0
        self._touched: set[UUID] = set()
        self.persons_created = 0

    def reserve_numbers(self, count: int) -> None:
        self._numbers = iter(household_numbers(count))

    def begin(self) -> None:
        """Count up the versions of the known records that changed; let the lines of a chunk be written."""
        self._new = History()
        if self._touched:
            Person.objects.filter(id__in=self._touched).update(version=F("version") + 1)
            Household.objects.filter(id__in=self._touched).update(version=F("version") + 1)
            self._touched.clear()
        self._staging.begin()

    def write(self, row: HouseholdRow, indexes: Sequence[bytes | None], known: Known) -> LoadedHousehold:
        """Append what the row says beyond what is known."""
        persons = [known.person_of(member, index) for member, index in zip(row.members, indexes, strict=True)]
        household = _household_of(row, persons, known)
        self._changes = 0
        household_id = household.id if household is not None else self._new_household(row)
        if household is not None and household.area_code != row.area_code:
            members = known.members.get(household.id, [])
            move_custody(person_ids=members, household_id=household.id, to_area_code=row.area_code)
            household.area_code = row.area_code
        person_ids = []
        for member, index, person in zip(row.members, indexes, persons, strict=True):
            person_id = (
                self._new_person(row, member, index) if person is None else self._known_person(row, member, person)
            )
            self._member(row, member, person_id, household_id, person is not None, known)
            person_ids.append(person_id)
        if household is not None:
            self._step_down(row, household, person_ids, known)
        history = known.household_facts if household is not None else self._new
        residence = FactRow(HouseholdFactKind.RESIDENCE, f"{row.area_code:015d}", row.since)
        for fact in (*row.facts, residence):
            self._fact("registry_householdfact", household_id, fact, history, row.area_code, household is not None)
        created = household is None
        outcome = Outcome.CREATED if created else Outcome.CHANGED if self._changes else Outcome.EQUAL
        return LoadedHousehold(outcome, household_id, tuple(person_ids))

    def _new_household(self, row: HouseholdRow) -> UUID:
        made = next(self._ids)
        self._lines["registry_household"].append(
            f"{made}\t{next(self._numbers)}\t{row.area_code}\t{row.since}\t{self._now_text}\t{self._is_synthetic}\t1"
        )
        return UUID(hex=made)

    def _new_person(self, row: HouseholdRow, member: MemberRow, index: bytes | None) -> UUID:
        made, person = next(self._ids), member.person
        number, phone, certificate = person.id_number, person.phone, person.disability_certificate
        sealed_number = binary(self._seal_id(number)) if number else NULL
        sealed_phone, phone_index = (
            (binary(self._seal_phone(phone)), binary(self._phone_index(phone))) if phone else (NULL, NULL)
        )
        sealed_certificate = binary(self._seal_certificate(certificate)) if certificate else NULL
        self._lines["registry_person"].append(
            f"{made}\t{text(person.name)}\t{person.sex}\t{person.birth_on or NULL}\t{sealed_number}\t"
            f"{binary(index)}\t{number[-4:] if number else ''}\t{person.no_id_reason}\t{sealed_phone}\t{phone_index}\t"
            f"{sealed_certificate}\t{row.area_code}\t{self._now_text}\t{self._is_synthetic}\t1"
        )
        self._lines["kernel_searchterm"] += [
            f"{text(term)}\tperson\t{made}\t{row.area_code}" for term in _terms_of(person.name)
        ]
        self.persons_created += 1
        self._changes += 1
        return UUID(hex=made)

    def _known_person(self, row: HouseholdRow, member: MemberRow, person: Person) -> UUID:
        """Correct what the row says otherwise about a known person, and take them into the row's village."""
        changed = _differences(person, member.person)
        if person.area_code != row.area_code:
            move_custody(person_ids=[person.id], household_id=None, to_area_code=row.area_code)
            person.area_code = row.area_code
            self._touch(person.id)
        if changed:
            for column, value in changed.items():
                setattr(person, column, value)
            person.save(update_fields=[*changed])
            self._touch(person.id)
            if "name" in changed:
                index_terms("person", [(person.id, person.area_code, name_terms(person.name))], replace=True)
        return person.id

    def _member(
        self, row: HouseholdRow, member: MemberRow, person_id: UUID, household_id: UUID, is_known: bool, known: Known
    ) -> None:
        """The member's place in the household, facts and accounts."""
        joined_on = member.joined_on or row.since
        places, facts, accounts = (
            (known.places, known.facts, known.accounts) if is_known else (self._new, self._new, self._new)
        )
        self._place(person_id, (household_id, member.relation), joined_on, places, row.area_code, is_known)
        for fact in sorted(member.facts, key=_by_day) if len(member.facts) > 1 else member.facts:
            self._fact("registry_personfact", person_id, fact, facts, row.area_code, is_known)
        said = {fact.kind for fact in member.facts}
        if member.person.disability is not None and PersonFactKind.DISABILITY not in said:
            fact = FactRow(PersonFactKind.DISABILITY, member.person.disability, joined_on)
            self._fact("registry_personfact", person_id, fact, facts, row.area_code, is_known)
        for account in member.accounts:
            self._account(person_id, account, accounts, row.area_code, is_known)

    def _place(
        self, person_id: UUID, place: tuple[UUID, str], on: date, history: History, area_code: int, is_known: bool
    ) -> None:
        stamp = history.append((person_id, "place"), on, self._now, place)
        if stamp is None:
            return
        tail = self._tail(on, stamp, area_code)
        self._lines["registry_membership"].append(
            f"{next(self._ids)}\t{person_id.hex}\t{place[0].hex}\t{place[1]}\t{tail}"
        )
        if is_known:
            self._touch(person_id)

    def _fact(
        self, table: str, subject_id: UUID, fact: FactRow, history: History, area_code: int, is_known: bool
    ) -> None:
        stamp = history.append((subject_id, fact.kind), fact.valid_from, self._now, fact.value)
        if stamp is None:
            return
        value = NULL if fact.value is None else text(str(fact.value))
        columns = f"{value}\t{NULL}" if fact.kind in AMOUNT_KINDS else f"{NULL}\t{value}"
        self._lines[table].append(
            f"{next(self._ids)}\t{subject_id.hex}\t{fact.kind}\t{columns}\t"
            f"{self._tail(fact.valid_from, stamp, area_code)}"
        )
        if is_known:
            self._touch(subject_id)

    def _account(self, person_id: UUID, account: AccountRow, history: History, area_code: int, is_known: bool) -> None:
        index = self._account_index(account.number)
        said = (index, account.bank_name, account.holder_name, account.agreement)
        stamp = history.append((person_id, "account"), account.valid_from, self._now, said)
        if stamp is None:
            return
        sealed = binary(self._seal_account(account.number))
        self._lines["registry_bankaccount"].append(
            f"{next(self._ids)}\t{person_id.hex}\t{text(account.bank_name)}\t{text(account.holder_name)}\t{sealed}\t"
            f"{binary(index)}\t{account.number[-4:]}\t{text(account.agreement)}\t"
            f"{self._tail(account.valid_from, stamp, area_code)}"
        )
        if is_known:
            self._touch(person_id)

    def _step_down(self, row: HouseholdRow, household: Household, person_ids: Sequence[UUID], known: Known) -> None:
        """The head of before, when the row names another and leaves the old one out, becomes another member."""
        old_head = known.heads.get(household.id)
        if old_head is not None and old_head not in person_ids:
            self._place(old_head, (household.id, Relation.OTHER), row.since, known.places, row.area_code, True)

    def _tail(self, valid_from: date, stamp: datetime, area_code: int) -> str:
        """The columns that every dated row ends with."""
        recorded_at = self._now_text if stamp is self._now else stamp
        return f"{valid_from}\t{recorded_at}\t{self._by}\t{self._source}\t{area_code}"

    def _touch(self, record_id: UUID) -> None:
        self._changes += 1
        self._touched.add(record_id)


def _household_of(row: HouseholdRow, persons: Sequence[Person | None], known: Known) -> Household | None:
    """The household that the row continues; None for a new one (a family that split off its old home included)."""
    if row.household_id is not None:
        return known.households[row.household_id]
    position = next(place for place, member in enumerate(row.members) if member.relation == Relation.HEAD)
    head = persons[position]
    if head is None:
        return None
    household_id, relation = known.place(head.id, row.since)
    if household_id is None or household_id not in known.households:
        return None
    present = {person.id for person in persons if person is not None}
    continues = relation == Relation.HEAD or known.heads.get(household_id) in present
    return known.households[household_id] if continues else None


def _differences(person: Person, said: CheckedPerson) -> dict[str, object]:
    """The columns that the row states otherwise. What it leaves out stays as it is."""
    changed: dict[str, object] = {}
    if said.name != person.name:
        changed["name"] = said.name
    if said.phone:
        index = blind_index("phone", said.phone)
        if person.phone_index is None or bytes(person.phone_index) != index:
            changed |= {"phone": said.phone, "phone_index": index}
    if said.disability_certificate and said.disability_certificate != (person.disability_certificate or ""):
        changed["disability_certificate"] = said.disability_certificate
    if said.id_number and person.id_index is None:
        changed |= {
            "id_number": said.id_number,
            "id_index": blind_index("id_number", said.id_number),
            "id_tail": said.id_number[-4:],
            "no_id_reason": "",
        }
    return changed


@lru_cache(maxsize=10_000)
def _terms_of(name: str) -> tuple[str, ...]:
    return tuple(sorted(name_terms(name)))


def _by_day(fact: FactRow) -> date:
    return fact.valid_from


def _endless_ids() -> Iterator[str]:
    while True:
        yield from new_ids(10_000)
