// The elements that the page is made of.

const SVG = "http://www.w3.org/2000/svg";
const MATH = "http://www.w3.org/1998/Math/MathML";

// Elements from text and other elements.  `role` is for tests and styles: data-role.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name === "role" ? "data-role" : name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function math(tree) {
  const [tag, ...rest] = tree;
  const element = document.createElementNS(MATH, tag);
  if (tag === "math") element.setAttribute("displaystyle", "true");
  for (const part of rest) {
    if (Array.isArray(part)) element.append(math(part));
    else if (typeof part === "string") element.append(part);
    else for (const [name, value] of Object.entries(part)) element.setAttribute(name, value);
  }
  return element;
}

function icon(name) {
  const paths = {
    First: "M3 2h2v12H3zM14 2v12L6 8z",
    Previous: "M12 2v12L4 8z",
    Play: "M4 2v12l9-6z",
    Pause: "M3 2h4v12H3zM9 2h4v12H9z",
    Next: "M4 2v12l8-6z",
    Last: "M2 2v12l8-6zM11 2h2v12h-2z",
  };
  return s("svg", { viewBox: "0 0 16 16", width: 12, height: 12, "aria-hidden": "true" }, s("path", { d: paths[name], fill: "currentColor" }));
}
