"""Which column of a table says what of an epoch, told by their names and types."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from epochsieve.vocabulary.settings import ReadSettings

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        role: tuple(names.split())
        for role, names in {
            "object": "object object_id diaObjectId source_id objid oid name target id",
            "band": "band filter filter_name",
            "file": "file filename file_name epoch epoch_id visit visit_id expid exposure exposure_id frame image_id"
            " candid diaSourceId",
            "mjd": "mjd mjd_mid mjd_avg midpointMjdTai midPointTai expMidptMJD obsmjd time bjd hjd jd mjd_obs date_obs",
            "fwhm": "fwhm fwhm_pix seeing_pix",
            "image": "image cutout pixels stamp science cutoutScience",
            "height": "height ny naxis2",
            "width": "width nx naxis1",
            "stack": "is_stack is_coadd is_template",
            "noise": "noise image_noise image_error",
            "quality": "quality quality_flags",
            "status": "status",
        }.items()
    }
)
"""What an epoch's row can say, and what columns of that are called; case and punctuation do not matter."""

PIXEL_ROLES = frozenset({"image", "noise", "mask", "weight"})
"""Those that hold an image."""

OF_OBJECTS = ("object", "band")
SIDE_BY_SIDE = ""
"""In the place of the name of the column that holds the epochs: plain columns of lists."""


class Layout(NamedTuple):
    """How a table says what; no columns where nothing in it is an image.

    Attributes
    ----------
    columns : mapping of str to str
        The column, or field of the nest, for each role that there is.
    nest : str or None
        The column with an object's epochs in it, `SIDE_BY_SIDE`, or None where each row is an epoch.
    """

    columns: Mapping[str, str]
    nest: str | None = None

    def choose_paths(self, roles: Iterable[str], leaves: Iterable[str]) -> list[str]:
        """Choose what to read of a file.

        Parameters
        ----------
        roles : iterable of str
            What is wanted; what is not there is left out.
        leaves : iterable of str
            Paths of all columns that the file stores, as Parquet writes them: ``epochs.list.element.mjd``.

        Returns
        -------
        list of str
            Some of these.
        """
        wanted = {(self._find_top(role), self.columns[role]) for role in roles if role in self.columns}
        return [leaf for leaf in leaves if any(_is_below(leaf.split("."), *each) for each in wanted)]

    def _find_top(self, role: str) -> str:
        """Name the column that a role's field is in."""
        return self.nest if self.nest and role not in OF_OBJECTS else ""


def find_layout(schema: Any, settings: ReadSettings) -> Layout:
    """Find out how a table says what.

    Parameters
    ----------
    schema : pyarrow.Schema
        The table's.
    settings : ReadSettings
        Names of the columns that are meant, where the user gave them: `hdu` for the image, `time_key`, `mask_hdu` and
        `weight_hdu`.

    Returns
    -------
    Layout
        Without columns where nothing in it is an image.
    """
    wanted = _list_wanted(settings)
    top = {field.name: field.type for field in schema}
    columns = dict(_assign(top, wanted))
    if "image" in columns:
        by_epoch = [columns[role] for role in ("mjd", "file") if role in columns]
        is_nested = any(_is_list(top[name]) for name in by_epoch)
        return Layout(MappingProxyType(columns), SIDE_BY_SIDE if is_nested else None)
    for name, kind in top.items():
        inside = dict(_assign(_list_fields(kind), wanted))
        if "image" in inside:
            inside |= {role: columns[role] for role in OF_OBJECTS if role in columns}
            return Layout(MappingProxyType(inside), name)
    return Layout({})


def _list_wanted(settings: ReadSettings) -> dict[str, tuple[str, ...]]:
    """List how each role's column may be called."""
    asked = {"image": settings.hdu, "mjd": settings.time_key, "mask": settings.mask_hdu, "weight": settings.weight_hdu}
    return {**SYNONYMS, **{role: (name,) for role, name in asked.items() if name}}


def _assign(fields: Mapping[str, Any], wanted: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Give each role the first of its names that is there, pixels only where the type could hold them."""
    plain = {_simplify(name): name for name in reversed(list(fields))}
    for role, names in wanted.items():
        present = [plain[_simplify(name)] for name in names if _simplify(name) in plain]
        fitting = [name for name in present if role not in PIXEL_ROLES or _could_be_images(fields[name])]
        if fitting:
            yield role, fitting[0]
        elif role == "image" and names is SYNONYMS["image"]:
            yield from (("image", name) for name in list(filter(lambda each: _is_certain(fields[each]), fields))[:1])


def _simplify(name: str) -> str:
    """Take case and punctuation out of a name."""
    return re.sub(r"[\W_]", "", name.lower())


def _could_be_images(kind: Any) -> bool:
    """Tell types that can hold an image, or a list of them: lists of numbers, tensors, and files as bytes."""
    import pyarrow as pa

    while _is_list(kind):
        kind = kind.value_type
        if _is_number(kind):
            return True
    return _is_tensor(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _is_certain(kind: Any) -> bool:
    """Tell types that hold nothing else: tensors of two axes, whatever they are called."""
    return _is_tensor(kind) and len([length for length in kind.shape if length > 1]) == 2  # noqa: PLR2004


def _is_tensor(kind: Any) -> bool:
    """Tell Arrow's type of arrays that all have one shape."""
    import pyarrow as pa

    return isinstance(kind, pa.FixedShapeTensorType) and _is_number(kind.value_type)


def _is_number(kind: Any) -> bool:
    """Tell numbers, and what a mask may be of."""
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _is_list(kind: Any) -> bool:
    """Tell lists of any length, or of one."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _list_fields(kind: Any) -> dict[str, Any]:
    """List the fields of a list of structs, or of a struct of lists, each by the type of one of its values."""
    import pyarrow as pa

    if _is_list(kind) and pa.types.is_struct(kind.value_type):
        return {field.name: field.type for field in kind.value_type}
    if pa.types.is_struct(kind) and all(_is_list(field.type) for field in kind):
        return {field.name: field.type.value_type for field in kind}
    return {}


def _is_below(path: list[str], top: str, name: str) -> bool:
    """Tell whether a stored column belongs to one of the table's."""
    return name in path[1:] and path[0] == top if top else path[0] == name
