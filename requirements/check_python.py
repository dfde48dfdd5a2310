"""Says in one sentence what is missing before anything is installed; runs on any Python 3, however old."""

import importlib
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - that is the question
    version = sys.version.split()[0]
    sys.exit("firewatch needs Python 3.11 or newer; this is " + version + ". Another one: make PYTHON=python3.11 ...")

for module in ("pip", "venv"):
    try:
        importlib.import_module(module)
    except ImportError:
        sys.exit("firewatch needs the module " + module + " of " + sys.executable + "; Debian: python3-" + module)

pip_version = importlib.import_module("pip").__version__
if tuple(int(part) for part in pip_version.split(".")[:2]) < (22, 3):
    sys.exit("firewatch needs pip 22.3 or newer; this is " + pip_version + ": python3 -m pip install --upgrade pip")
