// The stepper's page.  Python computed everything; this shows one step at a time.  It runs as a widget in a notebook
// (render) and in a page of its own (show).  All text goes through textContent, so no name can become markup.

const SVG = "http://www.w3.org/2000/svg";
const MATH = "http://www.w3.org/1998/Math/MathML";
const SECOND = 1000;

function render({ model, el }) {
  return show(JSON.parse(model.get("data")), el, {
    get: () => model.get("position"),
    set: (position) => model.set("position", position), // in the page only: no message goes to the kernel
    on: (changed) => {
      model.on("change:position", changed);
      return () => model.off("change:position", changed);
    },
  });
}

// Show a run in an element; returns the function that ends it.
function show(data, el, store = memory()) {
  data.steps = data.steps.map((step) => ({ ...data.nodes[step.node], ...step }));
  const page = build(data);
  const last = data.steps.length - 1;
  let timer = null;

  function at() {
    return Math.max(0, Math.min(last, store.get()));
  }

  function go(position) {
    const next = Math.max(0, Math.min(last, position));
    if (next !== at()) store.set(next);
  }

  function play(on) {
    clearInterval(timer);
    timer = null;
    if (on) {
      if (at() === last) go(0);
      timer = setInterval(() => {
        go(at() + 1);
        if (at() === last) play(false);
      }, SECOND);
    }
    page.playing(on);
  }

  function jump(node) {
    const now = data.steps[at()];
    const own = data.steps.findIndex((s) => s.node === node && s.phase === now.phase);
    const any = data.steps.findIndex((s) => s.node === node);
    if (own >= 0 || any >= 0) go(own >= 0 ? own : any);
  }

  const actions = {
    First: () => go(0),
    Previous: () => go(at() - 1),
    Play: () => play(timer === null),
    Next: () => go(at() + 1),
    Last: () => go(last),
  };
  const keys = {
    ArrowLeft: "Previous", ArrowUp: "Previous", ArrowRight: "Next", ArrowDown: "Next",
    Home: "First", End: "Last", " ": "Play",
  }; // prettier-ignore

  for (const [name, button] of Object.entries(page.buttons)) {
    button.addEventListener("click", () => {
      if (name !== "Play") play(false);
      actions[name]();
    });
  }
  page.slider.addEventListener("input", () => {
    play(false);
    go(Number(page.slider.value) - 1);
  });
  page.root.addEventListener("keydown", (event) => {
    const name = keys[event.key];
    const isButton = event.key === " " && event.target.tagName === "BUTTON"; // a button is pressed with Space itself
    if (!name || isButton || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (name !== "Play") play(false);
    actions[name]();
  });
  for (const part of [page.picture, page.source]) {
    part.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-node]");
      if (!mark) return;
      play(false);
      jump(Number(mark.dataset.node));
    });
  }

  const off = store.on(() => page.show(at()));
  el.append(page.root);
  page.show(at());
  const sized = new ResizeObserver(page.refresh); // called when the element comes into the page, too
  sized.observe(page.root);
  const themed = new MutationObserver(page.refresh);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", page.refresh);
  return () => {
    clearInterval(timer);
    sized.disconnect();
    themed.disconnect();
    scheme.removeEventListener("change", page.refresh);
    off();
    page.root.remove();
  };
}

function memory() {
  let position = 0;
  let changed = () => {};
  return {
    get: () => position,
    set: (value) => {
      position = value;
      changed();
    },
    on: (callback) => {
      changed = callback;
      return () => (changed = () => {});
    },
  };
}

