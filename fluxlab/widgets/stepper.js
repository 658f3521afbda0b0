// The stepper's page.  Python computed everything; this shows one step at a time.  It runs as a widget in a notebook
// (render) and in a page of its own (show).  All text goes through textContent, so no name can become markup.

const SECOND = 1000;
const SPEEDS = [0.5, 1, 2, 4]; // steps a second
const HALT = 200; // milliseconds at a step, at least

async function render({ model, el }) {
  return show(JSON.parse(await unpack(model.get("data"))), el, {
    get: () => model.get("position"),
    set: (position) => model.set("position", position), // in the page only: no message goes to the kernel
    on: (changed) => {
      model.on("change:position", changed);
      return () => model.off("change:position", changed);
    },
    // Cells of array k from a row and a column on: at = [k, row, column].  Where no kernel answers, this never ends.
    ask: (at) =>
      new Promise((done) => {
        const hear = (answer) => {
          if (String(answer.at) !== String(at)) return;
          model.off("msg:custom", hear);
          done(answer.cells);
        };
        model.on("msg:custom", hear);
        model.send({ at });
      }),
  });
}

// Show a run in an element; returns the function that ends it.
function show(data, el, store = memory()) {
  for (const name of ["nodes", "steps", "times", "arrays"]) data[name] = records(data[name] ?? {});
  data.ask = store.ask;
  data.steps = data.steps.map((step) => ({ ...data.nodes[step.node], ...step }));
  const page = build(data, (k) => {
    play(false);
    go(k);
  });
  const last = data.steps.length - 1;
  let timer = null;
  let speed = 1;

  function at() {
    return Math.max(0, Math.min(last, store.get()));
  }

  function go(position) {
    const next = Math.max(0, Math.min(last, position));
    if (next !== at()) store.set(next);
  }

  function play(on) {
    clearInterval(timer);
    timer = null;
    if (on) {
      if (at() === last) go(0);
      timer = setInterval(() => {
        go(at() + 1);
        if (at() === last) play(false);
      }, SECOND / speed);
    }
    page.playing(on);
  }

  function changeSpeed(by, isRound = false) {
    const next = SPEEDS.indexOf(speed) + by;
    speed = SPEEDS[isRound ? next % SPEEDS.length : Math.max(0, Math.min(SPEEDS.length - 1, next))];
    page.speed(speed);
    if (timer !== null) play(true);
  }

  // To the step of a node in this phase, else in the other; of several nodes to the next one after this step.
  function jump(...nodes) {
    const steps = [...data.steps.keys()].filter((k) => nodes.includes(data.steps[k].node));
    const own = steps.filter((k) => data.steps[k].phase === data.steps[at()].phase);
    const some = own.length ? own : steps;
    if (some.length) go(some.find((k) => k > at()) ?? some[0]);
  }

  const actions = {
    First: () => go(0),
    Previous: () => go(at() - 1),
    Play: () => play(timer === null),
    Next: () => go(at() + 1),
    Last: () => go(last),
    Speed: () => changeSpeed(1, true),
    Slower: () => changeSpeed(-1),
    Faster: () => changeSpeed(1),
    Search: () => page.tools.field.focus(),
    Larger: page.drawing.view.larger,
    Smaller: page.drawing.view.smaller,
    Fit: page.drawing.view.fit,
    Trace: () => page.drawing.trace(page.drawing.isTracing() ? null : data.steps[at()].node),
    Escape: () => {
      page.tools.clear();
      page.drawing.trace(null);
      page.root.focus();
    },
  };
  const moves = ["First", "Previous", "Next", "Last"]; // these end a play
  const keys = {
    ArrowLeft: "Previous", ArrowUp: "Previous", ArrowRight: "Next", ArrowDown: "Next",
    Home: "First", End: "Last", " ": "Play",
    "/": "Search", "+": "Larger", "=": "Larger", "-": "Smaller", 0: "Fit", "<": "Slower", ">": "Faster", t: "Trace", Escape: "Escape",
  }; // prettier-ignore

  for (const [name, button] of Object.entries(page.buttons)) {
    button.addEventListener("click", () => {
      if (moves.includes(name)) play(false);
      actions[name]();
    });
  }
  page.slider.addEventListener("input", () => {
    play(false);
    go(Number(page.slider.value) - 1);
  });
  page.root.addEventListener("keydown", (event) => {
    const name = keys[event.key];
    const isButton = event.key === " " && ["BUTTON", "SUMMARY"].includes(event.target.tagName); // Space presses it
    const isWriting = event.target === page.tools.field && event.key !== "Escape";
    const isOwn = event.target.matches("input[type=range], table, p") && /^(Arrow|Home|End)/.test(event.key); // they slide, or scroll
    if (!name || isButton || isWriting || isOwn || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (moves.includes(name)) play(false);
    actions[name]();
  });
  page.tools.field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const found = page.tools.next(event.shiftKey ? -1 : 1);
    play(false);
    if (found?.node !== undefined) jump(found.node);
  });
  for (const part of [page.picture, page.source]) {
    part.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-node]");
      if (!mark) return;
      play(false);
      jump(...(mark.dataset.nodes ?? mark.dataset.node).split(" ").map(Number));
    });
  }
  page.root.addEventListener("click", (event) => {
    // After a click of the mouse arrows go from step to step, after one by key to the next mark.
    if (event.detail && event.target.closest("[data-node], [data-box]")) page.root.focus({ preventScroll: true });
  });

  const off = store.on(() => page.show(at()));
  el.append(page.root);
  page.show(at());
  const sized = new ResizeObserver(page.follow); // called when the element comes into the page, too
  sized.observe(page.root);
  return () => {
    clearInterval(timer);
    sized.disconnect();
    off();
    page.root.remove();
  };
}

