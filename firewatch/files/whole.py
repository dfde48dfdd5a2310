"""Files written whole: a reader, or a loss of power, finds the old one or the new one, never a half."""

import os
import tempfile
from pathlib import Path


def put(file: Path, data: bytes) -> None:
    """Write or replace a file in a folder that is there. Nobody else may read it (0600). Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)  # 0600 from its first byte
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
