// An array: its corner cells as numbers, all of it as a picture, and what is to know of it.
function tensor(data, title, name, k) {
  const array = data.arrays[k];
  const head = h("h4", {}, title, h("b", {}, name), h("span", {}, `${array.words} · ${array.dtype}`));
  const about = h("div", { class: "about" }, facts(array), histogram(array));
  return [head, cellBox(data, k, table(array, data), heat(array, 72, title === "gradient")), about, allNumbers(array, data) ?? moreNumbers(data, k)];
}

// The whole array as a plain table, made when it is asked for.
function allNumbers(array, data) {
  const [rows, columns] = size(array);
  if (!array.cells || (ends(rows, data.rows).length === rows && ends(columns, data.columns).length === columns)) return null;
  const details = h("details", {}, h("summary", {}, "all numbers"));
  details.addEventListener("toggle", () => {
    if (details.open && !details.querySelector("table")) details.append(table(array, { rows: [rows, 0], columns: [columns, 0] }, "plain"));
  });
  details.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") event.stopPropagation(); // it opens, and the stepper does not play
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

const SHADES = 99; // the largest number in the picture of a large array, as in payload.py

// The sheets that an array's picture is made of; which cell stands at [sheet, row, column], and where a cell stands.
// Of a large array a place of the picture stands for a block of cells.
function sheets(array) {
  const shape = array.shape;
  const [down, across] = array.block || [1, 1];
  if (array.sheet) {
    const rest = shape.map((_, axis) => axis).filter((axis) => !array.sheet.includes(axis));
    const lengths = (axes) => axes.map((axis) => shape[axis]);
    const where = (cell) => {
      const index = unravel(cell, shape);
      const [row, column] = array.sheet.map((axis) => index[axis]);
      return [ravel(rest.map((axis) => index[axis]), lengths(rest)), Math.floor(row / down), Math.floor(column / across)];
    };
    const cell = ([sheet, row, column]) => {
      const index = [];
      unravel(sheet, lengths(rest)).forEach((at, k) => (index[rest[k]] = at));
      [index[array.sheet[0]], index[array.sheet[1]]] = [row, column];
      return ravel(index, shape);
    };
    const [rows, columns] = lengths(array.sheet);
    const whole = () => [...Array(count(lengths(rest))).keys()].map((k) =>
      [...Array(rows).keys()].map((r) => [...Array(columns).keys()].map((c) => known({}, array, cell([k, r, c])))),
    ); // prettier-ignore
    return { cells: array.map || whole(), where, cell };
  }
  const columns = array.wrapped || size(array)[1];
  const where = (cell) => [0, Math.floor(Math.floor(cell / columns) / down), Math.floor((cell % columns) / across)];
  return { cells: array.map || [array.cells], where, cell: ([, row, column]) => row * columns + column };
}

// The whole array as a picture: blue above 0, vermillion below, the background at 0; in a gradient a dot where it is 0.
function heat(array, tallest, isGradient = false) {
  if (!count(array.shape) || !array.shape.length) return h("div", { class: "heat" });
  const { cells, where, cell } = sheets(array);
  const [rows, columns] = [cells[0].length, cells[0][0].length];
  const gap = cells.length > 1 ? 3 : 0;
  const wide = (side) => Math.max(1, Math.min(cells.length, Math.floor((250 + gap) / (columns * side + gap)))); // sheets beside each other
  let side = 14;
  while (side > 2 && (columns * side > 250 || Math.ceil(cells.length / wide(side)) * (rows * side + gap) - gap > tallest)) side -= 1;
  const inLine = wide(side);
  const corner = ([sheet, row, column]) => [
    (sheet % inLine) * (columns * side + gap) + column * side,
    Math.floor(sheet / inLine) * (rows * side + gap) + row * side,
  ];
  const sharp = 2;
  const [width, height] = [inLine * (columns * side + gap) - gap, Math.ceil(cells.length / inLine) * (rows * side + gap) - gap];
  const canvas = h("canvas", {
    width: width * sharp, height: height * sharp, role: "heat",
    "aria-label": `heat map, ${array.words}, from ${fact(array.min, array.whole)} to ${fact(array.max, array.whole)}`,
  }); // prettier-ignore
  canvas.setAttribute("role", "img");
  canvas.style.width = "100%";
  canvas.style.height = `${height}px`;
  const frames = { lit: s("path", { class: "lit" }), looked: s("path", { class: "looked" }) };
  const over = s("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...Object.values(frames));
  const sheet = h("div", { class: "sheet" }, canvas, over);
  sheet.style.width = `${width}px`;
  const block = array.block && array.block.some((n) => n > 1) ? `; a cell is the largest of ${array.block.join("×")}` : "";
  const wrapped = array.wrapped ? `; in rows of ${array.wrapped}` : "";
  const top = format(array.scale, array.whole);
  const usual = array.scale ? `scale −${top} … 0 … ${top}${wrapped}${block}` : array.min === null ? "no finite number" : isGradient ? "exactly 0 everywhere" : "0 everywhere";
  const note = h("figcaption", {}, usual);
  // The cell that the mouse is over: nothing between the sheets, and no one cell where a block is shown.
  const at = (event) => {
    const [x, y] = [(event.offsetX * width) / canvas.clientWidth, (event.offsetY * height) / canvas.clientHeight];
    const [line, sheet] = [Math.floor(y / (rows * side + gap)), Math.floor(x / (columns * side + gap))];
    const [row, column] = [Math.floor((y % (rows * side + gap)) / side), Math.floor((x % (columns * side + gap)) / side)];
    const place = [line * inLine + sheet, row, column];
    return array.cells && cells[place[0]]?.[row]?.[column] !== undefined ? cell(place) : undefined;
  };
  canvas.addEventListener("pointermove", (event) => {
    const one = at(event);
    note.textContent = one === undefined ? usual : `cell ${placeOf(array, one)} = ${format(known({}, array, one), array.whole)}`;
  });
  canvas.addEventListener("pointerleave", () => (note.textContent = usual));
  // A cell that plays a part has a frame; the one that is looked at a frame and a dot.
  const mark = (numbers, kind) => {
    const places = [...numbers].filter((one) => one !== null && one >= 0).map(where).filter(([k]) => k < cells.length);
    const inner = side - 1.4;
    const paths = [...new Set(places.map((one) => corner(one).join(" ")))].map((one) => `M${one}m.7 .7h${inner}v${inner}h${-inner}z`);
    if (kind === "looked") paths.push(...places.map((one) => `M${corner(one).join(" ")}m${side / 2 - 1} ${side / 2 - 1}h2v2h-2z`));
    frames[kind].setAttribute("d", paths.join(""));
  };
  const figure = h("figure", { class: "heat" }, sheet, note);
  const place = (k, row, column) => corner([k, row, column]).map((one) => one * sharp);
  const box = [columns * side * sharp, rows * side * sharp];
  drawn.set(canvas, { cells, scale: array.map ? SHADES : array.scale, side: side * sharp, at, place, mark, box, isGradient });
  queueMicrotask(() => paint(canvas)); // when it is in the page, so that its colors are known
  return figure;
}

const drawn = new WeakMap(); // canvas -> what it shows

function paint(canvas) {
  const { cells, scale, side, place, box, isGradient } = drawn.get(canvas);
  const style = getComputedStyle(canvas);
  const [plus, minus, ink, line] = ["--fl-plus", "--fl-minus", "--fl-ink", "--fl-line"].map((name) => style.getPropertyValue(name).trim() || "#777");
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  cells.forEach((sheet, k) => {
    sheet.forEach((row, i) =>
      row.forEach((value, j) => {
        const [x, y] = place(k, i, j);
        if (typeof value === "string") return glyph(pen, value, x, y, side, ink);
        if (value === 0) return isGradient ? dot(pen, x, y, side, ink) : undefined;
        if (!scale) return;
        pen.globalAlpha = 0.06 + 0.94 * Math.min(1, Math.abs(value) / scale);
        pen.fillStyle = value > 0 ? plus : minus;
        pen.fillRect(x, y, side, side);
        pen.globalAlpha = 1;
      }),
    );
    pen.strokeStyle = line;
    pen.lineWidth = 2;
    const [left, top] = place(k, 0, 0);
    pen.strokeRect(left + 1, top + 1, box[0] - 2, box[1] - 2);
  });
}

function dot(pen, x, y, side, ink) {
  pen.fillStyle = ink;
  pen.globalAlpha = 0.45;
  pen.beginPath();
  pen.arc(x + side / 2, y + side / 2, Math.max(1, side / 9), 0, 7);
  pen.fill();
  pen.globalAlpha = 1;
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
  const bars = counts.map((n, k) => {
    const middle = array.min + ((k + 0.5) * (array.max - array.min)) / BINS;
    const height = n ? Math.max(1.5, (n / most) * tall) : 0;
    return s("rect", { class: middle < 0 ? "minus" : "plus", x: k * wide, y: tall - height, width: wide - 1, height });
  });
  const label = `histogram from ${fact(array.min, array.whole)} to ${fact(array.max, array.whole)}: ${counts.join(", ")}`;
  const picture = s("svg", { viewBox: `0 0 ${BINS * wide} ${tall}`, width: BINS * wide, height: tall, role: "img", "aria-label": label }, ...bars);
  return h("div", { class: "histogram" }, picture);
}

// Of an array without a finite number there is no smallest and no largest.
function fact(value, isWhole) {
  return value === null ? "–" : format(value, isWhole);
}
