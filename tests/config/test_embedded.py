"""The embedded server starts after whatever happened to it, and is never taken for alive when it is not."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from shouwang.config import embedded, place, roles

SERVER_USER = place.SERVER_USER if os.geteuid() == 0 else None


def postmaster_pid(instance: str) -> int:
    return int((embedded.status(instance).data_dir / "postmaster.pid").read_text().split()[0])


def kill_everything(instance: str) -> None:
    """kill -9 to the server and all its children at once, as a power cut does."""
    postmaster = postmaster_pid(instance)
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in [postmaster, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    while any(Path(f"/proc/{pid}/cwd").exists() for pid in [postmaster, *children]):
        time.sleep(0.01)


@contextmanager
def foreign_process() -> Iterator[subprocess.Popen[bytes]]:
    """A live process of the server's own user that has nothing to do with it."""
    with subprocess.Popen(["sleep", "60"], user=SERVER_USER, cwd="/") as process:
        yield process
        process.kill()


def name_in_lock_file(instance: str, pid: int) -> None:
    lock_file = embedded.status(instance).data_dir / "postmaster.pid"
    lines = lock_file.read_text().splitlines()
    lock_file.write_text("\n".join([str(pid), *lines[1:], ""]))
    socket_lock = embedded.locate(instance).socket_dir / ".s.PGSQL.5432.lock"
    socket_lock.write_text(lock_file.read_text())


def write_a_row(server: embedded.Server) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def read_the_row(server: embedded.Server) -> tuple[object, ...] | None:
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone()


def test_ensure_running_again_is_the_same_server(instance: str) -> None:
    first = embedded.ensure_running(instance)
    pid = postmaster_pid(instance)
    assert embedded.ensure_running(instance) == first
    assert postmaster_pid(instance) == pid


def test_ensure_running_after_kill_9_of_everything_keeps_committed_rows(instance: str) -> None:
    write_a_row(embedded.ensure_running(instance))
    kill_everything(instance)
    assert embedded.status(instance).running is False
    assert read_the_row(embedded.ensure_running(instance)) == (42,)


def test_ensure_running_after_kill_9_of_the_postmaster_alone(instance: str) -> None:
    write_a_row(embedded.ensure_running(instance))
    os.kill(postmaster_pid(instance), signal.SIGKILL)
    assert read_the_row(embedded.ensure_running(instance)) == (42,)


def test_ensure_running_when_the_stale_lock_file_names_another_process(instance: str) -> None:
    write_a_row(embedded.ensure_running(instance))
    kill_everything(instance)
    with foreign_process() as other:
        name_in_lock_file(instance, other.pid)
        assert read_the_row(embedded.ensure_running(instance)) == (42,)
        assert other.poll() is None


def test_stop_when_the_stale_lock_file_names_another_process(instance: str) -> None:
    embedded.ensure_running(instance)
    kill_everything(instance)
    with foreign_process() as other:
        name_in_lock_file(instance, other.pid)
        assert embedded.stop(instance) is False
        assert other.poll() is None


def test_ensure_running_when_the_socket_is_gone(instance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "SILENT_SERVER_PATIENCE_SECONDS", 0.2)
    write_a_row(embedded.ensure_running(instance))
    (embedded.locate(instance).socket_dir / ".s.PGSQL.5432").unlink()
    assert read_the_row(embedded.ensure_running(instance)) == (42,)


def test_ensure_running_after_a_first_start_that_was_cut_off(instance: str) -> None:
    embedded.ensure_running(instance)
    embedded.stop(instance)
    data = embedded.status(instance).data_dir
    data.rename(data.with_name("data.unfinished"))
    (data.with_name("data.unfinished") / "PG_VERSION").unlink()
    assert embedded.ensure_running(instance) == embedded.locate(instance)
    assert embedded.status(instance).running is True


