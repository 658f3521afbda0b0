// The whole array as a picture.  It is SVG: the theme colors it, and no picture is a layer of its own to put together.

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

// Blue above 0, vermillion below, the background at 0; in a gradient a dot where it is 0.
function heat(array, tallest, isGradient = false, isBrief = false) {
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
  const [width, height] = [inLine * (columns * side + gap) - gap, Math.ceil(cells.length / inLine) * (rows * side + gap) - gap];
  const frames = { lit: s("path", { class: "lit" }), looked: s("path", { class: "looked" }) };
  const picture = s("svg", {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", height, role: "img",
    "aria-label": `heat map, ${array.words}, from ${fact(array.min, array.whole)} to ${fact(array.max, array.whole)}`,
  }, ...shaded(cells, array.map ? SHADES : array.scale, corner, side, isGradient), ...Object.values(frames)); // prettier-ignore
  picture.style.width = `${width}px`;
  const block = array.block && array.block.some((n) => n > 1) ? `; a cell is the largest of ${array.block.join("×")}` : "";
  const wrapped = array.wrapped ? `; in rows of ${array.wrapped}` : "";
  const top = format(array.scale, array.whole);
  const scale = isBrief ? `scale ±${top}` : `scale −${top} … 0 … ${top}${wrapped}${block}`;
  const usual = array.scale ? scale : array.min === null ? "no finite number" : isGradient ? "exactly 0 everywhere" : "0 everywhere";
  const note = h("figcaption", {}, usual);
  // The cell that the mouse is over: nothing between the sheets, and no one cell where a block is shown.
  const at = (event) => {
    const box = picture.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) * width) / box.width, event.clientY - box.top];
    const [line, sheet] = [Math.floor(y / (rows * side + gap)), Math.floor(x / (columns * side + gap))];
    const [row, column] = [Math.floor((y % (rows * side + gap)) / side), Math.floor((x % (columns * side + gap)) / side)];
    const place = [line * inLine + sheet, row, column];
    return array.cells && cells[place[0]]?.[row]?.[column] !== undefined ? cell(place) : undefined;
  };
  picture.addEventListener("pointermove", (event) => {
    const one = at(event);
    note.textContent = one === undefined ? usual : `cell ${placeOf(array, one)} = ${format(known({}, array, one), array.whole)}`;
  });
  picture.addEventListener("pointerleave", () => (note.textContent = usual));
  // A cell that plays a part has a frame; the one that is looked at a frame and a dot.
  const mark = (numbers, kind) => {
    const places = [...numbers].filter((one) => one !== null && one >= 0).map(where).filter(([k]) => k < cells.length);
    const inner = side - 1.4;
    const paths = [...new Set(places.map((one) => corner(one).join(" ")))].map((one) => `M${one}m.7 .7h${inner}v${inner}h${-inner}z`);
    if (kind === "looked") paths.push(...places.map((one) => `M${corner(one).join(" ")}m${side / 2 - 1} ${side / 2 - 1}h2v2h-2z`));
    const path = paths.join("");
    if (path !== (frames[kind].getAttribute("d") ?? "")) frames[kind].setAttribute("d", path);
  };
  const figure = h("figure", { class: "heat" }, picture, note);
  heats.set(figure, { at, mark, picture });
  return figure;
}

const heats = new WeakMap(); // figure -> its picture, the cell at a place of it, how to mark cells

const TINTS = 33; // so many of each color can be told apart

// One path for all cells of one tint, one for each kind of sign.
function shaded(cells, scale, corner, side, isGradient) {
  const paths = new Map();
  const add = (kind, path) => paths.set(kind, (paths.get(kind) ?? "") + path);
  const [thick, a, b, middle] = [Math.max(0.5, side / 8), side * 0.2, side * 0.8, side / 2];
  cells.forEach((sheet, k) => {
    sheet.forEach((row, i) =>
      row.forEach((value, j) => {
        const [x, y] = corner([k, i, j]);
        if (value === "NaN") add("sign", `M${n1(x + a)} ${n1(y + a)}L${n1(x + b)} ${n1(y + b)}M${n1(x + b)} ${n1(y + a)}L${n1(x + a)} ${n1(y + b)}`);
        else if (typeof value === "string") {
          add("sign", `M${x + 0.5} ${y + 0.5}h${side - 1}v${side - 1}h${1 - side}zM${n1(x + a)} ${y + middle}h${n1(b - a)}`);
          if (value === "∞") add("sign", `M${x + middle} ${n1(y + a)}v${n1(b - a)}`);
        } else if (value === 0) {
          if (isGradient) add("zero", `M${x + middle} ${y + middle}h0`);
        } else if (scale) add((value > 0 ? 1 : -1) * Math.ceil(Math.min(1, Math.abs(value) / scale) * TINTS), `M${x} ${y}h${side}v${side}h${-side}z`);
      }),
    );
    const [left, top] = corner([k, 0, 0]);
    add("frame", `M${left + 0.5} ${top + 0.5}h${sheet[0].length * side - 1}v${sheet.length * side - 1}h${1 - sheet[0].length * side}z`);
  });
  return [...paths].map(([kind, d]) => {
    if (kind === "frame") return s("path", { class: kind, d });
    if (typeof kind === "string") return s("path", { class: kind, d, "stroke-width": kind === "zero" ? Math.max(1, side / 4.5) : thick });
    return s("path", { class: kind > 0 ? "plus" : "minus", d, "fill-opacity": (0.06 + (0.94 * Math.abs(kind)) / TINTS).toFixed(2) });
  });
}
