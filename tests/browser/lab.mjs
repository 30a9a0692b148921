// What `intermesh lab run` tells the programs that run in it, and a browser that trusts it.

import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

// Nothing of the lab takes longer than this, its syncs included.
export const PATIENCE = 30_000;

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this with \`intermesh lab run MESH -- ...\``);
  return value;
}

export const account = {
  username: variable("INTERMESH_LAB_USERNAME"),
  password: variable("INTERMESH_LAB_PASSWORD"),
};

// The nodes by cluster; a publisher comes before the other nodes of its cluster, which share its domain.
export function clusters() {
  const found = new Map();
  for (const node of variable("INTERMESH_LAB_NODES").split(",").map((pair) => pair.split("=")[0])) {
    const domain = node.slice(node.indexOf(".") + 1);
    found.set(domain, [...(found.get(domain) ?? []), node]);
  }
  return [...found.values()];
}

// Only what the lab's authority has signed is trusted: the key is named, certificates are not ignored.
function spki(file) {
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

export async function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    proxy: { server: variable("INTERMESH_LAB_PROXY") },
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--ignore-certificate-errors-spki-list=${spki(variable("INTERMESH_CA_FILE"))}`,
    ],
  });
}
