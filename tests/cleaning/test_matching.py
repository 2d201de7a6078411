"""Rows find their findings: as a search through all of them would, in any order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.cleaning.matching import NOBODY, match_keys, match_times, number_names

OBJECT = st.integers(0, 3)
TIME = st.one_of(st.integers(0, 12).map(float), st.just(float("nan")))


def search_nearest(who, when, known_who, known_when, tolerance):
    near = [(abs(t - when), t) for k, t in zip(known_who, known_when, strict=True) if k == who and np.isfinite(t)]
    return min(near, default=(np.inf, None))[0] <= tolerance


@given(st.lists(st.tuples(OBJECT, TIME), max_size=12), st.lists(st.tuples(OBJECT, TIME), max_size=12))
def test_the_nearest_time_of_the_object_is_found_and_nothing_else(rows, known):
    objects, times = (np.array([row[i] for row in rows], kind) for i, kind in ((0, int), (1, float)))
    known_objects, known_times = (np.array([row[i] for row in known], kind) for i, kind in ((0, int), (1, float)))
    found = match_times(objects, times, known_objects, known_times, 2.0)
    for who, when, match in zip(objects, times, found, strict=True):
        there = search_nearest(who, when, known_objects, known_times, 2.0)
        assert (match != NOBODY) == bool(there)
        if match != NOBODY:
            mine = known_times[known_objects == who]
            assert known_objects[match] == who
            assert abs(known_times[match] - when) == np.nanmin(abs(mine - when))


@given(st.permutations(range(8)))
def test_the_order_of_rows_and_findings_does_not_matter(order):
    objects, times = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([1.0, 2, 1, 2, 1, 2, 1, 9])
    place = np.array(order)
    found = match_times(objects, times, objects[place], times[place], 0.1)
    np.testing.assert_array_equal(place[found], np.arange(8))
    found = match_keys(objects, times.astype(int), objects[place], times[place].astype(int))
    np.testing.assert_array_equal(place[found], np.arange(8))


@given(st.lists(st.tuples(OBJECT, OBJECT), max_size=9), st.sets(st.tuples(OBJECT, OBJECT), max_size=9))
def test_keys_match_within_their_object_only(rows, known):
    listed = list(known)
    columns = [np.array([row[i] for row in side], np.intp) for side in (rows, listed) for i in (0, 1)]
    found = match_keys(*columns)
    assert found.tolist() == [listed.index(row) if row in known else NOBODY for row in rows]


def test_names_that_are_not_known_have_no_number():
    names, known = number_names(["b", "x", "a"], ["a", "b", "a"])
    assert names.tolist() == [1, NOBODY, 0]
    assert known.tolist() == [0, 1, 0]
