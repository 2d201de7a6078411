"""What stands beside the rows of a Parquet file: for astropy as YAML, for TOPCAT as VOParquet, and on each column."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from epochsieve.tables.columns import NewColumn
from epochsieve.tables.ecsv_tables import make_column
from epochsieve.tables.votables import make_votable

if TYPE_CHECKING:
    from astropy.table import Table

YAML = b"table_meta_yaml"
"""Where astropy keeps a table's description."""

VO_CONTENT, VO_VERSION = b"IVOA.VOTable-Parquet.content", b"IVOA.VOTable-Parquet.version"
"""Where the IVOA's VOParquet convention has a VOTable without rows."""

_LENGTH = "table::len::"


def describe_table(table: "Table") -> Any:
    """Make an Arrow table of astropy's, described for everybody who reads Parquet.

    Parameters
    ----------
    table : astropy.table.Table
        Masked values become nulls; NaN stays NaN.

    Returns
    -------
    pyarrow.Table
        Units, descriptions and UCDs on the columns, in astropy's YAML, and as a VOTable.
    """
    import pyarrow as pa
    from astropy.table import represent_mixins_as_columns

    plain = represent_mixins_as_columns(table)
    arrays = [_to_arrow(plain[name]) for name in plain.colnames]
    fields = [_make_field(plain[name], array) for name, array in zip(plain.colnames, arrays, strict=True)]
    lengths = {
        f"{_LENGTH}{name}": str(plain[name].dtype.itemsize // 4)
        for name in plain.colnames
        if plain[name].dtype.kind == "U"
    }
    metadata: dict[Any, Any] = {**lengths, YAML: _write_yaml(plain), VO_VERSION: b"1.0", VO_CONTENT: _write_vo(plain)}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata))


def restore_table(arrow: Any) -> "Table":
    """Make a table of Arrow's, with what its metadata say, in whichever way they say it."""
    from astropy.table import MaskedColumn, Table

    table = Table()
    for name in arrow.column_names:
        column = arrow[name]
        if column.null_count and not _is_float(column.type):
            filled = column.fill_null("" if _is_text(column.type) else False if column.type == "bool" else 0)
            table[name] = MaskedColumn(_to_values(filled), mask=np.asarray(column.is_null()))
        else:
            table[name] = _to_values(column)
        metadata = {key.decode(): value.decode() for key, value in (arrow.schema.field(name).metadata or {}).items()}
        table[name].unit, table[name].description = metadata.get("unit"), metadata.get("description")
    return _apply_yaml(table, (arrow.schema.metadata or {}).get(YAML, b""))


def extend_metadata(schema: Any, columns: Sequence[NewColumn]) -> dict[bytes, bytes] | None:
    """Say of new columns what the file's metadata say of the others."""
    metadata = dict(schema.metadata or {})
    if YAML in metadata:
        metadata[YAML] = _extend_yaml(metadata[YAML], columns)
    if VO_CONTENT in metadata:
        metadata[VO_CONTENT] = _extend_vo(metadata[VO_CONTENT], columns)
    if b"pandas" in metadata:
        metadata[b"pandas"] = _extend_pandas(metadata[b"pandas"], columns)
    return metadata or None


def read_facts(arrow: Any) -> Mapping[str, Any]:
    """Read the keywords that astropy kept."""
    text = (arrow.schema.metadata or {}).get(YAML)
    return {str(key).upper(): value for key, value in _read_yaml(text).get("meta", {}).items()} if text else {}


def _to_arrow(column: Any) -> Any:
    """Convert a column; masked values are nulls."""
    import pyarrow as pa

    values = np.ascontiguousarray(np.ma.getdata(np.ma.MaskedArray(column)))
    mask = np.ma.getmaskarray(np.ma.MaskedArray(column)) if hasattr(column, "mask") else None
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    return pa.array(native if native.ndim == 1 else list(native), mask=mask)


def _make_field(column: Any, array: Any) -> Any:
    """Describe a column."""
    import pyarrow as pa

    facts = {"unit": str(column.unit or ""), "description": column.description or "", "ucd": _get_ucd(column)}
    return pa.field(column.name, array.type, metadata={key: text for key, text in facts.items() if text})


def _get_ucd(column: Any) -> str:
    """Look a column's UCD up."""
    return str((column.meta or {}).get("ucd", ""))


