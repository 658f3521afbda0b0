// An array: its corner cells as numbers, all of it as a picture, and what is to know of it.
function tensor(data, title, name, k) {
  const array = data.arrays[k];
  const parts = [h("h4", {}, title, h("b", {}, name), h("span", {}, `${array.words} · ${array.dtype}`))];
  parts.push(cellBox(data, k, table(array, data), heat(array, 72)), facts(array));
  return parts;
}

function size(array) {
  const n = array.shape.length;
  return [array.shape.slice(0, -1).reduce((a, b) => a * b, 1), n ? array.shape[n - 1] : 1];
}

function table(array, data) {
  const [rows, columns] = size(array);
  if (!rows || !columns) return h("p", { class: "quiet" }, "no numbers: an axis has the length 0");
  const [down, across] = [ends(rows, data.rows), ends(columns, data.columns)];
  const cell = (i, j) => {
    if (array.cells) return array.cells[down[i]][across[j]];
    return array.corner[i - (i > down.indexOf(null) && down.includes(null))][j - (j > across.indexOf(null) && across.includes(null))];
  };
  const texts = down.map((r, i) => across.map((c, j) => (r === null || c === null ? null : format(cell(i, j), array.whole))));
  const after = across.map((_, j) => Math.max(...texts.map((row) => decimals(row[j]))));
  const body = texts.map((row, i) => {
    const cells = row.map((text, j) => {
      if (text === null) return h("td", { class: "gap" }, down[i] === null ? "⋮" : "…");
      const td = h("td", { "data-cell": place(array, down[i], across[j]), "data-number": down[i] * columns + across[j] }, text);
      const isNumber = /\d/.test(text); // the points stand below each other; NaN and ∞ have none
      td.style.paddingRight = `${isNumber ? after[j] - decimals(text) + 0.4 : 0.4}ch`;
      return td;
    });
    const head = array.shape.length > 1 ? [h("th", { scope: "row" }, down[i] === null ? "" : place(array, down[i]))] : [];
    return h("tr", {}, ...head, ...cells);
  });
  const corner = array.shape.length > 1 ? [h("td", {})] : [];
  const head = h("tr", {}, ...corner, ...across.map((c) => h("th", { scope: "col" }, c === null ? "" : String(c))));
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

// The whole array as a picture: blue above 0, vermillion below, the background at 0.
function heat(array, tallest) {
  const cells = array.map || array.cells;
  if (!cells || !cells.length || !cells[0].length) return h("div", { class: "heat" });
  const [rows, columns] = [cells.length, cells[0].length];
  const side = Math.max(2, Math.min(14, Math.floor(250 / columns), Math.floor(tallest / rows)));
  const sharp = 2;
  const canvas = h("canvas", {
    width: columns * side * sharp, height: rows * side * sharp, role: "heat",
    "aria-label": `heat map, ${array.words}, from ${fact(array.min, array.whole)} to ${fact(array.max, array.whole)}`,
  }); // prettier-ignore
  canvas.setAttribute("role", "img");
  canvas.style.width = `${columns * side}px`;
  canvas.style.height = `${rows * side}px`;
  const block = array.block && array.block.some((n) => n > 1) ? `; a cell is the largest of ${array.block.join("×")}` : "";
  const wrapped = array.wrapped ? `; in rows of ${array.wrapped}` : "";
  const top = format(array.scale, array.whole);
  const usual = array.scale ? `scale −${top} … 0 … ${top}${wrapped}${block}` : array.min === null ? "no finite number" : "0 everywhere";
  const note = h("figcaption", {}, usual);
  const at = (event) => {
    if (!array.cells) return undefined;
    const row = Math.floor((event.offsetY / canvas.clientHeight) * rows);
    const column = Math.floor((event.offsetX / canvas.clientWidth) * columns);
    return cells[row]?.[column] === undefined ? undefined : row * columns + column;
  };
  canvas.addEventListener("pointermove", (event) => {
    const cell = at(event);
    if (cell === undefined) return;
    const value = cells[Math.floor(cell / columns)][cell % columns];
    note.textContent = `cell ${placeOf(array, cell)} = ${format(value, array.whole)}`;
  });
  canvas.addEventListener("pointerleave", () => (note.textContent = usual));
  const figure = h("figure", { class: "heat" }, canvas, note);
  const where = (cell) => (array.cells ? [Math.floor(cell / columns), cell % columns] : null);
  drawn.set(canvas, { cells, scale: array.scale, side: side * sharp, at, where, lit: new Set(), looked: new Set() });
  queueMicrotask(() => paint(canvas)); // when it is in the page, so that its colors are known
  return figure;
}

const drawn = new WeakMap(); // canvas -> what it shows

function paint(canvas) {
  const { cells, scale, side, where, ...marks } = drawn.get(canvas);
  const style = getComputedStyle(canvas);
  const [plus, minus, ink] = ["--fl-plus", "--fl-minus", "--fl-ink"].map((name) => style.getPropertyValue(name).trim() || "#777");
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  cells.forEach((row, i) =>
    row.forEach((value, j) => {
      const [x, y] = [j * side, i * side];
      if (typeof value === "string") return glyph(pen, value, x, y, side, ink);
      if (value === 0 || !scale) return;
      pen.globalAlpha = 0.06 + 0.94 * Math.min(1, Math.abs(value) / scale);
      pen.fillStyle = value > 0 ? plus : minus;
      pen.fillRect(x, y, side, side);
      pen.globalAlpha = 1;
    }),
  );
  for (const kind of ["lit", "looked"]) {
    for (const cell of marks[kind]) outline(pen, cell === null ? null : where(cell), side, ink, kind);
  }
}

// A cell that plays a part has a frame; the one that is looked at a frame and a dot.
function outline(pen, at, side, ink, kind) {
  if (at === null) return;
  const [y, x] = at.map((k) => k * side);
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = Math.max(2, side / 7);
  const inset = pen.lineWidth / 2;
  pen.strokeRect(x + inset, y + inset, side - pen.lineWidth, side - pen.lineWidth);
  if (kind === "looked") pen.fillRect(x + side * 0.36, y + side * 0.36, side * 0.28, side * 0.28);
}

// NaN: a cross.  Infinity: a full cell with a bar, which stands up for +∞ and lies down for −∞.
function glyph(pen, value, x, y, side, ink) {
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = Math.max(1, side / 8);
  const [a, b] = [side * 0.2, side * 0.8];
  pen.beginPath();
  if (value === "NaN") {
    for (const [p, q] of [[a, b], [b, a]]) {
      pen.moveTo(x + p, y + a);
      pen.lineTo(x + q, y + b);
    }
  } else {
    const middle = side / 2;
    pen.strokeRect(x + 1, y + 1, side - 2, side - 2);
    pen.moveTo(x + a, y + middle);
    pen.lineTo(x + b, y + middle);
    if (value === "∞") {
      pen.moveTo(x + middle, y + a);
      pen.lineTo(x + middle, y + b);
    }
  }
  pen.stroke();
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

// Of an array without a finite number there is no smallest and no largest.
function fact(value, isWhole) {
  return value === null ? "–" : format(value, isWhole);
}
