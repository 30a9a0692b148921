// Runs in every document before its own scripts: counts what it fetches and notes when it last changed and whether it is
// about to be left, so that one can tell when there is nothing more to wait for.
(() => {
  const state = { open: 0, changed: 0, left: -Infinity, seen: [] };
  Object.defineProperty(window, Symbol.for("intermesh"), { value: state });
  const changed = () => { state.changed = performance.now(); };
  const ended = () => { state.open -= 1; changed(); };
  // A form that was sent, a place that was gone to: until there is an answer the old document stands as if nothing had
  // happened. The second is told some time after the first.
  const left = () => { state.left = performance.now(); };
  addEventListener("submit", (event) => { if (!event.defaultPrevented) left(); });
  addEventListener("beforeunload", left);
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
