// The three large images: what was expected, the epoch, the residual; moved, zoomed and stretched together.
import { write } from "./layout.js";
import { Panel } from "./panel.js";
import { makeColours, makeScale } from "./stretch.js";

const KINDS = ["reference", "epoch", "residual"];
const FARTHEST = 64;

export class Viewer {
  constructor(parts, stretched) {
    Object.assign(this, { parts, stretched, stretch: "asinh", object: null, pointer: null, turn: 0 });
    this.panels = Object.fromEntries(KINDS.map((kind) => [kind, new Panel(parts[kind])]));
    const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false;
    this.inverted = !dark;
    this.limit = 8;
    this.#level();
    for (const kind of KINDS) this.#follow(this.panels[kind].canvas, kind);
    new ResizeObserver(() => this.paint()).observe(parts.panels);
  }

  /** Take another object: its limits and size. Zoom, contrast and bias stay as somebody chose them. */
  take(object) {
    this.object = object;
    if (!object.images) {
      this.clear(object.why);
      return;
    }
    const { width, height } = object.images;
    this.parts.panels.style.setProperty("--es-shape", `${width} / ${height}`);
    if (this.view.zoom === 1 || this.view.width !== width || this.view.height !== height) this.#centre();
  }

  async show(object, epoch, images) {
    const turn = (this.turn += 1);
    Object.assign(this, { object, epoch });
    if (!object.images) {
      this.clear(object.why);
      return;
    }
    const { width, height } = object.images;
    const missing = object.epochs.status[epoch] === "ok" ? "" : object.epochs.status[epoch];
    if (missing) {
      this.clear(missing);
      return;
    }
    const fill = async (kind, coming) => {
      const panel = this.panels[kind];
      try {
        const got = await coming;
        if (turn !== this.turn) return;
        if (got.limit) this.limit = got.limit;
        const caption = kind === "residual" ? `residual, ±${write(this.limit, 2)} σ` : kind === "epoch" ? `epoch ${epoch + 1}` : "expected";
        panel.show(got.pixels ?? got, width, height, caption);
        panel.canvas.dataset.shown = `${object.number}/${epoch}`;
      } catch (error) {
        if (turn === this.turn) panel.clear(error.message);
      }
      this.paint();
    };
    await Promise.all([
      fill("epoch", images.epoch(object, epoch)),
      fill("reference", images.compared(object, "reference", epoch)),
      fill("residual", images.compared(object, "residual", epoch)),
    ]);
  }

  /** Show one image of a blink in the middle, where it is still this one's turn. */
  async showFrame(object, frame, images, stillWanted) {
    const { width, height } = object.images;
    const got = frame.kind === "epoch" ? await images.epoch(object, frame.epoch) : (await images.compared(object, "reference", frame.epoch)).pixels;
    if (object !== this.object || !stillWanted()) return;
    this.frame = frame;
    this.panels.epoch.show(got, width, height, frame.kind === "epoch" ? `epoch ${frame.epoch + 1}` : "expected");
    this.panels.epoch.canvas.dataset.frame = frame.kind === "epoch" ? `epoch ${frame.epoch + 1}` : "reference";
    this.paint();
  }

  clear(why) {
    this.turn += 1;
    for (const panel of Object.values(this.panels)) panel.clear("");
    this.panels.epoch.clear(why);
    for (const kind of KINDS) this.parts[`${kind}-value`].textContent = "";
    this.parts.place.textContent = "";
  }

  /** How stamps are drawn too. */
  look() {
    return { scale: makeScale(this.stretch, this.object.images), table: makeColours("grey", this) };
  }

  chooseStretch(name) {
    this.stretch = name;
    this.#again();
  }

  invert() {
    this.inverted = !this.inverted;
    this.#again();
  }

  reset() {
    this.#level();
    this.#centre();
    this.#again();
  }

  zoomBy(factor, around = this.view) {
    const zoom = Math.min(FARTHEST, Math.max(1, this.view.zoom * factor));
    const kept = this.view.zoom / zoom;
    this.view.x = around.x + (this.view.x - around.x) * kept;
    this.view.y = around.y + (this.view.y - around.y) * kept;
    this.view.zoom = zoom;
    if (zoom === 1) this.#centre();
    this.paint();
  }

