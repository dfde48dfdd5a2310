"""The blocks of a day on a dask.distributed cluster; imported only when one is asked for."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from distributed import Client, Future, KilledWorker, wait

from firewatch.errors import BadInput, FirewatchError, Unavailable
from firewatch.grid.blocks import Block, run_block

_LOOK_SECONDS = 1.0
_AGAIN = "what is done stays, start again"


@contextmanager
def joined(address: str, patience_seconds: float) -> Iterator[Client]:
    """Connect to the scheduler at an address. BadInput when it is none, Unavailable when nobody answers there."""
    # A client of an address it cannot read hangs for a minute when it is collected.
    if not re.fullmatch(r"((tcp|tls|ws|wss)://)?[^/\s]+:\d+", address):
        raise BadInput(f"--scheduler {address}: wanted an address such as tcp://host:8786")
    try:
        client = Client(address, timeout=patience_seconds, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise Unavailable(f"--scheduler {address}: no cluster answers there ({error})") from None
    try:
        yield client
    finally:
        client.close(timeout=5)


def run_all(client: Client, jobs: list[Block], patience_seconds: float) -> Iterator[int]:
    """Run the blocks on the workers; yields the cells of each as it is done. Raises what a block raises.

    Unavailable when the cluster is lost: the day stays unseen and the same command starts it again.
    """
    futures = client.map(run_block, jobs, pure=False)
    left, alive = set(futures), time.monotonic()
    try:
        while left:
            try:
                with client.as_current():  # `wait` asks the client at hand
                    done = wait(left, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            except CancelledError as error:
                raise Unavailable(f"the cluster was lost ({error}); {_AGAIN}") from None
            if done or _workers(client):
                alive = time.monotonic()
            elif time.monotonic() - alive > patience_seconds:
                raise Unavailable(
                    f"the cluster has had no worker for {patience_seconds:.0f} s; start again when it has"
                )
            for future in done:
                yield _answer(future)
            left -= done
    finally:
        if client.status == "running":
            client.cancel(futures)


def _workers(client: Client) -> bool:
    if client.status != "running":
        return False
    try:
        return bool(client.scheduler_info(n_workers=1)["workers"])
    except (OSError, TimeoutError):
        return False


def _answer(future: "Future[int]") -> int:
    try:
        return int(future.result())
    except FirewatchError:
        raise
    except KilledWorker as error:
        raise Unavailable(f"one block has ended several workers, out of memory perhaps: {error}") from None
    except (CancelledError, OSError) as error:
        raise Unavailable(f"the cluster was lost ({error}); {_AGAIN}") from None
    except Exception as error:  # whatever the worker's surroundings make of it: an old version, a package it lacks
        raise Unavailable(f"a worker of the cluster failed: {type(error).__name__}: {error}") from error
