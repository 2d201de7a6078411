// The light curve: flux, or scores, against time; a click on a point shows its epoch.
import { make, write } from "./layout.js";

const EDGE = { left: 58, right: 14, top: 10, bottom: 24 };

export class Curve {
  constructor(place, title, choose) {
    Object.assign(this, { place, title, choose, what: "flux" });
    new ResizeObserver(() => this.#again()).observe(place);
  }

  show(object, chosen) {
    Object.assign(this, { object, chosen });
    this.#again();
  }

  toggle() {
    this.what = this.what === "flux" ? "score" : "flux";
    this.#again();
  }

  #again() {
    if (!this.object || this.place.clientWidth < 50) return;
    const { epochs } = this.object;
    const known = epochs.flux.some((value) => value !== null);
    const what = known ? this.what : "score";
    const dated = epochs.mjd.every((value, i) => value !== null || epochs.status[i] !== "ok");
    const xs = dated ? epochs.mjd : epochs.epoch;
    const title = what === "flux" ? "Flux of the central source, image units" : "Score";
    this.title.textContent = `${title}, against ${dated ? "MJD" : "epoch number"}`;
    this.place.replaceChildren(this.#draw(xs, epochs[what], what));
  }

  #draw(xs, ys, what) {
    const { epochs, verdicts, threshold } = this.object;
    const [width, height] = [this.place.clientWidth, this.place.clientHeight];
    const shown = xs.map((x, i) => x !== null && ys[i] !== null);
    const x = makeAxis(xs.filter((_, i) => shown[i]), EDGE.left, width - EDGE.right);
    const values = ys.filter((_, i) => shown[i]);
    const y = makeAxis(what === "score" && threshold !== null ? [...values, threshold] : values, height - EDGE.bottom, EDGE.top);
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "light curve" });
    for (const tick of y.ticks) {
      svg.append(make("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y.at(tick), y2: y.at(tick), class: "es-grid" }));
      svg.append(make("text", { x: EDGE.left - 8, y: y.at(tick) + 4, "text-anchor": "end" }, writeTick(tick, y.step)));
    }
    for (const tick of x.ticks) {
      svg.append(make("text", { x: x.at(tick), y: height - 6, "text-anchor": "middle" }, writeTick(tick, x.step)));
    }
    if (what === "score" && threshold !== null) {
      svg.append(make("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y.at(threshold), y2: y.at(threshold), class: "es-limit" }));
    }
    const order = xs.map((_, i) => i).filter((i) => shown[i])
      .sort((a, b) => (a === this.chosen) - (b === this.chosen) || epochs.flagged[a] - epochs.flagged[b]);
    for (const i of order) {
      if (what === "flux" && epochs.flux_error[i] !== null) {
        const [low, high] = [ys[i] - epochs.flux_error[i], ys[i] + epochs.flux_error[i]];
        svg.append(make("line", { x1: x.at(xs[i]), x2: x.at(xs[i]), y1: y.at(low), y2: y.at(high), class: "es-error" }));
      }
      svg.append(this.#point(i, x.at(xs[i]), y.at(ys[i]), verdicts[i]?.verdict, `${epochs.file[i]}: ${write(ys[i], 4)}`));
    }
    return svg;
  }

  #point(i, x, y, verdict, words) {
    const classes = ["es-point", this.object.epochs.flagged[i] ? "es-flagged" : "", verdict ? `es-${verdict}` : "",
      i === this.chosen ? "es-chosen" : ""].join(" ");
    const group = make("g", { class: classes, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, "data-epoch": i });
    group.append(make("circle", { r: 9, class: "es-target" }));
    if (i === this.chosen) group.append(make("circle", { r: 9, class: "es-halo" }));
    group.append(drawSign(verdict), make("title", {}, words));
    group.addEventListener("click", () => this.choose(i));
    return group;
  }
}

/** The sign of a verdict; a dot or a ring where there is none. */
function drawSign(verdict) {
  if (verdict === "bad") return make("path", { d: "M-4.5-4.5 4.5 4.5M-4.5 4.5 4.5-4.5", class: "es-sign es-stroke" });
  if (verdict === "unsure") return make("path", { d: "M0-5.5 5.5 0 0 5.5-5.5 0Z", class: "es-sign" });
  return make("circle", { r: verdict === "good" ? 4.5 : 3.6, class: "es-sign" });
}

/** Fit an axis to values: where each stands, and round numbers to write at it. */
function makeAxis(values, from, to) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = sorted.length ? [sorted[0], sorted.at(-1)] : [0, 1];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  const [start, end] = [low - margin, high + margin];
  const rough = (end - start) / Math.max(2, Math.abs(to - from) / (from < to ? 110 : 34));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let tick = Math.ceil(start / step) * step; tick <= end; tick += step) ticks.push(tick);
  return { ticks, step, at: (value) => from + ((value - start) / (end - start)) * (to - from) };
}

function writeTick(value, step) {
  if (step >= 1e6 || step < 1e-4) return value.toExponential(1);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toFixed(digits).replace(/^-0$/, "0");
}
