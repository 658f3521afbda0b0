// The marks of the picture as SVG: kinds differ in shape and outline, not only in color.
const SHAPES = { input: "ellipse", state: "hexagon", op: "rounded", constant: "plain", echo: "plain" };
const SIZES = { input: 14, param: 12, constant: 12, state: 13, op: 15, call: 13, folded: 13 };

function markOf([kind, label, name, shape, isOutput, wide, tall], x, y) {
  const look = SHAPES[kind] ?? "box";
  const parts = isOutput ? [outline(look, wide + 7, tall + 7)] : [];
  parts.push(outline(look, wide, tall), ...words(kind, label, name, shape));
  const group = s("g", { class: `node ${kind}${isOutput ? " output" : ""}${name ? "" : " nameless"}` }, ...parts);
  if (x || y) group.setAttribute("transform", `translate(${x} ${y})`);
  return group;
}

function outline(look, wide, tall) {
  if (look === "ellipse") return s("ellipse", { rx: wide / 2, ry: tall / 2 });
  const [right, low] = [wide / 2, tall / 2];
  if (look === "hexagon") {
    const corners = [[-right, 0], [-right / 2, -low], [right / 2, -low], [right, 0], [right / 2, low], [-right / 2, low]]; // prettier-ignore
    return s("polygon", { points: corners.join(" ") });
  }
  return s("rect", { x: -right, y: -low, width: wide, height: tall, rx: look === "rounded" ? 7 : 0 });
}

function words(kind, label, name, shape) {
  const size = SIZES[kind] ?? 12;
  const base = size * 0.36 - (name || shape ? 6.8 : 0);
  const large = s("text", { class: "label", y: n1(base), "font-size": size }, kind === "folded" ? `▸ ${label}` : label);
  if (!name && !shape) return [large];
  const parts = [name ? s("tspan", { class: "name" }, name) : "", name && shape ? " " : "", shape ? s("tspan", { class: "shape" }, shape) : ""];
  return [large, s("text", { class: "more", y: n1(base + 14), "font-size": 11 }, ...parts)];
}
