"""One box for everything a person looks for: a name, a number, a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shouwang.accounts.public import SEES_PERSONS
from shouwang.areas.public import area_names, search_areas
from shouwang.assistance.public import list_batches_for, list_cases_for
from shouwang.kernel.actor import Actor
from shouwang.registry.public import list_households_for, list_organisations_for, list_persons_for
from shouwang.response.public import list_documents

HITS_MAX = 20


class Located(Protocol):
    """A record that lies in an area."""

    area_code: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is called, what tells it from its like, where it lies."""

    title: str
    detail: str
    area: str
    url: str


@dataclass(frozen=True, slots=True)
class HitGroup:
    label: str | Promise
    hits: list[Hit]


def find(actor: Actor, text: str) -> list[HitGroup]:
    """Groups that found something. Persons and cases stay in the actor's scope; areas and documents are everybody's."""
    groups = []
    if actor.role in SEES_PERSONS:
        groups += [
            HitGroup(_("人员"), list(_persons(actor, text))),
            HitGroup(_("家庭"), list(_households(actor, text))),
            HitGroup(_("临时救助"), list(_relief(actor, text))),
            HitGroup(_("发放清册"), list(_batches(actor, text))),
            HitGroup(_("机构"), list(_organisations(actor, text))),
        ]
    groups += [HitGroup(_("文件"), list(_documents(text))), HitGroup(_("区划"), list(_areas(text)))]
    return [group for group in groups if group.hits]


def _persons(actor: Actor, text: str) -> Iterator[Hit]:
    for person, area in _with_area(list_persons_for(actor, keyword=text)[:HITS_MAX]):
        detail = _("证件号尾号 %(tail)s") % {"tail": person.id_tail} if person.id_tail else _("无证件号")
        yield Hit(person.name, detail, area, reverse("person_detail", args=[person.id]))


def _households(actor: Actor, text: str) -> Iterator[Hit]:
    for household, area in _with_area(list_households_for(actor, keyword=text)[:HITS_MAX]):
        yield Hit(household.number, "", area, reverse("household_detail", args=[household.id]))


def _organisations(actor: Actor, text: str) -> Iterator[Hit]:
    for organisation, area in _with_area(list_organisations_for(actor, keyword=text)[:HITS_MAX]):
        url = reverse("organisation_detail", args=[organisation.id])
        yield Hit(organisation.name, organisation.credit_code or "", area, url)


def _relief(actor: Actor, text: str) -> Iterator[Hit]:
    for case, area in _with_area(list_cases_for(actor, keyword=text)[:HITS_MAX]):
        yield Hit(case.number, case.get_state_display(), area, reverse("relief_case", args=[case.id]))


def _batches(actor: Actor, text: str) -> Iterator[Hit]:
    for batch, area in _with_area(list_batches_for(actor).filter(number=text.upper())[:HITS_MAX]):
        yield Hit(batch.number, batch.get_state_display(), area, reverse("batch_page", args=[batch.id]))


def _documents(text: str) -> Iterator[Hit]:
    for document in list_documents(text=text)[:HITS_MAX]:
        yield Hit(document.title, document.number, document.issuer, reverse("document_detail", args=[document.id]))


def _areas(text: str) -> Iterator[Hit]:
    for area in search_areas(text, limit=HITS_MAX):
        yield Hit(area.full_name, str(area.code // 1000), "", "")


L = TypeVar("L", bound=Located)


def _with_area(found: Iterable[L]) -> Iterator[tuple[L, str]]:
    """Records with the names of their places, in two queries."""
    records: Sequence[L] = list(found)
    names = area_names([record.area_code for record in records])
    for record in records:
        yield record, names.get(record.area_code, "")
