// SPDX-License-Identifier: Apache-2.0
// A browser's windows for one case: signed in, watched for errors, for requests elsewhere and for markup that ran.
import assert from "node:assert/strict";
import { PASSWORD } from "./world.mjs";

const WAIT_MS = 40000; // CI is slow at times

export const DESK = { width: 1280, height: 860 }, PHONE = { width: 390, height: 844 };

// One login a role is enough: a login is slow on purpose.
const cookies = new Map();

async function cookieOf(world, user) {
	if (!cookies.has(user))
		cookies.set(user, (async () => {
			const response = await fetch(`${world.base}api/v1/session`, { method: "POST", headers: { "Content-Type": "application/json" },
				body: JSON.stringify({ user, password: PASSWORD }) });
			assert.equal(response.status, 200, `${user} cannot sign in: ${await response.text()}`);
			const [name, value] = response.headers.getSetCookie()[0].split(";")[0].split("=");
			return { name, value, url: world.base, httpOnly: true, sameSite: "Strict" };
		})());
	return cookies.get(user);
}

export function opener(browser, world) {
	const contexts = [], wrong = [], excused = [];
	return {
		// excuse: patterns of console errors that the case provokes
		async open(hash = "", { user = "anna", size = DESK, scheme = "light", excuse = [], before } = {}) {
			const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: "reduce", timezoneId: "Europe/Berlin" });
			contexts.push(context);
			excused.push(...excuse);
			if (user)
				await context.addCookies([await cookieOf(world, user)]);
			const page = await context.newPage();
			page.setDefaultTimeout(WAIT_MS);
			page.on("pageerror", (e) => wrong.push(`error in the page: ${e.stack}`));
			page.on("console", (m) => ["error", "warning"].includes(m.type()) && wrong.push(`console: ${m.text()} ${m.location()?.url ?? ""}`));
			page.on("request", (r) => r.url().startsWith(world.base) || /^(data|blob):/.test(r.url()) || wrong.push(`request elsewhere: ${r.url()}`));
			await before?.(page);
			await page.goto(`${world.base}${hash}`);
			return page;
		},
		judge() {
			const left = wrong.filter((w) => !excused.some((e) => e.test(w)));
			assert.deepEqual(left, []);
		},
		async close() {
			await Promise.all(contexts.map((c) => c.close()));
		},
	};
}

// To another view, as a link would; a page loaded anew costs ten times as much.
export async function move(page, hash) {
	await page.locator("h1").waitFor();
	if (new URL(page.url()).hash === hash)
		return;
	await page.evaluate((to) => {
		document.querySelector("h1").dataset.old = "";
		location.hash = to;
	}, hash);
	await page.locator("h1:not([data-old])").waitFor();
}

// What the page shows as text, without what is folded away.
export const textOf = (page) => page.locator("#app").innerText();

export async function noMarkupRan(page) {
	assert.equal(await page.evaluate(() => window.hit), undefined, "markup of an outsider ran");
	assert.equal(await page.locator("#app img, #app script, #app iframe, #app [onerror], #app [onload]").count(), 0, "markup of an outsider is in the page");
}

// The list holds mails to that recipient and no others; how many there are is for the world's other guests to say.
export async function allHits(page, recipient) {
	await page.waitForFunction((to) => {
		const hits = [...document.querySelectorAll(".hit")];
		return hits.length && hits.every((hit) => hit.textContent.includes(to));
	}, recipient);
}
