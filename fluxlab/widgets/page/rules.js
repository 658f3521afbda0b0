function gradientParts(data, step) {
  if (step.grad !== null) return tensor(data, "gradient", "", step.grad);
  const why =
    data.error !== null ? "not computed: the run stopped before"
    : data.backward ? "not yet: the backward pass comes after the forward pass"
    : data.noBackward; // prettier-ignore
  return [h("h4", {}, "gradient"), h("div", { class: "missing" }, h("p", { class: "none" }, "–")), h("p", { class: "quiet" }, why)];
}

function forwardRule(data, step) {
  if (step.leaf) return [h("h4", {}, "rule"), h("p", { class: "quiet" }, `${step.name} is given, so there is no rule.`)];
  const inputs = step.operands.map((operand) => {
    const what = operand.letter === operand.name ? operand.name : `${operand.letter} = ${operand.name}`;
    return card(data, h("code", {}, what), operand.array, "operand");
  });
  return [
    h("h4", { class: "long" }, "rule", h("b", {}, step.label), step.doc),
    h("p", { class: "formula" }, step.formula ? math(step.formula) : null, h("code", {}, step.code)),
    h("p", { class: "cell", role: "cell" }),
    h("div", { class: "cards" }, ...inputs),
  ];
}

function backwardRule(data, step) {
  const parts = step.parts.map((part) => card(data, [h("span", {}, "to "), h("b", {}, part.name), h("code", {}, part.rule)], part.array, "outgoing"));
  const arrived =
    step.arrived.length > 1
      ? step.arrived.map((part, k) => card(data, [h("span", {}, `${k ? "+" : ""} from `), h("b", {}, part.name), h("code", {}, part.rule)], part.array, "arrived"))
      : [];
  const found = [h("h4", {}, "rule", step.code ? h("b", {}, step.label) : null)];
  if (arrived.length) {
    found.push(
      h("p", { class: "quiet" }, `${arrived.length} gradients arrived, each by the rule of its use (incoming: the gradient there); their sum is the gradient above:`),
      h("div", { class: "cards" }, ...arrived),
    );
  }
  if (parts.length) {
    const named = step.operands.filter((operand) => operand.called !== operand.name);
    const names = named.map((operand) => `, ${operand.called} is ${operand.name}`).join("");
    found.push(
      h("p", { class: "quiet" }, `incoming is the gradient above, output the value above${names}. Sent on:`),
      h("div", { class: "cards" }, ...parts),
    );
  } else if (!arrived.length) {
    found.push(
      h("p", { class: "quiet" }, "Here the gradient ends: there is nothing to send it on to."),
      ...step.arrived.map((part) => h("p", { class: "head" }, "It came from ", h("b", {}, part.name), "by", h("code", {}, part.rule))),
    );
  }
  return found;
}

function card(data, title, k, role) {
  const array = data.arrays[k];
  const head = h("p", { class: "head" }, ...[title].flat(), h("span", { class: "shape" }, array.words));
  const line = role === "outgoing" ? h("p", { class: "cell", role: "cell" }) : null;
  return h("div", { class: "card", role }, head, line, cellBox(data, k, heat(array, 48, role !== "operand"), table(array, data)));
}
