// A peer that someone adds by hand to an address nobody knows: it is in the list, and `intermesh drift` names it.

import { spawnSync } from "node:child_process";
import { browser, clusters } from "./lab.mjs";
import * as pages from "./pages.mjs";
import { Person } from "./person.mjs";
import { assert, report } from "./tally.mjs";

const STRANGER = "imp1.nobody.example.com";
const [program, mesh] = process.argv.slice(2);

function drift() {
  const { status, stdout, stderr } = spawnSync(program, ["drift", mesh], { encoding: "utf8" });
  return { status, text: stdout + stderr };
}

assert.doesNotMatch(drift().text, new RegExp(STRANGER), "before anyone has added it");

const open = await browser();
const [[publisher]] = clusters();
const person = await Person.at(open, publisher, "cupadmin");
assert.match(await pages.addPeer(person, STRANGER), /^(Add successful|Saved)$/);
await pages.listPeers(person);
await person.row(STRANGER).waitFor();
await open.close();
console.log(`  ${publisher} lists ${STRANGER}`);

const { status, text } = drift();
assert.equal(status, 2, `drift ends with 2, not ${status}:\n${text}`);
assert.match(text, new RegExp(STRANGER), `drift names the peer:\n${text}`);
console.log(`  drift ends with 2 and names it`);
report();
