"""HDUs that no sensible file has are refused before anybody lists them."""

import pytest

from epochsieve.reading.hdus import check_counts
from epochsieve.vocabulary.errors import ImageError

FIRST = f"{'SIMPLE  =                    T':80}"


@pytest.mark.parametrize("key", ["NAXIS   =", "ZNAXIS  =", "TFIELDS =", "NAXIS=", "TFIELDS="])
def test_more_axes_or_columns_than_the_standard_allows_are_refused(key):
    with pytest.raises(ImageError, match=f"broken header: {key.split('=')[0].strip().lstrip('Z')} = 10000"):
        check_counts(f"{FIRST}{key + ' 1000000000000':80}".encode())
    check_counts(f"{FIRST}{key + ' 0000000000999':80}".encode())


@pytest.mark.parametrize("card", ["COMMENT NAXIS = 10000", "XNAXIS  = 10000", " NAXIS  = 10000", "NAXIS1  = 10000"])
def test_other_cards_are_left_alone(card):
    check_counts(f"{FIRST}{card:80}".encode())
