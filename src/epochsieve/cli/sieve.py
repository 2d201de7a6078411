"""The main job."""

import typer

from epochsieve.cli.options import (
    Calibration,
    Cluster,
    Device,
    Embedder,
    FalseAlarm,
    FlagSeeing,
    Hdu,
    MaskHdu,
    MethodName,
    Overwrite,
    Plots,
    QualityBits,
    Quiet,
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
        from epochsieve.cli.terminal import ProgressBar, lay_out_table, sum_up_run
        from epochsieve.jobs.quality import HEAD, compare_with_quality, read_bits
        from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
        from epochsieve.methods import open_method
        from epochsieve.running.choosing import choose_runner
        from epochsieve.vocabulary.settings import ReadSettings
        from epochsieve.writing.shard import parse_shard
        from epochsieve.writing.store import Existing, read_findings

        if resume and overwrite:
            raise SettingError("--resume and --overwrite exclude each other")
        bits = read_bits(quality_bits) if quality_bits is not None else None
        existing = Existing.RESUME if resume else Existing.OVERWRITE if overwrite else Existing.REFUSE
        sieve_only = {"false_alarm": false_alarm, "calibration": calibration, "flag_seeing": flag_seeing}
        paper_only = {"size": size, "rescale": rescale}
        given = {name: value for name, value in (sieve_only | paper_only).items() if value is not None}
        judge = open_method(method, embedder or None, device=device, **given)
        reading = ReadSettings(stack, hdu, time_key, mask_hdu, weight_hdu)
        runner = choose_runner(workers, timeout, cluster)
        request = SieveRequest(roots, out, judge, reading, existing, plots, runner, parse_shard(shard))
        with ProgressBar(quiet) as progress:
            record = sieve_to_disk(request, progress)
        typer.echo(sum_up_run(record, out))
        if bits is not None:
            typer.echo("\n" + lay_out_table(HEAD, compare_with_quality(read_findings(out), bits)))
        if record.tally.not_judged:
            raise typer.Exit(ExitStatus.SOME_NOT_JUDGED)
