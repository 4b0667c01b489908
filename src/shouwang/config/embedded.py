"""The embedded PostgreSQL: started when it is needed, found by connecting, alive again after any crash.

Guarantees: two processes that ask at once start one server; a server counts as running only when a connection to it
succeeds, never because postmaster.pid says so; a power cut in the middle of the first start leaves nothing half made.
Refuses: to remove a lock file while a PostgreSQL server still works in that data folder, to open data of another major
version, to change the permissions of a folder that is not ours.

The server listens on a Unix socket alone, in a folder of mode 0700; who may enter that folder is trusted.
"""

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from shouwang.config import binaries, place, roles
from shouwang.config.binaries import EmbeddedServerError, Installation
from shouwang.config.place import Place, RunAs

__all__ = ["EmbeddedServerError", "Server", "Status", "ensure_running", "locate", "status", "stop"]

SUPERUSER = "postgres"
START_TIMEOUT_SECONDS = 300  # recovery after a crash replays up to max_wal_size
SILENT_SERVER_PATIENCE_SECONDS = 10.0
ORPHANS_TIMEOUT_SECONDS = 15.0  # after a kill -9 of the postmaster its children need a moment to notice,
ORPHANS_MESSAGE = "shared memory block"  # and as long as they hold its memory a new server refuses to start
LOG_LIMIT_BYTES = 16 * place.MEBIBYTE


@dataclass(frozen=True)
class Server:
    """Where an instance answers."""

    socket_dir: Path
    port: int

    def dsn(self, user: str = roles.OWNER_ROLE, database: str = roles.DATABASE) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket_dir), port=self.port, user=user, dbname=database, connect_timeout=5
        )

    @property
    def superuser_dsn(self) -> str:
        return self.dsn(SUPERUSER, "postgres")


@dataclass(frozen=True)
class Status:
    """What an operator asks about an instance. Version and size are None while it does not run."""

    instance: str
    running: bool
    data_dir: Path
    socket_dir: Path
    log: Path
    version: str | None = None
    size_bytes: int | None = None


def locate(instance: str = "main") -> Server:
    """Where `instance` answers once it runs; starts and creates nothing."""
    return Server(place.place_of(instance).socket, place.PORT)


def ensure_running(instance: str = "main", *, throwaway: bool = False) -> Server:
    """The running server of `instance`, with roles and database; initialised and started when it is not.

    `throwaway` is for tests: it gives up safety against a power cut for speed, and counts at the start only.
    """
    server = locate(instance)
    if _answers(server.dsn()) and roles.are_there(server.dsn()):
        return server
    spot = place.place_of(instance)
    with _locked(place.make_root() / "lock"):
        run_as = place.server_user()
        place.make_folders(spot, run_as)
    with _locked(spot.lock):
        installation = _installation(spot, run_as)
        if not _answers(server.superuser_dsn):
            _clear_the_way(spot, server, installation, run_as)
            if not spot.data.exists():
                _initialise(spot, installation, run_as)
            _start(spot, installation, run_as, throwaway=throwaway)
        roles.create_embedded_roles(server.superuser_dsn, throwaway=throwaway)
    if not _answers(server.dsn()):
        raise EmbeddedServerError(f"The embedded server started but refuses {roles.OWNER_ROLE}; see {spot.log}.")
    return server


def stop(instance: str = "main") -> bool:
    """Stops `instance`, ending its sessions; False when it did not run. Committed data is on disk afterwards."""
    spot = place.place_of(instance)
    if not spot.data.is_dir():
        return False
    with _locked(spot.lock):
        if not _answers(locate(instance).superuser_dsn) and _live_postmaster(spot.data) is None:
            return False
        run_as = place.server_user()
        _stop(spot, _installation(spot, run_as), run_as)
        return True


def status(instance: str = "main") -> Status:
    spot = place.place_of(instance)
    found = Status(instance, running=False, data_dir=spot.data, socket_dir=spot.socket, log=spot.log)
    try:
        with psycopg.connect(locate(instance).superuser_dsn, autocommit=True) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version'), sum(pg_database_size(oid))::bigint FROM pg_database"
            ).fetchone()
    except psycopg.OperationalError:
        return found
    assert row is not None
    return Status(instance, True, spot.data, spot.socket, spot.log, version=row[0], size_bytes=row[1])


def _answers(dsn: str) -> bool:
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go of the lock when its holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _installation(spot: Place, run_as: RunAs | None) -> Installation:
    try:
        data_major = int((spot.data / "PG_VERSION").read_text())
    except FileNotFoundError:
        data_major = None
    installation = binaries.choose_installation(data_major)
    if run_as is None:
        return installation
    with _locked(place.make_root() / "lock"):
        return binaries.copy_for_another_user(installation, place.state_root())


