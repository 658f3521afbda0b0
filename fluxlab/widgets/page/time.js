// Where a run has time steps: which one this is, how large the value or its gradient is at each, and all of them as one
// picture.  The slider, and a click on a bar, go to the operation that does the same at another time.
const BAR = 82; // the height of the bars

function timePanel(data, go) {
  const first = firsts(data);
  const homes = new Map(); // node -> [its group, its time]
  for (const group of data.times) group.nodes.forEach((node, time) => node !== null && homes.set(node, [group, time]));
  const label = h("b", { role: "time" });
  const about = h("span", {});
  const chart = h("div", { class: "bars" });
  const scale = h("div", { class: "scale", "aria-hidden": "true" });
  const slider = h("input", { type: "range", min: 1, "aria-label": "Time" });
  const over = h("div", { class: "over", role: "over-time" });
  const root = h(
    "div",
    { class: "panel time", role: "times" },
    h("div", {}, h("h2", {}, label, about), h("div", { class: "chart" }, scale, chart, slider)),
    over,
  );
  let at = 0; // the step
  let drawn; // the group whose picture is shown
  let map = null;

  // The step at which the twin at this time has its turn in this pass.
  function turn(time) {
    const node = homes.get(data.steps[at].node)?.[0].nodes[time];
    return first[data.steps[at].phase].get(node);
  }

  slider.addEventListener("input", () => {
    const [wanted, now] = [Number(slider.value) - 1, homes.get(data.steps[at].node)[1]];
    const by = Math.sign(wanted - now);
    let time = wanted; // a time that has no such operation is passed over
    while (turn(time) === undefined && slider.min - 1 <= time && time < slider.max) time += by;
    if (turn(time) === undefined) slider.value = now + 1;
    else go(turn(time));
  });
  chart.addEventListener("click", ({ target }) => {
    const step = turn(target.dataset.time);
    if (step !== undefined) go(step);
  });

  function fillOver(group) {
    if (drawn === group) return;
    drawn = group;
    const k = group?.over ?? null;
    map = k === null ? null : heat(data.arrays[k], 84);
    if (map) {
      const node = data.nodes[group.nodes[0]];
      const isBatch = data.arrays[node.value].shape.length > 1;
      over.replaceChildren(h("h2", {}, "over time", h("b", {}, node.name), h("span", {}, isBatch ? "first data point" : "")), map);
    } else over.replaceChildren(h("h2", {}, "over time"), h("p", { class: "quiet" }, group ? "Its values are no rows of numbers." : "–"));
  }

  return {
    root,
    // Returns whether the slider had the focus and cannot keep it.
    show(k) {
      at = k;
      const step = data.steps[k];
      const [group, now] = homes.get(step.node) ?? [];
      const isLost = !group && document.activeElement === slider;
      const count = (group ?? data.times[0]).nodes.length;
      label.textContent = `time ${group ? now + 1 : "–"} of ${count}`;
      slider.disabled = !group;
      slider.max = count;
      slider.value = group ? now + 1 : 1;
      const margin = `max(0px, calc(${50 / count}% - 8px))`; // the thumb stands below its bar
      slider.style.marginInline = margin;
      slider.style.width = `calc(100% - 2 * ${margin})`;
      const isBack = step.phase === "backward";
      const norms = (group ? group[isBack ? "grads" : "values"] : Array(count).fill(null)).map((norm, time) =>
        norm !== null && !(turn(time) <= k) ? undefined : norm,
      ); // prettier-ignore
      const [low, high] = group ? rangeOfNorms(group[isBack ? "grads" : "values"]) : [0, 0];
      const what = `norm of ${isBack ? "the gradient" : "the value"}`;
      about.textContent = group ? `${what}${low ? ", log scale" : ""}` : "this step stands outside of the time steps";
      scale.replaceChildren(...(group ? [h("span", {}, fact(high || null)), h("span", {}, low ? low.toExponential(0) : "0")] : []));
      chart.replaceChildren(timeBars(norms, now, low, high, group ? what : "no time step"));
      slider.setAttribute("aria-valuetext", group ? `${label.textContent}, ${what} ${normText(norms[now])}` : "outside of the time steps");
      fillOver(group);
      if (map) frameRow(heats.get(map).picture, now / count, group.nodes.filter((node) => first.forward.get(node) <= k).length / count, 1 / count);
      return isLost;
    },
  };
}

// The row of this time has a frame; what is not computed yet is covered.  All in parts of the picture's height.
function frameRow(picture, now, done, row) {
  const { width, height } = picture.viewBox.baseVal;
  const band = (kind, from, part) => s("rect", { class: kind, x: 0, y: n1(from * height), width, height: n1(part * height) });
  for (const old of picture.querySelectorAll("rect")) old.remove();
  if (done < 1) picture.append(band("veil", done, 1 - done));
  picture.append(band("now", now, row));
}

// Null is what is not computed at all, undefined what has not had its turn.
function normText(norm) {
  return norm === undefined ? "not yet" : norm === null ? "–" : format(norm);
}

// From where to where the bars go: from 0, or from the power of ten below the least of norms that differ by more than
// a factor of 100, on a log scale.
function rangeOfNorms(norms) {
  const some = norms.filter((norm) => norm > 0 && norm < Infinity);
  const [low, high] = [Math.min(...some), Math.max(...some)];
  if (!some.length) return [0, 0];
  return [high / low > 100 ? 10 ** (Math.ceil(Math.log10(low)) - 1) : 0, high];
}

function timeBars(norms, now, low, high, what) {
  const length = (norm) => {
    if (typeof norm === "string") return BAR; // NaN or an infinity
    const part = low ? Math.log(norm / low) / Math.log(high / low) : norm / high;
    return norm > 0 ? Math.max(1, part * BAR) : 1;
  };
  const parts = norms.flatMap((norm, time) => {
    const box = (kind, tall) => s("rect", { class: kind, x: 10 * time + 1, y: n1(BAR - tall), width: 8, height: n1(tall) });
    const kind = norm === undefined ? "todo" : typeof norm === "string" ? "odd" : "bar";
    const touch = s("rect", { class: `touch${time === now ? " now" : ""}`, x: 10 * time, y: 0, width: 10, height: BAR, "data-time": time });
    touch.append(s("title", {}, `time ${time + 1}: ${normText(norm)}`));
    return [...(norm === null ? [] : [box(kind, norm === undefined ? 6 : length(norm))]), touch];
  });
  const says = `${what}: ${norms.map((norm, time) => `time ${time + 1} ${normText(norm)}`).join(", ")}`;
  const size = { viewBox: `0 0 ${10 * norms.length} ${BAR}`, preserveAspectRatio: "none", height: BAR };
  return s("svg", { ...size, role: "img", "aria-label": says }, ...parts);
}
