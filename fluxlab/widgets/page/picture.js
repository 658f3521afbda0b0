// The picture: boxes that fold and open in place; a step changes the state of its marks and moves nothing.
const MOST = 60; // a picture opens with so many marks at most, where its folded boxes are that few

function drawing(data) {
  const boxes = nested(data.picture);
  const first = firsts(data);
  const hatch = `fluxlab-hatch-${Math.random().toString(36).slice(2)}`;
  const pattern = s("pattern", { id: hatch, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(s("rect", { class: "hatch-ground", width: 6, height: 6 }), s("rect", { class: "hatch-line", width: 2, height: 6 }));
  const stage = s("g", {});
  const svg = s("svg", { role: "group", "aria-label": `The picture of ${data.title}` }, s("defs", {}, pattern), stage);
  svg.style.setProperty("--fl-hatch", `url("#${hatch}")`);
  const root = h("div", { class: "view", role: "picture" }, svg);
  const marks = data.nodes.map(() => []); // of each node, those that are made
  const shown = new Map(); // element -> the state that it shows
  let step = 0;

  function paint(element, state) {
    if (shown.get(element) === state) return;
    shown.set(element, state);
    element.dataset.state = state;
  }

  function nodeState(node) {
    const [ahead, back] = [first.forward.get(node), first.backward.get(node)];
    if (data.steps[step].node === node) return data.steps[step].phase === "backward" ? "now-back" : "now";
    if (back !== undefined && back < step) return "back";
    if (ahead === undefined) return marks[node][0]?.classList.contains("op") ? "todo" : "given"; // a run that stopped early
    return ahead < step ? "done" : "todo";
  }

  // A folded box is done when all in it is done.
  function boxState(box) {
    if (box.steps.has(step)) return data.steps[step].phase === "backward" ? "now-back" : "now";
    if (box.lastBack < step) return "back";
    return box.last < step ? "done" : "todo";
  }

  function makeMark(mark, node, x, y) {
    const made = markOf(mark, x, y);
    if (node === undefined) return made;
    marks[node].push(made);
    if (first.forward.has(node) || first.backward.has(node)) made.dataset.node = node;
    made.append(s("title", {}, tipOf(data, node, mark)));
    return made;
  }

  function makeItem(item) {
    const group = s("g", { class: "item" });
    for (const [mark, x, y, [x1, y1, x2, y2], node] of item.stubs) {
      const middle = (x1 + x2) / 2;
      const path = `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2 - 7} ${y2}`;
      group.append(edge("flow", path, `M${x2} ${y2}l-7 2.8v-5.6z`), makeMark(mark, node, x, y));
    }
    group.append(makeMark(item.mark, item.node, 0, 0));
    if (item.box) group.lastChild.dataset.box = item.box.number;
    return group;
  }

  // The frame of an open box: its ground, its lines, its title, then what stands in it.
  function makeFrame(box) {
    box.ground = s("rect", { rx: 8 });
    box.edges = s("g", {});
    box.title = s("g", { class: "title" });
    box.frame = s("g", { class: box.number ? `box depth${Math.min(box.depth, 3)}` : "" });
    if (box.number) {
      box.title.dataset.box = box.number;
      box.title.append(s("rect", { y: 1, height: 20, rx: 6 }), s("text", { x: 8, y: 15, "font-size": 12 }, `▾ ${box.name}`));
      box.frame.append(box.ground, box.edges, box.title);
    } else box.frame.append(box.edges);
    box.elements = box.items.map(() => null);
  }

  function draw(box) {
    if (!box.frame) makeFrame(box);
    arrange(box);
    box.ground.setAttribute("width", n1(box.wide));
    box.ground.setAttribute("height", n1(box.tall));
    box.title.firstChild?.setAttribute("width", n1(Math.min(box.wide, box.least)));
    box.edges.replaceChildren(...box.lines.map(({ path, arrow, isDelay }) => edge(isDelay ? "delay" : "flow", path, arrow)));
    box.items.forEach((item, k) => {
      const isOpen = Boolean(item.box?.isOpen);
      if (!isOpen && !item.element) item.element = makeItem(item);
      const element = isOpen ? item.box.frame : item.element;
      const [x, y] = isOpen ? item.box.corner : item.at;
      element.setAttribute("transform", `translate(${n1(x)} ${n1(y)})`);
      if (box.elements[k] === element) return;
      if (box.elements[k]) box.elements[k].replaceWith(element);
      else box.frame.append(element);
      box.elements[k] = element;
    });
  }

  // Draw the boxes that changed and all around them, from the inside out.
  function redraw(changed) {
    const all = new Set();
    for (let box of changed) for (; box && !all.has(box); box = box.around) all.add(box);
    for (const box of [...all].sort((a, b) => b.number - a.number)) if (box.isOpen) draw(box);
    const [wide, tall] = [boxes[0].wide + 8, boxes[0].tall + 8];
    svg.setAttribute("viewBox", `-4 -4 ${n1(wide)} ${n1(tall)}`);
    svg.setAttribute("width", n1(wide));
    svg.setAttribute("height", n1(tall));
    refresh();
    describe(all);
  }

  function describe(changed) {
    for (const box of changed) {
      for (const { box: inner, element } of box.items) {
        for (const button of inner ? [element?.lastChild, inner.title] : []) {
          if (!button) continue;
          const label = `${inner.name}, ${inner.isOpen ? "open" : "folded"}, ${inner.count} operations`;
          const found = { role: "button", tabindex: 0, "aria-expanded": inner.isOpen, "aria-label": label };
          for (const [name, value] of Object.entries(found)) button.setAttribute(name, value);
        }
      }
    }
  }

  function refresh() {
    if (!data.steps.length) return;
    marks.forEach((own, node) => {
      const state = own.length ? nodeState(node) : null;
      for (const mark of own) paint(mark, state);
    });
    for (const { box, element } of boxes.flatMap((around) => (around.isOpen ? around.items : []))) {
      if (box && !box.isOpen && element) paint(element.lastChild, boxState(box));
    }
  }

  function toggle(box) {
    box.isOpen = !box.isOpen;
    redraw([box.isOpen ? box : box.around]);
    const button = box.isOpen ? box.title : box.around.items.find((item) => item.box === box).element.lastChild;
    button.focus({ preventScroll: true });
  }

  function onToggle(event) {
    const button = event.target.closest("[data-box]");
    if (!button || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(boxes[button.dataset.box]);
  }

  svg.addEventListener("click", onToggle);
  svg.addEventListener("keydown", onToggle);
  tally(boxes, first);
  unfold(boxes);
  redraw(boxes.filter((box) => box.isOpen));
  stage.append(boxes[0].frame);

  // The mark that stands for a node: its own, or that of the folded box that holds it.
  function markFor(node) {
    const item = boxes.homes.get(node);
    if (!item) return null;
    let [found, around] = [item.element, item.around];
    for (; around; around = around.around) if (!around.isOpen) found = around.around.items.find(({ box }) => box === around).element;
    return found;
  }

  return {
    root,
    show(k) {
      step = k;
      refresh();
    },
    follow() {
      const found = root.clientHeight && data.steps.length ? markFor(data.steps[step].node) : null;
      if (!found) return;
      const [mark, view] = [found.getBoundingClientRect(), root.getBoundingClientRect()];
      const [top, left] = [mark.top - view.top, mark.left - view.left];
      if (top < 0 || top + mark.height > root.clientHeight) root.scrollTop += top - (root.clientHeight - mark.height) / 2;
      if (left < 0 || left + mark.width > root.clientWidth) root.scrollLeft += left - (root.clientWidth - mark.width) / 2;
    },
  };
}

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

// Open the outermost template, then level by level while the picture stays small.
function unfold(boxes) {
  boxes[0].isOpen = true;
  let count = boxes[0].items.length;
  for (let level = boxes[0].items.flatMap((item) => item.box ?? []), depth = 0; level.length; depth += 1) {
    const more = level.reduce((sum, box) => sum + box.room.items.reduce((all, item) => all + 1 + item[3].length, -1), 0);
    if (depth > 0 && count + more > MOST) return;
    count += more;
    for (const box of level) box.isOpen = true;
    level = level.flatMap((box) => box.items.flatMap((item) => item.box ?? []));
  }
}

function edge(kind, path, arrow) {
  const parts = [s("path", { d: path })];
  if (arrow) parts.push(s("path", { class: "tip", d: arrow }));
  return s("g", { class: `edge ${kind}` }, ...parts);
}

// What a tooltip says.
function tipOf(data, node, [, label, , shape]) {
  return [label, data.nodes[node]?.doc, shape && `shape ${shape}`].filter(Boolean).join("; ");
}

function legend(data) {
  const words = [["now", "now"], ["done", "done"], ["todo", "not yet"]];
  if (data.backward) words.push(["back", "has its gradient"]);
  return h("div", { class: "legend", "aria-hidden": "true" }, ...words.map(([kind, text]) => h("span", {}, h("i", { class: kind }), text)));
}
