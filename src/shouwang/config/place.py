"""Where an embedded server keeps its files, under which user it runs, and how large it may grow.

PostgreSQL refuses to run as root. As root the server runs as the system user `pgserver` with its data in
/var/lib/shouwang; as anyone else it runs as that user, with its data in $XDG_DATA_HOME/shouwang (outside the checkout,
so that cleaning a checkout cannot delete a bureau's records). SHOUWANG_DATA_DIR overrides either folder.
"""

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shouwang.config.binaries import EmbeddedServerError

SERVER_USER = "pgserver"
PORT = 5432  # only a file name here: the server listens on no network address
SOCKET_PATH_LIMIT_BYTES = 107  # sun_path of Linux, without its closing zero
MEBIBYTE = 1024 * 1024
SMALL_SHARED_MEMORY_BYTES = 256 * MEBIBYTE  # a container's default /dev/shm is 64 MB: too small for parallel queries

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class RunAs:
    """The user a server program must be started as, when it is not ourselves."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """The files of one instance. `folder` is ours; `data` and `socket` belong to the server's user, mode 0700."""

    folder: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def settings(self) -> Path:
        return self.folder / "postgresql.conf"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"


def state_root() -> Path:
    chosen = os.environ.get("SHOUWANG_DATA_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/shouwang")
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "shouwang"


def place_of(instance: str) -> Place:
    """The place of `instance` of this checkout; two checkouts never share one. Creates nothing."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", instance):
        raise EmbeddedServerError(f"{instance!r} is no instance name: use a to z, 0 to 9, - and _, at most 41.")
    folder = state_root() / f"{instance}-{_fingerprint(CHECKOUT)}"
    socket = folder / "socket"
    longest = len(os.fsencode(socket / f".s.PGSQL.{PORT}.lock"))
    if longest > SOCKET_PATH_LIMIT_BYTES:
        socket = Path(tempfile.gettempdir(), f"shouwang-{os.geteuid()}-{_fingerprint(folder)}")
    return Place(folder, socket)


def make_folders(place: Place, run_as: RunAs | None) -> None:
    """Creates what is missing. Refuses a socket folder that someone else laid in our way."""
    _make_ours(place.folder)
    _make_private(place.socket, run_as)


def make_root() -> Path:
    root = state_root()
    _make_ours(root)
    return root


def own_folder() -> Path:
    """A folder of mode 0700 for what this checkout's installation keeps beside its data, such as its keys."""
    folder = make_root() / f"own-{_fingerprint(CHECKOUT)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def make_private(folder: Path, run_as: RunAs | None) -> None:
    """A new, empty folder of mode 0700 that belongs to the server's user."""
    folder.mkdir(mode=0o700)
    if run_as:
        os.chown(folder, run_as.uid, run_as.gid)


def server_user() -> RunAs | None:
    """None when the server runs as ourselves; as root the user `pgserver`, created when missing."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        _create_server_user()
        entry = pwd.getpwnam(SERVER_USER)
    return RunAs(entry.pw_uid, entry.pw_gid)


def settings_text(place: Place, *, throwaway: bool) -> str:
    """postgresql.conf sized to the machine. What an operator sets by ALTER SYSTEM wins over it.

    The log holds no row values: neither the failed statement nor the detail line of an error, which quotes the key.
    """
    memory = memory_bytes()
    settings = {
        "listen_addresses": "''",
        "unix_socket_directories": _quoted(str(place.socket)),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "100",
        "shared_buffers": _megabytes(min(memory // 4, 1024 * MEBIBYTE)),
        "effective_cache_size": _megabytes(memory // 2),
        "maintenance_work_mem": _megabytes(min(memory // 16, 256 * MEBIBYTE)),
        "work_mem": _megabytes(max(4 * MEBIBYTE, min(memory // 400, 32 * MEBIBYTE))),
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_line_prefix": "'%m [%p] '",
    }
    if _shared_memory_is_small():
        settings["dynamic_shared_memory_type"] = "mmap"
    if throwaway:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    lines = [f"{name} = {value}" for name, value in settings.items()]
    return "\n".join(["# Written by shouwang at each start; use ALTER SYSTEM for settings of your own.", *lines, ""])


def memory_bytes() -> int:
    """What this machine or container may use, in bytes."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit_file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limit = Path(limit_file).read_text().strip()
        except OSError:
            continue
        if limit.isdigit():
            return min(total, int(limit))
    return total


def _make_ours(folder: Path) -> None:
    if folder.is_dir():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerError(
            f"Cannot create {folder} ({error.strerror}); set SHOUWANG_DATA_DIR to a folder that you may write."
        ) from error
    folder.chmod(0o755 if os.geteuid() == 0 else 0o700)  # as root the server's user must pass through


def _make_private(folder: Path, run_as: RunAs | None) -> None:
    if not folder.exists():
        make_private(folder, run_as)
    found = folder.lstat()
    owner = run_as.uid if run_as else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) != 0o700:
        raise EmbeddedServerError(f"{folder} is not a folder of the server's own user with mode 0700; remove it.")


def _create_server_user() -> None:
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    if useradd := shutil.which("useradd", path=search):
        command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--user-group"]
        command += ["--shell", "/usr/sbin/nologin", SERVER_USER]
    elif adduser := shutil.which("adduser", path=search):  # busybox
        command = [adduser, "-S", "-D", "-H", "-s", "/sbin/nologin", SERVER_USER]
    else:
        raise EmbeddedServerError(f"PostgreSQL does not run as root and useradd is missing: create user {SERVER_USER}.")
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode != 0:
        raise EmbeddedServerError(f"Cannot create the user {SERVER_USER}: {made.stderr.strip()}")


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _megabytes(size: int) -> str:
    return f"{size // MEBIBYTE}MB"


def _shared_memory_is_small() -> bool:
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return False
    return space.f_frsize * space.f_blocks < SMALL_SHARED_MEMORY_BYTES
