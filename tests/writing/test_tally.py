from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.writing.tally import Tally, count_findings

tallies = st.builds(
    Tally,
    *[st.integers(0, 9)] * 4,
    st.dictionaries(st.sampled_from(["trail", "point"]), st.integers(1, 9)),
)


def test_an_epoch_with_two_reasons_counts_for_both_and_an_unflagged_one_for_none() -> None:
    findings = Findings(
        {
            "object": ["a", "a", "b"],
            "flagged": [True, False, True],
            "flags": [int(Flag.TRAIL | Flag.EDGE), int(Flag.SEEING), int(Flag.UNREADABLE)],
            "status": ["ok", "ok", "truncated"],
        }
    )
    assert count_findings(findings) == Tally(2, 3, 2, 1, {"unreadable": 1, "trail": 1, "edge": 1})


@given(tallies, tallies, tallies)
def test_tallies_add_up_in_any_order(a: Tally, b: Tally, c: Tally) -> None:
    assert (a + b) + c == a + (c + b)


def test_nothing_counts_nothing(make_findings: Callable[..., Findings]) -> None:
    assert count_findings(make_findings(rows=0)) == Tally()
