// All epochs of an object as a strip of stamps; a stamp's pixels are asked for when it comes into sight.
import { SIGNS, make, write } from "./layout.js";
import { colour } from "./stretch.js";

export class Strip {
  constructor(place, images, choose) {
    Object.assign(this, { place, images, choose });
    this.seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.#draw(Number(entry.target.dataset.epoch));
    }, { root: place, rootMargin: "0px 400px" });
  }

  show(object, look) {
    Object.assign(this, { object, look });
    this.seen.disconnect();
    this.drawn = new Set();
    this.stamps = object.epochs.file.map((file, i) => {
      const stamp = make("button", { type: "button", class: "es-stamp", role: "option", "data-epoch": i, tabindex: -1, title: file },
        make("canvas", { width: object.images?.width ?? 1, height: object.images?.height ?? 1 }),
        make("span", { class: "es-stamp-name" }, `${object.epochs.epoch[i]}`),
        make("span", { class: "es-stamp-score" }, write(object.epochs.score[i], 2)),
        make("i", { class: "es-stamp-sign", "aria-hidden": "true" }));
      stamp.addEventListener("click", () => this.choose(i));
      this.seen.observe(stamp);
      return stamp;
    });
    this.place.replaceChildren(...this.stamps);
    this.mark();
  }

  /** Show flags and verdicts as they are now. */
  mark() {
    const { epochs, verdicts } = this.object;
    this.stamps.forEach((stamp, i) => {
      const verdict = verdicts[i]?.verdict ?? "";
      stamp.dataset.verdict = verdict;
      stamp.dataset.flagged = epochs.flagged[i];
      stamp.querySelector(".es-stamp-sign").textContent = SIGNS[verdict] ?? "";
      const words = [`epoch ${epochs.epoch[i]}`, epochs.flagged[i] ? "flagged" : "", verdict].filter(Boolean);
      stamp.setAttribute("aria-label", words.join(", "));
    });
  }

  select(chosen) {
    this.stamps.forEach((stamp, i) => stamp.setAttribute("aria-selected", i === chosen));
    const stamp = this.stamps[chosen];
    const middle = stamp.offsetLeft - (this.place.clientWidth - stamp.offsetWidth) / 2;
    this.place.scrollTo({ left: middle, behavior: "instant" });
  }

  /** Draw the stamps in sight once more: the stretch has changed. */
  repaint() {
    const again = [...this.drawn];
    this.drawn = new Set();
    for (const i of again) this.#draw(i);
  }

  async #draw(i) {
    const { object } = this;
    if (!object.images || this.drawn.has(i)) return;
    this.drawn.add(i);
    const { width, height, levels } = object.images;
    try {
      const pixels = await this.images.epoch(object, i);
      if (object !== this.object) return;
      const { scale, table } = this.look();
      const canvas = this.stamps[i].querySelector("canvas");
      canvas.getContext("2d").putImageData(colour(pixels, width, height, levels[i] ?? 0, scale, table), 0, 0);
    } catch {
      this.drawn.delete(i);
    }
  }
}
