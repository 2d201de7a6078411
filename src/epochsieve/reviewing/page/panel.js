// One large image on a canvas: zoomed, marked, and asked for the pixel under the pointer.
import { colour } from "./stretch.js";

export class Panel {
  constructor(figure) {
    this.canvas = figure.querySelector("canvas");
    this.caption = figure.querySelector("[data-part=caption]");
    this.note = figure.querySelector("[data-part=note]");
    this.buffer = document.createElement("canvas");
    this.shape = null;
    this.pixels = null;
  }

  /** Take an image, its shape, what to call it. */
  show(pixels, width, height, caption) {
    this.pixels = pixels;
    this.shape = { width, height };
    if (caption !== undefined) this.caption.textContent = caption;
    this.note.textContent = "";
  }

  /** Show nothing, and say why. */
  clear(why) {
    this.pixels = null;
    this.note.textContent = why;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  paint(level, scale, table, view, marks) {
    if (!this.pixels) return;
    const { width, height } = this.shape;
    Object.assign(this.buffer, { width, height });
    this.buffer.getContext("2d").putImageData(colour(this.pixels, width, height, level, scale, table), 0, 0);
    const box = this.#fit();
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const unit = this.#unit(view);
    context.imageSmoothingEnabled = false;
    const left = box.width / 2 - view.x * unit;
    const top = box.height / 2 - (height - view.y) * unit;
    context.drawImage(this.buffer, left, top, width * unit, height * unit);
    for (const mark of marks) this.#mark(context, mark, left, top, unit);
  }

  /** The image's pixel at a place of the screen; 0-based, whole numbers in the middle of pixels. */
  locate(event, view) {
    const box = this.canvas.getBoundingClientRect();
    const unit = this.#unit(view) / this.#ratio();
    return {
      x: (event.clientX - box.left - box.width / 2) / unit + view.x - 0.5,
      y: view.y - (event.clientY - box.top - box.height / 2) / unit - 0.5,
    };
  }

  read(x, y) {
    const column = Math.round(x);
    const row = Math.round(y);
    if (!this.pixels || column < 0 || row < 0 || column >= this.shape.width || row >= this.shape.height) return undefined;
    return this.pixels[row * this.shape.width + column];
  }

  #ratio() {
    return globalThis.devicePixelRatio || 1;
  }

  /** Give the canvas as many pixels as the screen has for it. */
  #fit() {
    const box = this.canvas.getBoundingClientRect();
    const width = Math.max(1, Math.round(box.width * this.#ratio()));
    const height = Math.max(1, Math.round(box.height * this.#ratio()));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    return { width, height };
  }

  /** Screen pixels per image pixel. */
  #unit(view) {
    if (!this.shape) return 1;
    return Math.min(this.canvas.width / this.shape.width, this.canvas.height / this.shape.height) * view.zoom;
  }

  #mark(context, mark, left, top, unit) {
    const x = left + (mark.x + 0.5) * unit;
    const y = top + (this.shape.height - mark.y - 0.5) * unit;
    const ratio = this.#ratio();
    context.beginPath();
    if (mark.kind === "cross") {
      const arm = 7 * ratio;
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * arm * 0.45, y + dy * arm * 0.45);
        context.lineTo(x + dx * arm, y + dy * arm);
      }
    } else context.arc(x, y, Math.max(9 * ratio, 0.07 * Math.min(this.canvas.width, this.canvas.height)), 0, 2 * Math.PI);
    for (const [color, line] of [["rgba(255,255,255,0.85)", 3.4], [mark.color, 1.6]]) {
      context.strokeStyle = color;
      context.lineWidth = line * ratio;
      context.stroke();
    }
  }
}
