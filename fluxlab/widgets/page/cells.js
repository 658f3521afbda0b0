// Cells: which cells a cell was made from, and the rule with their numbers in it.  A cell is known by its number,
// counted through the array.

const MOST_CELLS = 100000; // so many terms are gone through, when the mouse moves, to find where a cell went
const count = (shape) => shape.reduce((a, b) => a * b, 1);

// The index of a cell number in a shape, and back.
function unravel(number, shape) {
  const index = [];
  for (const length of [...shape].reverse()) {
    index.unshift(number % length);
    number = Math.floor(number / length);
  }
  return index;
}

function ravel(index, shape) {
  return index.reduce((number, at, axis) => number * shape[axis] + at, 0);
}

// The number of the operand's cell that a term of a result's cell uses; −1 if there is none.
function used(map, shape, index, whole) {
  if (map.upto !== undefined && index[index.length - 1] > index[map.upto]) return -1;
  if (map.box && map.box.some(([low, high], axis) => index[axis] < low || index[axis] >= high)) return -1;
  let number = map.list ? map.list[ravel(index, whole)] : map.at[0];
  if (map.at) for (let axis = 0; axis < index.length; axis += 1) number += map.at[axis + 1] * index[axis];
  if (!map.frame || number < 0) return number;
  const inside = unravel(number, map.frame).map((at, axis) => at - map.margin[axis]);
  return inside.some((at, axis) => at < 0 || at >= shape[axis]) ? -1 : ravel(inside, shape);
}

// The terms of a result's cell: for each, the cells that it uses of the operands (null: none plays a part).
function termsOf(data, step, cell) {
  const { maps, terms } = step.made;
  const shape = data.arrays[step.value].shape;
  const whole = [...shape, ...terms];
  const index = unravel(cell, shape);
  const found = [];
  for (let k = 0; k < count(terms); k += 1) {
    const at = [...index, ...unravel(k, terms)];
    const cells = maps.map((map, j) => map && used(map, data.arrays[step.operands[j].array].shape, at, whole));
    const real = cells.filter((one) => one !== null);
    if (!real.length || real.some((one) => one >= 0)) found.push({ out: cell, cells });
  }
  return found;
}

// All terms, of whatever cell, that use this cell of an operand; null if there are too many to go through.
function usesOf(data, step, operand, cell) {
  const { maps, terms } = step.made;
  const shapes = step.operands.map((one) => data.arrays[one.array].shape);
  const whole = [...data.arrays[step.value].shape, ...terms];
  const [each, all] = [count(terms), count(whole)];
  if (!maps[operand] || all > MOST_CELLS) return null;
  const found = [];
  const index = whole.map(() => 0); // goes through all places, the last axis first
  for (let k = 0; k < all; k += 1) {
    if (used(maps[operand], shapes[operand], index, whole) === cell) {
      found.push({ out: Math.floor(k / each), cells: maps.map((map, j) => map && used(map, shapes[j], index, whole)) });
    }
    for (let axis = index.length - 1; axis >= 0 && (index[axis] += 1) === whole[axis]; axis -= 1) index[axis] = 0;
  }
  return found;
}

// A number of an array as text, or where only its corners and its picture are here, its name and index.
function spelt(data, k, cell, name) {
  const value = known(data, data.arrays[k], cell);
  return value === undefined ? `${name}[${placeOf(data.arrays[k], cell)}]` : format(value, data.arrays[k].whole);
}

function known(data, array, cell) {
  const [rows, columns] = size(array);
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  if (array.cells) return array.cells[row]?.[column];
  const at = [[row, rows, data.rows], [column, columns, data.columns]].map(([i, n, sizes]) => ends(n, sizes).filter((j) => j !== null).indexOf(i));
  return array.corner[at[0]]?.[at[1]];
}

function placeOf(array, cell) {
  const columns = size(array)[1];
  return place(array, Math.floor(cell / columns), cell % columns);
}

// Numbers in the places of a text; one below 0 in parentheses, but not where it stands alone.
function plug(text, numbers) {
  return text.replace(/(^|[(, ]?)\{([^}]+)\}/g, (_, before, name, at) => {
    const number = numbers(name);
    const after = text[at + before.length + name.length + 2];
    const isAlone = (before === "(" || before === "," || text.slice(0, at + before.length).endsWith(", ")) && (after === ")" || after === ",");
    return before + (number.startsWith("-") && !isAlone ? `(${number})` : number);
  });
}

