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
    const expected = (known.refusals && /\b40[03]\b/.test(message.text())) || (known.absent && message.text().includes("404"));
    if (message.type() === "error" && !expected) complaints.push(`${path}: ${message.text()}`);
  });
  await page.goto(base + path);
  return page;
}
const sees = (page, text) => page.getByText(text, { exact: false }).first().waitFor();
const row = (page, text) => page.locator("tbody tr", { hasText: text });

const button = (page, name) => page.getByRole("button", { name, exact: true });
const jobPage = (job) => `/ui/jobs/${job}%40default`;
const asked = (page) => page.getByRole("dialog");
const answer = async (path) => (await fetch(base + path)).json();
async function signIn(page, secret) {
  await page.goto(base + "/ui/settings/tokens");
  await page.getByLabel("Secret").fill(secret);
  await button(page, "Sign in").click();
  await page.getByRole("heading", { name: "Jobs" }).waitFor();
}

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

  async job() {
    const page = await open(jobPage(known.job));
    await row(page, "running").first().waitFor();
    assert.equal(await page.getByRole("button", { name: /Scale to/ }).count(), 0);
    await button(page, "More of g").click();
    await button(page, "Scale to 2").click();
    await sees(page, "g is to have 2.");
    await row(page, "running").nth(1).waitFor();
    // Whoever leaves the question has done nothing.
    await button(page, "Stop").click();
    await asked(page).getByText("Its 2 running allocations end.").waitFor();
    await asked(page).getByRole("heading", { name: `Stop ${known.job}?` }).waitFor();
    await button(asked(page), "Cancel").click();
    await asked(page).waitFor({ state: "detached" });
    assert.equal((await answer(`/v1/job/${known.job}`)).Stop, false);
    assert.equal(await page.evaluate(() => document.activeElement.innerText), "Stop");
    // Nothing but the answer says that it is done.
    let hold;
    await page.route(`**/v1/job/${known.job}?*`, async (route) => {
      if (route.request().method() === "DELETE") await new Promise((resolve) => (hold = resolve));
      await route.continue();
    });
    await button(page, "Stop").click();
    await button(asked(page), `Stop ${known.job}`).click();
    await button(page, "Stopping…").waitFor();
    assert.equal(await button(page, "Stopping…").getAttribute("aria-busy"), "true");
    assert.equal(await page.getByText("stopped").count(), 0);
    hold();
    await page.locator(".facts").getByText("stopped").waitFor();
    await row(page, "complete").first().waitFor();
    assert.equal(await button(page, "Stop").count(), 0);
    assert.equal(await button(page, "More of g").count(), 0);
    await button(page, "Start again").click();
    await page.locator(".facts").getByText("running").waitFor();
    await row(page, "running").first().waitFor();
  },

  async start() {
    const page = await open(jobPage(known.job));
    await button(page, "Start again").click();
    await row(page, "running").first().waitFor();
  },

  async bounds() {
    const page = await open(jobPage(known.job));
    await sees(page, "1 to 3");
    const field = page.getByLabel("Copies of g");
    await button(page, "Fewer of g").click({ force: true });
    assert.equal(await field.inputValue(), "1");
    await field.fill("4");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await page.getByRole("button", { name: /Scale to/ }).count(), 0);
    await field.fill("2");
    await page.keyboard.press("Enter");
    const refusal = page.getByRole("alert");
    await refusal.getByText("job scaling blocked due to active deployment").waitFor();
    await refusal.getByText("wait for its end").waitFor();
  },

  async restart_job() {
    const page = await open(jobPage(known.job));
    await row(page, "running").nth(1).waitFor();
    await button(page, "Restart").click();
    await button(asked(page), `Restart ${known.job}`).click();
    await sees(page, "2 of 2 are done, complete");
    assert.equal(await button(page, "Cancel the restart").count(), 0);
  },

  async alloc() {
    const page = await open(`/ui/allocations/${known.alloc}`);
    await button(page, "Restart").click();
    await sees(page, "was restarted");
    await row(page, "Restart Signaled").waitFor();
    await button(page, "Stop").click();
    await button(asked(page), "Stop it").click();
    await page.locator(".facts").getByText("complete").waitFor();
    assert.equal(await button(page, "Restart").count(), 0);
    await page.getByRole("link", { name: "The one after" }).click();
    await page.locator(".facts").getByText("running").waitFor();
  },

  async terminal() {
    const page = await open(`/ui/allocations/${known.alloc}`);
    const log = page.getByRole("log");
    await button(page, "Open a terminal").click();
    await page.getByLabel("Line for t").waitFor();
    await page.keyboard.type("echo grüße-$((40+2)); echo aside >&2");
    await page.keyboard.press("Enter");
    await log.getByText("grüße-42").waitFor();
    await log.getByText("aside").waitFor();
    await page.keyboard.type("exit 3");
    await page.keyboard.press("Enter");
    await sees(page, "It ended with 3.");
    // What it said stays, and another one can be opened.
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Command in t");
    await page.getByLabel("Command in t").fill("/bin/cat");
    await page.keyboard.press("Enter");
    await page.getByLabel("Line for t").fill("back again");
    await button(page, "Send").click();
    await log.filter({ hasText: /back again\s*back again/ }).waitFor();
    await button(page, "End of input").click();
    await sees(page, "It ended with 0.");
    await page.getByLabel("Command in t").fill("/no/such/program");
    await page.keyboard.press("Enter");
    await page.locator(".terminal .outcome p").getByText(/./).waitFor();
    complaints.length = 0; // the browser notes what was not opened
  },

  async rollout() {
    const page = await open("/ui/deployments");
    const rollout = page.locator(".rollout", { hasText: `${known.job} version 1` });
    await rollout.getByText("wait for promotion").waitFor();
    await button(rollout, "Pause").click();
    await rollout.getByText("Deployment is paused").waitFor();
    await button(rollout, "Resume").click();
    await rollout.getByText("1 of 1 healthy").waitFor();
    await button(rollout, "Promote").click();
    await rollout.getByText("successful").first().waitFor();
    assert.equal(await button(rollout, "Fail").count(), 0);
  },

  async rollout_fails() {
    const page = await open(jobPage(known.job));
    const rollout = page.locator(".rollout", { hasText: "version 2" });
    await button(rollout, "Fail").click();
    await button(asked(page), "Fail it").click();
    await rollout.getByText("failed").first().waitFor();
  },

  async node() {
    const page = await open(`/ui/clients/${known.node}`);
    const facts = page.locator(".facts");
    await facts.getByText("ready").waitFor();
    await button(page, "Mark ineligible").click();
    await facts.getByText("ineligible").waitFor();
    await button(page, "Mark eligible").click();
    await facts.getByText("ready").waitFor();
    // A drain of a node with nothing on it is over at once, and leaves it ineligible.
    await button(page, "Drain").click();
    await asked(page).getByText("stopped").waitFor();
    await button(asked(page), "Cancel").click();
    await button(page, "Drain").click();
    await button(asked(page), "Drain it").click();
    await button(page, "Cancel the drain").or(button(page, "Mark eligible")).click();
    await facts.getByText("ready").waitFor();
    await button(page, "Mark ineligible").waitFor();
  },

  async deed_keys() {
    const page = await open(jobPage(known.job));
    await button(page, "Restart").waitFor();
    const here = () => page.evaluate(() => document.activeElement.innerText);
    for (let i = 0; i < 20 && (await here()) !== "Stop"; ++i) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await asked(page).waitFor();
    assert.equal(await here(), "Cancel");
    await page.keyboard.press("3"); // no key of the page while a question is open
    await page.keyboard.press("Escape");
    await asked(page).waitFor({ state: "detached" });
    assert.equal(await here(), "Stop");
    await page.keyboard.press("Enter");
    await asked(page).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await button(page, "Start again").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.className), "doing");
  },

  async rights() {
    const page = await open("/ui/");
    const change = (policy, rules) =>
      fetch(`${base}/v1/acl/policy/${policy}`, {
        method: "PUT",
        headers: { "X-Nomad-Token": known.manages },
        body: JSON.stringify({ Name: policy, Rules: rules }),
      });
    await signIn(page, known.reads);
    await page.goto(base + jobPage(known.job));
    await row(page, "running").first().waitFor();
    await page.waitForTimeout(500);
    for (const name of ["Stop", "Restart", "More of g"]) assert.equal(await button(page, name).count(), 0, name);
    await signIn(page, known.scales);
    await page.goto(base + jobPage(known.job));
    await button(page, "More of g").click();
    assert.equal(await button(page, "Stop").count(), 0);
    // What a token may can be taken from it while it looks.
    await page.goto(base + `/ui/allocations/${known.alloc}`);
    await row(page, "Started").waitFor();
    assert.equal(await button(page, "Open a terminal").count(), 0);
    await page.goto(base + jobPage(known.job));
    await button(page, "More of g").click();
    await change("scales", 'namespace "default" { policy = "read" }');
    await button(page, "Scale to 2").click();
    const refusal = page.getByRole("alert");
    await refusal.getByText("This token may not do this").waitFor();
    await refusal.getByText("needs namespace:scale-job").waitFor();
    await refusal.getByText("Permission denied").waitFor();
    await refusal.getByRole("link", { name: "Sign in with another one" }).click();
    await page.getByLabel("Secret").waitFor();
    // A terminal shows the token too, where a browser lets it.
    await signIn(page, known.manages);
    await page.goto(base + `/ui/allocations/${known.alloc}`);
    await button(page, "Open a terminal").click();
    await page.getByLabel("Line for t").fill("echo may-$((1+1))");
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("may-2").waitFor();
  },

  async phone_deeds() {
    for (const path of [jobPage(known.job), `/ui/allocations/${known.alloc}`, `/ui/clients/${known.node}`, "/ui/deployments"]) {
      const page = await open(path, { viewport: { width: 360, height: 740 }, hasTouch: true });
      await page.locator("main h1").waitFor();
      for (const name of ["Stop", "Drain"]) {
        await page.waitForTimeout(300);
        if (!(await button(page, name).count())) continue;
        await button(page, name).click();
        await asked(page).waitFor();
        const box = await asked(page).boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= 360, `the question of ${path} is at ${JSON.stringify(box)}`);
        await button(asked(page), "Cancel").click();
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px wider than the phone`);
      await page.close();
    }
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
