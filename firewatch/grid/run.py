"""Run the FWI System over a grid, day by day and block by block, here or on a dask.distributed cluster."""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from tqdm import tqdm

from firewatch.errors import BadInput, Unavailable
from firewatch.grid import source, store
from firewatch.grid.blocks import CODES, STATE, Block, run_block


@dataclass(frozen=True)
class Options:
    """How a grid is run; `block` is the side of a block in cells."""

    constant: str = "vw1985"
    max_gap_days: int = 3
    dtype: str = "float32"
    block: int = 512
    scheduler: str | None = None
    threads: int = 0  # blocks at a time when run here; 0: as many as this process may use cores
    patience_seconds: float = 30.0  # with a cluster that does not answer or has no workers
    progress: bool = True


def run(weather: source.Source, output: Path, options: Options) -> int:
    """Do the days of the input that the output does not hold yet; answers how many. Raises BadInput, Conflict.

    Unavailable when the cluster does not answer.
    """
    for name, value, low in (
        ("block", options.block, 1),
        ("max-gap-days", options.max_gap_days, 0),
        ("threads", options.threads, 0),
    ):
        if value < low:
            raise BadInput(f"--{name}: {value} is below {low}")
    weather = replace(weather, path=str(Path(weather.path).absolute()), run=uuid.uuid4().hex)
    grid = source.look(weather)
    about = {
        "grid": grid.digest,
        "constant": options.constant,
        "max_gap_days": options.max_gap_days,
        "dtype": options.dtype,
        "block": options.block,
    }
    with store.held(output), _room_to_write(output):
        store.prepare(output, about)
        done = store.days(output)
        todo = _todo(output, grid, done)
        if not todo:
            return 0
        for old in done[:-1]:
            store.drop_state(output, old)
        _days(weather, output, options, grid, todo, done[-1] if done else None)
    return len(todo)


@contextmanager
def _room_to_write(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{output}: cannot be written ({error}); what is done stays, start again") from None


def _todo(output: Path, grid: source.Grid, done: list[date]) -> list[tuple[date, int | None]]:
    if not done:
        return list(grid.days)
    if grid.days[0][0] < done[0]:
        raise BadInput(f"{output}: begins on {done[0]}, the input on {grid.days[0][0]}: earlier days cannot be added")
    between = range(1, (grid.days[0][0] - done[-1]).days)  # days no input told of are a gap, as within an input
    missing: list[tuple[date, int | None]] = [(done[-1] + timedelta(days=n), None) for n in between]
    return missing + [day for day in grid.days if day[0] > done[-1]]


def _days(
    weather: source.Source,
    output: Path,
    options: Options,
    grid: source.Grid,
    todo: list[tuple[date, int | None]],
    before: date | None,
) -> None:
    areas = list(_areas(grid.shape, options.block))
    values = dict.fromkeys(CODES, options.dtype) | {"flags": "uint32"}
    state = dict.fromkeys(STATE, "float64") | {"gap_days": "int64", "spin_up_left": "int64"}
    layout = store.Layout(grid, options.block, values, state)
    place = str(output.absolute())
    with (
        _runner(options) as run_all,
        tqdm(total=len(todo) * len(areas), unit="block", disable=not options.progress) as bar,
    ):
        for on, row in todo:
            bar.set_description(on.isoformat())
            aside = store.begin(output, on, weather.run, layout)
            jobs = [
                Block(weather, place, str(aside), on, row, before, *area, options.constant, options.max_gap_days)
                for area in areas
            ]
            for _ in run_all(jobs):
                bar.update()
            store.publish(output, aside, on, before)
            before = on


def _areas(shape: tuple[int, int], block: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for top in range(0, shape[0], block):
        for left in range(0, shape[1], block):
            yield (top, min(top + block, shape[0])), (left, min(left + block, shape[1]))


@contextmanager
def _runner(options: Options) -> Iterator[Callable[[list[Block]], Iterator[int]]]:
    """Answer what runs the blocks of a day: the same function on every one, in any order."""
    if options.scheduler:
        from firewatch.grid import cluster  # noqa: PLC0415 - only now: distributed takes a second to import

        with cluster.joined(options.scheduler, options.patience_seconds) as client:
            yield lambda jobs: cluster.run_all(client, jobs, options.patience_seconds)
        return
    # Threads suffice: numpy and the codecs of zarr let go of the interpreter while they work.
    pool = ThreadPoolExecutor(options.threads or len(os.sched_getaffinity(0)))
    try:
        yield lambda jobs: (done.result() for done in as_completed([pool.submit(run_block, job) for job in jobs]))
    finally:
        pool.shutdown(cancel_futures=True)
