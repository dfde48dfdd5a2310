"""Every table of the config folder: one list for the tests of the documents and of the reader."""

import importlib
import pkgutil

from firewatch import rulebook
from firewatch.rulebook.alliance import Rules

MODULES = [
    importlib.import_module(f"{rulebook.__name__}.{module.name}") for module in pkgutil.iter_modules(rulebook.__path__)
]
TABLES: list[type[Rules]] = [
    table
    for module in MODULES
    for table in vars(module).values()
    if isinstance(table, type) and issubclass(table, Rules)
    if table is not Rules and table.__module__ == module.__name__
]
