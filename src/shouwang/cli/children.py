"""Processes that live exactly as long as the command that started them."""

import ctypes
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

STOP_TIMEOUT_SECONDS = 15
PR_SET_PDEATHSIG = 1  # linux/prctl.h

Child = subprocess.Popen[bytes]


class ChildEndedError(RuntimeError):
    """A process that should go on has ended, or does not answer; the message says which."""


@contextmanager
def shouwang(*arguments: str) -> Iterator[Child]:
    """`shouwang ARGUMENTS` as a child; ended, by force if need be, when the block is left."""
    command = [sys.executable, "-m", "shouwang.cli", *arguments]
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def end_with_parent() -> None:
    """Asks the kernel for SIGTERM when the parent dies, so that its kill -9 leaves no server on the port."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM leaves the block as Ctrl-C does, so that children are ended."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def wait_until_one_ends(children: dict[str, Child]) -> NoReturn:
    """Raises ChildEndedError for the first that does."""
    while True:
        require_alive(children)
        time.sleep(0.5)


def wait_for_page(url: str, children: dict[str, Child], timeout_seconds: float) -> str:
    """The body of `url` as soon as it answers 200. Raises ChildEndedError when it does not in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        require_alive(children)
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
                body: bytes = answer.read()
                return body.decode()
        except OSError as error:  # refused, reset, timed out, or an HTTP error
            if time.monotonic() > deadline:
                raise ChildEndedError(f"{url} does not answer 200: {error}") from error
        time.sleep(0.2)


def require_alive(children: dict[str, Child]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise ChildEndedError(f"the {name} ended with exit code {child.returncode}")
