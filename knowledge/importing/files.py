"""Whether a file from an office can be what its name says, before anything parses it."""

import zipfile
from pathlib import Path

from knowledge.importing.refusals import Refusal, refusal

LARGEST = 20
"""Megabytes of a file."""
UNPACKED = 200
"""Megabytes of a zipped file once it is unpacked: a small file can claim to be endless."""

_MEGABYTE = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HTML = (b"<!doctype", b"<html", b"<head", b"<meta", b"<table")


def unreadable(path: Path) -> Refusal | None:
    """What can be said against a file before it is parsed: that it is not what its name says, or too large."""
    if not path.is_file():
        return refusal("documents", "missing", file=path.name)
    if path.stat().st_size > LARGEST * _MEGABYTE:
        return refusal("documents", "large", file=path.name, limit=LARGEST)
    raw = path.read_bytes()
    if not raw.strip():
        return refusal("documents", "empty", file=path.name)
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:9].lower().startswith(_HTML):
        return refusal("documents", "html", file=path.name, ending=path.suffix.lower())
    if raw.startswith(_OLE):
        return refusal("documents", "encrypted" if _ENCRYPTED in raw else "kind", file=path.name)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED * _MEGABYTE:
                return refusal("documents", "large", file=path.name, limit=UNPACKED)
    return None
