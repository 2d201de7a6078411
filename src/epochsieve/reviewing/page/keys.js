// Keys: one table, from which the help is drawn too.
import { make } from "./layout.js";

export const KEYS = [
  ["Verdict", [
    [["b"], "bad", "bad: not to be used"],
    [["g"], "good", "good: keep it"],
    [["u"], "unsure", "unsure"],
    [["z"], "undo", "undo the last verdict"],
  ]],
  ["Go", [
    [["j", "ArrowDown"], "next", "next in the queue"],
    [["k", "ArrowUp"], "previous", "previous in the queue"],
    [["ArrowRight"], "later", "next epoch of this object"],
    [["ArrowLeft"], "earlier", "previous epoch of this object"],
    [["/"], "search", "look for an object"],
    [["f"], "filter", "to the filters"],
    [["n"], "anew", "renew the queue"],
  ]],
  ["Look", [
    [[" "], "blink", "blink, or stop"],
    [["p"], "partner", "blink with: reference, neighbours, both"],
    [["r"], "reverse", "blink forwards, backwards"],
    [[","], "back", "one blink back, by hand"],
    [["."], "forth", "one blink on, by hand"],
    [["["], "slower", "blink slower"],
    [["]"], "faster", "blink faster"],
    [["s"], "stretch", "next stretch"],
    [["i"], "invert", "black on white, or white on black"],
    [["+", "="], "closer", "zoom in"],
    [["-"], "wider", "zoom out"],
    [["0"], "reset", "zoom, contrast and bias as at first"],
    [["c"], "curve", "light curve, or scores against time"],
  ]],
  ["Other", [
    [["l"], "learn", "learn from the verdicts"],
    [["?"], "help", "these keys"],
    [["Escape"], "close", "close, or back to the images"],
  ]],
];

const NAMES = { " ": "Space", ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

/** Listen for keys; what is typed into a field stays there, Escape leaves it. */
export function listen(target, act) {
  const actions = new Map(KEYS.flatMap(([, rows]) => rows.flatMap(([keys, name]) => keys.map((key) => [key, name]))));
  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const element = event.composedPath()[0];
    const typing = element.matches?.("input:not([type=range]), select, textarea");
    if (typing && event.key !== "Escape") return;
    if (element.matches?.("button") && [" ", "Enter"].includes(event.key)) return;
    if (element.matches?.("[type=range]") && event.key.startsWith("Arrow")) return;
    const action = actions.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!action || element.closest?.("dialog[open]") && !["close", "help"].includes(action)) return;
    if (typing) element.blur();
    event.preventDefault();
    act(action);
  });
}

export function drawHelp(dialog) {
  const lists = KEYS.map(([title, rows]) => {
    const lines = rows.flatMap(([keys, , words]) => [
      make("dt", {}, ...keys.map((key) => make("kbd", {}, NAMES[key] ?? key.toUpperCase()))),
      make("dd", {}, words),
    ]);
    return make("section", {}, make("h3", {}, title), make("dl", {}, ...lines));
  });
  const mouse = make("p", {}, "Drag an image, with either button: contrast up and down, bias left and right, as in DS9. "
    + "Shift-drag moves it, the wheel zooms, a double click resets. Click a stamp or a point of the light curve to see that epoch.");
  const close = make("button", { type: "button", class: "es-button", "data-do": "close" }, "Close", make("kbd", {}, "Esc"));
  dialog.replaceChildren(make("h2", {}, "Keys"), make("div", { class: "es-keys" }, ...lists), mouse, close);
}
