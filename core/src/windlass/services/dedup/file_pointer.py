"""FilePointer: what stands at the path of a file whose content is kept elsewhere, once for all equal files."""

from __future__ import annotations

import re
from dataclasses import dataclass

LENGTH = 128
"""Bytes of every pointer, so that only files of this size need a look."""
_MAGIC = b"windlass-file-pointer 1 "
_FORM = re.compile(_MAGIC + rb"([0-9a-f]{64}) ([0-9]{20}) *\n")


@dataclass(frozen=True, slots=True)
class FilePointer:
    """The SHA-256 of the content, as 64 hex digits, and its size in bytes."""

    sha256: str
    size: int

    def encode(self) -> bytes:
        """The pointer as it is stored."""
        text = _MAGIC + f"{self.sha256} {self.size:020}".encode()
        return text.ljust(LENGTH - 1) + b"\n"

    @classmethod
    def decode(cls, content: bytes) -> FilePointer | None:
        """The pointer that these bytes are; None if they are a file of their own."""
        match = _FORM.fullmatch(content) if len(content) == LENGTH else None
        return cls(match[1].decode(), int(match[2])) if match else None
