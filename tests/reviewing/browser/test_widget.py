"""The page in a notebook's cell: in a real browser, with a model that passes questions on to the kernel's side."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import epochsieve as es

MODEL = """
async ([source, css, modules]) => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: css }));
    const listeners = [];
    const model = {
        get: () => modules,
        on: (name, listener) => listeners.push(listener),
        send: async (question) => {
            const [said, body] = await globalThis.askKernel(question);
            const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
            for (const listener of listeners) listener(said, [new DataView(bytes.buffer)]);
        },
    };
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const { default: widget } = await import(address);
    globalThis.heard = [];
    document.addEventListener('keydown', (event) => heard.push(event.key));
    await widget.render({ model, el: document.body });
}
"""


@pytest.fixture
def widget(tmp_path: Path, write_results: Callable[[Path], Path]) -> Any:
    pytest.importorskip("anywidget", reason="needs the extra notebook")
    return es.review(write_results(tmp_path), person="ada")


def test_the_same_page_works_in_a_notebook_and_keeps_its_keys_to_itself(
    widget: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers: sent.append((content, buffers)))

    def ask(question: dict[str, Any]) -> list[Any]:
        widget._answer(widget, question, [])
        said, buffers = sent.pop()
        return [said, base64.b64encode(buffers[0]).decode()]

    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.expose_function("askKernel", ask)
    page.evaluate(MODEL, [widget._esm, widget._css, widget.modules])
    page.wait_for_selector("[data-ready=yes]")
    for part in ("reference", "epoch", "residual"):
        page.wait_for_selector(f"[data-part={part}] canvas[data-shown]")
    page.focus(".es-review")
    page.keyboard.press("b")
    page.wait_for_function("() => document.querySelector('[data-count=bad]').textContent === '1'")
    assert [verdict.file for verdict in widget.desk.book.list_standing()] == ["alpha_002.fits"]
    assert page.evaluate("() => heard") == []
    assert complaints == []
    context.close()