// The parts of the page, made once; a step fills them.
function build(data) {
  const position = h("span", { role: "position" });
  const sentence = h("p", { role: "sentence", "aria-live": "polite" });
  const buttons = {};
  for (const name of ["First", "Previous", "Play", "Next", "Last"]) {
    buttons[name] = h("button", { type: "button", title: name, "aria-label": name }, icon(name), h("span", {}, name));
  }
  const slider = h("input", { type: "range", min: 1, max: Math.max(1, data.steps.length), "aria-label": "Step" });
  const phases = h("div", { class: "phases", "aria-hidden": "true" });
  for (const phase of ["forward", "backward"]) {
    if (!data[phase]) continue;
    const part = h("span", { class: phase }, phase);
    part.style.flexGrow = data[phase];
    phases.append(part);
  }
  const picture = drawing(data);
  const source = h("div", { class: "panel source", role: "source" });
  const value = h("div", { class: "tensor", role: "value" });
  const gradient = h("div", { class: "tensor", role: "gradient" });
  const rule = h("div", { class: "panel rule", role: "rule" });
  const root = h(
    "section",
    { class: "fluxlab-stepper", tabindex: 0, "aria-label": `${data.title}, step by step`, "data-lm-suppress-shortcuts": "true" },
    h(
      "div",
      { class: "frame" },
      h("header", {}, h("strong", {}, data.title), position),
      sentence,
      data.error === null ? null : h("pre", { class: "error", role: "error" }, data.error),
      h("div", { class: "controls" }, h("div", { class: "buttons" }, ...Object.values(buttons)), h("div", { class: "track" }, slider, phases)),
      h("div", { class: "panel picture" }, picture.root, legend(data)),
      h("div", { class: "side" }, source, h("div", { class: "panel numbers" }, value, gradient), rule),
    ),
  );

  const shown = {};
  function fill(box, key, make) {
    if (shown[box.dataset.role] === key) return; // what did not change does not move
    const isFirst = !(box.dataset.role in shown);
    shown[box.dataset.role] = key;
    box.replaceChildren(...make().filter((part) => part !== null));
    if (!isFirst) fade(box);
  }

  function follow() {
    picture.follow();
    const mark = source.querySelector("mark");
    const lines = source.querySelector(".lines");
    if (!mark) return;
    lines.scrollTop = mark.offsetTop - lines.clientHeight / 2;
    lines.scrollLeft = mark.offsetLeft + Math.min(mark.offsetWidth, lines.clientWidth / 2) < lines.clientWidth ? 0 : mark.offsetLeft - 40;
  }

  return {
    root,
    buttons,
    slider,
    picture: picture.root,
    source,
    refresh() {
      follow();
      root.querySelectorAll("canvas").forEach(paint);
    },
    playing(on) {
      const name = on ? "Pause" : "Play";
      buttons.Play.replaceChildren(icon(name), h("span", {}, name));
      buttons.Play.title = name;
      buttons.Play.setAttribute("aria-label", name);
    },
    show(k) {
      const step = data.steps[k];
      if (!step) {
        sentence.textContent = "There are no steps: nothing was computed.";
        return;
      }
      const isBack = step.phase === "backward";
      root.dataset.step = k;
      root.dataset.phase = step.phase;
      const done = [isBack ? data.forward : step.number, isBack ? step.number : 0];
      position.textContent = `forward ${done[0]} of ${data.forward} · backward ${done[1]} of ${data.backward}`;
      sentence.textContent = step.sentence;
      slider.value = k + 1;
      slider.setAttribute("aria-valuetext", `${step.phase} ${step.number} of ${data[step.phase]}`);
      buttons.First.disabled = buttons.Previous.disabled = k === 0;
      buttons.Next.disabled = buttons.Last.disabled = k === data.steps.length - 1;
      fill(source, String(step.source) + step.node, () => sourceParts(data, step));
      fill(value, step.value, () => tensor(data, "value", step.name, step.value));
      fill(gradient, String(step.grad), () => gradientParts(data, step));
      fill(rule, k, () => (isBack ? backwardRule(data, step) : forwardRule(data, step)));
      picture.show(k);
      follow();
    },
  };
}

function fade(box) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !box.animate) return;
  box.animate([{ opacity: 0.35 }, { opacity: 1 }], { duration: 120 });
}

