"""Light curves cleaned from files to files, whatever they are joined on."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from typer.testing import CliRunner

from epochsieve.cleaning.choosing import Wishes
from epochsieve.cli import app
from epochsieve.jobs.cleaning import CleanRequest, clean_light_curves
from epochsieve.tables.files import read_table
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.parts import Part, Source, seal_part
from epochsieve.writing.provenance import Provenance
from epochsieve.writing.store import open_store

BAD = (2, 5)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Findings of two objects, 0070 and star, ten epochs each; the third and the sixth are flagged."""
    place = np.arange(20) % 10
    bad = np.isin(place, BAD)
    findings = Findings(
        {
            "object": ["0070"] * 10 + ["star"] * 10,
            "file": [f"im_{n:02d}.fits" for n in place],
            "epoch": place + 1,
            "mjd": 58000.0 + place + np.repeat([0, 0.25], 10),
            "score": np.where(bad, 9.0, 0.1 * place),
            "flagged": bad,
            "flags": np.where(bad, 8, 0),
            "flux": np.where(bad, 900.0, 100.0 + place),
            "flux_error": np.full(20, 1.0),
        }
    )
    return write_findings(findings, tmp_path / "results")


def write_findings(findings: Findings, results: Path) -> Path:
    """Write findings as a run does."""
    provenance = Provenance("1", {"method": "fake"})
    sources = {str(name): Source("") for name in findings["object"]}
    with open_store(results, provenance) as store:
        store.add(0, seal_part(Part(findings, sources, provenance)))
    return results


@pytest.fixture
def long_table() -> Table:
    """Photometry of both, shuffled."""
    place = np.arange(20) % 10
    table = Table(
        {
            "object": ["0070"] * 10 + ["star"] * 10,
            "file": [f"/far/away/im_{n:02d}.fits" for n in place],
            "epoch": place + 1,
            "mjd": 58000.0 + place + np.repeat([0, 0.25], 10) + 2e-6,
            "flux": np.where(np.isin(place, BAD), 900.0, 100.0 + place),
            "flux_err": np.full(20, 1.0),
        }
    )
    return table[np.random.default_rng(1).permutation(20)]


def clean(results: Path, *light_curves: Path, **options):
    out = options.pop("out", results.parent / "out.ecsv")
    return out, clean_light_curves(CleanRequest([str(path) for path in light_curves], results, out, **options))


@pytest.mark.parametrize("on", ["file", "epoch", "time"])
def test_every_row_gets_the_flags_of_its_epoch(results, long_table, tmp_path, on):
    long_table.write(tmp_path / "in.ecsv")
    out, report = clean(results, tmp_path / "in.ecsv", wishes=Wishes(on=on))
    after = Table.read(out)
    bad = np.isin(after["epoch"] - 1, BAD)
    np.testing.assert_array_equal(after["epochsieve_flags"], np.where(bad, 8, 0))
    np.testing.assert_allclose(after["epochsieve_score"], np.where(bad, 9.0, 0.1 * (after["epoch"] - 1)))
    assert (report.matched, report.flagged, report.dropped, report.idle) == (20, 4, 0, 0)
    assert len(after) == 20


def test_dropping_leaves_out_the_flagged_epochs_and_nothing_else(results, long_table, tmp_path):
    long_table.write(tmp_path / "in.ecsv")
    out, report = clean(results, tmp_path / "in.ecsv", drop=True)
    after = Table.read(out)
    assert sorted(set(after["epoch"])) == [1, 2, 4, 5, 7, 8, 9, 10]
    assert (report.dropped, len(after)) == (4, 16)


def test_the_report_says_what_cleaning_does_to_each_object(results, long_table, tmp_path):
    long_table.write(tmp_path / "in.ecsv")
    _, report = clean(results, tmp_path / "in.ecsv")
    effect = report.effect
    assert effect.names == ("0070", "star")
    good = np.delete(100.0 + np.arange(10), BAD)
    assert effect.after.scatter == pytest.approx([good.std(ddof=1)] * 2)
    assert effect.after.excess == pytest.approx([(good.var(ddof=1) - 1) / good.mean() ** 2] * 2)
    assert (effect.ratio < 0.02).all()


