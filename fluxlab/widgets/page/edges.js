// The lines of the picture: where values flow, beside it where gradients came back, and the shape of what flows.

function edge(kind, { path, arrow, back }) {
  const parts = [s("path", { d: path })];
  if (arrow) parts.push(s("path", { class: "tip", d: arrow }));
  if (back) parts.push(s("path", { class: "back", d: back.path }));
  if (back?.arrow) parts.push(s("path", { class: "back tip", d: back.arrow }));
  return s("g", { class: `edge ${kind}` }, ...parts);
}

// The line from a stub to its mark, and back.
function stubLine([x1, y1, x2, y2]) {
  const middle = (x1 + x2) / 2;
  const curve = (from, to, low) => `M${from} ${n1(y1 + low)}C${n1(middle)} ${n1(y1 + low)} ${n1(middle)} ${n1(y2 + low)} ${to} ${n1(y2 + low)}`;
  return {
    path: curve(x1, x2 - 7, 0),
    arrow: `M${x2} ${y2}l-7 2.8v-5.6z`,
    back: { path: curve(x1 + 7, x2, BESIDE), arrow: `M${x1} ${n1(y1 + BESIDE)}l7 2.8v-5.6z` },
  };
}

// At which steps a gradient comes back along a line: one for each operation that uses what flows there.
function comesBack(boxes, first, box, line) {
  const source = boxes.sourceOf(box, line.up, line.leaves);
  if (line.isDelay || !first.backward.has(source)) return [];
  return usersOf(box, line.down, line.enters, source)
    .map((node) => first.backward.get(node))
    .filter((step) => step !== undefined);
}

// The operations that a line from a source leads to, through the borders of boxes; in a box with stubs of the source it
// ends at the border.
function usersOf(box, end, port, source) {
  const inner = box.items[end]?.box;
  if (end >= 0 && !inner) return [box.items[end].node];
  const [next, key] = inner ? [inner, `${-1 - port} -1`] : [box.around, `${box.around?.items.findIndex((item) => item.box === box)} ${-1 - end}`];
  const lines = next ? linesFrom(next).get(key) : null;
  if (inner && !lines) return stubUsers(inner, source);
  return (lines ?? []).flatMap(([down, enters]) => usersOf(next, down, enters, source));
}

function stubUsers(box, source) {
  return box.items.flatMap((item) => (item.box ? stubUsers(item.box, source) : item.stubs.some((stub) => stub[4] === source) ? [item.node] : []));
}

// Of each box: upper end and port there -> lower ends and ports there.
function linesFrom(box) {
  if (!box.from) {
    box.from = new Map();
    for (const [up, down, isDelay, , , , , pairs] of box.room.lines) {
      for (const [leaves, enters] of isDelay ? [] : pairs) {
        const key = `${up} ${leaves}`;
        box.from.set(key, [...(box.from.get(key) ?? []), [down, enters]]);
      }
    }
  }
  return box.from;
}

// The state of a line: a gradient came back, or comes back right now.
function backState(steps, now) {
  return steps.includes(now) ? "now" : steps.some((step) => step < now) ? "sent" : null;
}

// Write beside each mark, where there is room, the shape of what leaves it.  Nothing may lie over another.
function writeShapes(box) {
  const taken = new Map(); // a band of the picture -> what stands or passes there
  const bands = (top, low) => Array.from({ length: Math.floor(low / BAND) - Math.floor(top / BAND) + 1 }, (_, k) => Math.floor(top / BAND) + k);
  const take = (rect) => {
    for (const band of bands(rect[1], rect[3])) taken.set(band, [...(taken.get(band) ?? []), rect]);
  };
  const isFree = ([left, top, right, low]) =>
    bands(top, low).every((band) => !taken.get(band)?.some(([a, b, c, d]) => left < c && a < right && top < d && b < low));
  for (const item of box.items) {
    if (item.box?.isOpen) take([item.box.corner[0], item.box.corner[1], item.box.corner[0] + item.box.wide, item.box.corner[1] + item.box.tall]);
    else take([item.at[0] - item.wide / 2 - item.left, item.at[1] - item.tall / 2, item.at[0] + item.wide / 2, item.at[1] + item.tall / 2]);
  }
  for (const line of box.lines) {
    line.points.slice(1).forEach(([x, y], k) => {
      const [fromX, fromY] = line.points[k];
      take([Math.min(x, fromX) - BESIDE - 2, Math.min(y, fromY), Math.max(x, fromX) + 2, Math.max(y, fromY)]);
    });
  }
  const written = new Set();
  for (const line of box.lines) {
    const item = box.items[line.up];
    if (!item || item.box?.isOpen || line.isDelay || written.has(item)) continue;
    const shape = item.mark[3];
    if (!shape) continue;
    const [[x, y]] = line.points;
    const wide = shape.length * 6.8;
    const turn = line.points.find(([px]) => Math.abs(px - x) > 1)?.[0] ?? x;
    const [before, behind] = [x - 2 * BESIDE - wide, x + 4];
    const sides = turn > x ? [before, behind] : [behind, before];
    const left = sides.find((one) => one > 2 && one + wide < box.wide - 2 && isFree([one, y + 2, one + wide, y + 13]));
    if (left === undefined) continue;
    written.add(item);
    take([left, y + 2, left + wide, y + 13]);
    item.label ??= s("text", { class: "flows", "font-size": 10.5 }, shape);
    item.label.setAttribute("text-anchor", left === behind ? "start" : "end");
    item.label.setAttribute("x", n1((left === behind ? left : left + wide) - item.at[0]));
    item.label.setAttribute("y", n1(y + 11.5 - item.at[1]));
    if (!item.label.parentNode) item.element.prepend(item.label);
  }
  for (const item of box.items) {
    if (item.label && !written.has(item)) item.label.remove();
    item.element?.classList.toggle("bare", written.has(item));
  }
}

const BAND = 32; // the height of a band