// The picture: the same drawing throughout; a step changes the state of its marks.
function drawing(data) {
  const svg = document.importNode(new DOMParser().parseFromString(data.svg, "image/svg+xml").documentElement, true);
  svg.removeAttribute("style");
  const hatch = `fluxlab-hatch-${Math.random().toString(36).slice(2)}`;
  const pattern = s("pattern", { id: hatch, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(s("rect", { class: "hatch-ground", width: 6, height: 6 }), s("rect", { class: "hatch-line", width: 2, height: 6 }));
  svg.prepend(s("defs", {}, pattern));
  svg.style.setProperty("--fl-hatch", `url("#${hatch}")`);
  const byId = new Map([...svg.querySelectorAll("[id]")].map((mark) => [mark.id, mark]));
  const marks = data.ids.map((ids) => ids.map((id) => byId.get(id)).filter(Boolean));
  const first = { forward: new Map(), backward: new Map() };
  data.steps.forEach((step, k) => first[step.phase].set(step.node, k));
  for (const [id, mark] of byId) if (id !== hatch) mark.removeAttribute("id"); // another figure may have the same
  marks.forEach((own, node) => {
    if (!first.forward.has(node) && !first.backward.has(node)) return;
    for (const mark of own) mark.dataset.node = node;
  });
  const root = h("div", { class: "view", role: "picture" }, svg);
  let now = [];

  function state(node, k) {
    const back = first.backward.get(node);
    const ahead = first.forward.get(node);
    if (data.steps[k].node === node) return data.steps[k].phase === "backward" ? "now-back" : "now";
    if (back !== undefined && back < k) return "back";
    if (ahead === undefined) return marks[node][0]?.classList.contains("op") ? "todo" : "given"; // a run that stopped early
    return ahead < k ? "done" : "todo";
  }

  return {
    root,
    show(k) {
      now = marks[data.steps[k].node];
      marks.forEach((own, node) => {
        const next = state(node, k);
        for (const mark of own) if (mark.dataset.state !== next) mark.dataset.state = next;
      });
    },
    follow() {
      if (!now.length || !root.clientHeight) return;
      const [mark, view] = [now[0].getBoundingClientRect(), root.getBoundingClientRect()];
      const [top, left] = [mark.top - view.top, mark.left - view.left];
      if (top < 0 || top + mark.height > root.clientHeight) root.scrollTop += top - (root.clientHeight - mark.height) / 2;
      if (left < 0 || left + mark.width > root.clientWidth) root.scrollLeft += left - (root.clientWidth - mark.width) / 2;
    },
  };
}

function legend(data) {
  const words = [["now", "now"], ["done", "done"], ["todo", "not yet"]];
  if (data.backward) words.push(["back", "has its gradient"]);
  return h("div", { class: "legend", "aria-hidden": "true" }, ...words.map(([kind, text]) => h("span", {}, h("i", { class: kind }), text)));
}

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
    if (!step.near) return [h("h4", {}, "source"), note];
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
    h("h4", {}, "source", h("span", {}, [data.sources[k].file, step.path].filter(Boolean).join(" · "))),
    h("div", { class: "lines" }, ...lines),
  ];
}

function gradientParts(data, step) {
  if (step.grad !== null) return tensor(data, "gradient", "", step.grad);
  const why =
    data.error !== null ? "not computed: the run stopped before"
    : data.backward ? "not yet: the backward pass comes after the forward pass"
    : data.noBackward; // prettier-ignore
  return [h("h4", {}, "gradient"), h("p", { class: "none" }, "–"), h("p", { class: "quiet" }, why)];
}

// An array: its corner cells as numbers, all of it as a picture, and what is to know of it.
function tensor(data, title, name, k) {
  const array = data.arrays[k];
  const parts = [h("h4", {}, title, h("b", {}, name), h("span", {}, `${array.words} · ${array.dtype}`))];
  parts.push(table(array, data), heat(array, 72), facts(array));
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
      const td = h("td", { "data-cell": place(array, down[i], across[j]) }, text);
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
  if (array.cells) {
    canvas.addEventListener("pointermove", (event) => {
      const row = Math.floor((event.offsetY / canvas.clientHeight) * rows);
      const column = Math.floor((event.offsetX / canvas.clientWidth) * columns);
      const value = (cells[row] || [])[column];
      if (value !== undefined) note.textContent = `cell ${place(array, row, column)} = ${format(value, array.whole)}`;
    });
    canvas.addEventListener("pointerleave", () => (note.textContent = usual));
  }
  const figure = h("figure", { class: "heat" }, canvas, note);
  drawn.set(canvas, [cells, array.scale, side * sharp]);
  queueMicrotask(() => paint(canvas)); // when it is in the page, so that its colors are known
  return figure;
}

