"""Parquet, in row groups. Needs pyarrow (extra ``parquet``).

An own column has the type that it had in Parquet, or the one that all its values have; one with
values of several types is text, with lists and objects as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from typing_extensions import override

from burnish.batch.sinks.sink import Sink, Table, cell_text, plain
from burnish.errors import MissingExtraError

__all__ = ["ParquetSink"]

_GROUP_ROWS = 10_000
_TEXT = "string"
_KINDS: Mapping[frozenset[str], str] = {
    frozenset({"str"}): _TEXT,
    frozenset({"bool"}): "bool",
    frozenset({"int"}): "int64",
    frozenset({"int", "wide"}): "int64",
    frozenset({"wide"}): "int64",
    frozenset({"float"}): "float64",
    frozenset({"int", "float"}): "float64",
}


class ParquetSink(Sink):
    """Lists of labels and of entities stay lists."""

    @override
    def check_library(self) -> None:
        try:
            import pyarrow as pa  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("pyarrow", "parquet") from None

    @override
    def write(self, path: Path, table: Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        layout, names = table.layout, table.layout.columns
        own = [table.types.get(name) or _own_type(table.kinds[name]) for name in layout.own]
        said = [pa.infer_type([table.sample[name]]) for name in layout.answers]
        errors = [] if layout.error is None else [pa.string()]
        schema = pa.schema(list(zip(names, [*own, *said, *errors], strict=True)))
        keep = {name for name in layout.own if name in table.types}
        with pq.ParquetWriter(path, schema) as writer:
            for cells in _groups(table):
                columns = [
                    pa.array(values if name in keep else _values(values, kind), type=kind)
                    for name, kind, values in zip(
                        names, schema.types, zip(*cells, strict=True), strict=True
                    )
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _own_type(kinds: set[str]) -> Any:
    import pyarrow as pa

    known = frozenset(kinds - {"none"})
    return pa.type_for_alias(_KINDS.get(known, _TEXT))


def _values(values: tuple[object, ...], kind: Any) -> list[object]:
    """The values as the column's type has them."""
    import pyarrow as pa

    if pa.types.is_string(kind):
        return [None if value is None else cell_text(value) for value in values]
    if pa.types.is_floating(kind):
        return [None if value is None else float(str(value)) for value in values]
    return [plain(value) for value in values]


def _groups(table: Table) -> Iterator[list[list[object]]]:
    rows = iter(table.rows)
    while group := list(islice(rows, _GROUP_ROWS)):
        yield [table.layout.cells(row) for row in group]
