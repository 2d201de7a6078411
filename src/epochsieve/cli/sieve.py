"""The main job."""

import typer

from epochsieve.cli.cut import sum_up_cut
from epochsieve.cli.options import (
    Align,
    Calibration,
    CatalogueFile,
    Cluster,
    DecColumn,
    Device,
    Embedder,
    FalseAlarm,
    FlagSeeing,
    Hdu,
    IdColumn,
    MaskHdu,
    MethodName,
    Overwrite,
    Plots,
    QualityBits,
    Quiet,
    RaColumn,
    Rescale,
    Results,
    Resume,
    Roots,
    Share,
    Size,
    Stack,
    TimeKey,
    Timeout,
    Verbose,
    WeightHdu,
    Workers,
)
from epochsieve.cli.speaking import ExitStatus, speak
from epochsieve.vocabulary.errors import SettingError

_WORKERS_NEED = (
    "epochsieve.pipeline",
    "epochsieve.reading.folders",
    "epochsieve.embedding.onnx_embedder",
    "epochsieve.embedding.onnx_eye",
    "onnxruntime",
    "pyarrow.parquet",
    "scipy.fft",
    "scipy.ndimage",
    "scipy.sparse",
)
"""Modules that each worker process needs whatever the method, which is one more. This process does without SciPy's: in
`judging` they are loaded when they are first used."""


def sieve(  # noqa: PLR0913, PLR0917 - one parameter per option
    roots: Roots,
    out: Results,
    method: MethodName = "sieve",
    stack: Stack = "auto",
    hdu: Hdu = "",
    time_key: TimeKey = "",
    mask_hdu: MaskHdu = "",
    weight_hdu: WeightHdu = "",
    embedder: Embedder = "",
    device: Device = "cpu",
    false_alarm: FalseAlarm = None,
    calibration: Calibration = None,
    flag_seeing: FlagSeeing = None,
    size: Size = None,
    rescale: Rescale = None,
    catalogue: CatalogueFile = None,
    align: Align = False,
    id_column: IdColumn = "",
    ra_column: RaColumn = "",
    dec_column: DecColumn = "",
    resume: Resume = False,
    overwrite: Overwrite = False,
    plots: Plots = False,
    quality_bits: QualityBits = None,
    workers: Workers = 1,
    timeout: Timeout = None,
    cluster: Cluster = "",
    shard: Share = "",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Judge every epoch of the objects below ROOT.

    Exit status: 0 where every epoch was judged, 3 where some were not, 2 for unusable input, 1 for a failed run.
    """
    with speak(verbose):
        # First of all, so that worker processes import what they need while this one does.
        from epochsieve.running.choosing import choose_runner

        runner = choose_runner(workers, timeout, cluster, (*_WORKERS_NEED, f"epochsieve.judging.{method}"))

        from epochsieve.cli.terminal import ProgressBar, lay_out_table, sum_up_run
        from epochsieve.jobs.catalogues import CatalogueColumns
        from epochsieve.jobs.framed import ask_for_cutouts, sieve_frames
        from epochsieve.jobs.quality import HEAD, compare_with_quality, read_bits
        from epochsieve.jobs.runs import SieveRequest
        from epochsieve.methods import open_method
        from epochsieve.vocabulary.settings import ReadSettings
        from epochsieve.writing.shard import parse_shard
        from epochsieve.writing.store import Existing, read_findings

        if resume and overwrite:
            raise SettingError("--resume and --overwrite exclude each other")
        if catalogue and (cluster or stack != "auto"):
            raise SettingError("--catalogue goes with neither --stack nor --cluster: use epochsieve cut, then sieve")
        bits = read_bits(quality_bits) if quality_bits is not None else None
        existing = Existing.RESUME if resume else Existing.OVERWRITE if overwrite else Existing.REFUSE
        sieve_only = {"false_alarm": false_alarm, "calibration": calibration, "flag_seeing": flag_seeing}
        paper_only = {"size": None if catalogue else size, "rescale": rescale}
        given = {name: value for name, value in (sieve_only | paper_only).items() if value is not None}
        judge = open_method(method, embedder or None, device=device, **given)
        reading = ReadSettings(stack, hdu, time_key, mask_hdu, weight_hdu)
        request = SieveRequest(roots, out, judge, reading, existing, plots, runner, parse_shard(shard))
        columns = CatalogueColumns(id_column, ra_column, dec_column)
        asked = ask_for_cutouts(request, catalogue, size, align, columns)
        with ProgressBar(quiet, "cutting") as cutting, ProgressBar(quiet) as progress:
            record, survey = sieve_frames(request, asked, cutting, progress)
        if survey is not None:
            typer.echo(sum_up_cut(survey))
        typer.echo(sum_up_run(record, out))
        if bits is not None:
            typer.echo("\n" + lay_out_table(HEAD, compare_with_quality(read_findings(out), bits)))
        if record.tally.not_judged:
            raise typer.Exit(ExitStatus.SOME_NOT_JUDGED)
