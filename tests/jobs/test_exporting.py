"""Exports: what other programs find in the files."""

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.io.votable import parse, validate
from astropy.table import QTable, Table
from typer.testing import CliRunner

from epochsieve.cli import app
from epochsieve.jobs.exporting import ExportRequest, export_findings
from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.methods import open_method
from epochsieve.reviewing.verdicts import VERDICTS_FILE, Ruling, VerdictBook, make_verdict
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.findings import SCHEMA
from epochsieve.writing.store import read_findings


class Nobody:
    """Wants to know nothing."""

    def start(self, objects: int) -> None:
        pass

    def advance(self, images: int, objects: int = 1) -> None:
        pass


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated objects, judged; one more epoch is no image."""
    root = tmp_path_factory.mktemp("export")
    folders = list(write_survey(SURVEYS["sparse"], 2, 3, root / "images"))
    next(folders[0].glob("*_003.fits")).write_text("no image")
    for path in folders[1].glob("*.fits"):
        with fits.open(path, mode="update") as hdus:
            hdus[0].header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": 20.0})
            hdus[0].header.update({"CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": -1e-4, "CDELT2": 1e-4})
    sieve_to_disk(SieveRequest([str(root / "images")], root / "results", open_method("sieve")), Nobody())
    return root / "results"


@pytest.fixture
def results(judged: Path, tmp_path: Path) -> Path:
    """A copy that a test may add to."""
    return Path(shutil.copytree(judged, tmp_path / "results"))


READERS = {
    "csv": lambda path: Table.read(path, format="ascii.csv"),
    "ecsv": QTable.read,
    "fits": Table.read,
    "vot": lambda path: Table.read(path, format="votable"),
    "parquet": Table.read,
}


@pytest.mark.parametrize("suffix", READERS)
def test_astropy_reads_every_column_back(results, tmp_path, suffix):
    out = tmp_path / f"f.{suffix}"
    export_findings(ExportRequest(results, out))
    read, findings = READERS[suffix](out), read_findings(results)
    assert read.colnames == list(findings.columns)
    np.testing.assert_array_equal(read["flags"], findings["flags"])
    np.testing.assert_array_equal(np.ma.filled(read["score"], np.nan), findings["score"])
    assert [str(name) for name in read["object"]] == list(findings["object"])
    if suffix != "csv":
        assert [str(read[c.name].unit or "") for c in SCHEMA if read[c.name].dtype.kind == "f"] == [
            c.unit for c in SCHEMA if c.dtype.startswith("float")
        ]
        if suffix != "fits":  # astropy has no eye for TCOMMn
            assert read["score"].info.description.startswith("minus log10")
        if suffix != "vot":  # astropy leaves a VOTable's parameters out
            assert str(read.meta["FLAG8"]).startswith("trail: ")


def test_pandas_reads_csv_and_parquet(results, tmp_path):
    for suffix, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        export_findings(ExportRequest(results, tmp_path / f"f.{suffix}"))
        frame = read(tmp_path / f"f.{suffix}")
        assert frame["flagged"].dtype == bool
        assert frame["flags"].tolist() == read_findings(results)["flags"].tolist()


def test_the_votable_is_valid_and_says_what_columns_mean_and_when_times_count_from(results, tmp_path):
    export_findings(ExportRequest(results, tmp_path / "f.vot"))
    report = io.StringIO()
    assert validate(tmp_path / "f.vot", report), report.getvalue()
    document = parse(tmp_path / "f.vot", verify="exception")
    fields = {field.name: field for field in document.get_first_table().fields}
    assert {column.name: fields[column.name].ucd for column in SCHEMA} == {c.name: c.ucd for c in SCHEMA}
    system = document.resources[0].time_systems[0]
    assert (fields["mjd"].ref, system.timeorigin) == (system.ID, "MJD-origin")
    parameters = {param.name: param.value for param in document.get_first_table().params}
    assert parameters["FLAG8"].startswith("trail: ")


def test_the_fits_table_says_what_columns_mean(results, tmp_path):
    export_findings(ExportRequest(results, tmp_path / "f.fits"))
    with fits.open(tmp_path / "f.fits") as hdus:
        header, names = hdus[1].header, hdus[1].columns.names
        n = names.index("mjd") + 1
        assert (header[f"TUNIT{n}"], header[f"TUCD{n}"]) == ("d", "time.epoch")
        assert header[f"TCOMM{n}"] == "mid-exposure time, modified Julian date"


def test_regions_are_circles_around_the_flagged_epochs_places(results, tmp_path):
    export_findings(ExportRequest(results, tmp_path / "f.reg"))
    findings = read_findings(results)
    placed = findings.select(findings["flagged"] & np.isfinite(findings["x"]))
    lines = [line for line in (tmp_path / "f.reg").read_text().splitlines() if line.startswith("circle")]
    assert len(lines) == len(placed) > 0
    first = next(placed.rows())
    assert lines[0].startswith(f"circle({first['x'] + 1:.2f},{first['y'] + 1:.2f},")
    assert f"tag={{{first['object']}}} tag={{{first['file']}}}" in lines[0]


def test_every_flagged_epoch_with_an_image_has_a_mask_on_its_own_sky(results, tmp_path):
    report = export_findings(ExportRequest(results, tmp_path / "f.csv", tmp_path / "masks"))
    findings = read_findings(results)
    imaged = findings.select(findings["flagged"] & (findings["status"] == "ok"))
    assert len(report.masks) == len(imaged) > 0
    assert len(report.no_mask) == 1
    skies = set()
    for row in imaged.rows():
        with fits.open(tmp_path / "masks" / row["object"] / f"{Path(row['file']).stem}_mask.fits") as hdus:
            assert hdus[0].data.any()
            assert hdus[0].header["REASONS"] == row["reasons"]
            skies.add((row["object"], hdus[0].header.get("CRVAL1")))
    names = sorted(set(findings["object"]))
    assert skies == {(names[0], None), (names[1], 10.0)}


def test_verdicts_stand_behind_the_findings(results, tmp_path):
    findings = read_findings(results)
    row = next(findings.rows())
    book = VerdictBook(results / VERDICTS_FILE)
    facts = {"score": row["score"], "flagged": row["flagged"], "version": "1"}
    book.give(make_verdict(row["object"], row["file"], Ruling.BAD, person="me", **facts))
    report = export_findings(ExportRequest(results, tmp_path / "f.ecsv"))
    read = Table.read(tmp_path / "f.ecsv")
    assert (report.verdicts, read["verdict"][0], read["verdict_by"][0]) == (1, "bad", "me")
    assert set(read["verdict"][1:].filled("") if hasattr(read["verdict"], "filled") else read["verdict"][1:]) == {""}


def test_a_name_that_says_no_format_is_an_input_error(results, tmp_path):
    with pytest.raises(InputError, match=r"must end in one of .csv, .*\.reg"):
        export_findings(ExportRequest(results, tmp_path / "f.xlsx"))
    with pytest.raises(InputError, match="--samp sends"):
        export_findings(ExportRequest(results, tmp_path / "f.csv", samp=True))


def test_the_command_says_what_it_wrote(results, tmp_path):
    answer = CliRunner().invoke(app, ["export", str(results), "--out", str(tmp_path / "f.csv")])
    assert answer.exit_code == 0, answer.output
    assert f"written to  {tmp_path / 'f.csv'}" in answer.output
    assert CliRunner().invoke(app, ["export", str(tmp_path), "--out", str(tmp_path / "f.csv")]).exit_code == 2
