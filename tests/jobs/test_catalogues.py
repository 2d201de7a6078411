"""Catalogues as users have them."""

import numpy as np
import pytest
from astropy import units
from astropy.table import Table

from epochsieve.jobs.catalogues import CatalogueColumns, read_catalogue
from epochsieve.vocabulary.errors import InputError

RA, DEC = np.array([10.5, 359.0]), np.array([-1.25, 60.0])
FOUND = CatalogueColumns()


def write(path, **columns):
    Table(columns).write(path, format={"vot": "votable", "ecsv": "ascii.ecsv"}.get(path.suffix[1:]), overwrite=True)
    return path


@pytest.mark.parametrize("ending", ["csv", "ecsv", "fits", "vot", "parquet"])
def test_every_format_is_read(tmp_path, ending):
    catalogue = read_catalogue(write(tmp_path / f"c.{ending}", OBJID=["a", "b"], RAJ2000=RA, DEJ2000=DEC), FOUND)
    assert catalogue.names == ("a", "b")
    np.testing.assert_allclose([catalogue.ra, catalogue.dec], [RA, DEC])


def test_columns_are_found_by_their_ucds_before_their_names(tmp_path):
    table = Table({"ra": RA + 1, "dec": DEC, "alpha": RA, "label": ["a", "b"]})
    table["alpha"].meta["ucd"], table["label"].meta["ucd"] = "pos.eq.ra;meta.main", "meta.id"
    table.write(tmp_path / "c.vot", format="votable")
    catalogue = read_catalogue(tmp_path / "c.vot", FOUND)
    np.testing.assert_allclose(catalogue.ra, RA)
    assert catalogue.names == ("a", "b")


def test_columns_that_the_user_names_count(tmp_path):
    path = write(tmp_path / "c.csv", id=["a", "b"], tag=[7, 12], ra=RA, dec=DEC, lon=RA + 1)
    catalogue = read_catalogue(path, CatalogueColumns("tag", "lon"))
    assert catalogue.names == ("7", "12")
    np.testing.assert_allclose(catalogue.ra, (RA + 1) % 360)
    with pytest.raises(InputError, match="no column what among id, tag"):
        read_catalogue(path, CatalogueColumns("what"))


def test_units_and_sexagesimal_text_are_converted(tmp_path):
    hours = write(tmp_path / "h.ecsv", ra=RA / 15 * units.hourangle, dec=np.radians(DEC) * units.rad)
    text = write(tmp_path / "t.csv", ra=["00:42:00", "23:56:00"], dec=["-01:15:00", "+60:00:00"])
    for path in (hours, text):
        catalogue = read_catalogue(path, FOUND)
        np.testing.assert_allclose([catalogue.ra, catalogue.dec], [RA, DEC])
        assert catalogue.names == ("1", "2")


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"x": RA, "y": DEC}, "no columns of right ascension"),
        ({"id": ["a", "a"], "ra": RA, "dec": DEC}, "a stands there twice"),
        ({"ra": RA, "dec": [np.nan, 1]}, "1 has no place in the sky"),
        ({"ra": RA, "dec": [0, 95.0]}, "2 has no place in the sky"),
        ({"ra": ["here", "there"], "dec": DEC}, "column ra is no angle"),
    ],
)
def test_what_is_no_catalogue_is_refused_in_one_line(tmp_path, columns, what):
    with pytest.raises(InputError, match=what) as caught:
        read_catalogue(write(tmp_path / "c.csv", **columns), FOUND)
    assert "\n" not in str(caught.value)
