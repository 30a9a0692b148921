// Looks at a page in every size and in both schemes, as a person and as axe do.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [1280, 781, 400];
// What is left of A4 beside its margins, in CSS pixels.
const PAPER = 718;

export const browse = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

// A page that remembers what it asked for and complained of.
export async function opened(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { page, asked: [], complaints: [], close: () => context.close() };
  page.on("request", (request) => seen.asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  await page.goto(url);
  return seen;
}

// Returns what is wrong with the page as it is now.
async function wrong(page) {
  const wrong = [];
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  if (wide > room) {
    const worst = await page.evaluate((room) => {
      const over = [...document.body.querySelectorAll("*")].filter((e) => !e.closest(".picture"))
        .filter((e) => e.getBoundingClientRect().right > room + 1);
      return over[0]?.outerHTML.slice(0, 120);
    }, room);
    wrong.push(`wider than the window, ${wide} of ${room} px: ${worst}`);
  }
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const { impact, id, help, nodes } of violations) {
    if (["serious", "critical"].includes(impact)) {
      wrong.push(`${impact}, ${id}: ${help}; ${nodes.length} times, first ${nodes[0].html.slice(0, 160)}`);
    }
  }
  return wrong;
}

// Every size and scheme of one visit. What the page asks for besides `own` is one thing too many; `paper` prints it, too.
export async function look(browser, name, url, { own = (asked) => asked === url, paper = false, ...options } = {}) {
  const found = [];
  let looks = 0;
  // axe is put into the page from outside, which its policy rightly forbids
  const { page, asked, complaints, close } = await opened(browser, url, { ...options, bypassCSP: true });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      found.push(...(await wrong(page)).map((what) => `${name}, ${width} px, ${colorScheme}: ${what}`));
      if (process.env.SCREENSHOTS) {
        mkdirSync(process.env.SCREENSHOTS, { recursive: true });
        const path = join(process.env.SCREENSHOTS, `${name}-${colorScheme}-${width}.png`);
        await page.screenshot({ path, fullPage: true });
      }
      looks += 1;
    }
  }
  if (paper) {
    await page.setViewportSize({ width: PAPER, height: 1000 });
    await page.emulateMedia({ media: "print" });
    const cut = await page.evaluate((paper) => {
      const wide = (e) => e.scrollWidth > Math.max(e.clientWidth, 1) || e.getBoundingClientRect().right > paper + 1;
      return [document.documentElement, ...document.querySelectorAll(".picture, table")].filter(wide)
        .map((e) => `${e.tagName} ${e.className}`);
    }, PAPER);
    found.push(...cut.map((what) => `${name}, on paper: ${what} is cut`));
    await page.pdf({ format: "A4", timeout: 20000, path: process.env.SCREENSHOTS && join(process.env.SCREENSHOTS, `${name}.pdf`) })
      .catch((error) => found.push(`${name}, on paper: ${error}`));
  }
  found.push(...asked.filter((asked) => !own(asked)).map((asked) => `${name}: asks for ${asked}`));
  found.push(...complaints.map((what) => `${name}: ${what}`));
  await close();
  return { looks, found };
}

export function settle(results) {
  const found = results.flatMap((result) => result.found);
  const looks = results.reduce((sum, result) => sum + result.looks, 0);
  assert.equal(found.length, 0, `\n${found.join("\n")}\n`);
  return looks;
}
