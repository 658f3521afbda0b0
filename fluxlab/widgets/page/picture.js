// The picture: boxes that fold and open in place; a step changes the state of its marks and moves nothing.
const LARGE = 200; // marks

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
  const seen = view(root, svg, cull);
  const found = { nodes: new Set(), boxes: new Set() }; // by a search
  let traced = null;
  let step = 0;
  let isApart = false; // whether each pass is shown alone

  function paint(element, state) {
    if (shown.get(element) === state) return;
    shown.set(element, state);
    element.dataset.state = state;
    if (state?.startsWith("now")) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
  }

  function nodeState(node) {
    const [ahead, back] = [first.forward.get(node), first.backward.get(node)];
    if (data.steps[step].node === node) return data.steps[step].phase === "backward" ? "now-back" : "now";
    if (back !== undefined && back < step) return "back";
    if (isApart && data.steps[step].phase === "backward") return back === undefined ? "given" : "todo";
    if (ahead === undefined) return marks[node][0]?.classList.contains("op") ? "todo" : "given"; // a run that stopped early
    return ahead < step ? "done" : "todo";
  }

  // A folded box is done when all in it is done.
  function boxState(box) {
    if (box.steps.has(step)) return data.steps[step].phase === "backward" ? "now-back" : "now";
    if (box.lastBack < step) return "back";
    if (isApart && data.steps[step].phase === "backward") return "todo";
    return box.last < step ? "done" : "todo";
  }

  function makeMark(mark, node, x, y) {
    const made = markOf(mark, x, y);
    if (node === undefined) return made;
    marks[node].push(made);
    if (first.forward.has(node) || first.backward.has(node)) {
      const says = { "data-node": node, role: "button", tabindex: -1, "aria-label": nameOf(data, node, mark) };
      for (const [name, value] of Object.entries(says)) made.setAttribute(name, value);
    }
    made.append(s("title", {}, tipOf(data, node, mark)));
    return made;
  }

  function makeItem(item) {
    const group = s("g", { class: "item" });
    item.back = item.stubs.map(([mark, x, y, ends, node]) => {
      const line = edge("flow", stubLine(ends));
      group.append(line, makeMark(mark, node, x, y));
      const back = first.backward.has(node) ? first.backward.get(item.node) : undefined;
      return [line, back === undefined ? [] : [back]];
    });
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
    box.title.firstChild?.setAttribute("width", n1(Math.min(box.wide - box.titleAt, box.least)));
    box.title.setAttribute("transform", `translate(${n1(box.titleAt)})`);
    box.back = box.lines.map((line) => [edge(line.isDelay ? "delay" : "flow", line), comesBack(boxes, first, box, line)]);
    box.edges.replaceChildren(...box.back.map(([line]) => line));
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
    writeShapes(box);
  }

  // Draw the boxes that changed and all around them, from the inside out.
  function redraw(changed) {
    const all = new Set();
    for (let box of changed) for (; box && !all.has(box); box = box.around) all.add(box);
    for (const box of [...all].sort((a, b) => b.number - a.number)) if (box.isOpen) draw(box);
    const [wide, tall] = [boxes[0].wide + 8, boxes[0].tall + 8];
    svg.setAttribute("viewBox", `-4 -4 ${n1(wide)} ${n1(tall)}`);
    seen.resize(wide, tall);
    refresh();
    describe(all);
    light();
    cull();
    rest();
  }

  function describe(changed) {
    for (const box of changed) {
      for (const { box: inner, element } of box.items) {
        for (const button of inner ? [element?.lastChild, inner.title] : []) {
          if (!button) continue;
          const label = `${inner.name}, ${inner.isOpen ? "open" : "folded"}, ${inner.count} operations`;
          const says = { role: "button", "aria-expanded": inner.isOpen, "aria-label": label };
          for (const [name, value] of Object.entries(says)) button.setAttribute(name, value);
          if (!button.hasAttribute("tabindex")) button.setAttribute("tabindex", -1);
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
    svg.classList.toggle("backward", data.steps[step].phase === "backward");
    for (const around of boxes.filter((box) => box.isOpen)) {
      around.back.forEach(comeBack);
      for (const { box, element, back } of around.items) {
        if (box && !box.isOpen && element) paint(element.lastChild, boxState(box));
        back?.forEach(comeBack);
      }
    }
  }

  function comeBack([line, steps]) {
    const state = backState(steps, step);
    if (shown.get(line) === state || (state === null && !shown.has(line))) return;
    shown.set(line, state);
    if (state === null) delete line.dataset.back;
    else line.dataset.back = state;
  }

  function buttonOf(box) {
    return box.isOpen ? box.title : box.around.items.find((item) => item.box === box).element.lastChild;
  }

  // Where Tab comes to: the mark of the step, as long as no other has the focus.
  function rest() {
    if (svg.contains(document.activeElement)) return;
    const node = data.steps[step]?.node;
    const here = node === undefined ? [] : marksOf(visible(boxes.homes.get(node)));
    settle(here.find((mark) => Number(mark.dataset.node) === node) ?? here[0] ?? stops()[0]?.[0] ?? null);
  }

  function toggle(box) {
    seen.hold();
    const before = buttonOf(box).getBoundingClientRect();
    box.isOpen = !box.isOpen;
    redraw([box.isOpen ? box : box.around]);
    const after = buttonOf(box).getBoundingClientRect();
    seen.shift(after.left - before.left, after.top - before.top); // the corner of the box stays where it is
    buttonOf(box).focus({ preventScroll: true });
  }

  // Mark what a search has found and what the traced node comes from and leads to.
  function light() {
    const flag = (element, name, on) => element.toggleAttribute(`data-${name}`, Boolean(on));
    stage.classList.toggle("tracing", traced !== null);
    marks.forEach((own, node) => {
      for (const mark of own) {
        flag(mark, "found", found.nodes.has(node));
        flag(mark, "lit", traced?.up.has(node) || traced?.down.has(node));
      }
    });
    for (const box of boxes) {
      if (box.number && box.around.isOpen) {
        flag(buttonOf(box), "found", found.boxes.has(box));
        flag(buttonOf(box), "lit", traced?.upBoxes.has(box) || traced?.downBoxes.has(box));
      }
      if (box.isOpen) box.lines.forEach((line, k) => flag(box.edges.children[k], "lit", traced?.holds(box, line)));
    }
    stage.querySelectorAll(".item > .edge").forEach((line) => flag(line, "lit", line.nextSibling.hasAttribute("data-lit")));
  }

  function trace(node) {
    traced = node === null ? null : traceOf(boxes, node);
    light();
  }

  function onToggle(event) {
    const button = event.target.closest("[data-box]");
    if (button) toggle(boxes[button.dataset.box]);
  }

  const stops = () => [...marksIn(boxes[0])];
  const settle = roving(svg, () => stops().map(([mark]) => mark), (mark) => seen.show(placeOf(new Map(stops()).get(mark))));
  svg.addEventListener("click", onToggle);
  let waiting = null;
  root.addEventListener("pointerover", (event) => {
    clearTimeout(waiting);
    const mark = event.target.closest("[data-node]");
    if (mark || traced) waiting = setTimeout(() => trace(mark ? Number(mark.dataset.node) : null), 200); // not in passing
  });
  root.addEventListener("pointerleave", () => {
    clearTimeout(waiting);
    if (traced) trace(null);
  });
  tally(boxes, first);
  edgesOf(boxes);
  unfold(boxes);
  redraw(boxes.filter((box) => box.isOpen));
  stage.append(boxes[0].frame);

  function visible(item) {
    for (let box = item.around; box; box = box.around) if (!box.isOpen) item = box.around.items.find((one) => one.box === box);
    return item;
  }

  // Where an item is in the picture; what stands in a folded box is where the box is.
  function placeOf(inner) {
    const item = visible(inner);
    const [at, wide, tall] = item.box?.isOpen
      ? [item.box.corner, item.box.least, 24] // its title
      : [[item.at[0] - item.wide / 2, item.at[1] - item.tall / 2], item.wide, item.tall];
    let [x, y] = [at[0] + 4, at[1] + 4];
    for (let box = item.around; box.number; box = box.around) [x, y] = [x + box.corner[0], y + box.corner[1]];
    return [x, y, wide, tall];
  }

  // In a large picture what is far from sight is not displayed: then a step costs what the marks in sight cost.
  function cull() {
    const open = boxes.filter((box) => box.isOpen && box.lines);
    const isLarge = open.reduce((sum, box) => sum + box.items.length, 0) > LARGE;
    const corners = new Map([[boxes[0], [4, 4]]]);
    for (const box of open) {
      const corner = corners.get(box);
      if (!corner) continue; // in a box that is out of sight, or folded
      const [x, y] = corner;
      for (const item of box.items) {
        const inner = item.box?.isOpen ? item.box : null;
        const [left, top] = inner ? inner.corner : [item.at[0] - item.wide / 2 - item.left, item.at[1] - item.tall / 2];
        const [wide, tall] = inner ? [inner.wide, inner.tall] : [item.wide + item.left, item.tall];
        const isShown = !isLarge || seen.isNear([x + left, y + top, wide, tall]);
        if (inner && isShown) corners.set(inner, [x + left, y + top]);
        const element = inner ? inner.frame : item.element;
        if (element.isShown !== isShown) element.style.display = isShown ? "" : "none";
        element.isShown = isShown;
      }
    }
  }

  // Bring a node into view, with every box around it open; or a box.
  function reveal({ node, box }) {
    const around = [];
    for (let next = box ? box.around : boxes.homes.get(node).around; next; next = next.around) if (!next.isOpen) around.push(next);
    for (const one of around) one.isOpen = true;
    seen.hold();
    if (around.length) redraw(around);
    seen.show(placeOf(box ? box.around.items.find((item) => item.box === box) : boxes.homes.get(node)));
  }

  return {
    root,
    view: seen,
    trace,
    isTracing: () => traced !== null,
    show(k) {
      step = k;
      refresh();
      rest();
    },
    follow() {
      const item = data.steps.length ? boxes.homes.get(data.steps[step].node) : null;
      if (item) seen.show(placeOf(item));
    },
    // The nodes and boxes whose names hold these words light up; returned in order.
    find(words) {
      const hits = words ? search(data, boxes, words) : [];
      found.nodes = new Set(hits.map((hit) => hit.node).filter((node) => node !== undefined));
      found.boxes = new Set(hits.flatMap((hit) => hit.box ?? holders(boxes, hit.node).filter((box) => !box.isOpen)));
      light();
      return hits;
    },
    reveal,
    shapes: (on) => svg.classList.toggle("shapes", on),
    apart(on) {
      isApart = on;
      svg.classList.toggle("apart", on);
      refresh();
    },
  };
}

// What a mark is called where it is heard.
function nameOf(data, node, [, label, , shape]) {
  return [...new Set([data.nodes[node].name, label, shape])].filter(Boolean).join(", ");
}

// What a tooltip says.
function tipOf(data, node, [, label, , shape]) {
  return [label, data.nodes[node]?.doc, shape && `shape ${shape}`].filter(Boolean).join("; ");
}

function legend(data) {
  const words = [["now", "now"], ["done", "done"], ["todo", "not yet"]];
  if (data.backward) words.push(["back", "has its gradient"], ["sent", "gradient came back"]);
  if (data.picture.rooms.some((room) => room.lines.some(([, , isDelay]) => isDelay))) words.push(["kept", "kept for the next call"]);
  return h("div", { class: "legend", "aria-hidden": "true" }, ...words.map(([kind, text]) => h("span", {}, h("i", { class: kind }), text)));
}
