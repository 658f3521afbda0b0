// A part of a source line, in pieces that lead to the node of the innermost expression that they belong to.
function pieces(data, step, row, chars, start, end) {
  const expressions = data.nodes.flatMap((at, node) => {
    if (!at?.source || at.source[0] !== step.source[0] || at.path !== step.path) return [];
    const [, firstRow, firstColumn, lastRow, lastColumn] = at.source;
    if (row < firstRow || row > lastRow) return [];
    const from = row === firstRow ? firstColumn : chars.length - [...chars.join("").trimStart()].length;
    const to = row === lastRow ? lastColumn : chars.length;
    return [{ node, from, to, size: (lastRow - firstRow) * 1000 + to - from }];
  });
  expressions.sort((a, b) => a.size - b.size);
  const parts = [];
  for (let k = start, next; k < end; k = next) {
    const inside = (column) => expressions.find((e) => e.from <= column && column < e.to);
    const here = inside(k);
    for (next = k + 1; next < end && inside(next) === here; ) next += 1;
    const text = chars.slice(k, next).join("");
    parts.push(here ? h("span", { "data-node": here.node }, text) : text);
  }
  return parts;
}

function sourceParts(data, step) {
  if (step.source === null) {
    const why = {
      input: `${step.name} is an argument: it is given, no line computes it.`,
      param: `${step.name} is a parameter: it is kept in the model, no line computes it.`,
    };
    const note = h("p", { class: "quiet" }, why[step.leaf] || "The source of this line is not at hand.");
    if (!step.near) return [h("h2", {}, "source"), note];
    const [k, path] = step.near; // the function that uses it, with nothing marked
    const [title, lines] = sourceParts(data, { ...step, path, source: [k, -1, 0, -1, 0] });
    return [title, note, lines];
  }
  const [k, firstRow, firstColumn, lastRow, lastColumn] = step.source;
  const lines = data.sources[k].lines.map(([number, text], row) => {
    const chars = [...text]; // Python counts characters, and a string here counts UTF-16 units
    const from = row === firstRow ? firstColumn : chars.length - [...text.trimStart()].length;
    const to = row === lastRow ? lastColumn : chars.length;
    const isIn = row >= firstRow && row <= lastRow;
    const cut = (start, end) => pieces(data, step, row, chars, start, end);
    const parts = isIn
      ? [...cut(0, from), h("mark", { role: "source-now" }, ...cut(from, to)), ...cut(to, chars.length)]
      : cut(0, chars.length);
    return h("div", {}, h("span", { class: "number" }, String(number)), h("code", {}, ...parts));
  });
  return [
    h("h2", {}, "source", h("span", {}, [data.sources[k].file, step.path].filter(Boolean).join(" · "))),
    h("div", { class: "lines" }, ...lines),
  ];
}
