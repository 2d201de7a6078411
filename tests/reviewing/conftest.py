"""Results folders to review: small ones with images, and large ones without."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag, decode_flags
from epochsieve.writing.parts import Part, Source, seal_part
from epochsieve.writing.provenance import Provenance
from epochsieve.writing.store import open_store

EPOCHS = 8
SIDE = 21
BRIGHT = {2: 3, 4: 6, 6: 14, 8: 17}
"""Which row of which epoch is bright; the others are as they should be."""
SETTINGS = {"method": "sieve", "settings": {"false_alarm": 0.01, "flag_seeing": False}, "reading": {}}


def write_images(folder: Path, seed: int) -> list[str]:
    """Write a stack and epochs of a round source; every second epoch has a bright row, each another."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows, columns = np.indices((SIDE, SIDE)) - SIDE // 2
    source = 200 * np.exp(-(rows**2 + columns**2) / 8)
    files = []
    for number in range(EPOCHS + 1):
        image = (source + rng.normal(10, 2, (SIDE, SIDE))).astype(np.float32)
        if number in BRIGHT:
            image[BRIGHT[number]] += 40
        name = f"{folder.name}_{'stack' if number == 0 else f'{number:03d}'}.fits"
        fits.writeto(folder / name, image, fits.Header({"MJD-AVG": 60000.25 + number}))
        files += [name] if number else []
    return files


def find_in(name: str, files: list[str], origin: str, first_score: float) -> Findings:
    """Say what would have been found: every second epoch is flagged, later ones less."""
    number = np.arange(len(files))
    flagged = number % 2 == 1
    flags = np.where(flagged, int(Flag.TRAIL), 0)
    flags[-1] = int(Flag.BLANK)
    score = np.where(flagged, first_score - number / 10, number / 10)
    columns = {
        "object": [name] * len(files),
        "file": files,
        "epoch": number + 1,
        "mjd": 60001.25 + number,
        "score": score,
        "threshold": [2.0] * len(files),
        "flagged": flagged,
        "flags": flags,
        "reasons": [decode_flags(int(mask)) for mask in flags],
        "x": np.where(flagged, 9, np.nan),
        "y": [BRIGHT.get(place, np.nan) for place in number + 1],
        "flux": 100 + number,
        "flux_error": [2.0] * len(files),
        "score_line": np.where(flagged, 9.0 + first_score, 1 + number / 10),
        "score_level": 1 + number / 20,
        "distance": 1 + score,
        "status": ["ok"] * len(files),
    }
    return Findings(columns, SETTINGS, {name: origin})


@pytest.fixture(scope="session")
def write_results() -> Callable[[Path], Path]:
    """Write a results folder of three objects of eight epochs below a folder."""

    def write(root: Path) -> Path:
        provenance = Provenance("0.0.9", SETTINGS)
        with open_store(root / "out", provenance) as store:
            for place, name in enumerate(("alpha", "beta", "gamma")):
                origin = str(root / "in" / name)
                findings = find_in(name, write_images(root / "in" / name, place), origin, 9.0 - place)
                store.add(place, seal_part(Part(findings, {name: Source(origin)}, provenance)))
        return root / "out"

    return write


@pytest.fixture
def results(tmp_path: Path, write_results: Callable[[Path], Path]) -> Path:
    """A results folder of its own for each test."""
    return write_results(tmp_path)


@pytest.fixture(scope="session")
def write_survey() -> Callable[[Path, int, int], Path]:
    """Write the findings of many objects fast, straight through pyarrow, without images."""

    def write(results: Path, objects: int, epochs: int) -> Path:
        (results / "findings").mkdir(parents=True)
        rng = np.random.default_rng(3)
        per_part = 5000
        empty = Findings({"object": ["a"], "file": ["b"]}).to_arrow().schema
        for part in range(objects // per_part):
            names = [f"obj{part * per_part + number:06d}" for number in range(per_part)]
            codes = np.repeat(np.arange(per_part, dtype=np.int32), epochs)
            rows = len(codes)
            score = rng.exponential(0.43, rows)
            epoch = np.tile(np.arange(1, epochs + 1, dtype=np.int32), per_part)
            columns = {
                "object": pa.DictionaryArray.from_arrays(codes, names).cast(pa.string()),
                "file": pa.DictionaryArray.from_arrays(epoch - 1, [f"{n + 1:03d}.fits" for n in range(epochs)]).cast(
                    pa.string()
                ),
                "epoch": epoch,
                "mjd": 59000.3 + 3.0 * epoch,
                "score": score,
                "threshold": np.full(rows, 2.0),
                "flagged": score >= 2,
                "flags": np.where(score >= 2, 8, 0).astype(np.int32),
                "status": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), ["ok"]).cast(pa.string()),
            }
            missing = {"int32": 0, "string": "", "bool": False}
            arrays = [
                pa.array(columns[field.name], field.type)
                if field.name in columns
                else pa.repeat(pa.scalar(missing.get(str(field.type)), field.type), rows)
                for field in empty
            ]
            facts = {"version": "0.1.0", "settings": json.dumps(SETTINGS), "sources": "{}", "digest": ""}
            table = pa.Table.from_arrays(arrays, schema=empty).replace_schema_metadata(
                {f"epochsieve.{key}": value for key, value in facts.items()}
            )
            pq.write_table(table, results / "findings" / f"part-{part:05d}.parquet")
        return results

    return write
