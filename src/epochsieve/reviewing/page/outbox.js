// Verdicts on their way: kept in the browser until the server says that they are on disk.

const PAUSE = 1500;

export class Outbox {
  /**
   * Entries lie under keys of their own, so that two tabs never overwrite each other's. A tab sends what it put in; what
   * others left behind it takes up once, when it starts.
   */
  constructor(server, name, { changed, arrived, refused }) {
    this.server = server;
    this.prefix = `epochsieve ${name} `;
    this.tell = { changed, arrived, refused };
    this.trouble = "";
    this.busy = false;
    this.memory = new Map();
    this.storage = findStorage();
    this.last = 0;
    this.mine = new Set(this.#list().map(([key]) => key));
  }

  get waiting() {
    return this.#list().length;
  }

  put(path, content) {
    this.last = Math.max(Date.now(), this.last + 1);
    const key = `${this.prefix}${String(this.last).padStart(15, "0")} ${content.mark}`;
    this.mine.add(key);
    this.#write(key, { path, content });
    this.tell.changed();
    this.flush();
  }

  /** Take the newest verdict back that was not sent yet; the server is told too, in case that it came through. */
  takeBack() {
    const found = this.#list().filter(([key, entry]) => this.mine.has(key) && entry.path === "verdicts").pop();
    if (!found) return null;
    this.#remove(found[0]);
    this.put("undo", { mark: found[1].content.mark });
    return found[1].content;
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const [key, entry] = next;
      try {
        const answer = await this.server.tell(entry.path, entry.content);
        this.#remove(key);
        this.trouble = "";
        this.tell.arrived(entry, answer);
      } catch (error) {
        if (error.status === 400) {
          this.#remove(key);
          this.tell.refused(entry, error.message);
          continue;
        }
        this.trouble = error.message;
        this.tell.changed();
        setTimeout(() => this.flush(), PAUSE);
        break;
      }
    }
    this.busy = false;
    this.tell.changed();
  }

  /** The oldest entry of this tab that is still there. */
  #next() {
    return this.#list().find(([key]) => this.mine.has(key));
  }

  #list() {
    const names = this.storage ? Object.keys(this.storage) : [...this.memory.keys()];
    const entries = names.filter((name) => name.startsWith(this.prefix)).sort();
    return entries.map((name) => [name, JSON.parse(this.storage ? this.storage.getItem(name) : this.memory.get(name))])
      .filter(([, entry]) => entry);
  }

  #write(name, entry) {
    try {
      this.storage.setItem(name, JSON.stringify(entry));
    } catch {
      this.memory.set(name, JSON.stringify(entry));
      this.storage = null;
    }
  }

  #remove(name) {
    this.storage?.removeItem(name);
    this.memory.delete(name);
  }
}

function findStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
