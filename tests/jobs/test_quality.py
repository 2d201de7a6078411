"""Findings beside a mission's own flags."""

import numpy as np
import pytest

from epochsieve.jobs.quality import compare_with_quality, read_bits
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings


@pytest.mark.parametrize(("given", "mask"), [("128", 128), ("32+128", 160), ("0x20,128,128", 160), ("any", 2**31 - 1)])
def test_bits_are_given_as_users_write_them(given, mask):
    assert read_bits(given) == mask


@pytest.mark.parametrize("given", ["", "0", "-1", "desaturation", "1.5", str(2**31), "32,"])
def test_what_is_no_mask_is_refused(given):
    with pytest.raises(SettingError, match="quality bits"):
        read_bits(given)


def test_epochs_are_counted_by_the_flags_that_count():
    flagged = np.array([True, True, False, False, True])
    findings = Findings({"object": ["a"] * 5, "quality": [32, 160, 32, 8192, 0], "flagged": flagged})
    assert compare_with_quality(findings, 32 + 128 + 1) == [
        ("32", "3", "2", "0.667"),
        ("128", "1", "1", "1.000"),
        ("any of them", "3", "2", "0.667"),
        ("none of them", "2", "1", "0.500"),
    ]
    assert compare_with_quality(findings, 4)[0] == ("any of them", "0", "0", "")
