"""An estate of a county for the neighbour walk: a household that waits, one with passes, the deny list, a workbook."""

from __future__ import annotations

from shouwang.accounts.public import Role
from shouwang.gates.commands.denials import deny_passes, propose_denial
from shouwang.gates.commands.estates import create_gate
from shouwang.gates.commands.registrations import (
    SentMember,
    SentRegistration,
    register_by_resident,
    register_for_household,
)
from shouwang.gates.commands.sheets import register_from_sheet
from shouwang.gates.models import Device, Estate, HeldBatch, IngestAlarm, Pass, Resident
from shouwang.gates.states import DenyReason, DeviceProfile, RegistrationSource
from shouwang.kernel import clock
from shouwang.kernel.crypto import mask_name
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.registry.public import PersonDetails
from tests.factories import id_number

from .counties import Samples


def register_residents(samples: Samples) -> None:
    place, worker = samples.place, samples.officers[Role.GRID_WORKER]
    estate = Estate.objects.create(name=place.name("家园"), area_code=place.village, recorded_at=clock.now())
    waiting = register_by_resident(registration_id=new_id(), sent=_household(samples, estate, "候补", room="101"))
    with use_scope(worker.scope):
        made = register_for_household(
            actor=worker,
            registration_id=new_id(),
            sent=_household(samples, estate, "海生", "海云", "海天", room="202"),
            source=RegistrationSource.PROXY,
        )
        residents = list(Resident.objects.filter(registration=made.registration).order_by("position"))
        first, _second, last = (Pass.objects.get(holder=resident) for resident in residents)
        deny_passes(actor=worker, pass_ids=[last.id], reason=DenyReason.LOST)
        proposal = propose_denial(actor=worker, proposal_id=new_id(), pass_ids=[first.id], reason=DenyReason.REPLACED)
        rows = f"楼号,房号,姓名,身份证号\n1,303,{place.name('退回')},\n"
        sheet = register_from_sheet(
            actor=worker,
            sheet_id=new_id(),
            estate_id=estate.id,
            file_name=f"{place.name('住户')}.csv",
            content=rows.encode("gb18030"),
        )
        gate = create_gate(actor=worker, estate_id=estate.id, name="南门")
        device = Device.objects.create(
            gate=gate, name="南门1号机", profile=DeviceProfile.GATE, token_digest=b"x" * 32, area_code=place.village,
            enrolled_at=clock.now(),
        )  # fmt: skip
        alarm = IngestAlarm.objects.create(
            device_id=device.id, kind="gap", seq=4, details={}, area_code=place.village, recorded_at=clock.now()
        )
        held = HeldBatch.objects.create(
            device=device, digest=b"y" * 16, item_count=1, body='{"items": []}', area_code=place.village,
            received_at=clock.now(),
        )  # fmt: skip
    samples.arguments |= {
        "gate_id": gate.id,
        "device_id": device.id,
        "alarm_id": alarm.id,
        "held_judge.batch_id": held.id,
        "estate_id": estate.id,
        "registration_id": made.registration.id,
        "waiting_registration_id": waiting.registration.id,
        "registration_step.registration_id": waiting.registration.id,
        "resident_id": residents[0].id,
        "pass_id": first.id,
        "proposal_id": proposal.id,
        "sheet_id": sheet.id,
    }
    samples.shown |= {
        "estate": estate.name,
        "resident": residents[0].name,
        "waiting_resident": place.name("候补"),
        "masked_resident": mask_name(residents[0].name),
        "denied": str(last.id),
        "registration_sheet": sheet.file_name,
    }


def _household(samples: Samples, estate: Estate, *given: str, room: str) -> SentRegistration:
    members = []
    for position, name in enumerate(given):
        number = id_number(sequence=samples.place.number * 100 + 60 + position + int(room) // 100 * 5)
        samples.numbers[name] = number
        members.append(SentMember(PersonDetails(samples.place.name(name), number)))
    return SentRegistration(estate.id, "1", room, f"1380000{samples.place.number:04d}", tuple(members))
