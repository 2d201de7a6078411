"""SAMP with a hub of our own, on this machine."""

import warnings
from pathlib import Path

import pytest
from astropy.table import Table

from epochsieve.exporting.samp import load_samp, send_files
from epochsieve.vocabulary.errors import InputError


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that only this test knows of."""
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:file://{tmp_path / 'samp-hub'}")
    try:
        samp = load_samp()
    except InputError as error:
        pytest.skip(str(error))
    running = samp.SAMPHubServer(web_profile=False, lockfile=str(tmp_path / "samp-hub"), addr="127.0.0.1")
    running.start()
    yield samp
    running.stop()


@pytest.mark.filterwarnings("ignore")  # threads of the hub's own, and the notice that astropy's moves to PyVO
def test_whoever_listens_is_told_of_the_table_and_the_images(hub, tmp_path):
    received = []
    listener = hub.SAMPIntegratedClient("listener", addr="127.0.0.1")
    listener.connect()
    for message in ("table.load.votable", "image.load.fits"):
        listener.bind_receive_notification(
            message, lambda _key, _sender, kind, told, _extra: received.append((kind, told["url"]))
        )
    table = tmp_path / "t.vot"
    Table({"x": [1]}).write(table, format="votable")
    try:
        assert send_files(table, [tmp_path / "a.fits"]) == 1
        _wait_for(received, 2)
    finally:
        listener.disconnect()
    assert sorted(received) == [
        ("image.load.fits", (tmp_path / "a.fits").as_uri()),
        ("table.load.votable", table.as_uri()),
    ]


def test_without_a_hub_it_says_what_to_start(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:file://{tmp_path / 'none'}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(InputError, match="start TOPCAT or Aladin first"):
            send_files(tmp_path / "t.vot", [])


def test_tables_that_nobody_takes_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"VOTable \(.vot\) and FITS"):
        send_files(Path("t.csv"), [])


def _wait_for(received, count):
    """Wait until messages have come, for they come when they like."""
    import time

    for _ in range(600):
        if len(received) >= count:
            return
        time.sleep(0.05)
