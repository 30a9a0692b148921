// A person in front of the pages: goes by what is written on them, whatever the markup.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, account } from "./lab.mjs";
import { assert } from "./tally.mjs";

// The menu that each entry is in.
const MENUS = {
  "Presence Topology": "System",
  "Service Parameters": "System",
  "Inter-Clustering": "Presence",
  "System Dashboard": "Diagnostics",
  "System Troubleshooter": "Diagnostics",
  Notifications: "Diagnostics",
  "Service Activation": "Tools",
  "Control Center - Feature Services": "Tools",
  "Control Center - Network Services": "Tools",
};

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export class Person {
  constructor(page, node) {
    this.page = page;
    this.node = node;
    this.asked = [];
    this.framed = false;
    page.setDefaultTimeout(PATIENCE);
    page.on("dialog", (dialog) => {
      this.asked.push(dialog.message());
      return dialog.accept();
    });
  }

  // Logs in to an app of a node, in a browser session of its own.
  static async at(browser, node, app) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const person = new Person(await context.newPage(), node);
    await person.page.goto(`https://${node}:8443/${app}/`);
    await person.shot("login");
    await person.fill("Username", account.username);
    await person.fill("Password", account.password);
    await person.press("Login");
    await person.page.getByRole("link", { name: "Logout", exact: true }).waitFor();
    await person.page.waitForLoadState();
    person.framed = (await person.page.locator("iframe").count()) > 0;
    await person.shot("home");
    return person;
  }

  async leave() {
    await this.page.context().close();
  }

  // Where the content is: in a frame, or in the page itself.
  scope() {
    return this.framed ? this.page.frameLocator("iframe") : this.page;
  }

  // Follows a menu entry and sees the page of this title.
  async open(entry, title = entry) {
    await this.page.getByText(MENUS[entry], { exact: true }).first().hover();
    await this.page.getByRole("link", { name: entry, exact: true }).last().click();
    await this.sees(title);
    await this.shot(entry);
  }

  async sees(text) {
    await this.scope().getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();
  }

  // The control that a label belongs to: by a label tag or an aria-label, or in the cell beside the text.
  control(label) {
    const beside = `xpath=//td[normalize-space(translate(., "*", ""))="${label}"]/following-sibling::td[1]//*[self::input or self::select]`;
    const labelled = this.scope().getByLabel(new RegExp(`^\\s*${escaped(label)}(?!\\w)`));
    return labelled.or(this.scope().locator(beside)).first();
  }

  async fill(label, value) {
    await this.control(label).fill(value);
  }

  async choose(label, option) {
    const control = this.control(label);
    const text = await control.locator("option", { hasText: option }).first().textContent();
    await control.selectOption({ label: text });
  }

  button(text) {
    const by = (role) => this.scope().getByRole(role, { name: text, exact: true });
    return by("button").or(by("link")).first();
  }

  async press(text) {
    await this.button(text).click();
  }

  // The innermost row of a table that holds all these texts.
  row(...texts) {
    const rows = this.scope().locator("tr:not(:has(tr))");
    return texts.reduce((found, text) => found.filter({ hasText: text }), rows).first();
  }

  // What a row's picture says, or the row itself where it has none: a word, a tool tip, or its drawing only.
  async outcome(row) {
    const picture = row.locator("img").first();
    if ((await picture.count()) === 0) return "";
    const said = [await picture.getAttribute("alt"), await picture.getAttribute("title")].filter(Boolean);
    return said[0] ?? (await picture.getAttribute("src")).replace(/^.*\/|\.svg$/g, "");
  }

  // Looks again until it is so; every look is a page of its own.
  async until(what, look) {
    const end = Date.now() + PATIENCE;
    let seen;
    do seen = await look();
    while (seen !== true && Date.now() < end);
    assert.equal(seen, true, `${this.node}: still not ${what}`);
  }

  async shot(name) {
    const folder = process.env.SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${this.node}-${name.replace(/\W+/g, "-")}.png`), fullPage: true });
  }
}
