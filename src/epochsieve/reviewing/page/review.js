// The review: an object in the middle, its queue at the side, and what keys and clicks do.
import { Blinker, PARTNERS } from "./blink.js";
import { Curve } from "./curve.js";
import { Images } from "./images.js";
import { drawHelp, listen } from "./keys.js";
import { VERDICTS, count, layOut, make, write } from "./layout.js";
import { drawLesson } from "./lesson.js";
import { Outbox } from "./outbox.js";
import { Queue } from "./queue.js";
import { Strip } from "./strip.js";
import { STRETCHES } from "./stretch.js";
import { Viewer } from "./viewer.js";

export class Review {
  constructor(root, server, { remember = () => {}, recall = () => "", keysFrom = root } = {}) {
    Object.assign(this, { root, server, remember, recall, place: -1, epoch: 0, object: null, turn: 0 });
    this.parts = layOut(root);
    this.images = new Images(server);
    this.viewer = new Viewer(this.parts, () => this.strip.repaint());
    this.strip = new Strip(this.parts.strip, this.images, (epoch) => this.showEpoch(epoch));
    this.strip.look = () => this.viewer.look();
    this.curve = new Curve(this.parts.curve, this.parts["curve-title"], (epoch) => this.showEpoch(epoch));
    this.queue = new Queue(this.parts.queue, this.parts.found, server, (place) => this.go(place));
    this.blinker = new Blinker((frame) => this.#showFrame(frame));
    this.#buildChoices();
    root.addEventListener("click", (event) => {
      const action = event.target.closest("[data-do]")?.dataset.do;
      if (action) this.act(action);
      // What was clicked with the mouse must not be pressed again by the space bar.
      if (event.detail) event.target.closest("button")?.blur();
    });
    this.parts.filters.addEventListener("input", () => this.#filter());
    this.parts.filters.addEventListener("submit", (event) => event.preventDefault());
    this.parts.rate.addEventListener("input", () => this.#setRate(Number(this.parts.rate.value)));
    for (const dialog of root.querySelectorAll("dialog")) {
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    }
    listen(keysFrom, (action) => this.act(action));
  }

  async start() {
    try {
      this.summary = await this.server.ask("summary");
    } catch (error) {
      this.#alarm(error.message);
      return;
    }
    this.#introduce();
    this.outbox = new Outbox(this.server, this.summary.id, {
      changed: () => this.#tellWaiting(),
      arrived: (entry, answer) => this.#arrived(entry, answer),
      refused: (entry, why) => this.#refused(entry, why),
    });
    const state = new URLSearchParams(this.recall());
    for (const [name, value] of state) if (this.parts.filters.elements[name]) this.parts.filters.elements[name].value = value;
    const row = state.get("row");
    await this.#ask({ row: row === null ? null : Number(row) });
    this.outbox.flush();
    this.root.dataset.ready = "yes";
  }

  act(action) {
    const does = {
      next: () => this.go(this.place + 1), previous: () => this.go(this.place - 1),
      later: () => this.showEpoch(this.epoch + 1), earlier: () => this.showEpoch(this.epoch - 1),
      undo: () => this.undo(), learn: () => this.learn(), anew: () => this.#ask({ anew: true }),
      help: () => this.#toggleHelp(), close: () => this.#close(),
      search: () => this.parts.filters.elements.name.focus(), filter: () => this.parts.filters.elements.order.focus(),
      blink: () => this.#blink(), reverse: () => { this.blinker.direction *= -1; },
      partner: () => this.#choosePartner(PARTNERS[(PARTNERS.indexOf(this.blinker.partner) + 1) % PARTNERS.length]),
      back: () => this.blinker.move(-1), forth: () => this.blinker.move(1),
      slower: () => this.#setRate(this.blinker.rate - 0.5), faster: () => this.#setRate(this.blinker.rate + 0.5),
      stretch: () => this.#chooseStretch(STRETCHES[(STRETCHES.indexOf(this.viewer.stretch) + 1) % STRETCHES.length]),
      invert: () => this.viewer.invert(), reset: () => this.viewer.reset(),
      closer: () => this.viewer.zoomBy(1.5), wider: () => this.viewer.zoomBy(1 / 1.5), curve: () => this.curve.toggle(),
    };
    if (VERDICTS.includes(action)) this.rule(action);
    else does[action]?.();
  }

  /** Show an item of the queue. */
  async go(place) {
    const turn = (this.turn += 1);
    const item = await this.queue.at(place).catch((error) => this.#alarm(error.message));
    if (!item || turn !== this.turn) return;
    this.place = place;
    this.queue.select(place);
    await this.#open(item.object, item.epoch - 1, turn);
    this.#lookAhead(place + 1);
  }

  /** Show another epoch of the same object. */
  showEpoch(epoch) {
    if (!this.object || epoch < 0 || epoch >= this.object.epochs.file.length) return;
    this.epoch = epoch;
    this.blinker.stop();
    this.blinker.around(epoch, this.object.epochs.file.length - 1);
    this.parts.name.parentElement.dataset.epoch = epoch;
    this.#describe();
    this.strip.select(epoch);
    this.curve.show(this.object, epoch);
    this.viewer.show(this.object, epoch, this.images);
    this.#remember();
  }

  /** Say something of the epoch that is shown, and go on. */
  rule(verdict) {
    if (!this.object || !this.outbox) return;
    const { object, epoch } = this;
    const row = object.start + epoch;
    const mark = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.#note(object, epoch, { verdict, by: this.summary.person, at: "" });
    this.outbox.put("verdicts", { row, verdict, mark, object: object.name, file: object.epochs.file[epoch] });
    const item = this.queue.items.get(this.place);
    if (item?.row === row && this.place + 1 < this.queue.total) this.go(this.place + 1);
    else this.showEpoch(epoch);
  }

  async undo() {
    if (!this.outbox) return;
    const unsent = this.outbox.takeBack();
    if (unsent) {
      await this.#revisit(unsent.row);
      return;
    }
    try {
      const answer = await this.server.tell("undo", {});
      this.#count(answer.verdicts);
      if (answer.row === null) this.#alarm("nothing to undo", 2500);
      else await this.#revisit(answer.row);
    } catch (error) {
      this.#alarm(`not undone: ${error.message}`);
    }
  }

  async learn() {
    if (!this.summary?.learns) {
      this.#alarm("nothing can be learnt here", 4000);
      return;
    }
    this.#alarm("learning…");
    try {
      const { lesson } = await this.server.tell("learn", {});
      this.#alarm("");
      drawLesson(this.parts.lesson, lesson);
      this.parts.lesson.showModal();
      this.parts.filters.elements.order.querySelector("[value=learnt]").disabled = false;
      this.parts.filters.elements.order.value = "learnt";
      await this.#ask({ anew: true });
    } catch (error) {
      this.#alarm(error.message, 8000);
    }
  }

  async #open(number, epoch, turn) {
    try {
      const object = await this.images.describe(number);
      if (turn !== this.turn) return;
      if (object !== this.object) {
        this.object = object;
        this.viewer.take(object);
        this.strip.show(object, () => this.viewer.look());
      }
      this.showEpoch(epoch);
    } catch (error) {
      this.#alarm(error.message);
    }
  }

  /** Fetch what comes next, so that it is there when it is asked for. */
  async #lookAhead(place) {
    try {
      const item = await this.queue.at(place);
      if (!item) return;
      const object = await this.images.describe(item.object);
      if (!object.images) return;
      await this.images.epoch(object, item.epoch - 1);
      for (const kind of ["reference", "residual"]) await this.images.compared(object, kind, item.epoch - 1);
    } catch { /* it is asked for again when it is shown */ }
  }

  /** Go back to a row whose verdict has changed behind the page. */
  async #revisit(row) {
    const item = [...this.queue.items].find(([, candidate]) => candidate.row === row);
    const number = item?.[1].object ?? (await this.server.ask("find", { row })).object;
    await this.#refresh(number);
    const turn = (this.turn += 1);
    if (item) {
      this.place = item[0];
      this.queue.select(item[0]);
    }
    const object = await this.images.describe(number);
    await this.#open(number, row - object.start, turn);
  }

  /** Read an object's verdicts again. */
  async #refresh(number) {
    this.images.forgetFacts(number);
    const fresh = await this.images.describe(number);
    fresh.verdicts.forEach((verdict, i) => this.queue.note(fresh.start + i, verdict?.verdict ?? ""));
  }

