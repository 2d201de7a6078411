"""Frames and a catalogue to cutouts, findings and light curves, from end to end."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS, FITSFixedWarning
from typer.testing import CliRunner, Result

import epochsieve as es
from epochsieve.cleaning.variability import measure_variability
from epochsieve.cli import app
from epochsieve.simulating.frames import FrameSurvey, write_frames
from epochsieve.vocabulary.findings import Findings

SIZE = 31


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


@dataclass(frozen=True)
class Sieved:
    """A survey, what was found on it, and where."""

    survey: FrameSurvey
    root: Path
    findings: Findings
    output: str


@pytest.fixture(scope="module")
def sieve_survey(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Sieved]:
    """Simulate frames of sixteen constant stars in fourteen nights, with a satellite or without, and sieve them."""
    done: dict[bool, Sieved] = {}

    def sieve(satellite: bool) -> Sieved:
        if satellite not in done:
            root = tmp_path_factory.mktemp("survey")
            survey = write_frames(root / "frames", np.random.default_rng(5), 14, 16, satellite=satellite)
            asked = ("--catalogue", survey.catalogue, "--size", SIZE, "--out", root / "results", "--quiet")
            result = run("sieve", root / "frames", *asked)
            assert result.exit_code == 0, result.output
            done[satellite] = Sieved(survey, root, es.read_findings(root / "results"), result.output)
        return done[satellite]

    return sieve


def measure_excess(curves: Table, names: list[str]) -> float:
    """Average the excess variance of light curves."""
    which = np.array([names.index(name) for name in curves["object"]])
    flux, error = (np.asarray(curves[name], float) for name in ("flux", "flux_error"))
    return float(measure_variability(flux, error, which, len(names), magnitudes=False).excess.mean())


def test_the_satellite_is_found_and_the_constant_stars_are_constant_again(
    sieve_survey: Callable[[bool], Sieved],
) -> None:
    spoilt, clean = sieve_survey(True), sieve_survey(False)
    findings = spoilt.findings
    assert len(findings) == 14 * 16
    trailed = findings.file == spoilt.survey.trailed
    assert len(spoilt.survey.crossed) >= 2
    assert spoilt.survey.crossed <= set(findings.object[trailed & findings.flagged])
    assert findings.flagged[~trailed].mean() < 0.06
    assert f"1 on no frame: {spoilt.survey.far}" in spoilt.output

    table = spoilt.root / "curves.csv"
    cleaned = run("clean", "--findings", spoilt.root / "results", "--out", table, "--drop")
    assert cleaned.exit_code == 0, cleaned.output
    names = sorted(set(findings.object))
    without = measure_excess(clean.findings.to_table(), names)
    assert measure_excess(findings.to_table(), names) > 2 * without
    assert measure_excess(Table.read(table), names) == pytest.approx(without, rel=0.1)


def test_cutouts_that_are_written_are_judged_as_those_that_are_not(sieve_survey: Callable[[bool], Sieved]) -> None:
    done = sieve_survey(True)
    root = done.root / "cutouts"
    few = done.root / "few.csv"
    few.write_text("\n".join(done.survey.catalogue.read_text().splitlines()[:4]) + "\n")
    result = run("cut", done.root / "frames", "--catalogue", few, "--size", SIZE, "--out", root, "--quiet")
    assert result.exit_code == 0, result.output
    assert "objects     3\n" in result.output
    for name in ("star01", "star02", "star03"):
        rows = done.findings.select(done.findings.object == name)
        again = es.sieve(root / name)
        for column in rows.columns:
            np.testing.assert_array_equal(again[column], rows[column], err_msg=column)


def test_a_cutout_knows_its_sky_and_where_it_is_from(sieve_survey: Callable[[bool], Sieved]) -> None:
    done = sieve_survey(True)
    root = done.root / "one"
    first = done.root / "first.csv"
    first.write_text("\n".join(done.survey.catalogue.read_text().splitlines()[:2]) + "\n")
    run("cut", done.root / "frames", "--catalogue", first, "--size", SIZE, "--out", root, "--quiet")
    star = Table.read(first)[0]
    with fits.open(root / "star01" / "night03.fits") as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)  # astropy spells the MJDs out
        header, pixels = hdus[0].header, hdus[0].data
        x, y = WCS(header).all_world2pix(star["ra"], star["dec"], 0)
    assert abs(x - SIZE // 2) <= 0.51
    assert abs(y - SIZE // 2) <= 0.51
    assert header["ORIGFILE"] == "night03.fits"
    with fits.open(done.root / "frames" / "night03.fits") as hdus:
        frame = hdus[int(header["ORIGHDU"].split()[0])].data
    rows, columns = (slice(header[key], header[key] + SIZE) for key in ("ORIGY", "ORIGX"))
    np.testing.assert_array_equal(pixels, frame[rows, columns])
    assert header["MJD-AVG"] == pytest.approx(60002.6 + 30 / 86400)


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        (("--catalogue", "no.csv", "--size", "31"), "no.csv"),
        (("--catalogue", "catalogue.csv"), "needs --size"),
        (("--align",), "go with --catalogue"),
        (("--catalogue", "catalogue.csv", "--size", "31", "--stack", "first"), "--stack"),
    ],
)
def test_what_makes_no_sense_is_refused(
    sieve_survey: Callable[[bool], Sieved], tmp_path: Path, extra: tuple[str, ...], what: str
) -> None:
    frames = sieve_survey(True).root / "frames"
    asked = [str(frames / each) if each == "catalogue.csv" else each for each in extra]
    result = run("sieve", frames, "--out", tmp_path / "out", *asked)
    assert result.exit_code == 2
    assert what in result.output


def test_cutouts_of_two_runs_are_not_mixed_and_a_broken_frame_is_told_of(
    sieve_survey: Callable[[bool], Sieved], tmp_path: Path
) -> None:
    survey = sieve_survey(True).survey
    (tmp_path / "broken.fits").write_text("no frame")
    asked = (survey.frames[0], tmp_path / "broken.fits", "--catalogue", survey.catalogue, "--size", SIZE, "--quiet")
    result = run("cut", *asked, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "frames      2 (1 not read, or not whole)" in result.output
    again = run("cut", *asked, "--out", tmp_path / "out")
    assert again.exit_code == 2
    assert "is not empty" in again.output
