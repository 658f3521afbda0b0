// The expressions of one call of a function, the smallest first; `nodes`: all that it was computed for, as in a loop.
function expressionsOf(data, source, path) {
  if (!data.expressions) {
    data.expressions = new Map();
    data.nodes.forEach((at, node) => {
      if (!at?.source) return;
      const [k, ...range] = at.source;
      const key = `${k} ${at.path}`;
      const here = data.expressions.get(key) ?? new Map();
      const one = here.get(String(range)) ?? { range, nodes: [] };
      one.nodes.push(node);
      data.expressions.set(key, here.set(String(range), one));
    });
  }
  const length = ({ range: [first, left, last, right] }) => (last - first) * 1000 + right - left;
  return [...(data.expressions.get(`${source} ${path}`)?.values() ?? [])].sort((a, b) => length(a) - length(b));
}

// A part of a source line, in pieces that lead to the nodes of the innermost expression that they belong to.
function pieces(expressions, row, chars, start, end) {
  const indent = chars.length - [...chars.join("").trimStart()].length;
  const owners = chars.map(() => null);
  for (const one of expressions.toReversed()) {
    const [first, left, last, right] = one.range;
    if (row >= first && row <= last) owners.fill(one, row === first ? left : indent, row === last ? right : chars.length);
  }
  const parts = [];
  for (let k = start, next; k < end; k = next) {
    for (next = k + 1; next < end && owners[next] === owners[k]; ) next += 1;
    const text = chars.slice(k, next).join("");
    parts.push(owners[k] ? h("span", { "data-node": owners[k].nodes[0], "data-nodes": owners[k].nodes.join(" ") }, text) : text);
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
  const expressions = expressionsOf(data, k, step.path);
  const lines = data.sources[k].lines.map(([number, text], row) => {
    const chars = [...text]; // Python counts characters, and a string here counts UTF-16 units
    const from = row === firstRow ? firstColumn : chars.length - [...text.trimStart()].length;
    const to = row === lastRow ? lastColumn : chars.length;
    const isIn = row >= firstRow && row <= lastRow;
    const cut = (start, end) => pieces(expressions, row, chars, start, end);
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
