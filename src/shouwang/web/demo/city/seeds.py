"""What the generator hands over: plain tuples in the order in which a loader writes them.

Keys are small integers, unique within their kind; the loader turns them into ids. Money is fen. No total is among
them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, NamedTuple

Programme = Literal["dibao", "tekun"]
Outcome = Literal["succeeded", "returned"]
IncomeKind = Literal["wage", "business", "property", "transfer"]


class Disability(NamedTuple):
    """Kind 1-7 (视力 听力 言语 肢体 智力 精神 多重), level 1-4, and the certificate's 20 characters that say both."""

    kind: int
    level: int
    certificate: str


class PersonSeed(NamedTuple):
    """Codes are the register's; `self_care_score` counts the failed ones of the six self-care tests (tekun only)."""

    key: int
    name: str
    sex: Literal["male", "female"]
    birth_on: date
    id_number: str | None
    no_id_reason: Literal["", "newborn", "unregistered", "unknown_identity"]
    phone: str | None
    relation: str
    joined_on: date
    disability: Disability | None
    is_seriously_ill: bool
    categories: tuple[str, ...]
    needs: tuple[str, ...]
    self_care_score: int | None
    care_mode: Literal["concentrated", "dispersed"] | None


class IncomeSeed(NamedTuple):
    """One kind of one person's monthly income from a day on; a later row of the same kind replaces an earlier one."""

    person_key: int
    kind: IncomeKind
    monthly_fen: int
    valid_from: date
    recorded_on: date


class AccountSeed(NamedTuple):
    """Where a household's money goes from a day on; the latest row holds."""

    holder_key: int
    holder_name: str
    bank: str
    number: str
    valid_from: date


class HouseholdSeed(NamedTuple):
    """`area_code` is where it lives, `hukou_code` where it is registered: another province for a stranded traveller."""

    key: int
    area_code: int
    township_code: int
    reporting_unit: int
    hukou_code: int
    is_urban: bool
    registered_on: date
    head_key: int
    members: tuple[PersonSeed, ...]
    incomes: tuple[IncomeSeed, ...]
    accounts: tuple[AccountSeed, ...]


class DeathSeed(NamedTuple):
    person_key: int
    household_key: int
    died_on: date
    recorded_on: date


class BirthSeed(NamedTuple):
    """The child stands among its household's members already, joined on the day of its birth."""

    person_key: int
    household_key: int
    born_on: date
    recorded_on: date


class MoveSeed(NamedTuple):
    """The whole household, living in `to_area` from `moved_on`; its first area is the household's own."""

    household_key: int
    to_area: int
    to_township: int
    to_reporting_unit: int
    moved_on: date
    recorded_on: date


class TwinSeed(NamedTuple):
    """Two records of one human being, left for the duplicate check to find; only the first is ever paid.

    An ID number stands once in the register, so a twin has none: in another county the second record lacks it, in the
    same village both do.
    """

    reason: Literal["other_county", "same_village"]
    person_key: int
    twin_key: int


class GrantSteps(NamedTuple):
    """The days of an admission by the 2012 and 2016 rules; the benefit starts the month after the decision."""

    accepted_on: date
    verified_on: date
    noticed_on: date
    approved_on: date


class MonthlyAmount(NamedTuple):
    """Dibao: gap and category surcharge. Tekun: basic standard and care. `person_keys` are the people it covers."""

    month: date
    base_fen: int
    supplement_fen: int
    person_keys: tuple[int, ...]


class GrantSeed(NamedTuple):
    """`months` holds January to March 2020 as far as in force; March is what the rules give under the measures then.

    `steps` is None for recipients taken over from the counties' lists; with steps it is an admission.
    """

    key: int
    programme: Programme
    household_key: int
    person_key: int | None
    area_code: int
    reporting_unit: int
    starts_on: date
    ends_on: date | None
    steps: GrantSteps | None
    months: tuple[MonthlyAmount, ...]


