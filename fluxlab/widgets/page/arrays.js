// An array: its corner cells as numbers, all of it as a picture, and what is to know of it.
function tensor(data, title, name, k) {
  const array = data.arrays[k];
  const head = h("h2", {}, title, h("b", {}, name), h("span", {}, `${array.words} · ${array.dtype}`));
  const about = h("div", { class: "about" }, facts(array), histogram(array));
  return [head, cellBox(data, k, table(array, data), heat(array, 72, title === "gradient")), about, allNumbers(array, data) ?? moreNumbers(data, k)];
}

// The whole array as a plain table, made when it is asked for.
function allNumbers(array, data) {
  const [rows, columns] = size(array);
  if (!array.cells || (ends(rows, data.rows).length === rows && ends(columns, data.columns).length === columns)) return null;
  const details = h("details", {}, h("summary", {}, "all numbers"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const whole = table(array, { rows: [rows, 0], columns: [columns, 0] }, "plain");
    whole.tabIndex = 0; // it scrolls
    details.append(whole);
  });
  return details;
}

function size(array) {
  const n = array.shape.length;
  return [array.shape.slice(0, -1).reduce((a, b) => a * b, 1), n ? array.shape[n - 1] : 1];
}

function table(array, data, role = "cell") {
  const [rows, columns] = size(array);
  if (!rows || !columns) return h("p", { class: "quiet" }, "no numbers: an axis has the length 0");
  const [down, across] = data.indices ?? [ends(rows, data.rows), ends(columns, data.columns)];
  const cell = (i, j) => {
    if (array.cells) return array.cells[down[i]][across[j]];
    return array.corner[i - (i > down.indexOf(null) && down.includes(null))][j - (j > across.indexOf(null) && across.includes(null))];
  };
  const texts = down.map((r, i) => across.map((c, j) => (r === null || c === null ? null : format(cell(i, j), array.whole))));
  const after = across.map((_, j) => Math.max(...texts.map((row) => decimals(row[j]))));
  const body = texts.map((row, i) => {
    const cells = row.map((text, j) => {
      if (text === null) return h("td", { class: "gap" }, down[i] === null ? "⋮" : "…");
      const td = h("td", { [`data-${role}`]: place(array, down[i], across[j]), "data-number": down[i] * columns + across[j] }, text);
      const isNumber = /\d/.test(text); // the points stand below each other; NaN and ∞ have none
      td.style.paddingRight = `${isNumber ? after[j] - decimals(text) + 0.4 : 0.4}ch`;
      return td;
    });
    const head = array.shape.length > 1 ? [down[i] === null ? h("td", {}) : h("th", { scope: "row" }, place(array, down[i]))] : [];
    return h("tr", {}, ...head, ...cells);
  });
  const corner = array.shape.length > 1 ? [h("td", {})] : [];
  const head = h("tr", {}, ...corner, ...across.map((c) => (c === null ? h("td", {}) : h("th", { scope: "col" }, String(c)))));
  return h("table", { class: array.shape.length ? "array" : "single" }, array.shape.length ? h("thead", {}, head) : null, h("tbody", {}, ...body));
}

// The indices that a table shows; null stands for those left out.
function ends(n, [head, tail]) {
  if (n <= head + tail + 1) return [...Array(n).keys()];
  return [...Array(head).keys(), null, ...[...Array(tail).keys()].map((k) => n - tail + k)];
}

// The index of a cell, or of a row, as in Python: leading axes were joined to rows.
function place(array, row, column) {
  const index = column === undefined ? [] : [column];
  for (const length of array.shape.slice(0, -1).reverse()) {
    index.unshift(row % length);
    row = Math.floor(row / length);
  }
  return array.shape.length ? index.join(",") : "";
}

// Three significant digits: 0.521, 12.3, 1.20e-5.
function format(value, isWhole) {
  if (typeof value === "string") return value;
  if (value === 0) return "0";
  if (isWhole) return String(value);
  const large = Math.abs(value);
  if (large < 1e-3 || large >= 1e5) return value.toExponential(2).replace("+", "");
  return large >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function decimals(text) {
  const point = text === null ? -1 : text.indexOf(".");
  return point < 0 ? 0 : text.length - point;
}

function facts(array) {
  const some = [
    ["min", fact(array.min, array.whole)],
    ["mean", fact(array.mean)],
    ["max", fact(array.max, array.whole)],
    ["zeros", String(array.zeros)],
    ["NaN", String(array.nan)],
    ["∞", String(array.infinite)],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...some.map(([name, text]) => {
      const isBad = (name === "NaN" || name === "∞") && text !== "0";
      return h("div", { class: isBad ? "bad" : "good" }, h("dt", {}, name), h("dd", { "data-fact": name }, text));
    }),
  );
}

const BINS = 12; // as in payload.py

// How often numbers of which size occur; Python counted where not all cells are here.
function histogram(array) {
  if (array.min === null || array.min === array.max) return h("div", { class: "histogram" });
  const counts = array.bins || Array(BINS).fill(0);
  if (!array.bins) {
    for (const value of array.cells.flat()) {
      if (typeof value !== "number") continue;
      const bin = Math.floor(((value - array.min) / (array.max - array.min)) * BINS);
      counts[Math.max(0, Math.min(BINS - 1, bin))] += 1;
    }
  }
  const most = Math.max(...counts);
  const [wide, tall] = [7, 30];
  const bars = { minus: "", plus: "" };
  counts.forEach((n, k) => {
    const middle = array.min + ((k + 0.5) * (array.max - array.min)) / BINS;
    if (n) bars[middle < 0 ? "minus" : "plus"] += `M${k * wide} ${tall}v${-n1(Math.max(1.5, (n / most) * tall))}h${wide - 1}V${tall}z`;
  });
  const label = `histogram from ${fact(array.min, array.whole)} to ${fact(array.max, array.whole)}: ${counts.join(", ")}`;
  const picture = s("svg", { viewBox: `0 0 ${BINS * wide} ${tall}`, width: BINS * wide, height: tall, role: "img", "aria-label": label }, ...Object.entries(bars).map(([name, d]) => s("path", { class: name, d })));
  return h("div", { class: "histogram" }, picture);
}

// Of an array without a finite number there is no smallest and no largest.
function fact(value, isWhole) {
  return value === null ? "–" : format(value, isWhole);
}
