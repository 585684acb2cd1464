// SPDX-License-Identifier: Apache-2.0
// How soon somebody sees something, and can use it.  All is measured in the page itself and beside an empty page
// in the same browser, turn by turn: a busy machine delays both.  One comes from a page of another site, as people do:
// a browser then has a process ready for who asks for one of its own (Cross-Origin-Opener-Policy).
import assert from "node:assert/strict";
import http from "node:http";

// The bench (make bench) takes more looks and tells them.
const BENCH = Boolean(process.env.PAGE_TRAILS), LOOKS = BENCH ? 15 : 3, PAUSE_MS = 200;
// So many times the empty page's first paint at most, the best look of each; beside other tests only a blow-up is told.
const MORE = BENCH ? { paint: 2, usable: 5 } : { paint: 8, usable: 12 };

const best = (l) => Math.min(...l), middle = (l) => [...l].sort((a, b) => a - b)[l.length >> 1];
const tell = (l) => `${Math.round(middle(l))} ms (${l.map(Math.round).join(", ")})`;

function emptyPage() {
	const server = http.createServer((request, response) => {
		response.setHeader("Content-Type", "text/html");
		response.end(request.url === "/" ? "<!doctype html><title>An empty page</title><p>Empty" : "");
	});
	return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

// First contentful paint, and when the view's own fields and buttons stood there (main.js marks it) and were painted.
async function look(page, url, usable) {
	await page.goto(url);
	return page.evaluate(async (mark) => {
		const seen = (name) => performance.getEntriesByName(name)[0]?.startTime;
		while (!seen("first-contentful-paint") || (mark && !seen(mark)))
			await new Promise((done) => setTimeout(done, 5));
		return { paint: seen("first-contentful-paint"), usable: Math.max(seen(mark) ?? 0, seen("first-contentful-paint")) };
	}, usable);
}

export async function view_is_seen_and_used_soon({ browser, open, world }) {
	const server = await emptyPage();
	const empty = [], paint = [], usable = [];
	try {
		const cookies = await (await open()).context().cookies();
		for (let i = 0; i < LOOKS; i++)
			for (const [url, mark] of [[`http://127.0.0.1:${server.address().port}/`, ""], [world.base, "usable"]]) {
				const context = await browser.newContext(); // nothing is cached
				await context.addCookies(cookies);
				const page = await context.newPage();
				await page.goto(`http://localhost:${server.address().port}/`);
				await page.waitForTimeout(PAUSE_MS);
				const found = await look(page, url, mark);
				await context.close();
				mark ? (paint.push(found.paint), usable.push(found.usable)) : empty.push(found.paint);
			}
	} finally {
		server.close();
	}
	const told = `first paint after ${tell(paint)}, usable after ${tell(usable)}, an empty page after ${tell(empty)}`;
	if (BENCH)
		console.log(told);
	assert.ok(best(paint) < MORE.paint * best(empty), told);
	assert.ok(best(usable) < MORE.usable * best(empty), told);
}

export async function first_view_waits_for_nothing({ open, world }) {
	const page = await open("#/queue", { excuse: [/ERR_FAILED/], before: (p) => p.route(/\.(js|woff2)$/, (r) => r.abort()) });
	const places = page.getByRole("navigation", { name: "Places" });
	assert.match(await places.innerText(), /Messages\s+Queue\s+Check\s+Explain\s+Health/);
	assert.equal(await places.locator("[aria-current]").innerText(), "Queue");
	await page.getByText("Is the relay running?").waitFor();
	const sent = await (await fetch(world.base)).text();
	assert.doesNotMatch(sent, /<link(?! rel="icon")|<script [a-z]/, "a file stands before the first view");
}
