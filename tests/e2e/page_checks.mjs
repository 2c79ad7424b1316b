// SPDX-License-Identifier: Apache-2.0
// What somebody does who looks at the page, in a real browser: page_checks.mjs CASE BASE [JSON]. Ends with 1 and says why
// when the page is not as it should be. test_page.py makes what is looked at.
import { createRequire } from "node:module";
import { strict as assert } from "node:assert";

const root = new URL("../../build/browser/", import.meta.url).pathname;
const { chromium } = createRequire(root)("playwright-core");
const [wanted, base, given = "{}"] = process.argv.slice(2);
const known = JSON.parse(given);
const patience = 15000;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const complaints = [];

async function open(path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, ...options });
  page.setDefaultTimeout(patience);
  page.on("pageerror", (error) => complaints.push(`${path}: ${error.message}`));
  page.on("console", (message) => {
    const expected = known.refusals && message.text().includes("403");
    if (message.type() === "error" && !expected) complaints.push(`${path}: ${message.text()}`);
  });
  await page.goto(base + path);
  return page;
}
const sees = (page, text) => page.getByText(text, { exact: false }).first().waitFor();
const row = (page, text) => page.locator("tbody tr", { hasText: text });

const cases = {
  async jobs() {
    const page = await open("/");
    await row(page, known.job).getByText("running").first().waitFor();
    assert.equal(new URL(page.url()).pathname, "/ui/");
    // What is registered while the page is open comes by itself.
    console.log("ready");
    await row(page, known.later).waitFor();
    await row(page, known.job).getByRole("link").first().click();
    await page.getByRole("heading", { name: known.job }).waitFor();
    await sees(page, "1 of 1 healthy");
    await sees(page, "successful");
    assert.match(page.url(), /\/ui\/jobs\/[^/]+%40default$/);
    await page.goBack();
    await row(page, known.later).waitFor();
  },

  async logs() {
    const page = await open(`/ui/allocations/${known.alloc}`);
    const log = page.locator(".logs pre");
    await log.getByText("line 3").waitFor();
    const before = (await log.innerText()).length;
    await page.waitForFunction((n) => document.querySelector(".logs pre").innerText.length > n, before);
    await page.getByRole("button", { name: "stderr" }).click();
    await log.getByText("to stderr").waitFor();
    await row(page, "Started").first().waitFor();
  },

  async why() {
    const page = await open("/ui/evaluations");
    await row(page, "blocked").getByRole("link").first().click();
    await sees(page, "could not be placed");
    await sees(page, "less memory");
  },

  async topology() {
    const page = await open("/ui/topology");
    const machine = page.locator(".machine");
    await machine.getByText("ready").waitFor();
    await machine.getByRole("link", { name: new RegExp(`^${known.job}`) }).first().click();
    await sees(page, "Tasks are running");
    await page.getByRole("navigation").getByText("Nodes").click();
    await row(page, "ready").getByRole("link").first().click();
    await sees(page, "raw_exec");
    await row(page, known.job).first().waitFor();
  },

  async services() {
    const page = await open("/ui/services");
    await row(page, known.service).getByText("/shop").first().waitFor();
    await row(page, known.service).getByRole("link").first().click();
    await row(page, known.job).first().waitFor();
    // A tag is text, whatever it says.
    await sees(page, "<img src=x onerror=alert(1)>");
  },

  async registry() {
    const page = await open("/ui/");
    await row(page, "consul").first().waitFor();
    assert.deepEqual(await page.locator("nav a").allInnerTexts(), ["Services"]);
    await row(page, known.service).getByRole("link").first().click();
    await sees(page, "critical");
    await sees(page, known.output);
  },

  async token() {
    const page = await open("/ui/jobs");
    await sees(page, "none that may be seen without a token");
    await page.keyboard.press("3");
    await sees(page, "may not see this");
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Secret").fill("11111111-1111-1111-1111-111111111111");
    await page.getByRole("button", { name: "Sign in" }).click();
    await sees(page, "may not see this");
    await page.getByLabel("Secret").fill(known.secret);
    await page.keyboard.press("Enter");
    await row(page, known.job).first().waitFor();
    const kept = await page.evaluate(() => ({ here: Object.values(sessionStorage), disk: Object.values(localStorage) }));
    assert.deepEqual(kept.here, [known.secret]);
    assert.ok(!kept.disk.includes(known.secret));
    await page.getByRole("link", { name: "Token" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await sees(page, "none that may be seen without a token");
  },

  async keys() {
    const page = await open("/ui/jobs");
    await row(page, known.job).first().waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.innerText), "To the content");
    await page.keyboard.press("/");
    await page.keyboard.type("no such job");
    await sees(page, "Nothing matches");
    await page.keyboard.press("Escape");
    await page.keyboard.press("3");
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    await page.getByRole("columnheader", { name: "Node", exact: true }).getByRole("button").focus();
    await page.keyboard.press("Enter");
    await page.locator("th[aria-sort=ascending]").waitFor();
  },

  async phone() {
    for (const path of ["/ui/jobs", `/ui/jobs/${known.job}%40default`, "/ui/topology", "/ui/evaluations", `/ui/allocations/${known.alloc}`]) {
      const page = await open(path, { viewport: { width: 360, height: 740 }, hasTouch: true });
      await page.locator("main h1").waitFor();
      await page.waitForTimeout(300);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px wider than the phone`);
      await page.close();
    }
  },

  async colours() {
    const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground(await open("/ui/", { colorScheme: "light" }));
    const page = await open("/ui/", { colorScheme: "dark" });
    const dark = await ground(page);
    assert.notEqual(light, dark);
    await page.getByRole("button", { name: /Colours/ }).click();
    await page.getByRole("button", { name: "Colours: light" }).waitFor();
    assert.equal(await ground(page), light);
    await page.reload();
    await page.getByRole("button", { name: "Colours: light" }).waitFor();
    assert.equal(await ground(page), light);
  },

  async nothing() {
    const page = await open("/ui/no/such/page");
    await sees(page, "Nothing here");
    await page.goto(base + "/ui/jobs/none%40default");
    await sees(page, "There is no such thing");
    complaints.length = 0; // the browser notes the 404
  },
};

try {
  await cases[wanted]();
  assert.deepEqual(complaints, []);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
