from astropy.io import fits

from epochsieve.reading.headers import ABSENT, Card, look_up_in


def test_the_first_header_that_has_the_key_is_asked():
    look_up = look_up_in([fits.Header([("EXPTIME", 5, "s")]), fits.Header([("EXPTIME", 7), ("UT", "12:00:00")])])
    assert look_up("EXPTIME") == Card(5.0, "s")
    assert look_up("UT") == Card("12:00:00", "")
    assert look_up("MJD-OBS") is ABSENT


def test_any_mapping_is_a_header():
    assert look_up_in([{"MJD-OBS": 5}])("MJD-OBS") == Card(5.0, "")


def test_what_is_no_plain_value_counts_as_none():
    header = fits.Header([("HISTORY", "made by hand"), ("EMPTY", None)])
    assert look_up_in([header])("HISTORY").value is None
    assert look_up_in([header])("EMPTY").value is None


def test_a_card_that_astropy_cannot_parse_counts_as_absent():
    header = fits.Header.fromstring("MJD-OBS = 12 34 5 'x".ljust(80) + "END".ljust(80))
    assert look_up_in([header])("MJD-OBS") == ABSENT
