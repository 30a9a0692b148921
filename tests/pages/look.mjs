// Looks at every page of a folder, and lets Mermaid draw what is drawn for it.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { browse, look, opened, settle } from "./eyes.mjs";

const folder = process.argv[2];
const named = (ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).sort();
const browser = await browse();
const results = [];
for (const name of named(".html")) {
  results.push(await look(browser, basename(name, ".html"), pathToFileURL(join(folder, name)).href, { paper: true }));
}
console.log(`${named(".html").length} pages, looked at ${settle(results)} times`);

// Mermaid's own build, from a file; it has the last word on what it reads.
const eye = await opened(browser, "about:blank");
await eye.page.addScriptTag({ path: fileURLToPath(new URL("node_modules/mermaid/dist/mermaid.min.js", import.meta.url)) });
for (const name of named(".mmd")) {
  const text = readFileSync(join(folder, name), "utf8");
  const drawn = await eye.page.evaluate(async (text) => {
    globalThis.mermaid.initialize({ startOnLoad: false });
    await globalThis.mermaid.parse(text);
    const { svg } = await globalThis.mermaid.render("drawing", text);
    document.body.innerHTML = svg;
    const count = (of) => document.querySelectorAll(of).length;
    return { svg, nodes: count("g.node"), lines: count("path.flowchart-link") };
  }, text);
  const written = (of) => text.split("\n").filter((line) => of.test(line)).length;
  const wanted = { nodes: written(/^  c\d+\("/), lines: written(/^  c\d+ .* c\d+$/) };
  assert.ok(wanted.nodes > 1 && wanted.lines > 0, `${name}: nothing is in it`);
  assert.deepEqual({ nodes: drawn.nodes, lines: drawn.lines }, wanted, name);
  if (process.env.SCREENSHOTS) {
    writeFileSync(join(process.env.SCREENSHOTS, `${name}.svg`), drawn.svg);
    await eye.page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}
assert.deepEqual(eye.complaints, []);
console.log(`${named(".mmd").length} drawings by Mermaid`);
await browser.close();
