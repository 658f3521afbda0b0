// The part of the picture that is seen: it scrolls in its box, is dragged, and is drawn larger or smaller.
const SCALES = [0.1, 3]; // the smallest and the largest

function view(root, svg, changed) {
  let size = [1, 1];
  let scale = null; // as wide as there is room for, until someone chooses
  const port = { wide: 0, tall: 0, left: 0, top: 0 }; // kept: asking the page for it makes it lay itself out

  function now() {
    return scale ?? Math.max(0.5, Math.min(1, port.wide / size[0]));
  }

  function resize(wide = size[0], tall = size[1]) {
    size = [wide, tall];
    svg.setAttribute("width", n1(wide * now()));
    svg.setAttribute("height", n1(tall * now()));
    svg.classList.toggle("far", now() < 0.3);
  }

  function scrolled() {
    [port.left, port.top] = [root.scrollLeft, root.scrollTop];
    changed();
  }

  function shift(x, y) {
    if (!x && !y) return;
    root.scrollLeft += x;
    root.scrollTop += y;
    scrolled();
  }

  new ResizeObserver(() => {
    [port.wide, port.tall] = [root.clientWidth, root.clientHeight];
    resize();
    scrolled();
  }).observe(root);
  root.addEventListener("scroll", scrolled, { passive: true });

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

  // How far a place lies from the corner of what is seen, and how large it is there: [left, top, width, height].
  function seenAt([x, y, wide, tall]) {
    const [left, top] = [port.wide - size[0] * now(), port.tall - size[1] * now()].map((room) => Math.max(0, room / 2));
    return [left + x * now() - port.left, top + y * now() - port.top, wide * now(), tall * now()];
  }

  function show(place) {
    const [left, top, wide, tall] = seenAt(place);
    const [isIn, isBeside] = [top >= 0 && top + tall <= port.tall, left >= 0 && left + wide <= port.wide];
    shift(isBeside ? 0 : left - (port.wide - wide) / 2, isIn ? 0 : top - (port.tall - tall) / 2);
  }

  // Whether a place is in sight, or a screen away at most.
  function isNear(place) {
    const [left, top, wide, tall] = seenAt(place);
    return left < 2 * port.wide && left + wide > -port.wide && top < 2 * port.tall && top + tall > -port.tall;
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
    isNear,
    hold: () => (scale = now()),
    larger: () => zoom(1.25),
    smaller: () => zoom(0.8),
    fit() {
      scale = Math.min(1, port.wide / size[0], port.tall / size[1]);
      resize();
      changed();
    },
  };
}
