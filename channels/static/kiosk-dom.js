// Pieces of a page. Everything from outside is set as text, never as markup.

export const $ = (id) => document.getElementById(id);

export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

export function button(title, onClick, className = "") {
  const made = element("button", className, title);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

// A dialog that is open, until it is closed; how is its button's value.
export function closed(dialog) {
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

export const view = () => document.body.dataset.view;

export function go(name) {
  document.body.dataset.view = name;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  document.querySelector("main").scrollTop = 0;
  document.querySelector(`#${name} h1`).focus({ preventScroll: true });
}

// A citation as people read it.
export function labelOf({ law, article, sub }) {
  const short = law.replace(/^中华人民共和国/, "");
  return `《${short}》第${article}条${sub ? `之${"一二三四五六七八九十"[sub - 1]}` : ""}`;
}
