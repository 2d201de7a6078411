import json

import pytest

from epochsieve.judging.weighing.calibration_text import load_default, read_calibration
from epochsieve.vocabulary.errors import InputError


def change(**fields):
    """Write the shipped calibration with other fields; None leaves one out."""
    content = json.loads(load_default().to_json()) | fields
    return json.dumps({name: value for name, value in content.items() if value is not None})


def test_a_calibration_survives_json_to_the_last_digit():
    shipped = load_default()
    again = read_calibration(shipped.to_json())
    assert again == shipped
    assert again.sha256 == shipped.sha256


def test_calibrations_that_differ_have_other_digests():
    other = read_calibration(change(median=load_default().median + 1e-4))
    assert other.sha256 != load_default().sha256


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", "no calibration: Expecting value"),
        ("{'name'", "no calibration: Expecting"),
        ("[1, 2]", "not a JSON object"),
        ("{}", "it lacks chances, .*make it anew"),
        (change(tail=None), "it lacks tail; make it anew"),
        (change(shape="round"), "it has an unknown shape"),
        (change(name=3), "its name is no text"),
        (change(embedder=3), "its embedder is no text"),
        (change(eye=3), "its eye is no text"),
        (change(embedder=None), "it lacks embedder; make it anew"),
        (change(detectors=["pixel"]), "other detectors than this version has"),
        (change(detectors="pixel"), "other detectors than this version has"),
        (change(scatter=[1.0]), "scatter must be 3[0-9] finite numbers"),
        (change(weights=3), "weights must be 3[0-9] x 4 finite numbers"),
        (change(quantiles=[[1.0], [1.0, 2.0]]), "quantiles must be"),
        (change(median="high"), "median must be a finite number"),
        (change(median=float("nan")), "median must be a finite number"),
        (change(median=True), "median must be a finite number"),
        (change(tail=[[1.0]]), "tail must be 11 finite numbers"),
        (change(chances=0.5), "chances must be 2 finite numbers"),
        (change(chances=[]), "chances must be 2 finite numbers"),
        (change(spread=0.0), "spread and scatter must be above zero"),
        (change(scatter=[0.0] * len(load_default().scatter)), "spread and scatter must be above zero"),
        (change(tail_chances=list(load_default().tail_chances)[::-1]), "tail_chances must be probabilities that fall"),
        (change(tail=[-value for value in load_default().tail]), "tail must not fall"),
        (change(quantiles=[row[::-1] for row in load_default().quantiles]), "quantiles must not fall"),
    ],
)
def test_what_is_no_calibration_of_this_version_is_refused_in_one_line(text, pattern):
    with pytest.raises(InputError, match=pattern) as refusal:
        read_calibration(text)
    assert "\n" not in str(refusal.value)
