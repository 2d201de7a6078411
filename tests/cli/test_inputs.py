"""What the command takes besides folders of images."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner, Result

import epochsieve as es
from epochsieve.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--quiet"])


@pytest.fixture
def cube(make_series, tmp_path: Path) -> Path:
    """Twelve planes, the fifth crossed by something and flagged by its mission."""
    images = make_series(12).cube
    images[4, 10] += 40
    quality = np.where(np.arange(12) == 4, 128, 0)
    columns = [fits.Column("MJD", "D", array=60000.0 + np.arange(12)), fits.Column("QUALITY", "J", array=quality)]
    fits.HDUList([fits.PrimaryHDU(images), fits.BinTableHDU.from_columns(columns)]).writeto(tmp_path / "star.fits")
    return tmp_path / "star.fits"


def test_a_file_with_a_whole_series_is_judged_and_held_against_its_mission(cube: Path, tmp_path: Path) -> None:
    result = run("sieve", cube, "--out", tmp_path / "out", "--quality-bits", "any")
    assert result.exit_code == 0, result.output
    findings = es.read_findings(tmp_path / "out")
    assert set(findings.object) == {"star"}
    assert findings.quality.tolist() == [0, 0, 0, 0, 128, *[0] * 7]
    assert findings.flagged[4]
    assert [line.split() for line in result.output.splitlines() if line.startswith("128 ")] == [
        ["128", "1", "1", "1.000"]
    ]
    np.testing.assert_array_equal(es.sieve(cube).score, findings.score)
    assert es.show(findings).axes  # read again from where it was


def test_quality_bits_that_are_none_are_refused(cube: Path, tmp_path: Path) -> None:
    result = run("sieve", cube, "--out", tmp_path / "out", "--quality-bits", "bad")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
