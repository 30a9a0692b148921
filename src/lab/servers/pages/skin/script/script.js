// What orders of the toolbar ask before they are sent.
const QUESTIONS = {
  delete: "You are about to permanently delete this inter-cluster peer. Do you want to continue?",
  deleteSelected: "You are about to permanently delete the selected records. Do you want to continue?",
  restart: "Restarting the service may take a while. Do you want to continue?",
  stop: "Do you want to stop the service?",
};

function hidden(form, name, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  form.append(input);
}

function press(id, order) {
  if (order === "sync") return confirmSync();
  if (QUESTIONS[order] && !confirm(QUESTIONS[order])) return;
  const form = document.getElementById(id);
  hidden(form, form.dataset.button, order);
  form.submit();
}

function transportChanged() {
  alert("The Protocol must be the same on both clusters.");
}

function element(name, text, of) {
  const made = document.createElement(name);
  Object.assign(made, of);
  made.append(text);
  return made;
}

function confirmSync() {
  const dialog = document.getElementById("syncDialog");
  if (dialog.dataset.window) {
    window.name = "peerWindow";
    open(dialog.dataset.window, "syncWindow", "popup,width=640,height=480");
    return;
  }
  const { action, button, title, address, resync } = dialog.dataset;
  const form = element("form", "", { action, method: "post" });
  for (const input of document.querySelectorAll("#peerForm input[type=hidden]")) hidden(form, input.name, input.value);
  const box = element("input", "", { type: "checkbox", id: resync, name: resync, value: "true" });
  const ok = element("button", "OK", { type: "button", className: "cuesButton" });
  ok.addEventListener("click", () => { hidden(form, button, "ok"); form.submit(); });
  const cancel = element("button", "Cancel", { type: "button", className: "cuesButton" });
  cancel.addEventListener("click", () => dialog.close());
  const choice = element("p", box);
  choice.append(" ", element("label", "Also resync peer's Tomcat certificates", { htmlFor: resync }));
  const buttons = element("p", ok);
  buttons.append(" ", cancel);
  form.append(element("p", `Synchronize with the inter-cluster peer ${address} now?`), choice, buttons);
  dialog.replaceChildren(element("h3", title), form);
  dialog.showModal();
}

function row(entry) {
  const made = element("tr", "", { className: entry.failed ? "failed" : "stripe-0" });
  const picture = element("img", "", { src: entry.icon, alt: entry.alt, width: 16, height: 16 });
  made.append(element("td", entry.label), element("td", entry.value), element("td", entry.alt ? picture : ""));
  return made;
}

function refresh(table) {
  const request = new XMLHttpRequest();
  request.addEventListener("load", () => {
    const panel = request.status === 200 ? JSON.parse(request.responseText) : null;
    if (panel) table.replaceChildren(...panel.entries.map(row));
    setTimeout(refresh, Number(table.dataset.refresh), table);
  });
  request.open("GET", table.dataset.status);
  request.send();
}

// A confirmation in a window of its own answers in the window that asked, and closes.
addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("syncForm");
  if (!form || !opener) return;
  form.target = opener.name;
  form.addEventListener("submit", () => setTimeout(() => close()));
});

addEventListener("DOMContentLoaded", () => document.querySelectorAll("table[data-status]").forEach(refresh));