  #note(object, epoch, verdict) {
    object.verdicts[epoch] = verdict;
    this.queue.note(object.start + epoch, verdict?.verdict ?? "");
    if (object === this.object) this.strip.mark();
  }

  #arrived(entry, answer) {
    this.#count(answer.verdicts);
    if (entry.path === "undo" && answer.object !== null) this.#refresh(answer.object).catch(() => {});
  }

  #refused(entry, why) {
    this.#alarm(`a verdict was refused: ${why}`, 8000);
    if (this.object?.start <= entry.content.row) this.#refresh(this.object.number).catch(() => {});
  }

  async #ask({ row = null, anew = false } = {}) {
    try {
      const place = await this.queue.ask(this.#read(), { row, anew });
      if (place === undefined && row === null && this.queue.total === 0) this.#showNothing();
      else if (this.queue.total) await this.go(place ?? 0);
      else this.#showNothing();
    } catch (error) {
      this.#alarm(error.message, 6000);
    }
  }

  #filter() {
    clearTimeout(this.filtering);
    this.filtering = setTimeout(() => this.#ask({ anew: true }), 150);
  }

  #read() {
    const given = [...new FormData(this.parts.filters)].filter(([, value]) => value !== "");
    return Object.fromEntries(given);
  }

  #remember() {
    const state = new URLSearchParams(this.#read());
    if (this.object) state.set("row", this.object.start + this.epoch);
    this.remember(state.toString());
  }

  #showNothing() {
    this.object = null;
    this.parts.name.textContent = "Nothing to look at";
    this.parts.facts.textContent = "No epoch passes these filters.";
    this.viewer.clear("");
    this.parts.strip.replaceChildren();
    this.parts.curve.replaceChildren();
  }

  #describe() {
    const { epochs, name, threshold, dates, verdicts } = this.object;
    const i = this.epoch;
    this.parts.name.textContent = name;
    const said = verdicts[i] ? make("b", { class: `es-${verdicts[i].verdict}` }, `${verdicts[i].verdict}, said ${verdicts[i].by}`) : "";
    const facts = [
      make("span", {}, `epoch ${epochs.epoch[i]} of ${epochs.file.length}`),
      make("span", { class: epochs.flagged[i] ? "es-is-flagged" : "" }, `score ${write(epochs.score[i])}, threshold ${write(threshold)}`),
      epochs.reasons[i] && make("span", { class: "es-reasons" }, epochs.reasons[i].replaceAll(",", ", ")),
      epochs.status[i] !== "ok" && make("span", {}, epochs.status[i]),
      dates[i] && make("span", {}, dates[i]), make("span", {}, epochs.file[i]), said,
    ].filter(Boolean);
    this.parts.facts.replaceChildren(...facts);
    for (const button of this.root.querySelectorAll(".es-verdicts [data-do]")) {
      button.setAttribute("aria-pressed", button.dataset.do === verdicts[i]?.verdict);
    }
  }

  #introduce() {
    const { title, reasons, nights, lesson } = this.summary;
    this.parts.title.textContent = title;
    const { elements } = this.parts.filters;
    for (const [name, { count: number, meaning }] of Object.entries(reasons)) {
      elements.reason.append(make("option", { value: name, title: meaning }, `${name} (${count(number)})`));
    }
    for (const { night, date, epochs, flagged } of nights) {
      elements.night.append(make("option", { value: night }, `${date} (${count(flagged)} of ${count(epochs)})`));
    }
    elements.order.querySelector("[value=learnt]").disabled = !lesson;
    this.#count(this.summary.verdicts);
  }

  #count(verdicts) {
    const { objects, epochs, flagged } = this.summary;
    const numbers = { objects, epochs, flagged, bad: verdicts.bad, good: verdicts.good, unsure: verdicts.unsure, waiting: verdicts.waiting };
    this.parts.counts.replaceChildren(...Object.entries(numbers).map(([name, number]) =>
      make("div", { class: VERDICTS.includes(name) ? `es-${name}` : "" }, make("dt", {}, name), make("dd", { "data-count": name }, count(number)))));
  }

  #tellWaiting() {
    const { waiting, trouble } = this.outbox;
    const several = `${waiting} verdict${waiting === 1 ? "" : "s"} wait${waiting === 1 ? "s" : ""} in this browser`;
    if (trouble && waiting) this.#alarm(`${several}: ${trouble}`);
    else if (this.warned && !waiting) this.#alarm("");
    this.warned = Boolean(trouble && waiting);
  }

  #alarm(text, milliseconds = 0) {
    clearTimeout(this.silence);
    this.parts.alarm.textContent = text;
    if (milliseconds) this.silence = setTimeout(() => { this.parts.alarm.textContent = ""; }, milliseconds);
  }

  #toggleHelp() {
    const { help } = this.parts;
    if (help.open) help.close();
    else {
      drawHelp(help);
      help.showModal();
    }
  }

  #close() {
    const open = this.root.querySelector("dialog[open]");
    if (open) open.close();
    else document.activeElement?.blur?.();
  }

  #blink() {
    if (!this.object?.images) return;
    this.blinker.toggle();
    this.root.querySelector("[data-do=blink]").setAttribute("aria-pressed", this.blinker.on);
  }

  async #showFrame(frame) {
    this.root.querySelector("[data-do=blink]").setAttribute("aria-pressed", this.blinker.on);
    await this.viewer.showFrame(this.object, frame, this.images, () => this.blinker.frames[this.blinker.step] === frame);
  }

  #setRate(rate) {
    this.blinker.setRate(rate);
    this.parts.rate.value = this.blinker.rate;
    this.parts["rate-value"].textContent = `${this.blinker.rate}/s`;
  }

  #buildChoices() {
    const build = (place, names, choose) => place.replaceChildren(...names.map((name) => {
      const button = make("button", { type: "button", role: "radio", "data-name": name, tabindex: 0 }, name);
      button.addEventListener("click", () => choose(name));
      return button;
    }));
    build(this.parts.stretches, STRETCHES, (name) => this.#chooseStretch(name));
    build(this.parts.partners, PARTNERS, (name) => this.#choosePartner(name));
    this.#chooseStretch("asinh");
    this.#choosePartner("reference");
  }

  #chooseStretch(name) {
    mark(this.parts.stretches, name);
    this.viewer.chooseStretch(name);
  }

  #choosePartner(name) {
    mark(this.parts.partners, name);
    const { on } = this.blinker;
    this.blinker.stop();
    this.blinker.partner = name;
    if (this.object) {
      this.blinker.around(this.epoch, this.object.epochs.file.length - 1);
      if (on) this.#blink();
    }
  }
}

function mark(group, name) {
  for (const button of group.children) button.setAttribute("aria-checked", button.dataset.name === name);
}
