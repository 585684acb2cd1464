// SPDX-License-Identifier: Apache-2.0
// Views in states that seldom are: much is wrong, a server is silent, the disk is full.  What the lab cannot bring about
// in seconds is answered here in the API's place, in its form (src/watch/health.h).
import assert from "node:assert/strict";
import net from "node:net";
import { DESK, PHONE, textOf } from "./browser.mjs";
import { judged } from "./axe.mjs";

const HOUR_MS = 3600e3, DAY_MS = 24 * HOUR_MS;
const ago = (ms) => new Date(Date.now() - ms).toISOString();

const run = (i, bad) => ({ at: ago((40 - i) * 900e3), verdict: bad ? "failing" : "ok", finding: bad ? "connect-timeout" : null, step: null, away: false,
	elapsed_ms: 90, runs: 1, bad: bad ? 1 : 0, steps: { dns: 3, connect: 20 + (i % 7), auth: 60 + ((i * 31) % 50) } });
const monitor = (more) => ({ name: "office", target: "profile:office", every_ms: 900e3, state: "well", since: ago(DAY_MS), open: false, late: false,
	finding: null, summary: "All steps work.", last: ago(400e3), next: ago(-500e3), runs: 40, well_share: 1,
	history: Array.from({ length: 40 }, (_, i) => run(i, more.state === "bad" && i > 30)), ...more });

const TROUBLED = {
	schema: 1, state: "bad", says: "2 of 3 monitors are bad: office, partner.",
	trouble: "cannot open again the log /var/lib/postrider/log/queue.log: Permission denied; its lines go on into the file that had its name",
	monitors: [
		monitor({ state: "bad", well_share: 0.9312, finding: { id: "connect-timeout", title: "Nothing answers at 192.0.2.17" }, summary: "Nothing answers." }),
		monitor({ name: "partner", target: "gateway.a-very-long-name-of-a-company.example:465", state: "bad", open: true, late: true, summary: "It is refused." }),
		monitor({ name: "fresh", state: "unknown", since: null, last: null, runs: 0, well_share: null, history: [], summary: "It has not run yet." }),
	],
	expiring: [
		{ kind: "own-certificate", name: "relay.acme.example", detail: "", trouble: "cannot use the key in /etc/postrider/key.pem: it belongs to another certificate", expires: ago(2 * DAY_MS), days_left: -2, warn: true },
		{ kind: "certificate", name: "mail.recipient.example:587", detail: "issued by R11", expires: ago(-9 * HOUR_MS), days_left: 0, warn: true },
		{ kind: "client-secret", name: "office", detail: "3f2a9c1e-77aa-4a11-9c1d-0e5d0c9b1a11", expires: ago(-12.5 * DAY_MS), days_left: 12, warn: true },
	],
	dns: {
		records: [{ name: "selector1._domainkey.acme.example", type: "TXT", values: [`v=DKIM1; p=${"MIIBIjANBgkqhkiG9w0B".repeat(10)}`], since: ago(9 * DAY_MS) }],
		changes: [{ at: ago(5 * HOUR_MS), name: "recipient.example", type: "MX", before: ["10 mx1.recipient.example."], after: [] }],
	},
	days: Array.from({ length: 7 }, (_, i) => ({ day: ago((6 - i) * DAY_MS).slice(0, 10), taken: 90, handed_over: 900 + i * 100, refused: i * 7, delayed: 30, bounced: i, expired: 1 })),
	queue: Array.from({ length: 60 }, (_, i) => ({ at: ago((60 - i) * HOUR_MS), waiting: 5, held: 0, sending: 1, oldest_s: 3600 * (i % 20) })),
	caps: [{ kind: "route", name: "m365", limit: "10,000 recipients a day", used: 10000, most: 10000 }, { kind: "account", name: "app@example.com", limit: "100 recipients a day", used: 86, most: 100 }],
	alerts: [{ at: ago(5 * HOUR_MS), alert: "us", way: "mail", kind: "bad", subject: "office is bad: nothing answers at 192.0.2.17", result: "queued as 01JD3W0Z8M" }],
};
const FULL = { schema: 1, running: true, waiting: 0, destinations: [], store: { accepting: false, why: "take new mail into /var/lib/postrider: No space left on device", free_bytes: 41e6, reserve_bytes: 67108864 } };

