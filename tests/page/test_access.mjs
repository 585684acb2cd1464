// SPDX-License-Identifier: Apache-2.0
// By keyboard alone, and by what a screen reader is told.
import assert from "node:assert/strict";
import { judged } from "./axe.mjs";
import { PHONE, allHits, move } from "./browser.mjs";
import { batch } from "./world.mjs";

const still = (page) => page.waitForTimeout(200);

async function judgeAll(open, hashes, options = {}) {
	const page = await open(hashes[0], options);
	for (const hash of hashes) {
		await move(page, hash);
		await still(page);
		await judged(page, `${hash} ${options.scheme ?? ""}`);
	}
}

// Few rows: each is like the next, and axe looks at every one.
const LIST = "#/messages?q=clerk%40acme.example";
const DARK_PHONE = { scheme: "dark", size: PHONE };

export const axe_mail = async ({ open, world }) => judgeAll(open, [LIST, `#/messages/${world.ids[0]}`, "#/queue", "#/queue/stopped", "#/queue/batches", await batch(world)]);
export const axe_mail_dark_phone = async ({ open, world }) => judgeAll(open, [LIST, `#/messages/${world.ids[0]}`, "#/queue", "#/queue/stopped", "#/queue/batches", await batch(world)], DARK_PHONE);
export const axe_tools = ({ open }) => judgeAll(open, ["#/check", "#/explain", "#/health"]);
export const axe_tools_dark_phone = ({ open }) => judgeAll(open, ["#/check", "#/explain", "#/health"], DARK_PHONE);

export async function axe_login_and_dialog({ open }) {
	const door = await open("", { user: null });
	await door.getByRole("button", { name: "Sign in" }).waitFor();
	await judged(door, "login");
	const queue = await open("#/queue", { scheme: "dark" });
	await queue.getByRole("button", { name: "Choose all" }).click();
	await queue.getByRole("button", { name: "Hold" }).click();
	await queue.getByRole("dialog").waitFor();
	await judged(queue, "dialog");
}

export async function axe_result_and_explanation({ open }) {
	const check = await open("#/check");
	await check.getByLabel("What shall be checked?").fill("mail.acme.example:587");
	await check.keyboard.press("Enter");
	await check.getByRole("region", { name: "Verdict" }).waitFor();
	await check.getByText(/The dialogue \(/).click();
	await still(check);
	await judged(check, "result");
	const explain = await open("#/explain");
	await explain.getByRole("button", { name: "A bounce" }).click();
	await explain.getByText("no such mailbox").first().waitFor();
	await judged(explain, "explanation");
}

const focused = (page) => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText ?? "");

async function tabTo(page, what, most = 40) {
	for (let i = 0; i < most; i++) {
		await page.keyboard.press("Tab");
		if (what.test(await focused(page)))
			return;
	}
	throw new Error(`Tab does not reach ${what}`);
}

export async function by_keyboard_from_search_to_the_cause({ open }) {
	const page = await open();
	await page.getByRole("heading", { name: "Messages" }).waitFor();
	await page.keyboard.press("Tab");
	assert.equal(await focused(page), "To the content");
	await page.keyboard.press("Enter");
	assert.equal(await page.evaluate(() => document.activeElement.id), "main");
	await page.keyboard.press("/");
	assert.equal(await focused(page), "Search mail");
	await page.keyboard.type("nobody@recipient.example");
	await page.waitForURL(/q=nobody/);
	await allHits(page, "nobody@recipient.example");
	await tabTo(page, /Invoice 2026-117/);
	const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
	assert.notEqual(ring, "none", "one sees where the keyboard is");
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { name: "Invoice 2026-117" }).waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.id), "main", "the new view is where the keyboard is");
	await tabTo(page, /^Copy all: what You should do/);
}

export async function by_keyboard_a_check_and_a_dialog({ open }) {
	const page = await open("#/check");
	await page.getByLabel("What shall be checked?").waitFor();
	await page.locator("#main").focus();
	await page.keyboard.press("Tab");
	await page.keyboard.type("mail.acme.example:587");
	await page.keyboard.press("Enter");
	await page.getByRole("region", { name: "Verdict" }).waitFor();
	await page.locator("#main").focus();
	await tabTo(page, /Send this to IT/);
	await page.keyboard.press("Enter");
	await page.getByRole("dialog").waitFor();
	for (let i = 0; i < 8; i++) {
		await page.keyboard.press("Tab");
		assert.ok(await page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)),
			"the keyboard stays in the dialog");
	}
	await page.keyboard.press("Escape");
	await page.getByRole("dialog").waitFor({ state: "detached" });
	assert.match(await focused(page), /Send this to IT/, "the keyboard goes back to where it came from");
}

export async function each_place_has_a_title({ open }) {
	const page = await open();
	for (const name of ["Queue", "Check", "Explain", "Health", "Messages"]) {
		await page.getByRole("link", { name, exact: true }).click();
		await page.getByRole("heading", { name, level: 1 }).waitFor();
		assert.equal(await page.title(), `${name} - Postrider`);
		assert.equal(await page.locator("h1").count(), 1);
	}
}
