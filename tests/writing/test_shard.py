import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.vocabulary.errors import SettingError
from epochsieve.writing.shard import WHOLE, Shard, parse_shard


@given(st.text(), st.integers(1, 50))
def test_every_object_is_in_one_share_and_no_other(name: str, total: int) -> None:
    assert sum(Shard(number, total).holds(name) for number in range(1, total + 1)) == 1


def test_shares_are_of_about_the_same_size() -> None:
    names = [f"{n:05d}" for n in range(8000)]
    sizes = [sum(map(Shard(number, 8).holds, names)) for number in range(1, 9)]
    assert min(sizes) > 900
    assert max(sizes) < 1100


def test_a_share_is_written_as_one_of_so_many() -> None:
    assert parse_shard("3/8") == Shard(3, 8)
    assert parse_shard("") == WHOLE == parse_shard("1/1")
    assert Shard(3, 8).label == "s00003of00008-"


@pytest.mark.parametrize("text", ["0/8", "9/8", "8", "a/b", "1/8/2", "-1/8", "1/0", "123456/999999"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="I/N"):
        parse_shard(text)
