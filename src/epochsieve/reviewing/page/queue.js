// The queue: as many rows as were found, of which those in sight are fetched and drawn.
import { SIGNS, count, make, write } from "./layout.js";

const ROW = 46;
const PAGE = 100;
const MOST = 100_000;

export class Queue {
  constructor(place, found, server, choose) {
    Object.assign(this, { place, found, server, choose, items: new Map(), total: 0, chosen: -1, turn: 0 });
    this.body = make("div", { class: "es-queue-body" });
    place.replaceChildren(this.body);
    place.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(place);
  }

  /** Ask for another queue; gives the place of a row in it, where it is there. */
  async ask(query, { anew = false, row = null } = {}) {
    this.query = query;
    this.turn += 1;
    const { turn } = this;
    const place = row === null ? {} : { row };
    const page = await this.server.ask("queue", { ...query, offset: 0, limit: PAGE, ...(anew ? { anew: 1 } : {}), ...place });
    if (turn !== this.turn) return undefined;
    this.items = new Map();
    this.pages = new Map([[0, Promise.resolve()]]);
    this.total = page.total;
    this.#keep(page);
    const shown = Math.min(page.total, MOST);
    this.body.style.height = `${shown * ROW}px`;
    this.found.textContent = page.total > MOST
      ? `${count(page.total)} epochs, the first ${count(MOST)} here`
      : `${count(page.total)} epoch${page.total === 1 ? "" : "s"}`;
    this.draw();
    return page.place;
  }

  /** Give the item at a place, fetched where it is not there. */
  async at(place) {
    if (place < 0 || place >= this.total) return null;
    if (!this.items.has(place)) await this.#fetch(Math.floor(place / PAGE));
    return this.items.get(place) ?? null;
  }

  /** Note a verdict in every item of this row. */
  note(row, verdict) {
    for (const item of this.items.values()) if (item.row === row) item.verdict = verdict;
    this.draw();
  }

  select(place) {
    this.chosen = place;
    if (place >= 0) {
      const top = place * ROW;
      const { scrollTop, clientHeight } = this.place;
      if (top < scrollTop + ROW) this.place.scrollTop = top - ROW;
      else if (top + 2 * ROW > scrollTop + clientHeight) this.place.scrollTop = top + 2 * ROW - clientHeight;
    }
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.place.scrollTop / ROW) - 4);
    const last = Math.min(Math.min(this.total, MOST) - 1, Math.ceil((this.place.scrollTop + this.place.clientHeight) / ROW) + 4);
    const rows = [];
    for (let place = first; place <= last; place += 1) rows.push(this.#row(place));
    this.body.replaceChildren(...rows);
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (!this.pages?.has(page)) this.#fetch(page).then(() => this.draw(), () => {});
    }
  }

  #row(place) {
    const item = this.items.get(place);
    const row = make("div", { class: "es-item", role: "option", "aria-selected": String(place === this.chosen),
      style: `top:${place * ROW}px`, "data-place": place, "data-verdict": item?.verdict ?? "" });
    if (!item) return row;
    row.append(
      make("i", { class: "es-item-sign" }, SIGNS[item.verdict] ?? ""),
      make("span", { class: "es-item-name", title: item.name }, item.name),
      make("span", { class: "es-item-score" }, write(item.score)),
      make("span", { class: "es-item-facts" }, [`epoch ${item.epoch}`, item.date, item.reasons.join(", ")].filter(Boolean).join(" · ")),
      make("span", { class: "es-item-bad", title: "probability of being bad, as learnt" },
        item.bad === null ? "" : `${Math.round(100 * item.bad)} %`));
    row.addEventListener("click", () => {
      this.place.blur();
      this.choose(place);
    });
    return row;
  }

  #fetch(page) {
    const { turn } = this;
    if (!this.pages.has(page)) {
      const query = { ...this.query, offset: page * PAGE, limit: PAGE };
      const coming = this.server.ask("queue", query).then((found) => turn === this.turn && this.#keep(found));
      coming.catch(() => this.pages.delete(page));
      this.pages.set(page, coming);
    }
    return this.pages.get(page);
  }

  #keep(page) {
    page.items.forEach((item, i) => this.items.set(page.offset + i, item));
  }
}
