"""Room to compute in: rows of scratch for equations that run over blocks of cells again and again. Pure numpy.

Asking the system for memory costs more than the arithmetic on it; so an equation takes its scratch from a `Room`, and
the place for its answer from the caller.
"""

import numpy as np

from firewatch.indices.checks import Floats

Values = float | Floats


class Room:
    """Rows of scratch for blocks of at most so many cells; one step at a time may use it.

    The last row is of zeros and stays so: numpy holds a row against a row faster than against a number.
    """

    ROWS = 6

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._rows = [*np.empty((self.ROWS, cells)), np.zeros(cells)]

    def rows(self, cells: int) -> list[Floats]:
        """Return the rows, cut to a number of cells."""
        return self._rows if cells == self._cells else [row[:cells] for row in self._rows]


def cells(*values: Values) -> tuple[tuple[int, ...], list[Floats]]:
    """Answer the shape of the answer, and the values as rows of cells side by side: so bits do not hang on strides."""
    arrays = [np.asarray(value, dtype=np.float64) for value in values]
    shape = arrays[0].shape
    if len(shape) == 1 and all(array.shape == shape and array.flags.c_contiguous for array in arrays):
        return shape, arrays
    spread = np.broadcast_arrays(*(np.atleast_1d(array) for array in arrays))
    return spread[0].shape, [np.ascontiguousarray(array).ravel() for array in spread]


def rows_of(room: Room | None, cells: int) -> list[Floats]:
    """Answer rows of scratch of that many cells: the room's, or new ones."""
    return (room or Room(cells)).rows(cells)


def answer_row(out: Floats | None, like: Floats) -> Floats:
    """Answer the row that was handed over for an answer, or a new one."""
    return np.empty(like.shape) if out is None else out
