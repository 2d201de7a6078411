"""The page as a person uses it: with the keyboard, in a real browser."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from epochsieve.reviewing.verdicts import VerdictBook

CENTRE = "[data-part=epoch] canvas"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, write_results: Callable[[Path], Path]) -> Path:
    return write_results(tmp_path_factory.mktemp("review"))


@pytest.fixture(scope="module")
def address(results: Path, serve: Callable[[Path], str], browser: Any) -> str:
    return serve(results)


@pytest.fixture(autouse=True)
def _no_verdicts_left(results: Path) -> Iterator[None]:
    yield
    book = VerdictBook(results / "verdicts.sqlite")
    while book.exists and book.undo("ada"):
        pass


@pytest.fixture
def page(address: str, open_page: Callable[..., Any]) -> Any:
    return open_page(address)


def read_verdicts(results: Path) -> dict[str, str]:
    book = VerdictBook(results / "verdicts.sqlite")
    return {verdict.file: str(verdict.verdict) for verdict in book.list_standing()}


def facts(page: Any) -> str:
    return page.inner_text("[data-part=facts]")


def wait_for_file(page: Any, file: str) -> None:
    page.wait_for_function("file => document.querySelector('[data-part=facts]').innerText.includes(file)", arg=file)


def wait_for_count(page: Any, name: str, number: int) -> None:
    page.wait_for_function(
        "([name, n]) => document.querySelector(`[data-count=${name}]`)?.textContent === String(n)", arg=[name, number]
    )


def wait_for_images(page: Any) -> None:
    for part in ("reference", "epoch", "residual"):
        page.wait_for_selector(f"[data-part={part}] canvas[data-shown]")


def picture(page: Any, part: str = "epoch") -> str:
    return page.eval_on_selector(f"[data-part={part}] canvas", "canvas => canvas.toDataURL()")


def queue_files(page: Any) -> list[str]:
    return page.eval_on_selector_all(".es-item", "items => items.map(item => item.innerText)")


def test_ten_epochs_are_reviewed_with_the_keyboard_alone(page: Any, results: Path) -> None:
    expected = {}
    for key in "bgubbgbbub":
        file = re.search(r"\w+_\d{3}\.fits", facts(page))[0]
        expected[file] = {"b": "bad", "g": "good", "u": "unsure"}[key]
        page.keyboard.press(key)
        page.wait_for_function(
            "file => !document.querySelector('[data-part=facts]').innerText.includes(file)", arg=file
        )
    wait_for_count(page, "waiting", 2)
    assert len(expected) == 10
    assert read_verdicts(results) == expected


def test_undo_goes_back_to_the_epoch_and_takes_its_verdict_away(page: Any, results: Path) -> None:
    page.keyboard.press("b")
    wait_for_file(page, "alpha_004.fits")
    page.keyboard.press("g")
    wait_for_file(page, "alpha_006.fits")
    wait_for_count(page, "good", 1)
    page.keyboard.press("z")
    wait_for_file(page, "alpha_004.fits")
    wait_for_count(page, "good", 0)
    page.keyboard.press("z")
    wait_for_file(page, "alpha_002.fits")
    wait_for_count(page, "bad", 0)
    assert read_verdicts(results) == {}
    page.keyboard.press("z")
    page.wait_for_function("() => document.querySelector('[data-part=alarm]').textContent === 'nothing to undo'")


def test_blinking_takes_turns_at_the_chosen_rate_in_both_directions_and_stops(page: Any) -> None:
    wait_for_images(page)
    still = picture(page)
    for _ in range(12):
        page.keyboard.press("]")
    page.keyboard.press("p")
    page.keyboard.press("p")
    seen = page.evaluate(
        """() => new Promise((done) => {
            const canvas = document.querySelector('[data-part=epoch] canvas'), seen = [];
            new MutationObserver(() => { seen.push(canvas.dataset.frame); if (seen.length === 5) done(seen); })
                .observe(canvas, { attributes: true, attributeFilter: ['data-frame'] });
            dispatchEvent(new KeyboardEvent('keydown', { key: ' ' }));
            document.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));
        })"""
    )
    assert seen == ["epoch 3", "reference", "epoch 1", "epoch 2", "epoch 3"]
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('[data-part=epoch] canvas').dataset.frame === 'epoch 2'")
    assert page.get_attribute("[data-do=blink]", "aria-pressed") == "false"
    page.wait_for_function(
        "still => document.querySelector('[data-part=epoch] canvas').toDataURL() === still", arg=still
    )
    page.keyboard.press(",")
    page.wait_for_function("() => document.querySelector('[data-part=epoch] canvas').dataset.frame === 'epoch 1'")
    page.keyboard.press(".")
    page.wait_for_function("() => document.querySelector('[data-part=epoch] canvas').dataset.frame === 'epoch 2'")


def test_every_stretch_draws_another_picture_and_none_touches_the_residual(page: Any) -> None:
    wait_for_images(page)
    residual = picture(page, "residual")
    pictures = {picture(page)}
    for name in ("linear", "log", "zscale"):
        page.keyboard.press("s")
        page.wait_for_selector(f"[data-name={name}][aria-checked=true]")
        pictures.add(picture(page))
    assert len(pictures) == 4
    assert picture(page, "residual") == residual
    page.keyboard.press("i")
    assert picture(page) not in pictures


def test_dragging_changes_contrast_and_bias_and_a_double_click_takes_it_back(page: Any) -> None:
    wait_for_images(page)
    page.mouse.move(5, 5)
    before = picture(page)
    box = page.locator(CENTRE).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 40, y - 60, steps=3)
    page.mouse.up(button="right")
    page.mouse.move(5, 5)
    assert picture(page) != before
    page.mouse.dblclick(x, y)
    page.mouse.move(5, 5)
    assert picture(page) == before


def test_the_pointer_reads_the_pixel_of_the_file(page: Any, results: Path) -> None:
    from astropy.io import fits

    wait_for_images(page)
    box = page.locator(CENTRE).bounding_box()
    unit = box["width"] / 21
    page.mouse.move(box["x"] + 7.5 * unit, box["y"] + box["height"] - 3.5 * unit)
    page.wait_for_function("() => document.querySelector('[data-part=place]').textContent.includes('x 7  y 3')")
    value = fits.getdata(results.parent / "in" / "alpha" / "alpha_002.fits")[3, 7]
    assert float(page.inner_text("[data-part=epoch-value]")) == pytest.approx(float(value), rel=1e-3)
    assert page.inner_text("[data-part=residual-value]").endswith("\N{GREEK SMALL LETTER SIGMA}")
    for _ in range(3):
        page.mouse.wheel(0, -300)
    page.wait_for_function("() => document.querySelector('[data-part=place]').textContent.includes('zoom')")
    assert "x 7  y 3" in page.inner_text("[data-part=place]")


def test_a_point_of_the_light_curve_and_a_stamp_lead_to_their_epoch(page: Any) -> None:
    page.click("[data-part=curve] [data-epoch='4']")
    wait_for_file(page, "alpha_005.fits")
    assert page.get_attribute(".es-stamp[data-epoch='4']", "aria-selected") == "true"
    page.click(".es-stamp[data-epoch='6']")
    wait_for_file(page, "alpha_007.fits")
    page.keyboard.press("ArrowLeft")
    wait_for_file(page, "alpha_006.fits")


def test_filters_narrow_the_queue_and_a_reload_keeps_filter_place_and_verdicts(page: Any) -> None:
    page.keyboard.press("b")
    wait_for_count(page, "bad", 1)
    page.select_option("[name=reason]", "blank")
    page.wait_for_function("() => document.querySelector('[data-part=found]').textContent === '3 epochs'")
    wait_for_file(page, "alpha_008.fits")
    page.keyboard.press("j")
    wait_for_file(page, "beta_008.fits")
    page.reload()
    page.wait_for_selector("[data-ready=yes]")
    wait_for_file(page, "beta_008.fits")
    assert page.input_value("[name=reason]") == "blank"
    assert len(queue_files(page)) == 3
    wait_for_count(page, "bad", 1)
    page.keyboard.press("/")
    page.keyboard.type("nowhere")
    page.wait_for_function("() => document.querySelector('[data-part=found]').textContent === '0 epochs'")
    assert page.inner_text("[data-part=name]") == "Nothing to look at"


def test_letters_typed_into_a_field_are_no_verdicts(page: Any, results: Path) -> None:
    page.keyboard.press("/")
    page.keyboard.type("bug")
    page.keyboard.press("Escape")
    assert page.input_value("[name=name]") == "bug"
    assert read_verdicts(results) == {}


def test_the_keys_are_shown_and_closed_again(page: Any) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] kbd")
    assert "undo the last verdict" in page.inner_text("dialog[open]")
    page.keyboard.press("b")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.inner_text("[data-count=bad]") == "0"


def test_two_tabs_lose_nothing(address: str, open_page: Callable[..., Any], results: Path) -> None:
    one = open_page(address)
    other = open_page(address, context=one.context)
    other.keyboard.press("j")
    wait_for_file(other, "alpha_004.fits")
    one.keyboard.press("b")
    other.keyboard.press("g")
    wait_for_count(one, "bad", 1)
    wait_for_count(other, "good", 1)
    assert read_verdicts(results) == {"alpha_002.fits": "bad", "alpha_004.fits": "good"}


def test_what_is_learnt_leads_the_queue(page: Any) -> None:
    pytest.importorskip("sklearn", reason="needs the extra learn")
    page.keyboard.press("l")
    page.wait_for_function("() => document.querySelector('[data-part=alarm]').textContent.includes('learning takes 5')")
    page.select_option("[name=flagged]", "0")
    page.wait_for_function("() => document.querySelector('[data-part=found]').textContent === '24 epochs'")
    for place in range(24):
        flagged = "threshold" in facts(page) and page.locator(".es-is-flagged").count() == 1
        before = facts(page)
        page.keyboard.press("b" if flagged else "g")
        if place < 23:
            page.wait_for_function("b => document.querySelector('[data-part=facts]').innerText !== b", arg=before)
    wait_for_count(page, "good", 12)
    page.keyboard.press("l")
    page.wait_for_selector("dialog[open] table")
    assert "Among 24 judged epochs, 12 of them called bad" in page.inner_text("dialog[open]")
    assert page.input_value("[name=order]") == "learnt"
    page.keyboard.press("Escape")
    page.wait_for_function("() => /\\d+ %/.test(document.querySelector('.es-item-bad')?.textContent)")


def test_a_bad_token_shows_no_page(address: str, browser: Any) -> None:
    page = browser.new_page()
    assert page.goto(address.replace("right", "wrong")).status == 403
    assert "lacks the token" in page.inner_text("body")
    page.close()


def test_verdicts_given_while_the_server_is_dead_arrive_when_it_is_back(
    tmp_path: Path, write_results: Callable[[Path], Path], open_page: Callable[..., Any]
) -> None:
    results = write_results(tmp_path)

    def start(port: str, token: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "epochsieve", "review", str(results), "--port", port, "--person", "ada"]
        environment = {**os.environ, "EPOCHSIEVE_TOKEN": token}
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        return server, server.stdout.readline().strip()

    server, address = start("0", "first")
    page = open_page(address)
    page.keyboard.press("b")
    wait_for_count(page, "bad", 1)
    server.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    server.communicate()
    page.keyboard.press("g")
    page.wait_for_function(
        "() => document.querySelector('[data-part=alarm]').textContent.includes('1 verdict waits in this browser')"
    )
    assert read_verdicts(results) == {"alpha_002.fits": "bad"}
    server, address = start(re.search(r":(\d+)/", address)[1], "second")
    again = open_page(address, context=page.context)
    wait_for_count(again, "good", 1)
    assert read_verdicts(results) == {"alpha_002.fits": "bad", "alpha_004.fits": "good"}
    server.terminate()
    server.communicate()


def test_a_hundred_thousand_objects_are_one_queue(
    tmp_path: Path, write_survey: Callable[..., Path], serve: Callable[[Path], str], open_page: Callable[..., Any]
) -> None:
    page = open_page(serve(write_survey(tmp_path / "out", 100_000, 2)))
    assert page.inner_text("[data-count=epochs]") == "200,000"
    page.select_option("[name=flagged]", "0")
    page.wait_for_function(
        "() => document.querySelector('[data-part=found]').textContent.includes('the first 100,000')"
    )
    page.eval_on_selector("[data-part=queue]", "queue => { queue.scrollTop = 2_000_000; }")
    page.wait_for_function("() => document.querySelectorAll('.es-item-score').length > 5")
    assert len(queue_files(page)) < 60
    page.fill("[name=name]", "obj077777")
    page.wait_for_function("() => document.querySelector('[data-part=found]').textContent === '2 epochs'")
    page.wait_for_function("() => document.querySelector('[data-part=name]').textContent === 'obj077777'")
    assert "never in a folder" in page.inner_text("[data-part=epoch] [data-part=note]")


def test_screenshots_are_taken_in_both_schemes_and_nothing_moves_while_it_loads(
    address: str, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    for scheme in ("light", "dark"):
        page = open_page(address, color_scheme=scheme)
        boxes = [page.locator(part).bounding_box() for part in (".es-strip", ".es-curve", CENTRE)]
        wait_for_images(page)
        assert [page.locator(part).bounding_box() for part in (".es-strip", ".es-curve", CENTRE)] == boxes
        folder = Path(os.environ.get("EPOCHSIEVE_SCREENSHOTS") or tmp_path)
        page.screenshot(path=folder / f"review-{scheme}.png")
        assert (folder / f"review-{scheme}.png").stat().st_size > 10_000
        width = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= 1440
