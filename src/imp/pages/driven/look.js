// The page and its frames as they are shown: a copy with the live values as attributes, what cannot be seen marked
// `hidden`, and every element numbered. The page itself is not touched; its elements are kept by their numbers.
const UNREAD = ["password", "file"];
const toggle = (element, name, on) => (on ? element.setAttribute(name, "") : element.removeAttribute(name));

function unseen(win, element) {
  if (["option", "optgroup", "source", "track"].includes(element.localName) || element.checkVisibility({ visibilityProperty: true })) {
    return false;
  }
  // it has no box of its own, but what is inside has
  return win.getComputedStyle(element).display !== "contents";
}

function copy(win) {
  const page = win.document;
  const root = page.documentElement.cloneNode(true);
  const seen = [];
  const live = page.createTreeWalker(page.documentElement, NodeFilter.SHOW_ELEMENT);
  const made = page.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
  for (let from = live.currentNode, to = made.currentNode; from && to; from = live.nextNode(), to = made.nextNode()) {
    to.setAttribute("data-intermesh-n", seen.push(from) - 1);
    if (from.localName === "input" && ["checkbox", "radio"].includes(from.type)) {
      toggle(to, "checked", from.checked);
    } else if (from.localName === "input" && !UNREAD.includes(from.type)) {
      to.setAttribute("value", from.value);
    } else if (from.localName === "textarea") {
      to.textContent = from.value;
    } else if (from.localName === "option") {
      toggle(to, "selected", from.selected);
    }
    if ("disabled" in from) toggle(to, "disabled", from.matches(":disabled"));
    if (page.body && page.body.contains(from)) toggle(to, "hidden", unseen(win, from));
  }
  Object.defineProperty(win, Symbol.for("intermesh.seen"), { value: seen, configurable: true });
  return root.outerHTML;
}

const pages = [];
function visit(win, frame) {
  let page;
  try {
    page = win.document;
  } catch {
    return; // of another host
  }
  if (!page || !page.documentElement) return;
  const [navigation] = win.performance.getEntriesByType("navigation");
  pages.push({ url: page.URL, frame, html: copy(win), status: navigation ? navigation.responseStatus : 0 });
  for (let i = 0; i < win.length; i += 1) visit(win[i], [...frame, i]);
}
visit(window, []);
return pages;