def _to_values(column: Any) -> Any:
    """Convert an Arrow column to an array, text as text."""
    values = column.to_numpy()
    return values.astype(np.str_) if _is_text(column.type) else values


def _is_text(kind: Any) -> bool:
    """Tell whether a type is text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_float(kind: Any) -> bool:
    """Tell whether a type is a floating-point number."""
    import pyarrow as pa

    return bool(pa.types.is_floating(kind))


def _write_yaml(table: "Table") -> bytes:
    """Describe a table as astropy does."""
    from astropy.table.meta import get_yaml_from_table

    return "\n".join(get_yaml_from_table(table)).encode()


def _read_yaml(text: bytes) -> dict[str, Any]:
    """Read astropy's description."""
    from astropy.table.meta import get_header_from_yaml

    header: dict[str, Any] = get_header_from_yaml(text.decode().split("\n"))
    return header


def _extend_yaml(text: bytes, columns: Sequence[NewColumn]) -> bytes:
    """Describe more columns in astropy's description."""
    from astropy.io.misc import yaml

    header, new = _read_yaml(text), {column.name for column in columns}
    described = [entry for entry in header["datatype"] if entry["name"] not in new]
    added = [{"name": c.name, "datatype": str(c.values.dtype), "description": c.description} for c in columns]
    return str(yaml.dump({**header, "datatype": described + added})).encode()


def _apply_yaml(table: "Table", text: bytes) -> "Table":
    """Give a table the units, descriptions, metadata and mixins that astropy's description tells of."""
    from astropy.table import serialize

    if not text:
        return table
    header = _read_yaml(text)
    for entry in header["datatype"]:
        if entry["name"] in table.colnames:
            info = table[entry["name"]].info
            for key in ("unit", "description", "format", "meta"):
                setattr(info, key, entry.get(key, getattr(info, key)))
    table.meta.update(header.get("meta", {}))
    restored: Table = serialize._construct_mixins_from_columns(table)  # noqa: SLF001 - as astropy's own readers do
    return restored


def _write_vo(table: "Table") -> bytes:
    """Describe a table as a VOTable without rows."""
    return _strip_rows(make_votable(table[:1]).document)


def _extend_vo(text: bytes, columns: Sequence[NewColumn]) -> bytes:
    """Describe more columns in a VOTable without rows."""
    import xml.etree.ElementTree as ET

    from astropy.table import Table

    made = ET.fromstring(_write_vo(Table({c.name: make_column(c) for c in columns})))  # noqa: S314
    tree = ET.fromstring(text)  # noqa: S314
    table = next(element for element in tree.iter() if element.tag.endswith("}TABLE"))
    new = [element for element in made.iter() if element.tag.endswith("}FIELD")]
    for field in [field for field in table if field.get("name") in {element.get("name") for element in new}]:
        table.remove(field)
    place = max((i for i, element in enumerate(table) if element.tag.endswith("}FIELD")), default=-1) + 1
    for element in reversed(new):
        table.insert(place, element)
    return bytes(ET.tostring(tree, encoding="utf-8", xml_declaration=True))


def _strip_rows(document: Any) -> bytes:
    """Write a document, with a word in place of its rows that says where they are."""
    import xml.etree.ElementTree as ET

    buffer = io.BytesIO()
    document.to_xml(buffer)
    tree = ET.fromstring(buffer.getvalue())  # noqa: S314
    space = tree.tag.partition("}")[0] + "}"
    ET.register_namespace("", space[1:-1])
    for table in tree.iter(f"{space}TABLE"):
        for data in table.findall(f"{space}DATA"):
            table.remove(data)
        ET.SubElement(table, f"{space}PARQUET", type="Parquet-local-XML")
    return bytes(ET.tostring(tree, encoding="utf-8", xml_declaration=True))


def _extend_pandas(text: bytes, columns: Sequence[NewColumn]) -> bytes:
    """Name more columns in pandas' description, so that its order is the file's."""
    header, new = json.loads(text), {column.name for column in columns}
    kept = [entry for entry in header.get("columns", []) if entry.get("name") not in new]
    kinds = {"i": "int32", "f": "float64", "b": "bool"}
    added = [
        {
            "name": c.name,
            "field_name": c.name,
            "pandas_type": kinds[c.values.dtype.kind],
            "numpy_type": kinds[c.values.dtype.kind],
            "metadata": None,
        }
        for c in columns
    ]
    return json.dumps({**header, "columns": kept + added}).encode()
