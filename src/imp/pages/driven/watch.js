// Runs in every document before its own scripts, in windows that a page opened as soon as they are seen: counts what it
// fetches and notes when it last changed, whether a click is still to come, and when it was last left for another, so that
// one can tell when there is nothing more to wait for.
(() => {
  const mark = Symbol.for("intermesh");
  if (window[mark]) return;
  const state = { due: false, open: 0, changed: 0, left: -Infinity };
  Object.defineProperty(window, mark, { value: state });
  const changed = () => { state.changed = performance.now(); };
  const ended = () => { state.open -= 1; changed(); };
  // A click comes some time after it was ordered, and before what it leads to.
  addEventListener("click", () => { state.due = false; changed(); }, true);
  // A form that was sent, a place that was gone to: until there is an answer the old document stands as if nothing had
  // happened. The browser itself tells of it some time after.
  state.leave = () => { state.left = performance.now(); };
  const named = (name) => {
    const own = { "": window, _self: window, _parent: parent, _top: top }[name];
    const near = [window, opener, ...Array.from({ length: top.length }, (_, i) => top[i])];
    return own ?? near.find((win) => {
      try { return win && win.name === name; } catch { return false; } // of another host
    });
  };
  const sent = (form, button) => {
    const base = document.querySelector("base[target]");
    const target = button?.getAttribute("formtarget") ?? form.getAttribute("target") ?? base?.target ?? "";
    try { named(target)?.[mark]?.leave(); } catch { /* of another host */ }
  };
  addEventListener("submit", (event) => { if (!event.defaultPrevented) sent(event.target, event.submitter); });
  const submit = HTMLFormElement.prototype.submit;
  HTMLFormElement.prototype.submit = function () { sent(this); return submit.call(this); };
  addEventListener("beforeunload", state.leave);
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    state.open += 1;
    this.addEventListener("loadend", ended, { once: true });
    try {
      return send.apply(this, body);
    } catch (error) {
      this.removeEventListener("loadend", ended);
      ended();
      throw error;
    }
  };
  const fetched = window.fetch;
  window.fetch = (...request) => {
    state.open += 1;
    return fetched.apply(window, request).finally(ended);
  };
  new MutationObserver(changed).observe(document, {
    attributes: true, characterData: true, childList: true, subtree: true,
  });
})();
