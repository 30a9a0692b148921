// What the page and its frames wait for: "nothing" when they are loaded, fetch nothing and have not changed for a moment;
// "page" when one of them is about to be left for another, or is a new window that shows none yet; "itself" otherwise.
const QUIET_MS = 100;
// What is left leads to another document, or to none, as where a file is sent: then it stays.
const LEFT_MS = 30000;
const documents = (win) => {
  try {
    void win.document;
  } catch {
    return []; // of another host: not looked at either
  }
  return [win, ...Array.from({ length: win.length }, (_, i) => documents(win[i])).flat()];
};
const waits = (win) => {
  const state = win[Symbol.for("intermesh")];
  const since = (time) => win.performance.now() - time;
  const unborn = win === top && win.opener && win.document.URL === "about:blank";
  if (unborn || (state && since(state.left) < LEFT_MS)) {
    return "page";
  }
  const still = !state || (!state.due && state.open <= 0 && since(state.changed) >= QUIET_MS);
  return win.document.readyState === "complete" && still ? "nothing" : "itself";
};
const all = documents(window).map(waits);
return ["page", "itself"].find((what) => all.includes(what)) ?? "nothing";
