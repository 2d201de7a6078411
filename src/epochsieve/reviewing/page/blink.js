// Blinking: which images take turns in the middle, in which direction, how fast.

export const PARTNERS = ["reference", "neighbours", "both"];

export class Blinker {
  constructor(show) {
    Object.assign(this, { show, on: false, rate: 3, partner: "reference", direction: 1, step: 0, frames: [] });
  }

  /** Choose whose turns these are: an epoch among `last + 1`. */
  around(epoch, last) {
    const earlier = { kind: "epoch", epoch: epoch - 1 };
    const later = { kind: "epoch", epoch: epoch + 1 };
    const beside = [earlier, { kind: "epoch", epoch }, later].filter((frame) => frame.epoch >= 0 && frame.epoch <= last);
    const reference = { kind: "reference", epoch };
    this.frames = {
      reference: [{ kind: "epoch", epoch }, reference],
      neighbours: beside,
      both: [...beside, reference],
    }[this.partner];
    this.step = this.frames.findIndex((frame) => frame.kind === "epoch" && frame.epoch === epoch);
    this.home = this.step;
  }

  toggle() {
    this.on = !this.on;
    this.#schedule();
    if (!this.on) {
      this.step = this.home;
      this.show(this.frames[this.step]);
    }
  }

  stop() {
    if (this.on) this.toggle();
  }

  /** One image on, or back. */
  move(by) {
    if (!this.frames.length) return;
    this.step = (this.step + by + this.frames.length) % this.frames.length;
    this.show(this.frames[this.step]);
  }

  setRate(rate) {
    this.rate = Math.min(12, Math.max(0.5, rate));
    this.#schedule();
  }

  #schedule() {
    clearInterval(this.timer);
    if (this.on) this.timer = setInterval(() => this.move(this.direction), 1000 / this.rate);
  }
}
