// All steps as one table: the picture and its lines in words, for who reads or hears rather than looks.
function allSteps(data, go) {
  const details = h("details", { class: "steps" }, h("summary", {}, "all steps as a table"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const names = ["step", "name", "from", "shape", "value", "gradient", "what happens"];
    const head = h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name)));
    const rows = data.steps.map((step, k) => {
      const button = h("button", { type: "button" }, `${step.phase} ${step.number}`);
      button.addEventListener("click", () => go(k));
      const from = (step.operands ?? []).map((operand) => operand.name).join(", ");
      const cells = [step.name, from, data.arrays[step.value].words, rangeOf(data, step.value), rangeOf(data, step.grad), step.sentence];
      return h("tr", {}, h("th", { scope: "row" }, button), ...cells.map((text) => h("td", {}, text)));
    });
    details.append(h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
  });
  return details;
}

// A single number, or from where to where an array's numbers run; "–" where there is none.
function rangeOf(data, k) {
  if (k === null) return "–";
  const { min, max, whole } = data.arrays[k];
  return min === max ? fact(min, whole) : `${fact(min, whole)} … ${fact(max, whole)}`;
}