def test_rows_without_a_finding_are_an_error_that_writes_nothing(results, long_table, tmp_path):
    long_table["mjd"][3] += 0.1
    long_table.write(tmp_path / "in.ecsv")
    with pytest.raises(InputError, match=r"1 of 20 rows have no finding, joined on time \(the first: row 4"):
        clean(results, tmp_path / "in.ecsv", wishes=Wishes(on="time"))
    assert not (tmp_path / "out.ecsv").exists()


def test_allowed_rows_without_a_finding_have_no_flags(results, long_table, tmp_path):
    long_table["mjd"][3] += 0.1
    long_table.write(tmp_path / "in.ecsv")
    out, report = clean(results, tmp_path / "in.ecsv", wishes=Wishes(on="time"), allow_unmatched=True, drop=True)
    assert (report.matched, report.idle) == (19, 1)
    assert np.ma.getmaskarray(Table.read(out)["epochsieve_flags"]).sum() == 1


def test_a_folder_of_files_is_an_object_each_named_by_keyword_or_file(results, long_table, tmp_path):
    (tmp_path / "in").mkdir()
    for name, target in (("0070", "0070"), ("whatever", "star")):
        rows = long_table[long_table["object"] == target]["file", "flux"]
        hdu = fits.table_to_hdu(rows)
        if name == "whatever":
            hdu.header["OBJECT"] = "star"
        hdu.writeto(tmp_path / "in" / f"{name}.fits")
    _, report = clean(results, tmp_path / "in", out=tmp_path / "out", kind="csv")
    assert [path.name for path in report.written] == ["0070.csv", "whatever.csv"]
    assert report.effect.names == ("0070", "star")
    assert (report.matched, report.flagged) == (20, 4)


def test_numbers_that_lost_their_zeros_are_still_the_object(results, tmp_path):
    Table({"object": [70, 70], "epoch": [3, 4], "mag": [20.0, 20.5]}).write(tmp_path / "in.ecsv")
    out, report = clean(results, tmp_path / "in.ecsv")
    assert Table.read(out)["epochsieve_flags"].tolist() == [8, 0]
    assert report.effect.names == ("0070",)


def test_light_curves_are_drawn_each_into_a_file_of_its_own(results, long_table, tmp_path):
    long_table.write(tmp_path / "in.ecsv")
    clean(results, tmp_path / "in.ecsv", plots=tmp_path / "plots")
    drawn = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert drawn == ["0070_light_curve.png", "star_light_curve.png"]


def test_without_light_curves_the_findings_own_photometry_is_cleaned(results):
    out, report = clean(results)
    after = Table.read(out)
    assert after.colnames[:6] == ["object", "file", "epoch", "mjd", "flux", "flux_error"]
    assert (len(after), report.flagged, str(after["mjd"].unit)) == (20, 4, "d")


def test_the_command_says_what_it_did(results, long_table, tmp_path):
    long_table.write(tmp_path / "in.fits")
    call = ["clean", str(tmp_path / "in.fits"), "--findings", str(results), "--out", str(tmp_path / "out.vot")]
    answer = CliRunner().invoke(app, call)
    assert answer.exit_code == 0, answer.output
    assert "matched     20 of 20 rows, joined on file" in answer.output
    assert "flagged     4 rows, none dropped" in answer.output
    assert len(read_table(tmp_path / "out.vot")) == 20
    assert CliRunner().invoke(app, [*call, "--key", "nothing"]).exit_code == 2


def test_the_command_says_no_more_of_many_objects_than_of_twenty(results, tmp_path):
    rows = 60
    names = [f"o{n:03d}" for n in range(rows)]
    findings = Findings({"object": names * 2, "file": ["a"] * rows + ["b"] * rows, "epoch": [1] * rows + [2] * rows})
    write_findings(findings, tmp_path / "many")
    Table({"object": names * 2, "file": list(findings["file"]), "flux": np.arange(120.0)}).write(tmp_path / "in.csv")
    call = ["clean", str(tmp_path / "in.csv"), "--findings", str(tmp_path / "many"), "--out", str(tmp_path / "o.csv")]
    answer = CliRunner().invoke(app, call)
    assert "and 40 more light curves" in answer.output
    assert len(answer.output.splitlines()) < 32
