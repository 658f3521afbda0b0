// What a node comes from and what it leads to, and what bears a name.

// The boxes around a node, the innermost first.
function holders(boxes, node) {
  const found = [];
  for (let box = boxes.homes.get(node)?.around; box?.number; box = box.around) found.push(box);
  return found;
}

// For each node those that it is computed from.  A line that crosses the border of a box is followed through its port.
function edgesOf(boxes) {
  if (boxes.edges) return boxes.edges;
  const above = boxes.map(() => new Map()); // of each box: lower end and port there -> upper end and port there
  for (const { number, room } of boxes) {
    for (const [up, down, isDelay, , , , , pairs] of room.lines) {
      if (!isDelay) for (const [leaves, enters] of pairs) above[number].set(`${down} ${enters}`, [up, leaves]);
    }
  }
  boxes.sourceOf = (box, end, port) => {
    for (;;) {
      const inner = box.items[end]?.box;
      if (end >= 0 && !inner) return box.items[end].node;
      const [next, key] = inner ? [inner, `${-1 - port} -1`] : [box.around, `${box.around?.items.findIndex((item) => item.box === box)} ${-1 - end}`];
      const found = next && above[next.number].get(key);
      if (!found) return undefined;
      [box, [end, port]] = [next, found];
    }
  };
  boxes.edges = new Map();
  const add = (from, to) => boxes.edges.set(to, (boxes.edges.get(to) ?? new Set()).add(from));
  for (const box of boxes) {
    for (const item of box.items) for (const stub of item.stubs) add(stub[4], item.node);
    for (const [up, down, isDelay, , , , , pairs] of box.room.lines) {
      if (down >= 0 && !box.items[down].box && !isDelay) for (const [leaves] of pairs) add(boxes.sourceOf(box, up, leaves), box.items[down].node);
    }
  }
  return boxes.edges;
}

function traceOf(boxes, node) {
  const above = edgesOf(boxes);
  const below = new Map();
  for (const [to, all] of above) for (const from of all) below.set(from, (below.get(from) ?? new Set()).add(to));
  const reach = (next) => {
    const found = new Set([node]);
    for (const one of found) for (const other of next.get(one) ?? []) found.add(other); // a Set goes on while it grows
    return found;
  };
  const inside = (nodes) => new Set([...nodes].flatMap((one) => holders(boxes, one)));
  const [up, down] = [reach(above), reach(below)];
  const [upBoxes, downBoxes] = [inside(up), inside(down)];
  const holds = (box, line) => {
    const source = boxes.sourceOf(box, line.up, line.leaves);
    const item = box.items[line.down];
    return [[up, upBoxes], [down, downBoxes]].some(
      ([nodes, around]) => nodes.has(source) && (!item || (item.box ? around.has(item.box) : nodes.has(item.node))),
    ); // prettier-ignore
  };
  return { up, down, upBoxes, downBoxes, holds };
}

// The nodes and boxes that bear a name with these words in it, from the top of the picture down.
function search(data, boxes, words) {
  const wanted = words.toLowerCase();
  const matches = (...names) => names.some((name) => name?.toLowerCase().includes(wanted));
  const hits = new Map();
  for (const box of boxes) {
    if (box.number && matches(box.name)) hits.set(box, { box });
    for (const item of box.items) {
      const own = item.box ? [] : [[item.mark, item.node], ...item.stubs.map((stub) => [stub[0], stub[4]])];
      for (const [mark, node] of own) if (matches(mark[1], mark[2], data.nodes[node]?.name)) hits.set(node, { node });
    }
  }
  const place = ({ node, box }) => node ?? Math.min(...box.items.map((item) => item.node ?? Infinity)) - 0.5;
  return [...hits.values()].sort((a, b) => place(a) - place(b));
}
