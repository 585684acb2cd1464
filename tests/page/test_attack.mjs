// SPDX-License-Identifier: Apache-2.0
// Outsiders' texts, other sites and other people's sessions.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import http from "node:http";
import { move, noMarkupRan, textOf } from "./browser.mjs";
import { HOSTILE, PASSWORD, batch } from "./world.mjs";

// Through the real ways: a mail's subject and sender, and the words of the next server.
export async function hostile_mail_and_reply_stay_text({ open, world }) {
	const page = await open();
	await page.getByText("<img src=x onerror=").first().waitFor();
	await noMarkupRan(page);
	await page.goto(`${world.base}#/messages/${world.ids[3]}`);
	await page.getByText(/550 5\.1\.1/).first().waitFor(); // the view before it has a heading, too
	const text = await textOf(page);
	assert.ok(text.includes(HOSTILE.slice(0, 40)), "the subject is shown as it came");
	assert.match(text, /550 5\.1\.1/);
	await noMarkupRan(page);
	await page.goto(`${world.base}#/messages?q=${encodeURIComponent(HOSTILE)}`);
	await page.getByRole("searchbox").waitFor();
	await noMarkupRan(page);
	await page.goto(`${world.base}#/explain?text=${encodeURIComponent(HOSTILE)}`);
	await page.getByRole("button", { name: "Explain", exact: true }).click();
	await page.getByText("The words it was told from").first().waitFor();
	await noMarkupRan(page);
}

// What the page decides by must stay; every other text of every document may be an outsider's.
const KEPT = new Set(["state", "status", "verdict", "step", "severity", "actor", "retry", "dir", "kind", "time", "at", "arrived", "changed",
	"next", "expires", "oldest", "since", "seen", "last", "day", "started", "paused_until", "role", "csrf", "cursor", "action", "form"]);

function spoil(value, key = "") {
	if (typeof value === "string")
		return KEPT.has(key) ? value : HOSTILE + value;
	if (Array.isArray(value))
		return value.map((v) => spoil(v, key));
	if (value && typeof value === "object")
		return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, spoil(v, k)]));
	return value;
}

const spoilAll = (page) => page.route(/\/api\/v1\/(?!.*events)/, async (route) => {
	const response = await route.fetch();
	const text = await response.text();
	let body = text;
	try {
		body = JSON.stringify(spoil(JSON.parse(text)));
	} catch {
		// not JSON: as it is
	}
	await route.fulfill({ response, body });
});

// Certificate names, DNS texts, hosts, banners, replies, titles: all of a document at once, in every view.
export async function every_text_of_every_document_stays_text({ open, world }) {
	execFileSync(world.program, ["suppression", "add", "--config", world.conf, "stopped@scripted.example"]);
	const made = await open("#/check");
	await made.getByLabel("What shall be checked?").fill("mail.acme.example:587");
	await made.keyboard.press("Enter");
	await made.getByRole("region", { name: "Verdict" }).waitFor();
	const check = await made.evaluate(() => location.hash);
	const page = await open("#/messages", { before: spoilAll });
	for (const hash of ["#/messages", `#/messages/${world.ids[0]}`, "#/queue", "#/queue/stopped", "#/queue/batches", await batch(world), check, "#/health", "#/explain"]) {
		await move(page, hash);
		if (hash === "#/explain")
			await page.getByRole("button", { name: "A refused login" }).click();
		await page.locator("#main").getByText("<img src=x").first().waitFor();
		await page.evaluate(() => document.querySelectorAll("details").forEach((d) => {
			d.open = true;
		}));
		await page.waitForTimeout(100);
		await noMarkupRan(page);
		const links = await page.evaluate(() => [...document.querySelectorAll("a[href]")].map((a) => a.protocol));
		assert.deepEqual(links.filter((p) => !["http:", "https:"].includes(p)), [], hash);
	}
}

const api = (world, method, path, headers = {}, body = undefined) => fetch(`${world.base}api/v1/${path}`, { method, headers, body, redirect: "manual" });

async function signIn(world, user = "otto") {
	const response = await api(world, "POST", "session", { "Content-Type": "application/json" }, JSON.stringify({ user, password: PASSWORD }));
	assert.equal(response.status, 200);
	const full = response.headers.getSetCookie()[0];
	return { full, cookie: full.split(";")[0], ...(await response.json()) };
}

export async function nobody_sees_anything_without_a_session({ open, world }) {
	for (const path of ["messages", "queue", "health", `messages/${world.ids[0]}`, "check/x"])
		assert.equal((await api(world, "GET", path)).status, 401, path);
	const page = await open("#/queue", { user: null, excuse: [/status of 401/] });
	await page.getByLabel("Name").fill("anna");
	await page.getByLabel("Password").fill("wrong");
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("alert").waitFor();
	assert.equal(await page.getByLabel("Password").inputValue(), "");
	await page.getByLabel("Password").fill(PASSWORD);
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { name: "Queue" }).waitFor();
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.getByRole("button", { name: "Sign in" }).waitFor();
	await page.reload();
	await page.getByRole("button", { name: "Sign in" }).waitFor();
	assert.doesNotMatch(await textOf(page), /Invoice/);
}

export async function the_cookie_is_kept_from_scripts_and_other_sites({ open, world }) {
	const session = await signIn(world);
	assert.match(session.full, /HttpOnly/i);
	assert.match(session.full, /SameSite=(Strict|Lax)/i);
	assert.ok(session.cookie.split("=")[1].length >= 22, "long enough not to be guessed");
	const other = await signIn(world);
	assert.notEqual(session.cookie, other.cookie);
	const page = await open();
	assert.equal(await page.evaluate(() => document.cookie), "");
	const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
	assert.equal(kept, "{}", "nothing of the session lies in the storage");
}

