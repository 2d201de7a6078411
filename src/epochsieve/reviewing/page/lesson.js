// What was learnt, in a small table.
import { make, write } from "./layout.js";

export function drawLesson(dialog, lesson) {
  const percent = (value) => (value === null ? "–" : `${Math.round(100 * value)} %`);
  const rows = [
    ["flagged now", lesson.before],
    [`flagged from score ${write(lesson.threshold)}`, lesson.with_threshold],
    ["flagged by what was learnt", lesson.with_model],
  ];
  const table = make("table", {},
    make("thead", {}, make("tr", {}, ...["", "precision", "recall", "average precision"].map((word) => make("th", {}, word)))),
    make("tbody", {}, ...rows.map(([name, quality]) => make("tr", {}, make("th", {}, name),
      ...[quality.precision, quality.recall].map((value) => make("td", {}, percent(value))),
      make("td", {}, write(quality.average_precision))))));
  const close = make("button", { type: "button", class: "es-button", "data-do": "close" }, "Close", make("kbd", {}, "Esc"));
  dialog.replaceChildren(
    make("h2", {}, "Learnt from your verdicts"),
    make("p", {}, `Among ${lesson.judged} judged epochs, ${lesson.judged_bad} of them called bad:`), table,
    make("p", { class: "es-small" }, "Lines two and three are measured on verdicts that had no part in the fit. The figures say "
      + "nothing of epochs that nobody judged. The queue now begins with what is most likely bad. To judge anew with the "
      + "calibration fitted to these verdicts: epochsieve learn RESULTS says how."), close);
}