// Many terms: the first two, "…", the last; in a sum without those that are 0.
function joined(all, sign) {
  const some = sign === " + " && all.length > 6 ? all.filter((term) => !/^0( \*|$)/.test(term)) : all;
  const terms = some.length ? some : all;
  return terms.length > 6 ? [terms[0], terms[1], "…", terms[terms.length - 1]].join(sign) : terms.join(sign);
}

function writing(data, step, [before, each, sign, after], terms, here, result, operand = 0) {
  const name = (k) => step.operands[k].called;
  const at = (term) => (what) => {
    const place = unravel(term ? term.out : here.cell, data.arrays[step.value].shape);
    if (what === "g") return spelt(data, step.grad, term.out, "incoming");
    if (what === "y") return spelt(data, step.value, term.out, "output");
    if (what === "G") return spelt(data, step.grad, here.cell, "incoming");
    if (what === "Y") return spelt(data, step.value, here.cell, "output");
    if (what === "l") return spelt(data, here.slope, here.cell, "slope");
    if (what === "x") return spelt(data, step.operands[operand].array, here.cell, name(operand));
    if (what === "p") return othersOf(data, step, term, operand);
    if (what === "i") return String(place[0]);
    if (what === "j") return String(place[place.length - 1]);
    if (what === "*") {
      const k = term.cells.findIndex((cell) => cell !== null && cell >= 0);
      if (k < 0) return "0";
      return `${name(k)}[${placeOf(data.arrays[step.operands[k].array], term.cells[k])}]`.replace("[]", "");
    }
    const k = Number(what);
    const cell = term.cells[k];
    return cell === null || cell < 0 ? "0" : spelt(data, step.operands[k].array, cell, name(k));
  };
  const plugged = terms.map((term) => plug(each, at(term)));
  if (each === "{g}" && !before && terms.length === 1) plugged[0] = `incoming[${placeOf(data.arrays[step.grad], terms[0].out)}]`.replace("[]", "");
  if (each && !terms.length) return `nothing comes here: ${result}`;
  if (!before && !after && terms.length === 1) plugged[0] = plugged[0].replace(/^\(([^()]+)\)$/, "$1"); // a number alone
  return `${plug(before, at(null))}${joined(plugged, sign)}${after} = ${result}`;
}

// The product of the cells that an output was multiplied from, without the one that is looked at.
function othersOf(data, step, term, operand) {
  const { array, called } = step.operands[operand];
  const cells = termsOf(data, step, term.out).map((one) => one.cells[operand]);
  const others = cells.filter((one) => one !== term.cells[operand]).map((one) => plug("{0}", () => spelt(data, array, one, called)));
  return others.length > 1 ? `(${joined(others, " * ")})` : (others[0] ?? "1");
}

// The text of a cell of the value, and what to light up: [operand, cells].
function forwardCell(data, step, cell) {
  const terms = termsOf(data, step, cell);
  const text = writing(data, step, step.made.text, terms, { cell }, spelt(data, step.value, cell, step.name));
  return { text, lit: step.operands.map((_, k) => new Set(terms.map((term) => term.cells[k]))) };
}

// The text of a cell of a gradient that is sent on, and the terms that it is the sum of.
function backwardCell(data, step, part, cell) {
  const terms = usesOf(data, step, part.operand, cell);
  if (terms === null) return { text: "too many terms to write down", terms: [] };
  const result = spelt(data, part.array, cell, "outgoing");
  const here = { cell, slope: part.slope };
  return { text: writing(data, step, part.text, terms, here, result, part.operand), terms };
}

// The text of a cell of a gradient that is the sum of several: a + b = c.
function sumCell(data, step, cell) {
  const terms = step.arrived.map((part) => plug("{0}", () => spelt(data, part.array, cell, `from ${part.name}`)));
  return `${joined(terms, " + ")} = ${spelt(data, step.grad, cell, "gradient")}`;
}

// The cell that is looked at until another one is chosen: the largest without its sign.
function standout(data, array) {
  let [best, most] = [0, -1];
  (array.cells || []).forEach((row, r) =>
    row.forEach((value, c) => {
      if (typeof value === "number" && Math.abs(value) > most) [best, most] = [r * row.length + c, Math.abs(value)];
    }),
  );
  return best;
}

const views = new WeakMap(); // a box with a table and a picture of one array -> how to light its cells, and whom to tell

