// What each figure of a notebook brings: it takes the page from the one widget that keeps it, and runs it once.
const pages = (globalThis.fluxlabPages ??= new Map());

async function load(script, style) {
  const sheet = document.createElement("style");
  sheet.textContent = await unpack(style);
  document.head.append(sheet);
  const url = URL.createObjectURL(new Blob([await unpack(script)], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function render({ model, el }) {
  const kept = await model.widget_manager.get_model(model.get("page").slice("IPY_MODEL_".length));
  const script = kept.get("script");
  if (!pages.has(script)) pages.set(script, load(script, kept.get("style")));
  return (await pages.get(script)).default.render({ model, el });
}

export default { render };
