"""`python -m simulation.hunting`: many seeds; `--mutants`: the seeds that find each rule taken out."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from simulation.mutants import MUTANTS, Mutant
from simulation.scenario import Verdict, run

import bridge

_PACKAGE = Path(bridge.__file__).parent
_TESTS = Path(__file__).parents[1]
_AT_ONCE = os.cpu_count() or 1
_CHUNK = 20
_FOUND = "found "


@dataclass(frozen=True, slots=True)
class Hunt:
    """A mutant, and the first seed that found it, if any, with what it said."""

    mutant: Mutant
    seed: int | None
    said: str


def replayed(seed: int) -> Verdict:
    """One run; a run that ends with an error has broken something, too."""
    try:
        return run(seed)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the run showed
        return Verdict(seed, (f"the run failed: {error!r}",), 0, 0, 0, 0, 0, 0, 0)


def all_of(seeds: Sequence[int]) -> Iterator[Verdict]:
    """Their verdicts, as they come."""
    with ProcessPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(replayed, seeds, chunksize=_CHUNK)


def mutated(mutant: Mutant, folder: Path) -> None:
    """A copy of the package without the rule, in `folder`. Raises ValueError when a text is not there exactly once."""
    shutil.copytree(_PACKAGE, folder / "bridge", ignore=shutil.ignore_patterns("__pycache__"))
    for edit in mutant.edits:
        file = folder / "bridge" / edit.file
        text = file.read_text(encoding="utf-8")
        if text.count(edit.old) != 1:
            raise ValueError(f"mutant {mutant.name}: {edit.file} has {text.count(edit.old)} times {edit.old!r}")
        file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def hunt(mutant: Mutant, seeds: int) -> Hunt:
    """The first of the seeds that finds the mutant, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        mutated(mutant, Path(folder))
        done = subprocess.run(
            [sys.executable, "-m", "simulation.hunting", "--first", str(seeds), "--from", str(mutant.begin)],
            cwd=folder,  # what lies in the current folder is imported first
            env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{_TESTS}", "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    last = done.stdout.strip().rpartition("\n")[2]
    if last.startswith(_FOUND):
        seed, _, said = last.removeprefix(_FOUND).partition(" ")
        return Hunt(mutant, int(seed), said)
    return Hunt(mutant, None, last or done.stderr[-500:])


def _first(begin: int, seeds: int) -> None:
    for seed in range(begin, begin + seeds):
        if broken := replayed(seed).broken:
            print(f"{_FOUND}{seed} {broken[0][:150]}")
            return
    print(f"not found in {seeds} seeds")


def _hunt_all(seeds: int, only: str | None) -> int:
    chosen = [mutant for mutant in MUTANTS if only is None or mutant.name in only.split(",")]
    missed = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for found in pool.map(lambda mutant: hunt(mutant, seeds), chosen):
            missed += found.seed is None
            where = "NOT CAUGHT" if found.seed is None else f"seed {found.seed}"
            print(f"{found.mutant.name:26} {where:>12}  {found.mutant.rule}\n{'':41}{found.said}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} mutants caught within {seeds} seeds")
    return 1 if missed else 0


def _run_all(first: int, seeds: int) -> int:
    counted = ("triggers", "repetitions", "calls", "unknown", "superseded", "corrected", "faults")
    sums: dict[str, int] = dict.fromkeys(counted, 0)
    wrong = 0
    for verdict in all_of(range(first, first + seeds)):
        for name in sums:
            sums[name] += getattr(verdict, name)
        if verdict.broken:
            wrong += 1
            print(f"seed {verdict.seed}: {'; '.join(verdict.broken)}", flush=True)
    print(f"{seeds} seeds, {wrong} with a violation: {', '.join(f'{count} {name}' for name, count in sums.items())}")
    return 1 if wrong else 0


def main() -> int:
    """Exit code 1 when a seed shows a violation, or a mutant is not found."""
    parser = argparse.ArgumentParser(prog="python -m simulation.hunting", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="start", help="the first seed")
    parser.add_argument("--mutants", action="store_true", help="take out one rule at a time")
    parser.add_argument("--only", help="mutants by name, with commas between them")
    parser.add_argument("--first", type=int, metavar="SEEDS", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.first is not None:
        _first(chosen.start, chosen.first)
        return 0
    return _hunt_all(chosen.seeds, chosen.only) if chosen.mutants else _run_all(chosen.start, chosen.seeds)


if __name__ == "__main__":
    sys.exit(main())