def _initialise(spot: Place, installation: Installation, run_as: RunAs | None) -> None:
    """initdb into a folder of another name, renamed when it is whole."""
    unfinished = spot.data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    place.make_private(unfinished, run_as)
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", f"--username={SUPERUSER}", "--no-instructions"]
    _run([installation.program("initdb"), f"--pgdata={unfinished}", *options], run_as, "initialise its data")
    unfinished.rename(spot.data)


def _start(spot: Place, installation: Installation, run_as: RunAs | None, *, throwaway: bool) -> None:
    spot.settings.write_text(place.settings_text(spot, throwaway=throwaway))
    spot.settings.chmod(0o644)
    if spot.log.exists() and spot.log.stat().st_size > LOG_LIMIT_BYTES:
        spot.log.replace(spot.log.with_suffix(".log.old"))
    command = [installation.program("pg_ctl"), "start", "--wait", f"--timeout={START_TIMEOUT_SECONDS}", "--silent"]
    command += [f"--pgdata={spot.data}", f"--log={spot.log}", "-o", f"-c config_file={shlex.quote(str(spot.settings))}"]
    deadline = time.monotonic() + ORPHANS_TIMEOUT_SECONDS
    while True:
        try:
            _run(command, run_as, "start", log=spot.log)
        except EmbeddedServerError as error:
            if ORPHANS_MESSAGE not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            break
    if not _answers(Server(spot.socket, place.PORT).superuser_dsn):
        raise EmbeddedServerError(f"The embedded server started but does not answer at {spot.socket}; see {spot.log}.")


def _clear_the_way(spot: Place, server: Server, installation: Installation, run_as: RunAs | None) -> None:
    """Nobody answers. Waits for a server that is starting, ends one that cannot be reached, removes stale locks."""
    deadline = time.monotonic() + SILENT_SERVER_PATIENCE_SECONDS
    give_up = time.monotonic() + START_TIMEOUT_SECONDS
    while _live_postmaster(spot.data) is not None and time.monotonic() < give_up:
        if _is_starting(server, installation, run_as):
            deadline = time.monotonic() + SILENT_SERVER_PATIENCE_SECONDS
        elif _answers(server.superuser_dsn):
            return
        elif time.monotonic() > deadline:
            _stop(spot, installation, run_as)  # alive, yet its socket is gone
            break
        time.sleep(0.1)
    if _live_postmaster(spot.data) is None:
        (spot.data / "postmaster.pid").unlink(missing_ok=True)
        for leftover in spot.socket.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)


def _is_starting(server: Server, installation: Installation, run_as: RunAs | None) -> bool:
    """True while the server answers that it is starting up, recovering or shutting down."""
    rejecting = 1
    command = [installation.program("pg_isready"), "--quiet", f"--host={server.socket_dir}", f"--port={server.port}"]
    return _as_user(command, run_as).returncode == rejecting


def _live_postmaster(data: Path) -> int | None:
    """The process that postmaster.pid names, if it is a PostgreSQL server at work in this very folder.

    After a crash the number may belong to any other process. A server of ours has the data folder as its working
    folder; where there is no /proc, its command line names the folder.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        return None  # another user's process: ours runs as ourselves, or is within reach of root
    if Path("/proc/self").exists():
        try:
            at_work_here = Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
            is_postgres = Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
        except OSError:
            return None  # it ended while we looked, or is a zombie
        return pid if at_work_here and is_postgres else None
    shown = _as_user(["/bin/ps", "-o", "command=", "-p", str(pid)], None).stdout
    return pid if "postgres" in shown and str(data) in shown else None


def _stop(spot: Place, installation: Installation, run_as: RunAs | None) -> None:
    command = [installation.program("pg_ctl"), "stop", "--mode=fast", "--wait", "--timeout=120", "--silent"]
    try:
        _run([*command, f"--pgdata={spot.data}"], run_as, "stop", log=spot.log)
    except EmbeddedServerError:
        pid = _live_postmaster(spot.data)
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)  # immediate: the next start recovers from the log
            raise
    # It ended while pg_ctl looked for it: stopped all the same.


def _run(command: list[str], run_as: RunAs | None, purpose: str, log: Path | None = None) -> None:
    done = _as_user(command, run_as)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        tail = f" The end of {log}: {_last_lines(log)}" if log else ""
        raise EmbeddedServerError(
            f"The embedded PostgreSQL could not {purpose}: {said[-1] if said else f'exit {done.returncode}'}{tail}"
        )


def _as_user(command: list[str], run_as: RunAs | None) -> subprocess.CompletedProcess[str]:
    """Runs a program as the server's user, in /, without the PG... variables of whoever called us."""
    return subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"},
        user=run_as.uid if run_as else None,
        group=run_as.gid if run_as else None,
        extra_groups=[] if run_as else None,
    )


def _last_lines(log: Path, count: int = 5) -> str:
    if not log.exists():
        return "(empty)"
    return " | ".join(log.read_text(errors="replace").splitlines()[-count:])
