"""Run the FWI System over a grid, day by day and block by block, here or on a dask.distributed cluster."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from distributed import Client, as_completed
from tqdm import tqdm

from firewatch.errors import BadInput, Unavailable
from firewatch.grid import source, store
from firewatch.grid.blocks import CODES, STATE, Block, run_block

CONNECT_SECONDS = 30


@dataclass(frozen=True)
class Options:
    """How a grid is run; `block` is the side of a block in cells."""

    constant: str = "vw1985"
    max_gap_days: int = 3
    dtype: str = "float32"
    block: int = 512
    scheduler: str | None = None
    progress: bool = True


def run(weather: source.Source, output: Path, options: Options) -> int:
    """Do the days of the input that the output does not hold yet; answers how many. Raises BadInput, Conflict.

    Unavailable when the cluster does not answer.
    """
    if options.block < 1:
        raise BadInput(f"--block: {options.block} is below 1")
    source.close_all()
    grid = source.look(weather)
    about = {
        "digest": grid.digest,
        "constant": options.constant,
        "max_gap_days": options.max_gap_days,
        "dtype": options.dtype,
        "block": options.block,
    }
    with store.held(output):
        store.prepare(output, about)
        done = store.days(output)
        todo = _todo(output, grid, done)
        if not todo:
            return 0
        for old in done[:-1]:
            store.drop_state(output, old)
        _days(weather, output, options, grid, todo, done[-1] if done else None)
    return len(todo)


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
    place = str(output.absolute())
    at = source.Source(str(Path(weather.path).absolute()), weather.names)
    client = _client(options.scheduler) if options.scheduler else None
    try:
        with tqdm(total=len(todo) * len(areas), unit="block", disable=not options.progress) as bar:
            for on, row in todo:
                bar.set_description(on.isoformat())
                store.begin(output, on, grid.dims, grid.shape, options.block, values, state, grid.coords)
                jobs = [Block(at, place, on, row, before, *area, options.constant, options.max_gap_days)
                        for area in areas]  # fmt: skip
                for _ in _here(jobs) if client is None else _there(client, jobs):
                    bar.update()
                store.commit(output, on, before)
                before = on
    finally:
        if client is not None:
            client.close()


def _areas(shape: tuple[int, int], block: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for top in range(0, shape[0], block):
        for left in range(0, shape[1], block):
            yield (top, min(top + block, shape[0])), (left, min(left + block, shape[1]))


def _client(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unavailable(f"--scheduler {address}: the cluster does not answer ({error})") from None


def _here(jobs: Iterable[Block]) -> Iterator[int]:
    return map(run_block, jobs)


def _there(client: Client, jobs: list[Block]) -> Iterator[int]:
    futures = client.map(run_block, jobs, pure=False)
    try:
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    finally:
        client.cancel(futures)
