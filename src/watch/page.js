// Loads the page again in place: what is open stays open, what has the focus keeps it, and who reads is not moved. A
// watch that does not answer is told, and what it said last stays.
const main = document.querySelector("main");
const control = document.querySelector(".again");
const [wanted, told] = [control.querySelector("input"), control.querySelector("output")];
const seldom = main.dataset.again * 1000;
const kept = (of) => [of.querySelector("header"), of.querySelector("#standing")];
const focusable = () => [...document.querySelectorAll("#standing :is(a, summary, [tabindex])")];
const opened = (of) => new Map([...of.querySelectorAll("details")].map((one) => [one.dataset.of, one]));
control.hidden = false;

async function again() {
  const answer = await fetch(location.origin + location.pathname + location.search, { cache: "no-store", signal: AbortSignal.timeout(20000) });
  if (!answer.ok) throw new Error();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, next] = [kept(document), kept(fresh)];
  if (!next.every(Boolean)) throw new Error();
  for (const [of, one] of opened(document)) opened(fresh).get(of)?.toggleAttribute("open", one.open);
  const focus = focusable().indexOf(document.activeElement);
  const aside = [...document.querySelectorAll(".picture")].map((picture) => picture.scrollLeft);
  const [x, y] = [scrollX, scrollY];
  now.forEach((old, i) => old.replaceWith(document.adoptNode(next[i])));
  document.title = fresh.title;
  document.querySelector("link").replaceWith(document.adoptNode(fresh.querySelector("link")));
  document.querySelectorAll(".picture").forEach((picture, i) => (picture.scrollLeft = aside[i] ?? 0));
  focusable()[focus]?.focus({ preventScroll: true });
  scrollTo(x, y);
}

async function tick() {
  // words that somebody is about to copy are left alone
  if (wanted.checked && getSelection().isCollapsed) {
    try {
      await again();
      told.textContent = "";
    } catch {
      told.textContent ||= `The watch does not answer since ${new Date().toLocaleTimeString()}; this is what it said before.`;
    }
  }
  setTimeout(tick, seldom);
}
setTimeout(tick, seldom);
