// The page of a watch over a lab that runs around it: as it is served, looked at, loaded again, left alone and locked.

import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { browse, look, opened, settle } from "./eyes.mjs";

const [mesh, once] = process.argv.slice(2);
const { INTERMESH, WORK } = process.env;
const name = `watch-${mesh.split("/").at(-1).replace(".yaml", "")}`;
const running = [];
process.on("exit", () => running.forEach((watch) => watch.kill()));

// Starts a watch; returns the address of its page, and what it says of its rounds.
async function watching(...args) {
  const store = join(WORK, `store-${running.length}`);
  const watch = spawn(INTERMESH, ["watch", mesh, "--every", "10s", "--listen", "127.0.0.1:0", "--store", store, ...args]);
  running.push(watch);
  let said = "";
  for (const stream of [watch.stdout, watch.stderr]) stream.on("data", (data) => (said += data));
  const says = async (words, of = said.length) => {
    while (!said.slice(of).match(words)) {
      assert.equal(watch.exitCode, null, said);
      await new Promise((heard) => watch.stderr.once("data", heard) && watch.stdout.once("data", heard));
    }
    return said.slice(of).match(words);
  };
  const [url] = await says(/http:\/\/127\.0\.0\.1:\d+\//, 0);
  return { url, says, watch };
}

const lab = (...args) => execFileSync(INTERMESH, ["-q", "lab", "fault", ...args]);
const browser = await browse();
// a page is asked for, and nothing but itself again
const served = (url) => ({ own: (asked) => asked === url });

const { url, says, watch } = await watching("--depth", "quick");
await says(/round 1: /, 0);
if (once) {
  // nothing is linked: every link is broken on both sides
  console.log(`${name}: looked at ${settle([await look(browser, name, url, served(url))])} times`);
  process.exit(0);
}

// The page as it is, with its policy: it loads itself again, in place.
const { page, asked, complaints } = await opened(browser, url);
const policy = (await (await fetch(url)).headers).get("content-security-policy");
assert.match(policy, /default-src 'none'/);
const results = [await look(browser, `${name}-missing`, url, served(url))];
execFileSync(INTERMESH, ["-q", "apply", "--yes", mesh, "--store", join(WORK, "store-applied")], { stdio: "ignore" });
await page.evaluate(() => (globalThis.mine = "not loaded anew"));
await page.getByRole("heading", { level: 1, name: /as the file says/ }).waitFor({ timeout: 60000 });
assert.equal(await page.title(), "three-full: as the file says");
results.push(await look(browser, `${name}-well`, url, served(url)));

// What is folded stays folded, and what has the focus keeps it.
await page.locator("summary").press("Enter");
assert.equal(await page.locator("details[open]").count(), 0);
lab("delete-peer", "emea", "imp1.apac.example.com");
lab("stop-service", "imp2.amer.example.com", "Cisco XCP Router");
lab("power-off", "imp1.apac.example.com");
await page.getByText("apac is not read").waitFor({ timeout: 60000 });
assert.equal(await page.evaluate(() => globalThis.mine), "not loaded anew");
assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
assert.equal(await page.locator("details[open]").count(), 0);
results.push(await look(browser, `${name}-drifted`, url, served(url)));

// Without script it loads itself again as a whole.
const plain = await opened(browser, url, { javaScriptEnabled: false });
await plain.page.locator("noscript meta[http-equiv=refresh]").waitFor({ state: "attached" });
await plain.close();

// A script of somebody else does not run.
const refused = page.waitForEvent("console", { predicate: (message) => /Content Security Policy/.test(message.text()) });
await page.evaluate(() => {
  const script = document.createElement("script");
  script.textContent = "globalThis.mine = 'yours'";
  document.body.append(script);
});
await refused;
assert.equal(await page.evaluate(() => globalThis.mine), "not loaded anew");

// A watch that is gone is told of, and what it said stays.
watch.kill();
await page.getByText(/The watch does not answer since/).waitFor({ timeout: 60000 });
await page.getByText("apac is not read").waitFor();
assert.deepEqual(asked.filter((asked) => asked !== url), []);
assert.deepEqual(complaints.filter((what) => !/Content Security Policy|ERR_CONNECTION_REFUSED/.test(what)), []);
await page.context().close();

// With a token: as the password of any user, also where the address holds it.
const token = join(WORK, "token");
writeFileSync(token, "sesame-of-twenty-letters\n");
const locked = await watching("--depth", "quick", "--token-file", token);
await locked.says(/round 1: /, 0);
const shut = await browser.newContext();
const denied = await (await shut.newPage()).goto(locked.url).then((answer) => answer.status(), (error) => error.message);
assert.ok(denied === 401 || /ERR_INVALID_AUTH_CREDENTIALS/.test(denied), String(denied));
await shut.close();
const key = new URL(locked.url);
[key.username, key.password] = ["any", "sesame-of-twenty-letters"];
const inside = await opened(browser, key.href);
await inside.page.getByRole("heading", { level: 1 }).waitFor();
const anew = inside.page.waitForResponse((answer) => answer.request().resourceType() === "fetch", { timeout: 60000 });
assert.equal((await anew).status(), 200);
assert.equal(await inside.page.locator("output").textContent(), "");
await inside.close();
results.push(await look(browser, `${name}-locked`, locked.url, {
  ...served(locked.url), httpCredentials: { username: "any", password: "sesame-of-twenty-letters" },
}));
console.log(`${name}: looked at ${settle(results)} times; loads itself again, tells when it cannot, and asks for its token`);
process.exit(0);
