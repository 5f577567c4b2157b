"""Magic: files that are not text, known by their first bytes, and how to convert them."""

from __future__ import annotations

import shlex
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.data.packed import zip_names
from burnish.errors import DataError

__all__ = ["START_BYTES", "refuse_binary"]

START_BYTES = 1 << 16
"""How much of a file is looked at before it is read."""
_SHEET = "open it in a spreadsheet program, save the sheet as 'CSV UTF-8', and name that file"
_NEWER = (
    "open it in a spreadsheet program, save it as .xlsx (or the sheet as 'CSV UTF-8'), and name "
    "that file"
)
_ROWS = "write its texts and their labels as rows of CSV or JSON Lines (docs/reference/data.md)"
_DOCUMENT = f"{_ROWS}; pandoc -t plain {{file}} writes the text of a Word or OpenDocument file"
_INFLATE = '"import sys, zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))"'


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    hint: str
    """With ``{file}`` and ``{out}`` for the shell."""
    starts: tuple[bytes, ...]


def _packed(program: str) -> str:
    return f"unpack it: {program} < {{file}} > {{out}}"


_KINDS = (
    _Kind("a PDF document", f"{_ROWS}; pdftotext {{file}} writes the text", (b"%PDF",)),
    _Kind("gzip-compressed", _packed("gzip -dc"), (b"\x1f\x8b",)),
    _Kind("bzip2-compressed", _packed("bzip2 -dc"), (b"BZh",)),
    _Kind("xz-compressed", _packed("xz -dc"), (b"\xfd7zXZ\x00",)),
    _Kind("Zstandard-compressed", _packed("zstd -dc"), (b"\x28\xb5\x2f\xfd",)),
    _Kind(
        "a 7z archive", "unpack it, and name a file of it: 7z x {file}", (b"7z\xbc\xaf\x27\x1c",)
    ),
    _Kind("a RAR archive", "unpack it, and name a file of it: unrar x {file}", (b"Rar!",)),
    _Kind(
        "an Arrow (Feather) file",
        'write it as Parquet: python3 -c "from pyarrow import feather, parquet; '
        "parquet.write_table(feather.read_table('{name}'), '{stem}.parquet')\"",
        (b"ARROW1",),
    ),
    _Kind("an old Excel workbook (.xls)", _NEWER, (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")),
    _Kind(
        "a SQLite database",
        "export the table: sqlite3 -header -csv {file} 'SELECT * FROM TABLE' > {out}.csv",
        (b"SQLite format 3\x00",),
    ),
    _Kind("a NumPy array", _ROWS, (b"\x93NUMPY",)),
    _Kind("an HDF5 file", _ROWS, (b"\x89HDF",)),
    _Kind("an SPSS file", _SHEET, (b"$FL2", b"$FL3")),
    _Kind("an RTF document", _ROWS, (b"{\\rtf",)),
    _Kind(
        "an image",
        f"{_ROWS}; recognise its text first, for example with tesseract",
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"AT&TFORM"),
    ),
    _Kind(
        "a Python pickle",
        "pickles can run code and are never opened: write the table with to_csv or to_json",
        (b"\x80\x02", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95"),
    ),
)


_OLE_HEADER_BYTES = 512
"""Of a compound file; a shorter one is cut off."""


def refuse_binary(path: Path, start: bytes) -> None:
    """Refuse a file that is not UTF-8 text, and name what it is.

    Args:
        path: the file.
        start: its first ``START_BYTES`` bytes.

    Raises:
        DataError: says what the file is, and what to make of it.
    """
    for look in (_known, _zip, _ole, _deflated, _tar, _wide, _unknown):
        if found := look(path, start):
            raise DataError(*found, file=path)


Found = tuple[str, str] | None
Look = Callable[[Path, bytes], Found]


def _known(path: Path, start: bytes) -> Found:
    for kind in _KINDS:
        if start.startswith(kind.starts):
            return f"is {kind.name}, not text", _filled(kind.hint, path)
    return None


def _zip(path: Path, start: bytes) -> Found:
    if not start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    names = zip_names(path)
    if "xl/workbook.bin" in names:
        return "is a binary Excel workbook (.xlsb), not text", _NEWER
    if any(name.startswith("xl/") for name in names):
        return "is an Excel workbook (.xlsx), not text", _SHEET
    if b"opendocument.spreadsheet" in start[:200]:
        return "is an OpenDocument spreadsheet (.ods), not text", _NEWER
    if any(name.startswith(("word/", "ppt/")) for name in names) or b"opendocument" in start[:200]:
        return "is an office document, not text", _filled(_DOCUMENT, path)
    listed = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    inside = f", which holds {listed}" if names else ""
    hint = _filled("unpack it, and name a file of it: unzip {file}", path)
    return f"is a zip archive{inside}, not text", hint


def _ole(path: Path, start: bytes) -> Found:
    if not start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return None
    streams = start + _ole_directory(path, start)
    if "EncryptedPackage".encode("utf-16-le") in streams:
        hint = "open it with its password, save a copy without one, and name that file"
        return "is an office document that is locked with a password", hint
    workbook = any(name.encode("utf-16-le") in streams for name in ("Workbook", "Book"))
    if workbook or path.suffix.lower().startswith(".xl"):
        return "is an old Excel workbook (.xls), not text", _NEWER
    return "is an old Microsoft Office file, not text", f"{_SHEET}; or {_ROWS}"


def _ole_directory(path: Path, start: bytes) -> bytes:
    """The first names in a compound file (MS-CFB 2.2: sector size at 30, directory's at 48)."""
    if len(start) < _OLE_HEADER_BYTES:
        return b""
    size, sector = 1 << (start[30] & 15), int.from_bytes(start[48:52], "little")
    with path.open("rb") as stream:
        stream.seek((sector + 1) * size)
        return stream.read(1 << 12)


def _deflated(path: Path, start: bytes) -> Found:
    if start[:1] != b"\x78" or len(start) < 2 or int.from_bytes(start[:2], "big") % 31:
        return None
    try:
        if not zlib.decompressobj().decompress(start, 256):
            return None  # a short text that begins with "x " looks like it
    except zlib.error:
        return None
    return "is zlib-compressed, not text", _filled(_packed(f"python3 -c {_INFLATE}"), path)


def _tar(path: Path, start: bytes) -> Found:
    if start[257:262] != b"ustar":
        return None
    return "is a tar archive, not text", f"unpack it, and name a file of it: {_tar_command(path)}"


def _tar_command(path: Path) -> str:
    return f"tar -xf {shlex.quote(str(path))}"


def _wide(path: Path, start: bytes) -> Found:
    """UTF-16 and UTF-32, with a byte order mark or without."""
    for encoding in _encodings(start):
        unit = 4 if "32" in encoding else 2
        try:
            text = start[: len(start) // unit * unit].decode(encoding, "replace")
        except UnicodeDecodeError:
            continue
        fit = sum(
            (char.isprintable() and char != "\ufffd") or char in "\r\n\t\ufeff" for char in text
        )
        if text and fit >= 0.97 * len(text):
            name = encoding.upper().replace("-LE", "LE").replace("-BE", "BE")
            command = f"iconv -f {name} -t UTF-8 {{file}} > utf8-{{base}}"
            marked = f"is {name}, not UTF-8"
            return marked, _filled(f"save it as UTF-8, or: {command}", path)
    return None


def _encodings(start: bytes) -> Iterator[str]:
    marks = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"))
    for mark, name in (*marks, (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if start.startswith(mark):
            yield name
    if b"\x00" in start and b"\x00" in start[:4096]:
        yield from ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


def _unknown(path: Path, start: bytes) -> Found:  # noqa: ARG001
    """A file with many zero bytes; a few wrong bytes in UTF-8 are reported with their rows."""
    if start.count(b"\x00") <= len(start) // 20:
        return None
    return "is a binary file, not text", _ROWS


def _filled(hint: str, path: Path) -> str:
    return hint.format(
        file=shlex.quote(str(path)),
        name=str(path),
        base=shlex.quote(path.name),
        stem=str(path.with_suffix("")),
        out=_out(path),
    )


def _out(path: Path) -> str:
    """A name for the converted file, without the suffix of the packed one."""
    packed = path.suffix.lower() in (".gz", ".bz2", ".xz", ".zst", ".z", ".spacy")
    return shlex.quote(path.stem if packed else f"unpacked-{path.name}")