const drawn = new WeakMap(); // canvas -> what it shows

function paint(canvas) {
  const [cells, scale, side] = drawn.get(canvas);
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

function forwardRule(data, step) {
  if (step.leaf) return [h("h4", {}, "rule"), h("p", { class: "quiet" }, `${step.name} is given, so there is no rule.`)];
  const inputs = step.operands.map((operand) => {
    const what = operand.letter === operand.name ? operand.name : `${operand.letter} = ${operand.name}`;
    return card(data, h("code", {}, what), operand.array, "operand");
  });
  return [
    h("h4", { class: "long" }, "rule", h("b", {}, step.label), step.doc),
    h("p", { class: "formula" }, step.formula ? math(step.formula) : null, h("code", {}, step.code)),
    h("div", { class: "cards" }, ...inputs),
  ];
}

function backwardRule(data, step) {
  const parts = step.parts.map((part) => card(data, [h("span", {}, "to "), h("b", {}, part.name), h("code", {}, part.rule)], part.array, "outgoing"));
  const arrived =
    step.arrived.length > 1
      ? step.arrived.map((part, k) => card(data, [h("span", {}, `${k ? "+" : ""} from `), h("b", {}, part.name), h("code", {}, part.rule)], part.array, "arrived"))
      : [];
  const found = [h("h4", {}, "rule", step.code ? h("b", {}, step.label) : null)];
  if (arrived.length) {
    found.push(
      h("p", { class: "quiet" }, `${arrived.length} gradients arrived, each by the rule of its use (incoming: the gradient there); their sum is the gradient above:`),
      h("div", { class: "cards" }, ...arrived),
    );
  }
  if (parts.length) {
    const named = step.operands.filter((operand) => operand.called !== operand.name);
    const names = named.map((operand) => `, ${operand.called} is ${operand.name}`).join("");
    found.push(
      h("p", { class: "quiet" }, `incoming is the gradient above, output the value above${names}. Sent on:`),
      h("div", { class: "cards" }, ...parts),
    );
  } else if (!arrived.length) {
    found.push(
      h("p", { class: "quiet" }, "Here the gradient ends: there is nothing to send it on to."),
      ...step.arrived.map((part) => h("p", { class: "head" }, "It came from ", h("b", {}, part.name), "by", h("code", {}, part.rule))),
    );
  }
  return found;
}

function card(data, title, k, role) {
  const array = data.arrays[k];
  const head = h("p", { class: "head" }, ...[title].flat(), h("span", { class: "shape" }, array.words));
  return h("div", { class: "card", role }, head, table(array, data), heat(array, 48));
}

// Elements from text and other elements.  `role` is for tests and styles: data-role.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name === "role" ? "data-role" : name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function math(tree) {
  const [tag, ...rest] = tree;
  const element = document.createElementNS(MATH, tag);
  if (tag === "math") element.setAttribute("displaystyle", "true");
  for (const part of rest) {
    if (Array.isArray(part)) element.append(math(part));
    else if (typeof part === "string") element.append(part);
    else for (const [name, value] of Object.entries(part)) element.setAttribute(name, value);
  }
  return element;
}

function icon(name) {
  const paths = {
    First: "M3 2h2v12H3zM14 2v12L6 8z",
    Previous: "M12 2v12L4 8z",
    Play: "M4 2v12l9-6z",
    Pause: "M3 2h4v12H3zM9 2h4v12H9z",
    Next: "M4 2v12l8-6z",
    Last: "M2 2v12l8-6zM11 2h2v12h-2z",
  };
  return s("svg", { viewBox: "0 0 16 16", width: 12, height: 12, "aria-hidden": "true" }, s("path", { d: paths[name], fill: "currentColor" }));
}

export default { render };
