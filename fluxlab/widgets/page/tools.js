// Above the picture: search, smaller, larger, all of it.
function toolbar(picture, hasBackward) {
  const field = h("input", { type: "search", placeholder: "Search  /", "aria-label": "Search the picture", spellcheck: "false" });
  const count = h("span", { class: "count", "aria-live": "polite" });
  const buttons = [["−", "Smaller", "smaller"], ["+", "Larger", "larger"], ["Fit", "Fit the picture", "fit"]].map(([text, label, action]) => {
    const button = h("button", { type: "button", title: label, "aria-label": label }, text);
    button.addEventListener("click", () => picture.view[action]());
    return button;
  }); // prettier-ignore
  const toggles = [toggle("shapes", "The shape of what flows, beside the lines", picture.shapes)];
  if (hasBackward) toggles.push(toggle("both passes", "Values and gradients in one picture, or each pass alone", (on) => picture.apart(!on)));
  let hits = [];
  let at = -1;

  function tell() {
    count.textContent = !field.value ? "" : at < 0 ? `${hits.length} found` : `${at + 1} of ${hits.length}`;
  }

  field.addEventListener("input", () => {
    [hits, at] = [picture.find(field.value.trim()), -1];
    tell();
  });

  return {
    root: h("div", { class: "tools" }, field, count, ...toggles, ...buttons),
    field,
    // The next one that was found, or the one before.
    next(by) {
      if (!hits.length) return null;
      at = (at + by + hits.length) % hits.length;
      if (at < 0) at = 0;
      tell();
      picture.reveal(hits[at]);
      return hits[at];
    },
    clear() {
      field.value = "";
      field.dispatchEvent(new Event("input"));
    },
  };
}

// A button that is pressed, and lets go when it is pressed again.
function toggle(text, label, set) {
  const button = h("button", { type: "button", title: label, "aria-pressed": "true" }, text);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    set(on);
  });
  set(true);
  return button;
}
