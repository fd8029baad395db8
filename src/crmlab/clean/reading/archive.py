"""Where the bytes of an export lie: in a file of its own, in a .gz, or in a .zip of one or several files."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from crmlab.files import CrmlabError, out_of_space

TEXT = (".csv", ".txt", ".tsv")
WORKBOOK = (".xlsx", ".xlsm")
FORMATS = "CSV and text (.csv, .txt, .tsv, also .gz or in a .zip), Excel (.xlsx) and Parquet (.parquet)"
LIMIT = 64 << 30
"""Bytes that one archive may unpack to: some 300 million tickets."""
RATIO, RATIO_FROM = 200, 512 << 20
"""Exports shrink 5 to 50 times; one that grows more than 200 times, to more than 512 MB, was made to fill a disk."""
PACKED_FAULTS = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True)
class Export:
    """One file as a table is made of: `path`, for a .zip the `member` in it, and its `name` in messages."""

    path: Path
    name: str
    member: str = ""

    @property
    def suffix(self) -> str:
        """Of the file once unpacked, in lower case: .csv, .xlsx …"""
        inner = PurePosixPath(self.member or self.path.name)
        return PurePosixPath(inner.stem).suffix.lower() if self.gzipped else inner.suffix.lower()

    @property
    def gzipped(self) -> bool:
        """A .gz that is no member of a .zip."""
        return not self.member and self.path.suffix.lower() == ".gz"

    @property
    def plain(self) -> bool:
        """The file lies as it is, not packed."""
        return not self.member and not self.gzipped

    @property
    def stem(self) -> str:
        """The name up to its first dot, in lower case."""
        return PurePosixPath(self.name).name.split(".")[0].lower()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes, unpacked. Raises CrmlabError where an archive is broken or was copied only in part."""
        try:
            if self.member:
                with zipfile.ZipFile(self.path) as packed, packed.open(self.member) as raw:
                    yield raw
            else:
                with gzip.open(self.path, "rb") if self.gzipped else self.path.open("rb") as raw:
                    yield raw
        except PACKED_FAULTS as error:
            raise CrmlabError(
                f"{self.name}: cannot be unpacked to its end ({error or type(error).__name__}); "
                "it was copied or downloaded only in part. Copy it again"
            ) from None
        except OSError as error:
            if out_of_space(error):
                raise
            raise CrmlabError(f"{self.name}: cannot be read ({error.strerror}); copy it again") from None

    def size(self) -> int:
        """Bytes once unpacked, as far as can be told without unpacking: a .gz states them modulo 4 GB."""
        if self.member:
            with zipfile.ZipFile(self.path) as packed:
                return packed.getinfo(self.member).file_size
        if self.gzipped:
            with self.path.open("rb") as raw:
                raw.seek(max(0, self.path.stat().st_size - 4))
                return int.from_bytes(raw.read(4), "little")
        return self.path.stat().st_size


def exports(path: Path, name: str) -> list[Export]:
    """The file itself, or the members of a .zip.

    Raises
    ------
    CrmlabError : a .zip that is broken, encrypted, empty, holds other archives, or would unpack to too much.
    """
    if path.suffix.lower() != ".zip":
        return [Export(path, name)]
    try:
        with zipfile.ZipFile(path) as packed:
            members = [m for m in packed.infolist() if not m.is_dir() and not _of_the_system(m.filename)]
    except PACKED_FAULTS:
        raise CrmlabError(
            f"{name}: not a whole .zip; it was copied or downloaded only in part, or is another format. Copy it again"
        ) from None
    if not members:
        raise CrmlabError(f"{name}: holds no file; expected one or several of {FORMATS}")
    for member in members:
        inner = f"{name}/{shown(member)}"
        if member.flag_bits & 1:
            raise CrmlabError(
                f"{inner}: encrypted; unpack it with its password and put the file here instead"
            )
        if member.filename.lower().endswith((".zip", ".gz", ".7z", ".rar")):
            raise CrmlabError(f"{inner}: an archive within an archive; unpack the outer one")
        refuse_bomb(inner, member.compress_size, member.file_size)
    return [Export(path, f"{name}/{shown(m)}", m.filename) for m in sorted(members, key=lambda m: m.filename)]


def refuse_twins(found: Iterable[Export]) -> None:
    """Raise CrmlabError where two members of an archive go by one name: only one of them could be reached by it."""
    seen: dict[str, Export] = {}
    for one in found:
        if one.member and one.name in seen:
            with zipfile.ZipFile(one.path) as packed:
                twins = [m for m in packed.infolist() if m.filename in (one.member, seen[one.name].member)]
            sizes = " and ".join(
                f"{m.file_size:,} bytes of {'-'.join(f'{n:02}' for n in m.date_time[:3])}" for m in twins
            )
            raise CrmlabError(
                f"{one.name}: {len(twins)} members of the archive have this name ({sizes}); "
                "unpack them under different names and put the right ones here instead"
            )
        seen[one.name] = one


def not_parquet(name: str, error: Exception) -> CrmlabError:
    """The message for a file that is no whole Parquet file."""
    said = str(error).splitlines()[0]
    return CrmlabError(
        f"{name}: not readable as Parquet ({said}); it was copied only in part, or is another format. Copy it again"
    )


def refuse_bomb(name: str, packed: int, unpacked: int) -> None:
    """Raise CrmlabError where `packed` bytes become too many."""
    limit = f"{LIMIT >> 30} GB"
    if unpacked > LIMIT or (unpacked > RATIO_FROM and unpacked > RATIO * packed):
        raise CrmlabError(
            f"{name}: {packed:,} bytes unpack to {unpacked:,} or more, {unpacked / max(packed, 1):,.0f} times as many; "
            f"the limits are {limit}, and {RATIO} times for more than {RATIO_FROM >> 20} MB. "
            "Not unpacked; if it is a real export, unpack it yourself and put the file here"
        )


def shown(member: zipfile.ZipInfo) -> str:
    """A member's name as its maker wrote it: Windows in China writes GBK without saying so.

    >>> shown(zipfile.ZipInfo("派单.csv".encode("gbk").decode("cp437")))
    '派单.csv'
    """
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return member.filename


def _of_the_system(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[0] == "__MACOSX" or parts[-1].startswith((".", "~$"))
