"""What a forked life has behind it when it begins: the program imported, its tables known to SQLAlchemy."""

import gc

from sqlalchemy.orm import configure_mappers

import firewatch.__main__
import firewatch.run  # noqa: F401 - and with it all tables

configure_mappers()
gc.freeze()  # or each life copies the memory it has in common with the others at its first collection
