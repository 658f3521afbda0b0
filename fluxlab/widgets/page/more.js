// Of an array that is too large for the page, the numbers that are not in it: the kernel is asked for those of one
// window at a time, when the reader opens it or moves it, and never in a step.
const WINDOW = 32; // rows and columns, as WHOLE in arrays.py

function moreNumbers(data, k) {
  const array = data.arrays[k];
  if (array.cells) return null;
  const note = h("p", { class: "quiet", "aria-live": "polite" });
  const place = h("div", { class: "window", tabindex: 0, "aria-label": "a part of the array" });
  place.setAttribute("role", "group");
  const starts = size(array).map((length, axis) => {
    const name = `from ${["row", "column"][axis]}`;
    const field = h("input", { type: "number", min: 0, max: length - 1, step: WINDOW, value: 0 });
    field.addEventListener("change", show);
    return { field, length, label: length > WINDOW ? h("label", {}, `${name} `, field, ` of ${length}`) : null };
  });

  let asked = ""; // for which window
  async function show() {
    const at = starts.map(({ field, length }) => Math.max(0, Math.min(length - 1, Math.floor(field.value))));
    starts.forEach(({ field }, axis) => (field.value = at[axis]));
    if (asked === String(at)) return;
    asked = String(at);
    note.textContent = "These numbers are kept in the notebook’s kernel, which is asked for them. If none come, run the cell again.";
    const found = await data.ask([k, ...at]);
    const indices = [found.map((_, i) => at[0] + i), found[0].map((_, j) => at[1] + j)];
    const cells = [];
    found.forEach((row, i) => row.forEach((value, j) => ((cells[at[0] + i] ??= [])[at[1] + j] = value)));
    note.textContent = "";
    place.replaceChildren(table({ ...array, cells }, { indices }, "plain"));
  }

  const parts = data.ask
    ? [...starts.map(({ label }) => label).filter((label) => label), note, place]
    : [h("p", { class: "quiet" }, "The rest of the numbers is kept in the notebook’s kernel, and this page is without one.")];
  const details = h("details", { role: "more" }, h("summary", {}, "more numbers"), ...parts);
  if (data.ask) details.addEventListener("toggle", () => details.open && show());
  details.addEventListener("keydown", (event) => {
    const isHere = event.target.tagName !== "SUMMARY" || event.key === " " || event.key === "Enter";
    if (isHere && event.key !== "Escape") event.stopPropagation(); // these write and scroll, and the stepper does not move
  });
  return details;
}
