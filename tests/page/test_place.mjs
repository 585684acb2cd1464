// SPDX-License-Identifier: Apache-2.0
// Where the reader is in a list, while its rows come, go and change by themselves.
import assert from "node:assert/strict";
import { submit } from "./smtp.mjs";

const row = (name) => ({ id: `id${name}`, rcpt: 1, state: "delayed", subject: `Mail ${name}`, recipient: `${name}@recipient.example`, sender: "clerk@acme.example",
	arrived: new Date().toISOString() });
const link = (page, name) => page.getByRole("link", { name: `Mail ${name} ` });

// A list of these rows; turn() makes it other rows, which the page asks for when it hears of any change at the relay.
async function listOf(open, world, names, { before } = {}) {
	let now = names;
	const page = await open("#/messages?q=recipient", { before: async (p) => {
		await before?.(p);
		await p.route((url) => url.pathname.endsWith("api/v1/messages"), (route) => route.fulfill({ json: { messages: [...now].map(row) } }));
	} });
	await link(page, names[0]).waitFor();
	await page.locator("html[data-letters]").waitFor(); // these come behind all else, and are of another height
	await page.evaluate(() => document.fonts.ready);
	return { page, async turn(to) {
		now = to;
		await submit(world.smtp, [{ from: "clerk@acme.example", to: ["clara@recipient.example"], subject: "News" }]);
		await page.waitForFunction((all) => [...document.querySelectorAll(".hit-subject")].map((s) => s.textContent.slice(-1)).join("") === all, to);
	} };
}

const withoutMoveBefore = { before: (page) => page.addInitScript(() => delete Element.prototype.moveBefore) };
const top = async (page, name) => (await link(page, name).boundingBox()).y;
const NEAR = 4; // a page is scrolled by whole pixels

export async function a_row_with_the_keyboard_keeps_it_and_its_place({ open, world }) {
	const { page, turn } = await listOf(open, world, "ABCDEFGHIJKL", withoutMoveBefore);
	await page.setViewportSize({ width: 1280, height: 500 });
	await link(page, "B").focus();
	for (const rows of ["NABCDEFGHIJKL", "ONABCDEFGHIJKL", "OBNACDEFGHIJKL", "BONACDEFGHIJKL", "ONABCDEFGHIJKL"]) {
		const was = await top(page, "B");
		await turn(rows);
		assert.ok(await link(page, "B").evaluate((a) => a === document.activeElement), `${rows}: the keyboard stays in its row`);
		if (!rows.startsWith("B")) // above the first row there is nothing to scroll to
			assert.ok(Math.abs(await top(page, "B") - was) < NEAR, `${rows}: the row stays where it was`);
	}
	await page.keyboard.press("Enter");
	await page.waitForURL(/idB/);
}

export async function who_was_in_a_row_that_went_goes_on_behind_it({ open, world }) {
	const { page, turn } = await listOf(open, world, "ABCD");
	await link(page, "B").focus();
	await turn("ACD");
	await page.keyboard.press("Tab");
	assert.ok(await link(page, "C").evaluate((a) => a === document.activeElement));
}

export async function a_selected_text_stays_selected({ open, world }) {
	const { page, turn } = await listOf(open, world, "ABCDE", withoutMoveBefore);
	const selected = () => page.evaluate(() => getSelection().toString());
	await link(page, "A").locator(".hit-subject").evaluate((subject) => getSelection().selectAllChildren(subject));
	for (const rows of ["NABCDE", "BCDEA", "ABCDE"]) {
		await turn(rows);
		assert.equal(await selected(), "Mail A", rows);
	}
}

// What was typed comes into the address a moment later; a row may have been opened before.
export async function an_opened_mail_is_not_left_for_what_was_typed({ open, world }) {
	const page = await open("#/messages");
	await page.locator(".hit").first().waitFor();
	await page.evaluate((id) => {
		const box = document.querySelector("input[type=search]"), said = document.querySelector("[role=status][data-answers]");
		// Behind the drawing, but before what is done after it.
		new MutationObserver((_, drawn) => {
			if (!said.textContent)
				return;
			drawn.disconnect();
			requestAnimationFrame(() => document.querySelector(`.hit a[href*="${id}"]`).click());
		}).observe(said, { childList: true, characterData: true, subtree: true });
		box.value = "nobody@recipient.example";
		box.dispatchEvent(new InputEvent("input", { bubbles: true }));
	}, world.ids[0]);
	await page.getByRole("heading", { name: "Invoice 2026-117" }).waitFor();
}
