// Where things stand in an open box.  Python laid out each box with its own boxes folded; here a box that opens stretches
// what is around it, so that everything keeps its order.  All places are measured from the corner of the box.

// A map of one axis on which each span is at least as long as it needs; nothing else comes closer together.
function stretched(spans, length) {
  const cuts = [...new Set([0, length, ...spans.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  const at = new Map(cuts.map((cut, k) => [cut, k]));
  const sizes = cuts.slice(1).map((cut, k) => cut - cuts[k]);
  for (const { from, to, need } of spans.toSorted((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)) {
    const [first, last] = [at.get(from), at.get(to)];
    const size = sizes.slice(first, last).reduce((sum, part) => sum + part, 0);
    for (let k = first; size < need && k < last; k += 1) sizes[k] *= need / size;
  }
  const moved = [0];
  for (const size of sizes) moved.push(moved.at(-1) + size);
  return (value) => {
    let [low, high] = [0, cuts.length - 1];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (cuts[middle] <= value) low = middle;
      else high = middle;
    }
    return moved[low] + ((value - cuts[low]) * sizes[low]) / (cuts[high] - cuts[low] || 1);
  };
}

// Give an open box its size, its items their places and its lines their paths; the open boxes in it have their sizes.
function arrange(box) {
  const { room, items } = box;
  const open = items.filter((item) => item.box?.isOpen);
  const span = (middle, size, need) => ({ from: middle - size / 2, to: middle + size / 2, need: Math.max(size, need) });
  for (const item of open) {
    item.across = span(item.x, item.wide, item.box.wide);
    item.down = span(item.y, item.tall, item.box.tall);
  }
  const x = stretched(open.map((item) => item.across), room.w);
  const y = stretched(open.map((item) => item.down), room.h);
  const entries = room.ports.filter(([, isEntry]) => isEntry).map(([at]) => x(at));
  const title = titlePlace(box, entries, Math.max(x(room.w), box.least), Math.max(0, box.least - x(room.w)) / 2);
  const { shift } = title;
  box.wide = title.wide;
  box.titleAt = title.at;
  box.tall = y(room.h);
  for (const item of items) item.at = [shift + x(item.x), y(item.y)];
  for (const { at, across, down, ...item } of open) {
    item.box.corner = [
      shift + (x(across.from) + x(across.to) - item.box.wide) / 2,
      (y(down.from) + y(down.to) - item.box.tall) / 2,
    ];
  }
  box.ports = room.ports.map(([at, isEntry]) => [shift + x(at), isEntry ? 0 : box.tall]);
  box.lines = room.lines.flatMap((line) => paths(box, line, (at) => shift + x(at), y));
}

// Where the title of a box stands: between the lines that enter, and where it does not fit the box is made wider.
function titlePlace(box, entries, wide, shift) {
  if (!box.number) return { wide, shift, at: 0 };
  const needs = box.least - 12;
  const lines = entries.map((x) => x + shift).sort((a, b) => a - b);
  const starts = [4, ...lines.map((x) => x + CLEAR)];
  const ends = [...lines.map((x) => x - CLEAR), wide - 4];
  const at = starts.find((start, k) => ends[k] - start >= needs);
  if (at !== undefined) return { wide, shift, at };
  const [left, right] = [needs - (ends[0] - 4), needs - (wide - 4 - starts.at(-1))];
  if (left <= right) return { wide: wide + left, shift: shift + left, at: 4 };
  return { wide: wide + right, shift, at: starts.at(-1) };
}

const CLEAR = 6; // from a line to a title
const BESIDE = 5; // from a line to the one on which gradients come back

// The lines of one bundle: one for each value that can be told apart, and for each use by one operation.
function paths(box, [up, down, isDelay, isUp, above, below, lanes, pairs], x, y) {
  const found = new Map();
  const isMark = down >= 0 && !box.items[down].box;
  pairs.forEach(([leaves, enters], k) => {
    const start = lineEnd(box, up, leaves, 1);
    const end = lineEnd(box, down, enters, -1);
    const key = isMark && !(up >= 0 && box.items[up].box && start.hasTip) ? k : `${start.x} ${end.x}`;
    if (!found.has(key)) found.set(key, [start, end]);
  });
  return [...found.values()].map(([start, end], k, all) => {
    const aside = isDelay ? 8 : 0; // from the values that flow here
    const from = start.x + aside;
    const to = end.x + aside + (isMark ? (k - (all.length - 1) / 2) * 14 : 0);
    const points = [[from, y(above)]];
    for (let n = 0; n < lanes.length; n += 3) points.push([x(lanes[n]), y(lanes[n + 1])], [x(lanes[n]), y(lanes[n + 2])]);
    points.push([to, y(below)]);
    const whole = [[from, start.y], ...points, [to, end.y]];
    const back = isDelay ? null : route(whole, isUp ? end.hasTip && "end" : start.hasTip && "start", -BESIDE);
    return {
      ...route(whole, isUp ? start.hasTip && "start" : end.hasTip && "end"),
      back, points: whole, isDelay, up, down, leaves: start.port, enters: end.port,
    }; // prettier-ignore
  });
}

// A path through points, straight down at its ends, with the tip of its arrow at one of them.
function route(points, tip, shift = 0) {
  const [[x, top], ...rest] = points.map(([px, py]) => [px + shift, py]);
  const [endX, end] = rest.pop();
  let path = `M${n1(x)} ${n1(top + (tip === "start" ? 7 : 0))}V${n1(rest[0][1])}`;
  rest.slice(1).forEach(([px, py], n) => {
    const [qx, qy] = rest[n];
    path += `C${n1(qx)} ${n1((qy + py) / 2)} ${n1(px)} ${n1((qy + py) / 2)} ${n1(px)} ${n1(py)}`;
  });
  path += `V${n1(end - (tip === "end" ? 7 : 0))}`;
  const [tx, ty, by] = tip === "start" ? [x, top, 7] : [endX, end, -7];
  return { path, arrow: tip ? `M${n1(tx)} ${n1(ty)}l-2.8 ${by}h5.6z` : null };
}

// Where a line reaches an item or a port of the box; `side`: 1 at the bottom of an item, -1 at its top.
function lineEnd(box, end, port, side) {
  if (end < 0) return { x: box.ports[-1 - end][0], y: box.ports[-1 - end][1], hasTip: false, port };
  const item = box.items[end];
  if (!item.box?.isOpen) return { x: item.at[0], y: item.at[1] + (side * item.tall) / 2, hasTip: true, port };
  const [left, top] = item.box.corner;
  const [x, y] = item.box.ports[port];
  return { x: left + x, y: top + y, hasTip: false, port };
}

function n1(value) {
  return Math.round(value * 10) / 10;
}
