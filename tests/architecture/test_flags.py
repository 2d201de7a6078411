"""Every reason has a bit of its own and says what it means."""

import pytest

from epochsieve.vocabulary.flags import Flag, decode_flags

FLAGS = list(Flag)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_is_one_bit_that_fits_an_int32(flag: Flag) -> None:
    assert flag.value.bit_count() == 1
    assert 0 < flag.value < 2**31


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_has_a_meaning_of_one_line(flag: Flag) -> None:
    assert len(flag.meaning) > 20
    assert "\n" not in flag.meaning


def test_no_two_flags_share_a_bit_a_name_or_a_meaning() -> None:
    for seen in ({flag.value for flag in FLAGS}, {flag.name for flag in FLAGS}, {flag.meaning for flag in FLAGS}):
        assert len(seen) == len(Flag.__members__)


def test_decoding_the_sum_of_all_flags_names_each_once() -> None:
    names = decode_flags(sum(flag.value for flag in FLAGS)).split(",")
    assert names == [flag.name.lower() for flag in FLAGS]
