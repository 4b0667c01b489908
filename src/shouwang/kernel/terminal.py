"""What a command says: data on standard output, everything else on standard error."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    """What an app's `cli.register` is given: the sub-parsers of `shouwang`."""


class ReportProgress(Protocol):
    """How long work tells where it stands: `done` of `total` steps of the stage `label`."""

    def __call__(self, label: str, done: int, total: int) -> None: ...


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def print_json(data: object) -> None:
    """The answer of a command called with --json: one JSON document."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
    sys.stdout.flush()


@contextmanager
def progress_bars() -> Iterator[ReportProgress]:
    """A bar with its rate for each stage; where standard error is no terminal, one line as a stage ends."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _say_when_done
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        stages = {}

        def report(label: str, done: int, total: int) -> None:
            if label not in stages:
                stages[label] = progress.add_task(label, total=total)
            progress.update(stages[label], completed=done, total=total)

        yield report


def _say_when_done(label: str, done: int, total: int) -> None:
    if done == total:
        say(f"  {label}: {total:,}")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.0f}/s" if rate else "")
