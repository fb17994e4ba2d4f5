"""What the benchmarks share: generated files, homes, the database engine. All of it lives under bench/ of the home."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.measure import Run, run

ROOT = Path(__file__).parents[1]
DAYS_LATER = 7
FRESH = 30  # days during which generated files are used again


class Context:
    def __init__(self, fiches: int, repeat: int, *, postgres: bool) -> None:
        self.fiches, self.repeat, self.postgres = fiches, repeat, postgres
        self.folder = Path(os.environ.get("HABILIS_HOME", ROOT / "var")).resolve() / "bench"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.results = self.folder / "results.json"
        self.label = f"{fiches} fiches, {'PostgreSQL' if postgres else 'SQLite'}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.postgres:
            self.cluster("stop")

    def cluster(self, *words: str) -> str:
        command = [ROOT / "tests" / "pgcluster", *words]
        env = {**os.environ, "HABILIS_HOME": str(self.folder)}
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout

    @cached_property
    def address(self) -> dict[str, str]:
        """Variables of libpq for the private cluster, started when first asked for."""
        return dict(word.split("=", 1) for word in self.cluster().split())

    # Files

    @cached_property
    def register(self) -> tuple[date, Path, Path]:
        """The day of the register, and the folders of its state of that day and of a week later."""
        folder = self.folder / f"register-{self.fiches}"
        stamp = folder / "day"
        today = date.today()
        if stamp.exists():
            day = date.fromisoformat(stamp.read_text())
            if timedelta(DAYS_LATER) <= today - day <= timedelta(FRESH):
                return day, folder / "first", folder / "later"
        shutil.rmtree(folder, ignore_errors=True)
        day = today - timedelta(days=DAYS_LATER)
        self.generate(folder, day)
        stamp.write_text(day.isoformat())
        return day, folder / "first", folder / "later"

    def generate(self, folder: Path, day: date) -> None:
        from habilis.registers.exchange.synthetic import evolve, generate

        print("   generating the files, kept for the next runs…", flush=True)
        generate(folder / "first", fiches=self.fiches, today=day)
        evolve(folder / "later", fiches=self.fiches, today=day, days_later=DAYS_LATER)

    @property
    def exports(self) -> list[Path]:
        return sorted(self.register[1].glob("export_fiches_*.xml"))

    # Homes and databases

    def home(self, name: str) -> Path:
        return self.folder / f"home-{name}"

    def env(self, home: Path) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HABILIS_")}
        env = {
            **kept,
            "HABILIS_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "habilis.config.settings",
        }
        if self.postgres:
            env |= {**self.address, "HABILIS_DB": "postgresql", "PGDATABASE": home.name.replace("-", "_")}
        return env

    def fresh_home(self, name: str) -> Path:
        """An empty database, migrated."""
        home = self.home(name)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        if self.postgres:
            self.create_database(self.env(home)["PGDATABASE"])
        self.habilis(home, "migrate", "-v", "0")
        return home

    def create_database(self, name: str) -> None:
        import psycopg
        from psycopg import sql

        address = self.address
        with psycopg.connect(
            host=address["PGHOST"], port=address["PGPORT"], user=address["PGUSER"], dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def loaded_home(self) -> Path:
        """The database of the whole register: the one that the import benchmark leaves, else made now."""
        home = self.home(f"register-{self.fiches}{'-postgres' if self.postgres else ''}")
        day = self.register[0].isoformat()
        if self.postgres or not (home / "day").exists() or (home / "day").read_text() != day:
            home = self.fresh_home(home.name.removeprefix("home-"))
            print("   loading the register…", flush=True)
            self.load(home)
            (home / "day").write_text(day)
        return home

    def load(self, home: Path) -> Run:
        return self.habilis(home, "register", "import", *self.exports, "--apply", "--complete", "--json")

    def habilis(self, home: Path, *words: str | Path, env: Mapping[str, str] | None = None) -> Run:
        return run([Path(sys.executable).with_name("habilis"), *words], env or self.env(home))

    def python(self, home: Path, module: str, *words: str | Path) -> Run:
        """A module of this package in a process of its own, with Django on that home."""
        return run([sys.executable, "-m", module, *words], self.env(home))
