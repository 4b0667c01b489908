"""A bench's estate with phones, its server, and the processors' time that the server and PostgreSQL take."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction
from tests.factories import GUDI_VILLAGE, acting

from shouwang.accounts.public import Role
from shouwang.cli.children import end_with_parent
from shouwang.gates.commands.estates import create_estate, create_gate
from shouwang.gates.models import Device, DeviceReport, Gate
from shouwang.gates.queries.phones import digest_of
from shouwang.gates.states import DeviceProfile
from shouwang.kernel import clock

from .phone_load import Phone

_TICKS = os.sysconf("SC_CLK_TCK")


def make_gate(name: str = "翠园小区") -> Gate:
    with acting(Role.GRID_WORKER, GUDI_VILLAGE) as actor:
        estate = create_estate(actor=actor, name=name, area_code=GUDI_VILLAGE)
        return create_gate(actor=actor, estate_id=estate.id, name="南门")


def enrol(gate: Gate, count: int) -> list[Phone]:
    """As `enrol_device` leaves them, many at once."""
    now = clock.now()
    phones = []
    with acting(Role.GRID_WORKER, GUDI_VILLAGE), transaction.atomic():
        for number in range(count):
            secret = secrets.token_urlsafe(32)
            device = Device.objects.create(
                gate=gate,
                name=f"手机{number + 1}",
                profile=DeviceProfile.GATE,
                token_digest=digest_of(secret),
                area_code=gate.area_code,
                enrolled_at=now,
            )
            DeviceReport.objects.create(
                device=device, area_code=gate.area_code, seen_at=now - timedelta(hours=1), clock_offset_ms=0
            )
            phones.append(Phone(device.id, f"{device.id}.{secret}"))
    return phones


@contextmanager
def served(url: str, *, workers: int = 1, server: str = "granian", queue_scans: int | None = None) -> Iterator[Server]:
    """`shouwang gates serve` on a port of its own; `gunicorn` serves the same calls among the pages."""
    running = Server(url, workers, server, queue_scans)
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Server:
    """A server in a process group of its own, that can be killed and started again on the same port."""

    def __init__(self, url: str, workers: int, server: str, queue_scans: int | None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._url, self._workers, self._server = url, workers, server
        self._queue = {"SHOUWANG_GATE_QUEUE": str(queue_scans)} if queue_scans else {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "shouwang.cli"]
        if self._server == "granian":
            command += ["gates", "serve", "--port", str(self.port), "--workers", str(self._workers)]
        else:
            command = [sys.executable, "-m", "gunicorn", "shouwang.config.wsgi:application", "--threads", "64"]
            command += [
                "--bind",
                f"127.0.0.1:{self.port}",
                "--workers",
                str(self._workers),
                "--worker-class",
                "gthread",
            ]
            command += ["--no-control-socket", "--log-level", "warning", "--keep-alive", "30"]
        environment = os.environ | {"DATABASE_URL": self._url, "DATABASE_OWNER_URL": self._url} | self._queue
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
        )
        self._wait()

    def kill(self) -> None:
        """kill -9, the workers with it."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def pids(self) -> list[int]:
        """The server's processes."""
        assert self._process is not None
        return [self._process.pid, *_children(self._process.pid)]

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as tried:
                    tried.sendall(b"GET /api/v1/gate/none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                    if tried.recv(12) == b"HTTP/1.1 404":
                        return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError("the server does not answer")


def cpu_of(pids: Sequence[int]) -> dict[int, float]:
    """What each of these processes, if it is still there, has used so far: seconds of user and system time."""
    spent = {}
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        spent[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
    return spent


def spent_between(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    """Of the processes that are there at the end; one that began meanwhile counts whole."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def postgres_pids() -> list[int]:
    """Every process of the database server, which must run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return _children(int(fields[1]))


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_children(child)]
    return found
