// The part of the picture that is seen: it scrolls in its box, is dragged, and is drawn larger or smaller.
const SCALES = [0.1, 3]; // the smallest and the largest

function view(root, svg) {
  let size = [1, 1];
  let scale = null; // as wide as there is room for, until someone chooses

  function now() {
    return scale ?? Math.max(0.5, Math.min(1, root.clientWidth / size[0]));
  }

  function resize(wide = size[0], tall = size[1]) {
    size = [wide, tall];
    svg.setAttribute("width", n1(wide * now()));
    svg.setAttribute("height", n1(tall * now()));
  }

  function shift(x, y) {
    root.scrollLeft += x;
    root.scrollTop += y;
  }

  // Draw it larger or smaller around a point of the page.
  function zoom(factor, x, y) {
    const box = root.getBoundingClientRect();
    const [px, py] = [x ?? box.left + box.width / 2, y ?? box.top + box.height / 2];
    const before = svg.getBoundingClientRect();
    const next = Math.max(SCALES[0], Math.min(SCALES[1], now() * factor));
    const [part, low] = [(px - before.left) / before.width, (py - before.top) / before.height];
    scale = next;
    resize();
    const after = svg.getBoundingClientRect();
    shift(after.left + part * after.width - px, after.top + low * after.height - py);
  }

  function show(mark) {
    const [inner, outer] = [mark.getBoundingClientRect(), root.getBoundingClientRect()];
    const [top, left] = [inner.top - outer.top, inner.left - outer.left];
    if (top < 0 || top + inner.height > root.clientHeight) root.scrollTop += top - (root.clientHeight - inner.height) / 2;
    if (left < 0 || left + inner.width > root.clientWidth) root.scrollLeft += left - (root.clientWidth - inner.width) / 2;
  }

  root.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false }); // prettier-ignore

  let grip = null; // where a drag began
  root.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) grip = { x: event.clientX, y: event.clientY, isMoved: false };
  });
  root.addEventListener("pointermove", (event) => {
    if (!grip || !event.buttons) return;
    const [x, y] = [grip.x - event.clientX, grip.y - event.clientY];
    if (!grip.isMoved && Math.hypot(x, y) < 4) return;
    if (!grip.isMoved) root.setPointerCapture(event.pointerId);
    root.classList.add("dragged");
    shift(x, y);
    grip = { x: event.clientX, y: event.clientY, isMoved: true };
  });
  root.addEventListener("pointerup", () => root.classList.remove("dragged"));
  root.addEventListener("click", (event) => {
    if (grip?.isMoved) event.stopPropagation(); // a drag ends here: nothing was meant to be clicked
    grip = null;
  }, true); // prettier-ignore

  return {
    resize,
    shift,
    show,
    hold: () => (scale = now()),
    larger: () => zoom(1.25),
    smaller: () => zoom(0.8),
    fit() {
      scale = Math.min(1, root.clientWidth / size[0], root.clientHeight / size[1]);
      resize();
    },
  };
}
