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
