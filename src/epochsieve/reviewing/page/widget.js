// The page in a notebook's cell (anywidget): the modules come from the kernel, and so do the answers.

/** Load modules given as text; those that they import are loaded first. */
function loadModule(modules, name, loaded = new Map()) {
  if (!loaded.has(name)) {
    const text = modules[name].replace(/from "\.\/([\w.]+)"/g, (_, other) => `from "${loadModule(modules, other, loaded)}"`);
    loaded.set(name, URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  }
  return loaded.get(name);
}

/** Questions to the kernel; has the methods of HttpServer. */
function makeServer(model, { Refusal, unpack }) {
  const waiting = new Map();
  let turns = 0;
  model.on("msg:custom", (said, buffers) => {
    const { settle, fail } = waiting.get(said.turn) ?? {};
    if (!settle) return;
    waiting.delete(said.turn);
    const view = buffers[0];
    const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    if (said.status === 200) settle({ bytes, headers: said.headers });
    else fail(new Refusal(said.status, JSON.parse(new TextDecoder().decode(bytes)).error));
  });
  const send = (method, path, query, body) => new Promise((settle, fail) => {
    turns += 1;
    const turn = `${Date.now()}-${turns}`;
    waiting.set(turn, { settle, fail });
    model.send({ turn, method, path, query, body });
  });
  const read = ({ bytes }) => JSON.parse(new TextDecoder().decode(bytes));
  return {
    ask: async (path, query = {}) => read(await send("GET", path, query, "")),
    tell: async (path, content) => read(await send("POST", path, {}, JSON.stringify(content))),
    look: async (path, query) => {
      const { bytes, headers } = await send("GET", path, query, "");
      return unpack(bytes, headers["x-shape"], headers["x-limit"]);
    },
  };
}

async function render({ model, el }) {
  const modules = model.get("modules");
  const loaded = new Map();
  const { Review } = await import(loadModule(modules, "review.js", loaded));
  const server = makeServer(model, await import(loadModule(modules, "server.js", loaded)));
  const root = document.createElement("div");
  root.className = "es-review";
  root.tabIndex = 0;
  // Keys are the page's while it has the focus, not the notebook's.
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(root);
  new Review(root, server, { keysFrom: root }).start();
}

export default { render };
