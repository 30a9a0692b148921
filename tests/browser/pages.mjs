// The pages of the procedure, as a person reads and uses them.

import { account } from "./lab.mjs";
import { assert } from "./tally.mjs";

const GOOD = /^(Check Mark|Test Passed|Success|passed)$/;
const CONFIRM = /Confirm AXL Password|AXL Password Confirm|Confirm Password/;
const PANEL = /^Inter-?cluster Peer Status$/i;
export const ROUTER = "Cisco XCP Router";

// Adds a peer and returns what the message area says.
export async function addPeer(person, address) {
  await person.open("Inter-Clustering", "Find and List Inter-Cluster Peers");
  await person.press("Add New");
  await person.sees("Intercluster Peer Configuration");
  await person.fill("Peer Address", address);
  await person.fill("AXL Username", account.username);
  await person.fill("AXL Password", account.password);
  const text = await person.scope().locator("body").innerText();
  await person.fill(text.match(CONFIRM)[0], account.password);
  await person.choose("Protocol", "TCP");
  await person.shot("peer-form");
  await person.press("Save");
  return message(person);
}

export async function message(person) {
  const area = person.scope().locator("#messageArea, #statusMessage, #ccmMessage").first();
  const text = (await area.innerText()).trim();
  await person.shot(`message-${text.slice(0, 20)}`);
  return text;
}

export async function listPeers(person) {
  await person.open("Inter-Clustering", "Find and List Inter-Cluster Peers");
  await person.press("Find");
  await person.scope().getByText(/Inter-cluster Peers \(\d+ found\)/).waitFor();
  await person.shot("peers");
}

export async function openPeer(person, address) {
  await listPeers(person);
  await person.scope().getByRole("link", { name: address, exact: true }).click();
  await person.scope().getByText(PANEL).first().waitFor();
}

// Every entry of the status panel: its text, and what its picture says.
async function panel(person) {
  const heading = person.scope().getByText(PANEL).filter({ visible: true }).last();
  const rows = heading.locator("xpath=ancestor-or-self::*[.//tr][1]").locator("tr:not(:has(tr)):has(td:nth-child(3))");
  const row = rows.or(heading.locator("xpath=ancestor-or-self::*[.//tr][1]//tr[th and td]"));
  // A panel that is filled by script is empty at first.
  await row.first().waitFor();
  return Promise.all((await row.all()).map(async (r) => [await r.innerText(), await person.outcome(r)]));
}

// The panel shows every entry with its check mark, and all users of the other side.
export async function allChecked(person, address, users) {
  await person.until(`all entries of the panel checked, with ${users} users`, async () => {
    await openPeer(person, address);
    const entries = await panel(person);
    const rest = entries.filter(([, outcome]) => outcome !== "" && !GOOD.test(outcome));
    const count = entries.some(([text]) => /Associated Users/.test(text) && text.includes(String(users)));
    const checked = entries.some(([, outcome]) => GOOD.test(outcome));
    return (rest.length === 0 && count && checked) || JSON.stringify(entries);
  });
  await person.shot("panel");
}

// Forces a sync with the certificates, through whatever the confirmation is.
export async function forceSync(person, address) {
  await openPeer(person, address);
  const own = person.page;
  // a scripted page may ask in a window of its own
  const asks = process.env.SKIN === "script" ? own.waitForEvent("popup", { timeout: 2000 }).catch(() => null) : null;
  await person.scope().getByRole("button", { name: /^Force (Manual )?Sync$/ })
    .or(person.scope().getByRole("link", { name: /^Force (Manual )?Sync$/ })).first().click();
  person.page = (await asks) ?? own;
  const box = person.control("Also resync peer's Tomcat certificates");
  const beside = person.row("Also resync peer's Tomcat certificates").locator("input");
  await box.or(beside).first().check();
  await person.shot("confirmation");
  await person.press("OK");
  person.page = own;
  assert.match(await message(person), /Synchronization started|Manual sync initiated/);
}

export async function syncStatus(person) {
  await person.open("System Dashboard");
  assert.match(await person.row("Sync Status").innerText(), /Completed \d{4}-\d\d-\d\d/);
}

// The users that Presence Topology shows for the cluster.
export async function assignedUsers(person) {
  await person.open("Presence Topology");
  const row = await person.scope().locator("tr:not(:has(tr))").filter({ hasText: /^\s*Assigned Users\s*\d+\s*$/ }).innerText();
  return Number(row.match(/\d+/)[0]);
}

export async function troubleshooter(person) {
  await person.open("System Troubleshooter", "System Configuration Troubleshooter");
  await person.sees("Inter-Clustering Troubleshooter");
  const test = person.row("Verify if there are any inter-cluster peer entries.");
  assert.match(await person.outcome(test), GOOD);
  const bad = /failed/i;
  const icons = await person.scope().locator("tr:not(:has(tr)):has(td:nth-child(4)) img").all();
  for (const icon of icons) {
    assert.doesNotMatch(`${await icon.getAttribute("alt")} ${await icon.getAttribute("src")}`, bad, `${person.node}: a test failed`);
  }
  assert.ok(icons.length > 20, "the troubleshooter shows its tests");
}

// The nodes whose router a notification asks to restart.
export async function toRestart(person, nodes) {
  await person.open("Notifications", "Active Notifications");
  const rows = await person.scope().locator("tr:not(:has(tr))").filter({ hasText: ROUTER }).allInnerTexts();
  return nodes.filter((node) => rows.some((text) => text.includes(node)));
}

// Shows the services of a node in Control Center.
export async function services(person, kind, node) {
  await person.open(`Control Center - ${kind} Services`);
  await person.choose("Server", node);
  await person.press("Go");
  await person.row("Cisco").waitFor();
}

export async function runs(person, service) {
  return /Running|Started/.test((await person.row(service).innerText()).replace("Not Running", ""));
}

export async function restart(person, node, service) {
  await services(person, "Network", node);
  await person.row(service).locator("input").check();
  await person.press("Restart");
  assert.match(await message(person), new RegExp(`${service} Service Restart Operation was Successful`));
  await person.until(`${service} running again`, async () => {
    await services(person, "Network", node);
    return runs(person, service);
  });
}

// Switches the documented parameter of ICSA off, sees it saved, and switches it on again.
export async function parameter(person, node) {
  const label = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
  await person.open("Service Parameters", "Service Parameter Configuration");
  await select(person, "Server", node);
  await select(person, "Service", "Cisco Intercluster Sync Agent");
  if (await person.button("Go").count()) await person.press("Go");
  for (const value of ["Disabled", "Enabled"]) {
    await person.control(label).waitFor();
    await person.choose(label, value);
    await person.shot("parameters");
    await person.press("Save");
    assert.match(await message(person), /Update successful|Saved/);
    assert.equal(await person.control(label).locator("option:checked").innerText(), value);
  }
}

// Chooses an option of a list that may load the page anew.
async function select(person, label, option) {
  await person.choose(label, option);
  await person.page.waitForLoadState();
  await person.control(label).locator("option:checked", { hasText: option }).waitFor({ state: "attached" });
}