class BatchSeed(NamedTuple):
    """The hand-overs of one programme's month in one reporting unit; `sent_on` is the day of credit."""

    programme: Programme
    benefit_month: date
    reporting_unit: int
    listed_on: date
    county_on: date
    finance_on: date
    sent_on: date


class AttemptSeed(NamedTuple):
    """Paid on, or returned on, `settled_on`."""

    sent_on: date
    settled_on: date
    outcome: Outcome
    reason: str


class PaymentSeed(NamedTuple):
    """One grant's month with everything the bank answered; paid only if the last attempt succeeded."""

    programme: Programme
    benefit_month: date
    grant_key: int
    household_key: int
    area_code: int
    reporting_unit: int
    base_fen: int
    supplement_fen: int
    person_keys: tuple[int, ...]
    attempts: tuple[AttemptSeed, ...]

    @property
    def amount_fen(self) -> int:
        return self.base_fen + self.supplement_fen


class PriceSubsidySeed(NamedTuple):
    """One person's price-linkage subsidy for the index of one month, paid before the area's go-live."""

    index_month: date
    group: Literal["dibao", "tekun", "orphan", "unattended_child", "veteran"]
    is_urban_standard: bool
    household_key: int
    person_key: int
    area_code: int
    reporting_unit: int
    amount_fen: int
    attempts: tuple[AttemptSeed, ...]


class ReliefSeed(NamedTuple):
    """One case of temporary relief 临时救助 with the days of its steps; a step not reached is None.

    `basis` says how the amount came about: standard_months = urban dibao standard x persons x months, small_amount and
    case_by_case (一事一议) are decisions. `home_area_name` is empty unless the applicant is from elsewhere. Cash comes
    out of the township's petty reserve. Only a case with `paid_on` was paid.
    """

    key: int
    kind: Literal["urgent", "expenditure"]
    cause: str
    story: str
    household_key: int
    area_code: int
    township_code: int
    reporting_unit: int
    home_area_name: str
    person_keys: tuple[int, ...]
    basis: Literal["small_amount", "standard_months", "case_by_case"]
    formula_version: str
    months: int | None
    amount_fen: int
    decided_by: Literal["township", "county"]
    channel: Literal["bank", "cash"]
    is_relief_first: bool
    follows_key: int | None
    occurred_on: date
    accepted_on: date
    verified_on: date | None
    noticed_on: date | None
    approved_on: date | None
    paid_on: date | None
    refused_on: date | None
    refusal: str
    papers_due_on: date | None
    papers_in_on: date | None


class PettyReserveSeed(NamedTuple):
    """One movement of a township's petty reserve 小额备用金; `amount_fen` is positive, `kind` gives its direction."""

    township_code: int
    reporting_unit: int
    kind: Literal["opening", "refill", "payment"]
    on: date
    amount_fen: int
    relief_key: int | None


class OfficerSeed(NamedTuple):
    username: str
    name: str
    role: str
    area_code: int
    phone: str


class DocumentSeed(NamedTuple):
    key: int
    number: str
    title: str
    issuer: str
    issued_on: date


class MeasureSeed(NamedTuple):
    """A measure in force over `area_code` from `from_on` to before `until_on`, with typed integer parameters."""

    document_key: int
    kind: str
    parameters: tuple[tuple[str, int], ...]
    area_code: int
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class DemoCity:
    """Everything that happened in the demo city until the morning of 2020-03-18."""

    households: list[HouseholdSeed]
    deaths: list[DeathSeed]
    births: list[BirthSeed]
    moves: list[MoveSeed]
    twins: list[TwinSeed]
    dibao_grants: list[GrantSeed]
    tekun_grants: list[GrantSeed]
    batches: list[BatchSeed]
    payments: list[PaymentSeed]
    earlier_payments: list[PaymentSeed]
    price_subsidies: list[PriceSubsidySeed]
    reliefs: list[ReliefSeed]
    petty_reserve: list[PettyReserveSeed]
    officers: list[OfficerSeed]
    documents: list[DocumentSeed]
    measures: list[MeasureSeed]

    @classmethod
    def empty(cls) -> DemoCity:
        return cls(*([] for _ in fields(cls)))