def test_ensure_running_called_by_two_processes_at_once_starts_one_server(instance: str) -> None:
    call = (
        f"import sys; sys.path[:] = {sys.path!r}; from shouwang.config.embedded import *; ensure_running({instance!r})"
    )
    both = [subprocess.Popen([sys.executable, "-c", call]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    data = embedded.status(instance).data_dir
    log = (data / "server.log").read_text()
    assert log.count("database system is ready to accept connections") == 1


def test_stop_and_status(instance: str) -> None:
    before = embedded.status(instance)
    assert (before.running, before.version) == (False, None)
    assert embedded.stop(instance) is False
    embedded.ensure_running(instance)
    running = embedded.status(instance)
    assert (running.running, running.instance) == (True, instance)
    assert running.size_bytes is not None
    assert embedded.stop(instance) is True
    assert embedded.status(instance).running is False


def test_the_server_listens_on_no_network_address_and_its_folders_are_private(instance: str) -> None:
    server = embedded.ensure_running(instance)
    found = embedded.status(instance)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (found.data_dir, found.socket_dir)] == [0o700, 0o700]
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_folders_that_are_not_ours_keep_their_mode(
    instance: str, embedded_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = embedded_root / "outer"
    outer.mkdir()
    outer.chmod(0o711)
    monkeypatch.setenv("SHOUWANG_DATA_DIR", str(outer / "inner"))
    (outer / "inner").mkdir()
    (outer / "inner").chmod(0o751)
    embedded.ensure_running(instance)
    embedded.stop(instance)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (outer, outer / "inner")] == [0o711, 0o751]
    shutil.rmtree(outer)
    monkeypatch.setenv("SHOUWANG_DATA_DIR", str(embedded_root))
    embedded.ensure_running(instance)


def test_a_socket_path_that_is_too_long_moves_to_a_short_folder(
    embedded_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUWANG_DATA_DIR", str(embedded_root / ("a" * 100)))
    spot = place.place_of("case")
    assert spot.socket.parent == embedded_root.parent
    assert len(os.fsencode(spot.socket / ".s.PGSQL.5432.lock")) <= place.SOCKET_PATH_LIMIT_BYTES


def test_a_socket_folder_of_someone_else_is_refused(instance: str) -> None:
    spot = place.place_of(instance)
    spot.folder.mkdir()
    spot.socket.mkdir()
    spot.socket.chmod(0o777)
    with pytest.raises(embedded.EmbeddedServerError, match="mode 0700"):
        embedded.ensure_running(instance)


def test_data_of_another_major_version_is_refused_untouched(instance: str) -> None:
    embedded.ensure_running(instance)
    embedded.stop(instance)
    version_file = embedded.status(instance).data_dir / "PG_VERSION"
    written = version_file.read_text()
    version_file.write_text("14\n")
    with pytest.raises(embedded.EmbeddedServerError, match="written by PostgreSQL 14"):
        embedded.ensure_running(instance)
    version_file.write_text(written)


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", "a" * 42])
def test_an_instance_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(embedded.EmbeddedServerError, match="no instance name"):
        place.place_of(name)


def test_the_log_holds_no_row_values(instance: str) -> None:
    server = embedded.ensure_running(instance)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (id_number text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('370799199001011234')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('370799199001011234')")
    log = (embedded.status(instance).data_dir / "server.log").read_text()
    assert "duplicate key" in log
    assert "370799199001011234" not in log


def test_a_server_of_tests_gives_up_safety_and_a_real_one_does_not(instance: str) -> None:
    def setting() -> tuple[object, ...] | None:
        with psycopg.connect(embedded.locate(instance).dsn(database=roles.DATABASE)) as connection:
            return connection.execute("SELECT current_setting('fsync')").fetchone()

    embedded.ensure_running(instance)
    assert setting() == ("on",)
    embedded.stop(instance)
    embedded.ensure_running(instance, throwaway=True)
    assert setting() == ("off",)
