"""Tasks that the tests of jobs enqueue; a file named by an identifier tells how often each one ran."""

import os
import time
from pathlib import Path

from habilis.common.jobs import JobFailed, Progress, follow, task


def note(path: str, word: str) -> None:
    with Path(path).open("a") as file:  # one short append is atomic
        file.write(f"{word} {os.getpid()}\n")


@task()
def append(path: str, word: str, gate: str = "") -> None:
    """Write when it starts and when it ends, in between wait for the test to open the gate (a file)."""
    note(path, f"{word}:start")
    for _ in range(1200):
        if not gate or Path(gate).exists():
            break
        time.sleep(0.05)
    note(path, f"{word}:end")


@task()
def nothing() -> None:
    pass


@task(queue_name="long")
def count(progress_id: str, total: int, fate: str = "") -> None:
    def work(progress: Progress) -> str:
        for number in range(total + 1):
            progress.step(number, total)
        if fate == "refused":
            raise JobFailed("Ce fichier n’en est pas un : envoyez-en un autre.")
        if fate == "broken":
            raise RuntimeError("a detail for nobody")
        return "/result/"

    follow(progress_id, work)
