// The page's parts, in one piece of markup; `find` gives them by name.

export const VERDICTS = ["bad", "good", "unsure"];
export const SIGNS = { bad: "×", good: "●", unsure: "◆" };

export function layOut(root) {
  root.innerHTML = MARKUP;
  const parts = {};
  for (const element of root.querySelectorAll("[data-part]")) parts[element.dataset.part] ??= element;
  return parts;
}

/** Make an element: its tag, attributes, and children or text. */
export function make(tag, attributes = {}, ...children) {
  const element = tag === "svg" || SVG_TAGS.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") element.style.cssText = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Write a number with three digits; thousands in groups. */
export function write(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7)) return value.toExponential(digits - 1);
  const whole = Math.abs(value) >= 10 ** (digits - 1);
  return whole ? Math.round(value).toLocaleString("en") : value.toPrecision(digits);
}

export function count(number) {
  return number.toLocaleString("en");
}

const SVG_TAGS = new Set(["g", "line", "circle", "path", "rect", "text", "title"]);

const button = (name, word, key, extra = "") =>
  `<button type="button" class="es-button ${extra}" data-do="${name}">${word}<kbd>${key}</kbd></button>`;

const figure = (name, caption) => `
  <figure class="es-panel" data-part="${name}">
    <figcaption><span data-part="caption">${caption}</span><span class="es-read" data-part="${name}-value"></span></figcaption>
    <div class="es-frame"><canvas tabindex="-1" aria-label="${caption}"></canvas><p data-part="note"></p></div>
  </figure>`;

const MARKUP = `
<header class="es-head">
  <h1>epochsieve</h1><span class="es-title" data-part="title"></span>
  <dl class="es-counts" data-part="counts" aria-label="counts"></dl>
  <span class="es-alarm" data-part="alarm" role="status" aria-live="polite"></span>
  ${button("learn", "Learn", "L")}
  ${button("help", "Keys", "?")}
</header>
<aside class="es-side" aria-label="queue">
  <form class="es-filters" data-part="filters" autocomplete="off">
    <label class="es-wide">Show first<select name="order">
      <option value="worst">worst</option><option value="uncertain">most uncertain</option>
      <option value="learnt" disabled>most likely bad, as learnt</option><option value="time">oldest</option>
    </select></label>
    <label>Epochs<select name="flagged"><option value="1">flagged</option><option value="0">all</option></select></label>
    <label>Verdict<select name="kept">
      <option value="all">any or none</option><option value="open">none yet</option><option value="judged">any</option>
      <option value="bad">bad</option><option value="good">good</option><option value="unsure">unsure</option>
    </select></label>
    <label>Reason<select name="reason"><option value="">any</option></select></label>
    <label>Night<select name="night"><option value="">any</option></select></label>
    <label>Object<input name="name" type="search" placeholder="any" spellcheck="false"></label>
    <label>Score from<input name="lowest" type="number" step="any" placeholder="any"></label>
  </form>
  <div class="es-queue-head"><span data-part="found" role="status"></span>
    <button type="button" class="es-link" data-do="anew">renew</button></div>
  <div class="es-queue" data-part="queue" role="listbox" aria-label="epochs to look at" tabindex="0"></div>
</aside>
<main class="es-main">
  <section class="es-name">
    <div><h2 data-part="name">&nbsp;</h2><p data-part="facts">&nbsp;</p></div>
    <div class="es-verdicts" role="group" aria-label="verdict">
      ${button("bad", "<i>×</i>Bad", "B", "es-bad")}${button("good", "<i>●</i>Good", "G", "es-good")}
      ${button("unsure", "<i>◆</i>Unsure", "U", "es-unsure")}${button("undo", "Undo", "Z")}
    </div>
  </section>
  <section class="es-panels" data-part="panels">
    ${figure("reference", "expected")}${figure("epoch", "epoch")}${figure("residual", "residual")}
  </section>
  <section class="es-tools">
    <div class="es-choice" role="radiogroup" aria-label="stretch" data-part="stretches"></div>
    <div class="es-choice" role="radiogroup" aria-label="blink with" data-part="partners"></div>
    ${button("blink", "Blink", "Space", "es-toggle")}
    <label class="es-rate">Rate<input type="range" min="0.5" max="12" step="0.5" value="3" data-part="rate"
      aria-label="blinks per second"><output data-part="rate-value">3/s</output></label>
    ${button("invert", "Invert", "I")}${button("reset", "Reset view", "0")}
    <output class="es-place" data-part="place"></output>
  </section>
  <section class="es-strip" data-part="strip" role="listbox" aria-label="all epochs of this object"></section>
  <section class="es-curve"><div class="es-curve-head"><span data-part="curve-title"></span>
    <span class="es-legend">
      <span><i class="es-dot"></i>not flagged</span><span><i class="es-ring"></i>flagged</span>
      <span class="es-bad"><i>×</i>bad</span><span class="es-good"><i>●</i>good</span>
      <span class="es-unsure"><i>◆</i>unsure</span>
    </span></div>
    <div class="es-plot" data-part="curve"></div></section>
</main>
<dialog class="es-dialog" data-part="help" aria-label="keys"></dialog>
<dialog class="es-dialog" data-part="lesson" aria-label="what was learnt"></dialog>`;
