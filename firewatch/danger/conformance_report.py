"""What `firewatch danger conformance` prints: a row for each index and reference, its columns below it, a verdict."""

import pkgutil
from collections.abc import Iterable
from typing import TextIO

import firewatch.indices
from firewatch.danger.conformance import Case, Difference, compare, without_row
from firewatch.indices.catalogue import INDICES, Index, unlisted


def report(out: TextIO, cases: Iterable[Case], indices: Iterable[Index] = INDICES, remark: str = "") -> int:
    """Print every case and what is missing; answer 1 when a case is out of tolerance or an index has none, else 0."""
    rows = []
    for case in cases:
        row = compare(case)
        rows.append(row)
        out.write(f"{'ok ' if row.good else 'OUT'}  {row.index:<16} {row.reference}{_in_brackets(row.note)}\n")
        out.writelines(f"       {_spelt(difference)}\n" for difference in row.differences)
    absent = [f"{key} has no row" for key in without_row(rows, indices)]
    absent += [f"the module {name} computes nothing that is listed" for name in unlisted(index_modules(), indices)]
    out.writelines(f"OUT  {line}\n" for line in absent)
    bad = len(absent) + sum(not row.good for row in rows)
    out.write(f"{len(rows)} comparisons, {bad} not in order{_in_brackets(remark)}\n")
    return 1 if bad else 0


def index_modules() -> list[str]:
    """Answer the names of the modules of the package of indices, as they lie there."""
    return [module.name for module in pkgutil.iter_modules(firewatch.indices.__path__)]


def _spelt(difference: Difference) -> str:
    verdict = "within" if difference.within else "BEYOND"
    return (
        f"{difference.column:<14} {difference.compared:>5} values  largest difference {difference.max_abs:<8.2g}"
        f" relative {difference.max_rel:<8.2g} {verdict} {difference.tolerance}"
    )


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""
