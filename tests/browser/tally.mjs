// Counts what is checked, so that a walk that checked nothing is seen.

import strict from "node:assert/strict";
import { appendFileSync } from "node:fs";

let checks = 0;

// The assertions of node, each counted.
export const assert = new Proxy(strict, {
  get: (all, name) => (...given) => {
    checks += 1;
    return all[name](...given);
  },
});

// Adds the count to the suite's, at the end of a walk.
export function report() {
  if (checks === 0) throw new Error("nothing was checked");
  console.log(`  ${checks} checks`);
  if (process.env.CHECKS) appendFileSync(process.env.CHECKS, `${checks}\n`);
}
