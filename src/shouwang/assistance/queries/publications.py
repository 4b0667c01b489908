"""Lists for a village's board: the rows that may be put up, and what is kept off them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from shouwang.areas.public import Level, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import mask_name
from shouwang.kernel.errors import Invalid, NotFound
from shouwang.kernel.scope import spans_q
from shouwang.registry.public import PersonFactKind, household_of, members_as_of, person_facts_as_of

from ..models import Grant, Payable, PayablePerson, Publication
from ..policies import ensure_may_read_payments
from ..rules.publication import NEVER_PUBLISHED, PUBLISHABLE, may_be_published
from ..states import Origin, Programme
from ..states_follows import ARREARS


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A row as it hangs: nothing else about the household leaves this module."""

    masked_name: str
    member_count: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class VillageList:
    """The rows in the order of the register; what is withheld is counted for the officer and never listed."""

    area_code: int
    programme: str
    benefit_month: date
    rows: Sequence[PublishedRow]
    withheld_count: int
    withheld_fen: int

    @property
    def amount_fen(self) -> int:
        return sum(row.amount_fen for row in self.rows)

    @property
    def person_count(self) -> int:
        return sum(row.member_count for row in self.rows)


def village_list_for(actor: Actor, *, area_code: int, programme: str, month: date) -> VillageList:
    """What the runs owe in the village for the month, ready for the board. Raises NotFound (another area), Invalid (no
    village, or a programme whose lists are never put up), NotAllowed."""
    ensure_may_read_payments(actor)
    area = get_area(area_code)
    if not actor.scope.contains(area_code):
        raise NotFound(_("没有这个村（社区），可能不在您的辖区"), area_code=area_code)
    if area.level != Level.VILLAGE:
        raise Invalid(_("名单按村（社区）张贴，请选择一个村（社区）"), reason="publication.not_a_village")
    if programme not in PUBLISHABLE:
        raise Invalid(_("这个救助类别的名单不张榜公布"), reason="publication.programme", programme=programme)
    payables = list(
        _owed(programme, month)
        .filter(actor.scope.q())
        .filter(spans_q(area.span))
        .select_related("payee", "person", "household")
        .order_by("household__number", "id")
    )
    rows: list[PublishedRow] = []
    withheld_fen = 0
    covered = _covered([payable.id for payable in payables])
    categories = _categories_at_home({one for persons in covered.values() for one in persons} | _named(payables))
    for payable in payables:
        persons = covered[payable.id]
        if all(may_be_published(categories[one]) for one in persons | _named([payable])):
            rows.append(PublishedRow(_name(payable), len(persons), payable.amount_fen))
        else:
            withheld_fen += payable.amount_fen
    return VillageList(area_code, programme, month, rows, len(payables) - len(rows), withheld_fen)


def _owed(programme: str, month: date) -> QuerySet[Payable]:
    """What the board shows is the month's amount: arrears of a month would name a household twice."""
    owed = Payable.objects.filter(programme=programme, benefit_month=month).exclude(origin=Origin.HISTORY)
    return owed.exclude(reason_key__startswith=f"{ARREARS}:")


def owed_in(actor: Actor, *, area_code: int, programme: str, month: date) -> int:
    """What the runs owe in the village, by one sum: the list and what it withholds add up to it."""
    found = _owed(programme, month).filter(actor.scope.q()).filter(spans_q(get_area(area_code).span))
    return int(found.aggregate(total=Sum("amount_fen", default=0))["total"])


def _covered(payable_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    covered: dict[UUID, set[UUID]] = defaultdict(set)
    rows = PayablePerson.objects.filter(payable_id__in=payable_ids)
    for payable_id, person_id in rows.values_list("payable_id", "person_id"):
        covered[payable_id].add(person_id)
    return covered


def _named(payables: Sequence[Payable]) -> set[UUID]:
    """Those whose name would stand on the list."""
    return {one for payable in payables for one in (payable.payee_id, payable.person_id) if one is not None}


def _categories_at_home(person_ids: set[UUID]) -> dict[UUID, set[str]]:
    """The categories of everyone whom each of these persons lives with, of the register or by a grant.

    As they are known today, whatever the month: a child found to be without care is protected at once. A grant counts
    for ever, and the household counts where the payment is one person's: a list names nobody who lives with the child.
    """
    today = clock.today()
    homes = household_of(person_ids, on=today)
    families = members_as_of(set(homes.values()), on=today)
    everyone = person_ids | {member.person_id for members in families.values() for member in members}
    facts = person_facts_as_of(everyone, [PersonFactKind.CATEGORY], on=today)
    own = {one: set(str(facts[one].get(PersonFactKind.CATEGORY) or "").split(",")) for one in everyone}
    for person_id, programme in Grant.objects.filter(programme__in=NEVER_PUBLISHED, person_id__in=everyone).values_list(
        "person_id", "programme"
    ):
        if person_id is not None:
            own[person_id].add(programme)
    with_family = {
        home: set().union(*(own[member.person_id] for member in members)) for home, members in families.items()
    }
    return {one: own[one] | with_family.get(homes.get(one, one), set()) for one in person_ids}


def _name(payable: Payable) -> str:
    person = payable.person or payable.payee
    return mask_name(person.name) if person else _("户主待登记")


def list_publications_for(actor: Actor) -> QuerySet[Publication]:
    """What was put up in the actor's area, the latest first."""
    ensure_may_read_payments(actor)
    return Publication.objects.filter(actor.scope.q()).order_by("-posted_on", "-recorded_at", "-id")


def get_publication_for(actor: Actor, publication_id: UUID) -> Publication:
    """Raises NotFound, also for another area's."""
    found = list_publications_for(actor).filter(id=publication_id).first()
    if found is None:
        raise NotFound(_("没有这份公示、公布，可能不在您的辖区"), publication_id=publication_id)
    return found


def is_down(publication: Publication) -> bool:
    """Whether a notice hangs no more."""
    return publication.take_down_on is not None and publication.take_down_on <= clock.today()


def programme_choices() -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in Programme.choices if code in PUBLISHABLE]
