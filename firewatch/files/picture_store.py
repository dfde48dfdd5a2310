"""The folder of pictures: each under the hash of its own bytes, so that no name of anybody's becomes a path."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from firewatch.errors import Unavailable
from firewatch.files.pictures import Picture
from firewatch.files.whole import put


@dataclass(frozen=True)
class PictureStore:
    """A folder in the data folder. What lies there is never changed, and belongs into the backup."""

    folder: Path

    def keep(self, picture: Picture) -> str:
        """Put a picture away and return its hash; the same one again changes nothing. Raises Unavailable."""
        digest = hashlib.sha256(picture.full).hexdigest()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file(digest, small=False).parent.mkdir(mode=0o700, exist_ok=True)
            put(self._file(digest, small=True), picture.small)
            put(self._file(digest, small=False), picture.full)
        except OSError as error:
            raise Unavailable(f"the picture cannot be kept: {error.strerror or type(error).__name__}") from None
        return digest

    def find(self, digest: str, *, small: bool) -> bytes | None:
        """Return a picture, or the small one of it; None when it is not there."""
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            return None
        try:
            return self._file(digest, small=small).read_bytes()
        except OSError:
            return None

    def _file(self, digest: str, *, small: bool) -> Path:
        return self.folder / digest[:2] / f"{digest}{'-small' if small else ''}.jpg"
