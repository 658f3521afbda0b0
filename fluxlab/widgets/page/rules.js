function gradientParts(data, step) {
  if (step.grad !== null) return tensor(data, "gradient", "", step.grad);
  const why =
    data.error !== null ? "not computed: the run stopped before"
    : data.backward ? "not yet: the backward pass comes after the forward pass"
    : data.noBackward; // prettier-ignore
  return [h("h2", {}, "gradient"), h("div", { class: "missing" }, h("p", { class: "none" }, "–")), h("p", { class: "quiet" }, why)];
}

function forwardRule(data, step) {
  if (step.leaf) return [h("h2", {}, "rule"), h("p", { class: "quiet" }, `${step.name} is given, so there is no rule.`)];
  const inputs = step.operands.map((operand) => {
    const what = operand.letter === operand.name ? operand.name : `${operand.letter} = ${operand.name}`;
    return card(data, h("code", {}, what), operand.array, "operand");
  });
  return [
    h("h2", { class: "long" }, "rule", h("b", {}, step.label), step.doc),
    h("p", { class: "formula" }, step.formula ? math(step.formula) : null, h("code", {}, step.code)),
    h("p", { class: "cell", role: "cell" }),
    h("div", { class: "cards" }, ...inputs),
  ];
}

function backwardRule(data, step) {
  const parts = step.parts.map((part) => {
    const title = [h("span", {}, "to "), h("b", {}, part.name), h("code", {}, part.rule)];
    return card(data, title, part.array, "outgoing", partners(data, step, part));
  });
  const arrived =
    step.arrived.length > 1
      ? step.arrived.map((part, k) => card(data, [h("span", {}, `${k ? "+" : ""} from `), h("b", {}, part.name), h("code", {}, part.rule)], part.array, "arrived"))
      : [];
  const found = [h("h2", {}, "rule", step.code ? h("b", {}, step.label) : null)];
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

// What the incoming gradient is multiplied by: pictures of the operands that the rule uses.
function partners(data, step, part) {
  const used = step.operands.map((_, k) => k).filter((k) => /\{x\}/.test(part.text[1]) ? k === part.operand : part.text[1].includes(`{${k}}`));
  const some = used.filter((k) => data.arrays[step.operands[k].array].shape.length);
  if (!some.length) return null;
  const pictures = some.map((k) => {
    const { called, name, array } = step.operands[k];
    const box = cellBox(data, array, h("p", {}, called === name ? name : `${called} = ${name}`), heat(data.arrays[array], 36));
    box.dataset.operand = k;
    return box;
  });
  return h("div", { class: "partners" }, ...pictures);
}

function card(data, title, k, role, before = null) {
  const array = data.arrays[k];
  const head = h("p", { class: "head" }, ...[title].flat(), h("span", { class: "shape" }, array.words));
  const line = role === "outgoing" ? h("p", { class: "cell", role: "cell" }) : null;
  return h("div", { class: "card", role }, head, line, before, cellBox(data, k, heat(array, 48, role !== "operand"), table(array, data)), allNumbers(array, data));
}
