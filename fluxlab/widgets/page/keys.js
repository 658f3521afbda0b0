// Many small things by key: one of them is where Tab comes to, arrows move on from it, Enter or Space presses it.

// `stops()` gives the elements in their order; `reach` brings one into view before it can have the focus.
function roving(root, stops, reach = () => {}) {
  let stop = null;

  function settle(element) {
    if (element === stop) return;
    stop?.setAttribute("tabindex", -1);
    stop = element;
    stop?.setAttribute("tabindex", 0);
  }

  root.addEventListener("focusin", ({ target }) => stops().includes(target) && settle(target));
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = stops();
    const at = all.indexOf(event.target);
    const next = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1,
      Enter: at, " ": at,
    }[event.key]; // prettier-ignore
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (next === at) event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    else if (all[next]) {
      reach(all[next]);
      all[next].focus();
    }
  });
  return settle;
}

// What can be pressed at an item of the picture.
function marksOf(item) {
  return item.box?.isOpen ? [item.box.title] : [...item.element.querySelectorAll("[data-node], [data-box]")];
}

// What can be pressed in the picture, in its order, each with its item.
function* marksIn(box) {
  for (const item of box.items) {
    for (const mark of marksOf(item)) yield [mark, item];
    if (item.box?.isOpen) yield* marksIn(item.box);
  }
}

// Make each expression of the source a button, once: at its first piece.
function expressionsIn(source, data, node) {
  const first = new Map();
  for (const piece of source.querySelectorAll("[data-node]")) if (!first.has(piece.dataset.node)) first.set(piece.dataset.node, piece);
  for (const [number, piece] of first) {
    piece.setAttribute("role", "button");
    piece.setAttribute("aria-label", data.nodes[number].name);
    if (Number(number) === node) piece.setAttribute("aria-current", "step");
    if (!piece.hasAttribute("tabindex")) piece.setAttribute("tabindex", -1);
  }
  return [...first.values()];
}
