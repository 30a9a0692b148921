// The procedure "Configure Intercluster Peers", by hand on both clusters of a lab.

import { browser, clusters } from "./lab.mjs";
import * as pages from "./pages.mjs";
import { Person } from "./person.mjs";
import { assert, report } from "./tally.mjs";

const open = await browser();
const [one, other] = clusters();
const sides = await Promise.all(
  [[one, other], [other, one]].map(async ([nodes, others]) => ({
    nodes,
    peer: others[0],
    administration: await Person.at(open, nodes[0], "cupadmin"),
    serviceability: await Person.at(open, nodes[0], "ccmservice"),
  })),
);

async function step(title, each) {
  for (const side of sides) await each(side);
  console.log(`  ${title}`);
}

await step("1. the Sync Agent has finished its user sync", (side) => pages.syncStatus(side.administration));
await step("2. Cisco AXL Web Service runs on all nodes", async ({ nodes, serviceability }) => {
  for (const node of nodes) {
    await pages.services(serviceability, "Feature", node);
    assert.ok(await pages.runs(serviceability, "Cisco AXL Web Service"), node);
  }
});
for (const side of sides) side.users = await pages.assignedUsers(side.administration);
await step("3. a peer on each side", async ({ administration, peer }) => {
  assert.match(await pages.addPeer(administration, peer), /^(Add successful|Saved)$/);
});
const users = (side) => sides.find((s) => s !== side).users;
await step("   the initial sync is done", (side) => pages.allChecked(side.administration, side.peer, users(side)));
await step("4. the XCP Router is restarted where a notification asks for it", async (side) => {
  const { administration, serviceability, nodes } = side;
  for (const node of await pages.toRestart(administration, nodes)) {
    await pages.restart(serviceability, node, pages.ROUTER);
  }
  await administration.until("free of notifications", async () => {
    const rest = await pages.toRestart(administration, nodes);
    return rest.length === 0 || rest.join(", ");
  });
});
await step("5. Cisco Intercluster Sync Agent runs on all nodes", async ({ nodes, serviceability }) => {
  for (const node of nodes) {
    await pages.services(serviceability, "Network", node);
    assert.ok(await pages.runs(serviceability, "Cisco Intercluster Sync Agent"), node);
  }
});
await step("6. every entry of the status panel is checked", (side) =>
  pages.allChecked(side.administration, side.peer, users(side)));
await step("7. the System Troubleshooter finds no fault", (side) => pages.troubleshooter(side.administration));
await step("8. a forced sync takes the certificates along", async (side) => {
  await pages.forceSync(side.administration, side.peer);
  await pages.allChecked(side.administration, side.peer, users(side));
});
await step("   service parameters are read and saved", (side) => pages.parameter(side.administration, side.nodes[0]));
if (process.env.SKIN === "script") {
  assert.ok(sides.every((s) => s.administration.asked.length > 0), "scripted pages ask before they act");
}
await open.close();
report();