// A list that Python wrote in columns.  What a row does not have is null.
function records(columns) {
  const names = Object.keys(columns);
  return (columns[names[0]] ?? []).map((_, k) => Object.fromEntries(names.map((name) => [name, columns[name][k]])));
}

function memory() {
  let position = 0;
  let changed = () => {};
  return {
    get: () => position,
    set: (value) => {
      position = value;
      changed();
    },
    on: (callback) => {
      changed = callback;
      return () => (changed = () => {});
    },
  };
}

// The parts of the page, made once; a step fills them.
function build(data, go) {
  const position = h("span", { role: "position" });
  const sentence = h("p", { role: "sentence", "aria-live": "polite" });
  const buttons = {};
  for (const name of ["First", "Previous", "Play", "Next", "Last"]) {
    buttons[name] = h("button", { type: "button", title: name, "aria-label": name }, icon(name), h("span", {}, name));
  }
  buttons.Speed = h("button", { type: "button", class: "speed" });
  const slider = h("input", { type: "range", min: 1, max: Math.max(1, data.steps.length), "aria-label": "Step" });
  const phases = h("div", { class: "phases", "aria-hidden": "true" });
  for (const phase of ["forward", "backward"]) {
    if (!data[phase]) continue;
    const part = h("span", { class: phase }, phase);
    part.style.flexGrow = data[phase];
    phases.append(part);
  }
  const picture = drawing(data);
  const tools = toolbar(picture, data.backward > 0);
  const source = h("div", { class: "panel source", role: "source" });
  const time = data.times.length ? timePanel(data, go) : null;
  const value = h("div", { class: "tensor", role: "value" });
  const gradient = h("div", { class: "tensor", role: "gradient" });
  const rule = h("div", { class: "panel rule", role: "rule" });
  const root = h(
    "section",
    { class: "fluxlab-stepper", tabindex: 0, "aria-label": `${data.title}, step by step` },
    h(
      "div",
      { class: "frame" },
      h("header", {}, h("strong", {}, data.title), position),
      sentence,
      data.error === null ? null : h("pre", { class: "error", role: "error" }, data.error),
      h("div", { class: "controls" }, h("div", { class: "buttons" }, ...Object.values(buttons)), h("div", { class: "track" }, slider, phases)),
      time?.root ?? null,
      h("div", { class: "panel picture" }, tools.root, picture.root, legend(data)),
      h("div", { class: "side" }, source, h("div", { class: "panel numbers" }, value, gradient), rule),
      allSteps(data, go),
    ),
  );
  // Else a notebook takes keys for itself: Down goes to the next cell of the notebook, "b" makes one.  It looks at what
  // has the focus before it looks at what is around that.
  root.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
  const pieces = () => [...source.querySelectorAll("[role=button]")];
  const settle = roving(source, pieces);

  const shown = {};
  let isHurried = true; // who goes from step to step without a halt sees nothing fade; nor the first one
  let before = Infinity; // when the last step was shown
  function fill(box, key, make) {
    if (shown[box.dataset.role] === key) return; // what did not change does not move
    shown[box.dataset.role] = key;
    box.replaceChildren(...make().filter((part) => part !== null));
    if (!isHurried) fade(box);
  }

  function speed(times) {
    buttons.Speed.textContent = `${times}×`;
    buttons.Speed.title = `Speed of play: ${times} steps a second. Keys: < >`;
    buttons.Speed.setAttribute("aria-label", `Speed ${times}×`);
  }

  speed(1);

  function follow() {
    const mark = source.querySelector("mark");
    if (mark) {
      const lines = source.querySelector(".lines");
      lines.scrollTop = mark.offsetTop - lines.clientHeight / 2;
      lines.scrollLeft = mark.offsetLeft + Math.min(mark.offsetWidth, lines.clientWidth / 2) < lines.clientWidth ? 0 : mark.offsetLeft - 40;
    }
    picture.follow(); // last: it hides marks, and whoever asks for a place then waits for a new layout
  }

  return {
    root,
    buttons,
    slider,
    picture: picture.root,
    drawing: picture,
    tools,
    source,
    follow,
    speed,
    playing(on) {
      const name = on ? "Pause" : "Play";
      buttons.Play.replaceChildren(icon(name), h("span", {}, name));
      buttons.Play.title = name;
      buttons.Play.setAttribute("aria-label", name);
    },
    show(k) {
      const step = data.steps[k];
      if (!step) {
        sentence.textContent = "There are no steps: nothing was computed.";
        return;
      }
      isHurried = performance.now() - before < HALT;
      before = performance.now();
      const isBack = step.phase === "backward";
      root.dataset.step = k;
      root.dataset.phase = step.phase;
      const done = [isBack ? data.forward : step.number, isBack ? step.number : 0];
      position.textContent = `forward ${done[0]} of ${data.forward} · backward ${done[1]} of ${data.backward}`;
      sentence.textContent = step.sentence;
      slider.value = k + 1;
      slider.setAttribute("aria-valuetext", `${step.phase} ${step.number} of ${data[step.phase]}`);
      buttons.First.disabled = buttons.Previous.disabled = k === 0;
      buttons.Next.disabled = buttons.Last.disabled = k === data.steps.length - 1;
      if (time?.show(k)) root.focus({ preventScroll: true });
      const had = [source, value, gradient, rule].find((panel) => panel.contains(document.activeElement));
      fill(source, String(step.source) + step.node, () => sourceParts(data, step));
      fill(value, step.value, () => tensor(data, "value", step.name, step.value));
      fill(gradient, String(step.grad), () => gradientParts(data, step));
      fill(rule, k, () => (isBack ? backwardRule(data, step) : forwardRule(data, step)));
      linkCells(data, step, value, gradient, rule);
      expressionsIn(source, data, step.node);
      settle(source.querySelector("[aria-current]") ?? pieces()[0] ?? null);
      if (had && !root.contains(document.activeElement)) (had.querySelector("[tabindex='0']") ?? root).focus({ preventScroll: true });
      picture.show(k);
      // All that is measured is measured before anything is written: a layout for all, and not one each.
      const scrolling = [sentence, rule].map((part) => part.scrollHeight > part.clientHeight);
      const wide = [...root.querySelectorAll(".tensor > .cells:not([tabindex]) > table")].filter((table) => table.scrollWidth > table.clientWidth);
      follow();
      [sentence, rule].forEach((part, k) => (part.tabIndex = scrolling[k] ? 0 : -1)); // what scrolls must have the focus for that
      for (const table of wide) table.tabIndex = 0;
    },
  };
}

function fade(box) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !box.animate) return;
  box.animate([{ opacity: 0.35 }, { opacity: 1 }], { duration: 120 });
}

export default { render };