// A box whose cells light up, and can be pointed at.
function cellBox(data, k, ...children) {
  const array = data.arrays[k];
  const box = h("div", { class: "cells" }, ...children);
  const [rows, columns] = size(array);
  const picture = heats.get(box.querySelector(":scope > figure, :scope > .product > .result > figure"));
  const places = [...box.querySelectorAll("[data-cell]")];
  const view = { looked: 0, look: null, light, isLooked: false };

  function light(cells, kind) {
    if (kind === "looked") view.isLooked = cells.size > 0;
    for (const td of places) td.classList.toggle(kind, cells.has(Number(td.dataset.number)));
    picture?.mark(cells, kind);
  }

  function to(cell) {
    if (!view.look || cell === undefined || cell < 0 || cell >= rows * columns || (view.isLooked && cell === view.looked)) return;
    view.looked = cell;
    view.look(cell);
  }

  box.addEventListener("pointerover", (event) => {
    const td = event.target.closest("[data-cell]");
    if (td) to(Number(td.dataset.number));
  });
  picture?.picture.addEventListener("pointermove", (event) => to(picture.at(event)));
  box.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!way || !view.look || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [row, column] = [Math.floor(view.looked / columns) + way[0], (view.looked % columns) + way[1]];
    if (row >= 0 && row < rows && column >= 0 && column < columns) to(row * columns + column);
  });
  views.set(box, view);
  return box;
}

// Make the cells of a box answer, or (look = null) no longer.
function listen(data, box, k, name, look) {
  const view = views.get(box);
  const isOn = look !== null && count(data.arrays[k].shape) > 0;
  view.look = isOn ? look : null;
  for (const kind of ["lit", "looked"]) view.light(new Set(), kind);
  if (isOn && count(data.arrays[k].shape) > 1) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `cells of ${name}: arrow keys move`);
  } else for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  if (!isOn) return;
  view.looked = standout(data, data.arrays[k]);
  look(view.looked);
}

// What a step's cells do: in the forward pass those of the value, in the backward pass those that are sent on.
function linkCells(data, step, value, gradient, rule) {
  const [valueBox, gradientBox] = [value, gradient].map((part) => part.querySelector(".cells"));
  const cards = (role) => [...rule.querySelectorAll(`[data-role=${role}]`)];
  const isForward = step.phase === "forward";
  const show = (line, array, cell, text) => {
    const where = count(array.shape) > 1 ? `cell ${placeOf(array, cell)}` : "";
    line.setAttribute("aria-live", line.closest(".fluxlab-stepper")?.querySelector(".cells:focus") ? "polite" : "off");
    line.replaceChildren(h("span", {}, where), h("code", {}, text));
  };
  const dark = () => {
    for (const box of [gradientBox, ...rule.querySelectorAll(".cells")]) for (const kind of ["lit", "looked"]) views.get(box)?.light(new Set(), kind);
  };
  const isSum = !isForward && step.arrived.length > 1;
  if (gradientBox) listen(data, gradientBox, step.grad, "the gradient", !isSum ? null : (cell) => {
    dark();
    views.get(gradientBox).light(new Set([cell]), "looked");
    for (const one of cards("arrived")) views.get(one.querySelector(".cells")).light(new Set([cell]), "lit");
    show(rule.querySelector("[data-role=sum]"), data.arrays[step.grad], cell, sumCell(data, step, cell));
  }); // prettier-ignore
  if (!valueBox) return;
  listen(data, valueBox, step.value, step.name, !isForward || !step.made ? null : (cell) => {
    const { text, lit } = forwardCell(data, step, cell);
    views.get(valueBox).light(new Set([cell]), "looked");
    cards("operand").forEach((card, k) => views.get(card.querySelector(".cells")).light(lit[k], "lit"));
    show(rule.querySelector("[data-role=cell]"), data.arrays[step.value], cell, text);
  }); // prettier-ignore
  if (isForward) return;
  cards("outgoing").forEach((card, k) => {
    const [part, box] = [step.parts[k], card.querySelector(":scope > .cells")];
    listen(data, box, part.array, `the gradient for ${part.name}`, (cell) => {
      const { text, terms } = backwardCell(data, step, part, cell);
      dark();
      views.get(box).light(new Set([cell]), "looked");
      const came = new Set(terms.map((term) => term.out));
      if (gradientBox) views.get(gradientBox).light(came, "lit");
      views.get(valueBox).light(/\{[yY]\}/.test(part.text.join("")) ? came : new Set(), "lit");
      for (const one of box.querySelectorAll(".cells")) {
        const { use, operand } = one.dataset;
        const isOwn = use === "local" && !data.arrays[part.slope].shape.every((n, axis) => n === data.arrays[step.value].shape[axis]);
        views.get(one).light(use === "partner" ? new Set(terms.map((term) => term.cells[operand])) : isOwn ? new Set([cell]) : came, "lit");
      }
      show(card.querySelector("[data-role=cell]"), data.arrays[part.array], cell, text);
    });
  });
}