export async function a_session_ends_when_signed_out_and_cannot_be_given({ world }) {
	const chosen = await api(world, "GET", "messages", { Cookie: "postrider=chosen-by-somebody-else-1234567890" });
	assert.equal(chosen.status, 401);
	const s = await signIn(world);
	const headers = { Cookie: s.cookie, "X-CSRF-Token": s.csrf, "Content-Type": "application/json" };
	assert.equal((await api(world, "GET", "messages", { Cookie: s.cookie })).status, 200);
	const out = await api(world, "DELETE", "session", headers);
	assert.ok(out.ok, `${out.status}`);
	assert.equal((await api(world, "GET", "messages", { Cookie: s.cookie })).status, 401, "the cookie is worth nothing any more");
}

export async function another_site_cannot_act_for_who_is_signed_in({ browser, world }) {
	const s = await signIn(world);
	const path = `messages/${world.ids[1]}/cancel`, json = { "Content-Type": "application/json" };
	const tries = {
		"no token": { Cookie: s.cookie, ...json },
		"a wrong token": { Cookie: s.cookie, "X-CSRF-Token": "0".repeat(s.csrf.length), ...json },
		"another site": { Cookie: s.cookie, "X-CSRF-Token": s.csrf, Origin: "http://evil.example", ...json },
		"a form": { Cookie: s.cookie, "Content-Type": "text/plain" },
	};
	for (const [name, headers] of Object.entries(tries)) {
		const { status } = await api(world, "POST", path, headers, "{}");
		assert.ok(status === 403 || status === 415, `${name}: ${status}`);
	}
	// A site on another port, in the same browser: a form that sends itself, and a fetch with cookies.
	const site = http.createServer((request, response) => response.writeHead(200, { "Content-Type": "text/html" })
		.end(`<form method="post" enctype="text/plain" action="${world.base}api/v1/${path}"><input name='{"a":"' value='"}'></form>
			<script>fetch("${world.base}api/v1/messages", {credentials: "include"}).then(r => r.text()).then(t => window.read = t, () => window.read = "no")
			.then(() => document.forms[0].submit())</script>`));
	await new Promise((done) => site.listen(0, "localhost", done));
	const context = await browser.newContext();
	try {
		const [name, value] = s.cookie.split("=");
		await context.addCookies([{ name, value, url: world.base, httpOnly: true, sameSite: "Strict" }]);
		const page = await context.newPage();
		const posted = page.waitForResponse((r) => r.request().method() === "POST");
		await page.goto(`http://localhost:${site.address().port}/`);
		const status = (await posted).status();
		assert.ok([401, 403, 415].includes(status), `the form got ${status}`);
	} finally {
		await context.close();
		site.close();
	}
	const after = await (await api(world, "GET", `messages/${world.ids[1]}`, { Cookie: s.cookie })).json();
	assert.notEqual(after.recipients[0].state, "cancelled");
}

export async function it_cannot_be_framed_or_sniffed({ world }) {
	const { headers } = await fetch(world.base);
	assert.match(headers.get("content-security-policy"), /frame-ancestors 'none'/);
	assert.equal(headers.get("x-content-type-options"), "nosniff");
	assert.match((await fetch(`${world.base}api/v1/messages`)).headers.get("content-type"), /application\/problem\+json/);
	const elsewhere = await new Promise((done) => http.get(world.base, { headers: { Host: "evil.example" } }, done));
	assert.notEqual(elsewhere.statusCode, 200, "another name that points here is not served (DNS rebinding)");
}

export async function who_may_only_read_cannot_act({ open, world }) {
	const page = await open(`#/messages/${world.ids[1]}`, { user: "rita" });
	await page.getByRole("heading", { name: "Invoice 2026-118" }).waitFor();
	assert.equal(await page.getByRole("button", { name: "Hold" }).count(), 0);
	const s = await signIn(world, "rita");
	const { status } = await api(world, "POST", `messages/${world.ids[1]}/hold`, { Cookie: s.cookie, "X-CSRF-Token": s.csrf, "Content-Type": "application/json" }, "{}");
	assert.equal(status, 403);
}

// From an address of its own: who guesses is locked out by where he comes from.
function guess(world, i) {
	const body = JSON.stringify({ user: `guess${i % 2}`, password: `guess ${i}` });
	return new Promise((done, no) => http.request(`${world.base}api/v1/session`, { method: "POST", localAddress: "127.0.0.9",
		headers: { "Content-Type": "application/json", "Content-Length": body.length } }, (r) => {
		r.resume();
		done(r.statusCode);
	}).on("error", no).end(body));
}

export async function passwords_cannot_be_tried_for_long({ world }) {
	let last = 0;
	for (let i = 0; i < 30 && last !== 429; i++)
		last = await guess(world, i);
	assert.equal(last, 429);
}

export async function a_relay_that_is_gone_is_told_with_the_mend({ open }) {
	const page = await open("#/messages", { excuse: [/ERR_|Failed to load/] });
	await page.getByRole("listitem").first().waitFor();
	await page.context().setOffline(true);
	await page.getByRole("link", { name: "Queue" }).click();
	const alert = page.getByRole("alert");
	await alert.waitFor();
	assert.match(await alert.innerText(), /does not answer|could not be loaded/);
	await page.context().setOffline(false);
	await alert.getByRole("button", { name: "Try again" }).click();
	await page.getByRole("heading", { name: "Queue" }).waitFor();
}
