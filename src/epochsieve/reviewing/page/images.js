// Pixels of the objects looked at last; nothing is fetched that is not shown, or about to be.

const OBJECTS_KEPT = 8;

export class Images {
  constructor(server) {
    this.server = server;
    this.objects = new Map();
  }

  /** Facts about an object: epochs, verdicts, how to draw it. */
  describe(number) {
    return this.#keep(number, "facts", () => this.server.ask(`objects/${number}`));
  }

  /** An epoch's own image; its neighbours come with it. */
  async epoch(object, place) {
    const { chunk } = object.images;
    const first = Math.floor(place / chunk) * chunk;
    const last = Math.min(first + chunk, object.epochs.file.length) - 1;
    const got = await this.#look(object.number, "epoch", first, last);
    return got.images[place - first];
  }

  /** What was expected of an epoch, or the residual; the latter with its colour limit. */
  async compared(object, kind, place) {
    const got = await this.#look(object.number, kind, place, place);
    return { pixels: got.images[0], limit: got.limit };
  }

  /** Forget an object's facts: its verdicts have changed. */
  forgetFacts(number) {
    this.objects.get(number)?.delete("facts");
  }

  #look(number, kind, first, last) {
    const query = { kind, first, last };
    return this.#keep(number, `${kind} ${first}`, () => this.server.look(`objects/${number}/pixels`, query));
  }

  #keep(number, name, fetchIt) {
    const kept = this.objects.get(number) ?? new Map();
    this.objects.delete(number);
    this.objects.set(number, kept);
    while (this.objects.size > OBJECTS_KEPT) this.objects.delete(this.objects.keys().next().value);
    if (!kept.has(name)) {
      const coming = fetchIt();
      kept.set(name, coming);
      coming.catch(() => kept.delete(name));
    }
    return kept.get(name);
  }
}
