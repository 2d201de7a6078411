// Questions to the desk, over HTTP. A notebook has another class with the same three methods.

export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export class HttpServer {
  constructor(token) {
    this.token = token;
  }

  /** Ask for JSON. */
  async ask(path, query = {}) {
    const response = await this.#send("GET", path, query);
    return response.json();
  }

  /** Tell something, as JSON, and get JSON back. */
  async tell(path, content) {
    const response = await this.#send("POST", path, {}, JSON.stringify(content));
    return response.json();
  }

  /** Ask for images: float32 values, how many images, rows and columns, and the residuals' colour limit. */
  async look(path, query) {
    const response = await this.#send("GET", path, query);
    return unpack(await response.arrayBuffer(), response.headers.get("x-shape"), response.headers.get("x-limit"));
  }

  async #send(method, path, query, body) {
    const words = new URLSearchParams(query).toString();
    const address = `api/${path}${words ? `?${words}` : ""}`;
    let response;
    try {
      response = await fetch(address, { method, body, headers: { "x-token": this.token } });
    } catch {
      throw new Refusal(0, "the server does not answer");
    }
    if (response.ok) return response;
    const said = await response.json().catch(() => ({}));
    throw new Refusal(response.status, said.error ?? `the server answers ${response.status}`);
  }
}

/** Make images of bytes; every machine that browsers run on is little endian, as the bytes are. */
export function unpack(buffer, shape, limit) {
  const [count, height, width] = shape.split(",").map(Number);
  const values = new Float32Array(buffer);
  const size = height * width;
  return {
    limit: limit ? Number(limit) : null,
    images: Array.from({ length: count }, (_, place) => values.subarray(place * size, (place + 1) * size)),
  };
}