const answers = (path, document) => (page) => page.route((url) => url.pathname.endsWith(path), (route) => route.fulfill({ json: document }));

async function nothingSticksOut(page, where) {
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	assert.ok(wide <= 0, `${where} is ${wide} wider than the screen`);
}

async function seeTrouble(open, options) {
	const page = await open("#/health", { ...options, before: answers("api/v1/health", TROUBLED) });
	await page.getByRole("heading", { name: "Alerts given" }).waitFor();
	for (const fold of await page.locator("summary").all())
		await fold.click();
	await nothingSticksOut(page, "Health");
	await judged(page, `health in trouble ${options.scheme ?? ""}`);
	return page;
}

export async function health_in_trouble_says_what_is_wrong({ open }) {
	const page = await seeTrouble(open, { size: DESK });
	const text = await textOf(page);
	assert.match(text, /2 of 3 monitors are bad[^]*It should have run by now[^]*Its renewal fails: cannot use the key[^]*has run out[^]*within a day[^]*12 days[^]*86 of 100[^]*was 10 mx1[^]*is nothing/);
	assert.match(text, /Longest wait in the queue, hours/);
	assert.match(text, /The relay has trouble of its own\.[^]*cannot open again the log/);
	assert.equal(await page.getByRole("link", { name: "Where it breaks, and who acts" }).count(), 2);
}

export const health_in_trouble_on_a_dark_telephone = ({ open }) => seeTrouble(open, { size: PHONE, scheme: "dark" });

export async function a_full_disk_is_told({ open }) {
	const page = await open("#/queue", { before: answers("api/v1/queue", FULL) });
	await page.getByText("No new mail is taken.").waitFor();
	assert.match(await textOf(page), /No space left on device\.[^]*not lost/);
}

export async function a_silent_server_is_waited_for_aloud({ open }) {
	const silent = net.createServer(() => {});
	const port = await new Promise((done) => silent.listen(0, "127.0.0.1", () => done(silent.address().port)));
	try {
		const page = await open("#/check", { size: PHONE, scheme: "dark" });
		await page.getByLabel("What shall be checked?").fill(`127.0.0.1:${port}`);
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: `Checking 127.0.0.1:${port}` }).waitFor();
		await page.getByText(/no answer yet/).waitFor();
		await nothingSticksOut(page, "a check under way");
		await judged(page, "a check under way");
		await page.getByRole("button", { name: "Stop" }).click();
		await page.locator("[aria-busy]").waitFor({ state: "detached" });
	} finally {
		silent.close();
	}
}

export async function an_unknown_text_clears_nobody({ open }) {
	const page = await open("#/explain", { scheme: "dark" });
	await page.getByLabel("What the program or the mail said").fill("554 5.9.9 frobnicator said zork");
	await page.getByRole("button", { name: "Explain", exact: true }).click();
	await page.locator(".cards").waitFor();
	assert.doesNotMatch(await textOf(page), /Nothing is wrong|Nothing to change/);
	await judged(page, "an unknown text");
}

export async function a_session_that_ended_asks_again({ open }) {
	const page = await open("#/queue", { excuse: [/401/] });
	await page.getByRole("heading", { name: "Queue" }).waitFor();
	await page.context().clearCookies();
	await page.getByRole("link", { name: "Health", exact: true }).click();
	await page.getByRole("button", { name: "Sign in" }).waitFor();
	await page.getByLabel("Name").fill("anna");
	await page.getByLabel("Password").fill("wrong");
	await page.keyboard.press("Enter");
	assert.match(await page.getByRole("alert").innerText(), /Name or password is wrong\.\s+Type both again/);
	await judged(page, "a wrong password");
}
