// The boxes of the picture, as they nest, and which of them are open at first.
const MOST = 60; // a picture opens level by level while it has so many marks at most

// The boxes, each with its items: marks, or boxes in it.
function nested({ rooms, boxes: rows }) {
  const boxes = rows.map(([room, around], number) => ({ number, room: rooms[room], around: null, isOpen: false, least: 0, name: "", depth: 0 }));
  boxes.homes = new Map(); // node -> the item where it stands first
  rows.forEach(([, around, things], number) => {
    const box = boxes[number];
    box.around = boxes[around] ?? null;
    let next = 0;
    box.items = box.room.items.map(([x, y, mark, stubs]) => {
      const [thing, isBox] = [things[next++], mark[0] === "folded"];
      const edge = 8 * mark[4];
      const item = { x, y, mark, around: box, wide: mark[5] + edge, tall: mark[6] + edge, box: isBox ? boxes[thing] : null };
      item.node = isBox ? undefined : thing;
      item.stubs = stubs.map((stub) => [...stub, things[next++]]);
      item.left = Math.max(0, ...stubs.map(([stub, dx]) => stub[5] / 2 - dx)); // how far its stubs reach
      for (const node of [item.node, ...item.stubs.map((stub) => stub[4])]) if (node !== undefined && !boxes.homes.has(node)) boxes.homes.set(node, item);
      if (isBox) Object.assign(item.box, { name: mark[1], least: mark[5] + edge, depth: box.depth + 1 });
      return item;
    });
  });
  return boxes;
}

// The step at which each node has its turn.
function firsts(data) {
  const first = { forward: new Map(), backward: new Map() };
  data.steps.forEach(({ node, phase }, k) => first[phase].set(node, k));
  return first;
}

// For each box the steps that happen in it, and how many operations it holds.
function tally(boxes, first) {
  for (const box of boxes) Object.assign(box, { steps: new Set(), last: -1, lastBack: -1, count: 0 });
  for (const box of [...boxes].reverse()) {
    for (const item of box.items) {
      if (item.box) {
        for (const step of item.box.steps) box.steps.add(step);
        box.last = Math.max(box.last, item.box.last);
        box.lastBack = Math.max(box.lastBack, item.box.lastBack);
        box.count += item.box.count;
      }
      if (item.mark[0] === "op" || item.mark[0] === "call") box.count += 1;
      for (const node of [item.node, ...item.stubs.map((stub) => stub[4])]) {
        const [ahead, back] = [first.forward.get(node), first.backward.get(node)];
        if (ahead !== undefined) box.steps.add(ahead);
        if (back !== undefined) box.steps.add(back);
        if (item.mark[0] === "op" && node === item.node) box.last = Math.max(box.last, ahead ?? Infinity);
        if (item.mark[0] === "op" && node === item.node) box.lastBack = Math.max(box.lastBack, back ?? Infinity);
      }
    }
  }
}

// Open all of a small picture; else the outermost template, then level by level, but for the runs of equal layers.
function unfold(boxes) {
  const size = (box) => box.room.items.reduce((sum, item) => sum + 1 + item[3].length, 0);
  const isSmall = boxes.reduce((sum, box) => sum + size(box), 1 - boxes.length) <= MOST;
  let level = [boxes[0]];
  for (let count = 0, depth = 0; level.length; depth += 1) {
    count += level.reduce((sum, box) => sum + size(box) - (depth > 0), 0);
    if (depth > 1 && count > MOST) return;
    for (const box of level) box.isOpen = true;
    level = level.flatMap((box) => box.items.flatMap((item) => item.box ?? [])).filter((box) => isSmall || !box.name.startsWith("× "));
  }
}