  paint() {
    const { object } = this;
    if (!object?.images) return;
    const { scale, table } = this.look();
    const level = object.images.levels[this.epoch] ?? 0;
    const { x, y } = { x: object.epochs.x[this.epoch], y: object.epochs.y[this.epoch] };
    const marks = this.pointer ? [{ ...this.pointer, kind: "cross", color: "#0072b2" }] : [];
    const worst = x !== null && y !== null && object.epochs.flagged[this.epoch] ? [{ x, y, kind: "ring", color: "#d55e00" }] : [];
    const shown = this.frame?.kind === "epoch" ? object.images.levels[this.frame.epoch] ?? level : level;
    this.panels.reference.paint(level, scale, table, this.view, marks);
    this.panels.epoch.paint(shown, scale, table, this.view, [...worst, ...marks]);
    const { limit, residualScale } = this;
    const wide = limit * residualScale;
    this.panels.residual.paint(0, (value) => (value + wide) / (2 * wide), makeColours("diverging"), this.view, [...worst, ...marks]);
    this.#tell();
  }

  #again() {
    if (!this.object?.images) return;
    this.paint();
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.stretched());
  }

  #level() {
    Object.assign(this, { contrast: 1, bias: 0.5, residualScale: 1 });
    this.view ??= { zoom: 1, x: 0, y: 0 };
  }

  #centre() {
    const { width = 1, height = 1 } = this.object?.images ?? {};
    this.view = { zoom: 1, x: width / 2, y: height / 2, width, height };
  }

  /** Follow the pointer on one panel: its pixel, dragging as in DS9, the wheel. */
  #follow(canvas, kind) {
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag = { x: event.clientX, y: event.clientY, moves: event.shiftKey || event.button === 1, kind };
    });
    canvas.addEventListener("pointerup", () => { this.drag = null; });
    canvas.addEventListener("pointercancel", () => { this.drag = null; });
    canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.paint();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.object?.images) return;
      if (this.drag) this.#pull(event, canvas);
      const spot = this.panels[kind].locate(event, this.view);
      this.pointer = { x: Math.round(spot.x), y: Math.round(spot.y) };
      this.paint();
    });
    canvas.addEventListener("wheel", (event) => {
      if (!this.object?.images) return;
      event.preventDefault();
      const spot = this.panels[kind].locate(event, this.view);
      this.zoomBy(Math.exp(-event.deltaY / 400), { x: spot.x + 0.5, y: spot.y + 0.5 });
    }, { passive: false });
  }

  #pull(event, canvas) {
    const [dx, dy] = [event.clientX - this.drag.x, event.clientY - this.drag.y];
    const { clientWidth, clientHeight } = canvas;
    Object.assign(this.drag, { x: event.clientX, y: event.clientY });
    if (this.drag.moves) {
      const { width, height } = this.object.images;
      const unit = Math.min(clientWidth / width, clientHeight / height) * this.view.zoom;
      this.view.x -= dx / unit;
      this.view.y += dy / unit;
    } else if (this.drag.kind === "residual") this.residualScale = clamp(this.residualScale * Math.exp((2 * dy) / clientHeight), 0.05, 20);
    else {
      this.bias = clamp(this.bias + dx / clientWidth, -0.5, 1.5);
      this.contrast = clamp(this.contrast * Math.exp((-3 * dy) / clientHeight), 0.1, 20);
      this.#again();
    }
  }

  #tell() {
    const { pointer } = this;
    const values = KINDS.map((kind) => (pointer ? this.panels[kind].read(pointer.x, pointer.y) : undefined));
    const inside = values[1] !== undefined;
    KINDS.forEach((kind, i) => {
      const sigma = kind === "residual" && Number.isFinite(values[i]) ? " σ" : "";
      this.parts[`${kind}-value`].textContent = inside && values[i] !== undefined ? (Number.isNaN(values[i]) ? "no data" : `${write(values[i], 4)}${sigma}`) : "";
    });
    const zoom = this.view.zoom > 1 ? `zoom ${write(this.view.zoom, 2)}` : "";
    this.parts.place.textContent = [inside ? `x ${pointer.x}  y ${pointer.y}` : "", zoom].filter(Boolean).join("   ");
  }
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
