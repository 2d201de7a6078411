from hypothesis import given
from hypothesis import strategies as st

from epochsieve.running.chunks import choose_chunk_size, cut_into_chunks


@given(st.integers(0, 200), st.integers(1, 50), st.integers(1, 8))
def test_chunks_are_the_tasks_in_their_order(tasks: int, size: int, workers: int) -> None:
    chunks = list(cut_into_chunks(range(tasks), size, workers))
    assert [task for chunk in chunks for task in chunk] == list(range(tasks))
    assert all(0 < len(chunk) <= size for chunk in chunks)


@given(st.integers(0, 10**7), st.integers(0, 10**5), st.integers(1, 1000))
def test_a_chunk_is_neither_empty_nor_larger_than_a_file_should_be(objects: int, epochs: int, workers: int) -> None:
    size = choose_chunk_size(objects, epochs, workers)
    assert 1 <= size <= 1000
    assert size == 1 or size * epochs <= 10_000


def test_every_worker_has_several_chunks_of_a_small_survey_and_full_files_come_of_a_large_one() -> None:
    assert choose_chunk_size(100, 55, workers=2) == 4
    assert choose_chunk_size(100_000, 55, workers=2) == 181
    assert choose_chunk_size(100_000, 5, workers=2) == 1000


def test_workers_end_at_about_the_same_time_for_their_last_chunks_are_small() -> None:
    assert [len(chunk) for chunk in cut_into_chunks(range(100), 4, workers=2)] == [4] * 23 + [1] * 8
    assert [len(chunk) for chunk in cut_into_chunks(range(40), 10, workers=3)] == [10] + [3] * 10
    assert [len(chunk) for chunk in cut_into_chunks(range(25), 10)] == [10, 10, 5]
