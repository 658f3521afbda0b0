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
    return card(data, title, part.array, "outgoing", (picture) => product(data, step, part, picture));
  });
  const arrived =
    step.arrived.length > 1
      ? step.arrived.map((part, k) => card(data, [h("span", {}, `${k ? "+" : ""} from `), h("b", {}, part.name), h("code", {}, part.rule)], part.array, "arrived"))
      : [];
  const found = [h("h2", {}, "rule", step.code ? h("b", {}, step.label) : null)];
  if (arrived.length) {
    found.push(
      h("p", { class: "quiet" }, `${arrived.length} gradients arrived, each by the rule of its use (incoming: the gradient there); their sum is the gradient above:`),
      h("p", { class: "cell", role: "sum" }),
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

// Incoming × local = outgoing, in pictures of one scale each.  Where nothing is multiplied stands an arrow.
function product(data, step, part, outgoing) {
  if (!data.arrays[part.array].shape.length) return outgoing;
  const [, each, , after] = part.text;
  const [, minus, sign, factor] = each.match(/^(-?)\{g\}(?: ([*/]) (\S+))?$/) ?? [];
  const picture = (name, k, use, operand) => {
    const array = data.arrays[k];
    const shown = array.shape.length ? heat(array, 48, use === "incoming", true) : h("code", {}, format(known(data, array, 0), array.whole));
    const box = cellBox(data, k, h("p", {}, name), shown);
    box.dataset.use = use;
    if (operand !== undefined) box.dataset.operand = operand;
    return box;
  };
  const partners = step.operands
    .map((_, k) => k)
    .filter((k) => (each.includes("{x}") ? k === part.operand : each.includes(`{${k}}`)) && data.arrays[step.operands[k].array].shape.length)
    .map((k) => {
      const { called, name, array } = step.operands[k];
      return picture(called === name ? name : `${called} = ${name}`, array, "partner", k);
    });
  const isProduct = count(step.made.terms) !== 1 && partners.length && / \* /.test(each);
  let local = partners;
  let by = "×";
  if (part.slope !== null) local = [picture("local", part.slope, "local")];
  else if (isProduct) by = step.label === "@" ? "@" : "·";
  else if (sign && /\{/.test(factor)) by = !partners.length ? "" : sign === "/" ? "÷" : "×";
  else if (sign) [by, local] = [sign === "/" ? "÷" : "×", [h("code", {}, factor)]];
  else if (minus) local = [h("code", {}, "−1")];
  else if (each === "{g}" && !after && step.made.text[1] !== "{*}") local = [h("code", {}, "1")];
  else by = partners.length ? "," : ""; // numbers only move, or the rule does more than multiply
  const isTimes = by !== "" && by !== ",";
  const between = (text) => h("span", {}, text);
  const factors = [picture("incoming", step.grad, "incoming"), ...(by ? [between(by)] : []), ...local];
  if (by === "@" && part.operand > 0) factors.reverse(); // of matrices the order matters
  return h("div", { class: "product" }, ...factors, between(isTimes ? "=" : "→"),
    h("div", { class: "result" }, h("p", {}, "outgoing"), outgoing),
  ); // prettier-ignore
}

function card(data, title, k, role, around = (picture) => picture) {
  const array = data.arrays[k];
  const head = h("p", { class: "head" }, ...[title].flat(), h("span", { class: "shape" }, array.words));
  const line = role === "outgoing" ? h("p", { class: "cell", role: "cell" }) : null;
  const own = heat(array, 48, role !== "operand", role === "outgoing");
  return h("div", { class: "card", role }, head, line, cellBox(data, k, around(own), table(array, data)), allNumbers(array, data));
}
