import json
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import epochsieve as es
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings


def test_without_anywidget_a_picture_stands_in(
    results: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "epochsieve.reviewing.widget", raising=False)
    with caplog.at_level(logging.WARNING):
        shown = es.review(es.read_findings(results))
    assert isinstance(shown, Figure)
    assert "epochsieve[notebook]" in caplog.text


def test_no_findings_are_a_clear_error() -> None:
    with pytest.raises(SettingError, match="no epochs to review"):
        es.review(Findings({}))


class TestWidget:
    """With anywidget."""

    @pytest.fixture(autouse=True)
    def _anywidget(self) -> None:
        pytest.importorskip("anywidget", reason="needs the extra notebook")

    def ask(self, widget: object, monkeypatch: pytest.MonkeyPatch, **question: object) -> tuple[dict, bytes]:
        sent: list[tuple[dict, list[bytes]]] = []
        monkeypatch.setattr(widget, "send", lambda content, buffers: sent.append((content, buffers)))
        widget._answer(widget, {"turn": "1", "method": "GET", "query": {}, **question}, [])
        return sent[0][0], sent[0][1][0]

    def test_the_kernel_answers_as_the_server_does(self, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        widget = es.review(results, person="ada")
        head, body = self.ask(
            widget, monkeypatch, path="objects/0/pixels", query={"kind": "epoch", "first": 0, "last": 1}
        )
        assert (head["turn"], head["status"], head["headers"]["x-shape"]) == ("1", 200, "2,21,21")
        assert len(body) == 2 * 21 * 21 * 4
        said = {"row": 1, "verdict": "bad", "mark": "m", "object": "alpha", "file": "alpha_002.fits"}
        self.ask(widget, monkeypatch, method="POST", path="verdicts", body=json.dumps(said))
        assert [verdict.file for verdict in widget.desk.book.list_standing()] == ["alpha_002.fits"]
        assert (results / "verdicts.sqlite").is_file()

    def test_findings_in_memory_are_reviewed_with_the_series_given(
        self, results: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        findings = es.read_findings(results)
        series = es.read_series(results.parent / "in" / "beta")
        (results.parent / "in" / "beta").rename(results.parent / "in" / "gone")
        widget = es.review(
            Findings(findings.columns, findings.settings), series, verdicts=results.parent / "mine.sqlite"
        )
        head, body = self.ask(
            widget, monkeypatch, path="objects/1/pixels", query={"kind": "epoch", "first": 2, "last": 2}
        )
        assert head["status"] == 200
        np.testing.assert_array_equal(np.frombuffer(body, "<f4").reshape(21, 21), series.epochs[2].pixels)
        assert self.ask(widget, monkeypatch, path="objects/0/pixels", query={"kind": "epoch"})[0]["status"] == 400
        assert self.ask(widget, monkeypatch, method="POST", path="learn", body="{}")[0]["status"] == 400

    def test_a_saved_notebook_keeps_a_picture(self, results: Path) -> None:
        content, _ = es.review(results)._repr_mimebundle_()
        assert content["image/png"].startswith(b"\x89PNG")
        assert len(content["image/png"]) > 10_000
        assert "application/vnd.jupyter.widget-view+json" in content
