"""firewatch: wildfire early warning and joint dispatch."""

from importlib.metadata import version

__version__ = version("firewatch")
