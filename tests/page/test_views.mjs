// SPDX-License-Identifier: Apache-2.0
// Each view, as a clerk meets it.
import assert from "node:assert/strict";
import { PHONE, allHits, move, textOf } from "./browser.mjs";
import { batch } from "./world.mjs";

const BUDGET_BYTES = 150 * 1000;
const sum = (list) => list.reduce((a, b) => a + b, 0);

export async function first_view_is_small({ open, world }) {
	const sizes = [];
	const page = await open("", { before: (p) => p.on("response", (r) => {
		if (!r.url().includes("/api/"))
			sizes.push(r.request().sizes().then((s) => s.responseBodySize, () => 0));
	}) });
	await page.getByRole("listitem").first().waitFor();
	await page.evaluate(() => document.fonts.ready);
	const asked = sizes.length, bytes = sum(await Promise.all(sizes)); // known when a response has come whole
	assert.ok(bytes > 20000 && bytes < BUDGET_BYTES, `${bytes} bytes`);
	assert.ok(asked <= 4, `${asked} requests: the page, its script, its font and its icon are enough`);
	const drawn = await page.locator("nav .place").allInnerTexts();
	const sent = [...(await (await fetch(world.base)).text()).matchAll(/class="place".*<\/svg>(.*)<\/a>/g)].map((m) => m[1]);
	assert.deepEqual(sent, drawn, "the frame that is sent is the one that is drawn");
	assert.equal(await page.locator("nav").count(), 1);
}

export async function policy_lets_only_the_pages_own_scripts_run({ open, world }) {
	const policy = (await fetch(world.base)).headers.get("content-security-policy");
	assert.doesNotMatch(policy, /unsafe/);
	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /script-src 'self'( 'sha256-[\w+/]{43}=')+; style-src 'sha256-[\w+/]{43}=';/);
	const page = await open("", { excuse: [/Content Security Policy|TrustedScript/] });
	await page.getByRole("heading", { name: "Messages" }).waitFor();
	const ran = await page.evaluate(async () => {
		for (const [name, put] of [["script", { textContent: "window.hit = 1" }], ["style", { textContent: "h1 { display: none }" }]])
			try {
				document.head.append(Object.assign(document.createElement(name), put));
			} catch {
				// Trusted Types: not even made
			}
		await new Promise((done) => setTimeout(done, 50));
		return [window.hit, getComputedStyle(document.querySelector("h1")).display === "none"];
	});
	assert.deepEqual(ran, [undefined, false]);
}

// The story of the start: why did the invoice not arrive?
export async function an_invoice_that_did_not_arrive({ open }) {
	const page = await open();
	const trouble = page.getByRole("list", { name: "Mail that needs attention" });
	const row = trouble.getByRole("link", { name: /Invoice 2026-117/ });
	await row.waitFor();
	assert.match(await row.textContent(), /Refused[^]*nobody@recipient.example[^]*no such mailbox/);
	await row.click();
	await page.getByRole("heading", { name: "Invoice 2026-117" }).waitFor();
	const text = await textOf(page);
	assert.match(text, /There is no such mailbox/);
	assert.match(text, /Acts first/);
	assert.match(text, /550 5\.1\.1/);
	await page.getByRole("link", { name: /clara@recipient.example/ }).click();
	await page.getByText("Handed over, which is not delivered").first().waitFor();
	assert.match(await page.getByRole("list", { name: "The way of the mail" }).innerText(), /Mailbox\s+not known/);
	await page.goBack();
	await page.goBack();
	await page.getByRole("heading", { name: "Messages" }).waitFor();
}

export async function search_answers_while_it_is_typed({ open }) {
	const page = await open();
	const box = page.getByRole("searchbox");
	const rows = page.getByRole("list", { name: "Mail", exact: true }).getByRole("listitem");
	await box.fill("statement");
	await page.waitForFunction(() => document.querySelectorAll("section .hits .hit").length === 1);
	assert.match(await rows.first().innerText(), /Statement of November/);
	await box.fill("full@recip*");
	await page.getByText("Invoice 2026-118").first().waitFor();
	await box.fill("nosuch@thing.example");
	await page.getByText("Nothing found").waitFor();
	assert.match(await textOf(page), /Search by an address/);
	await page.getByRole("button", { name: "Show all mail" }).click();
	await rows.nth(2).waitFor();
	await page.getByRole("radio", { name: "Needs attention" }).check();
	await page.waitForURL(/show=trouble/);
	await page.waitForFunction(() => !document.querySelector(".hits")?.innerText.includes("Handed over"));
	await page.reload();
	assert.ok(await page.getByRole("radio", { name: "Needs attention" }).isChecked(), "the address keeps the choice");
}

export async function search_follows_links_and_the_way_back({ open }) {
	const page = await open("#/messages?q=statement");
	const box = page.getByRole("searchbox");
	await page.getByText("Statement of November").first().waitFor();
	assert.equal(await box.inputValue(), "statement");
	await page.getByRole("link", { name: "Messages" }).click();
	await page.getByText("Invoice 2026-117").first().waitFor();
	assert.equal(await box.inputValue(), "");
	await page.goBack();
	await page.waitForFunction(() => document.querySelector("input[type=search]").value === "statement");
}

export async function actions_say_their_effect_first({ open, world }) {
	const page = await open(`#/messages/${world.ids[1]}`);
	const act = async (name, sure, says) => {
		await page.getByRole("button", { name, exact: true }).click();
		const dialog = page.getByRole("dialog");
		assert.match(await dialog.innerText(), says);
		await dialog.getByLabel("Reason").fill("a test of the page");
		await dialog.getByRole("button", { name: sure, exact: true }).click();
		await dialog.waitFor({ state: "detached" });
	};
	await act("Hold", "Hold", /Nothing is sent until you release it/);
	await page.getByRole("heading", { name: /^Held/ }).waitFor();
	assert.match(await textOf(page), /a test of the page/);
	await act("Release", "Release", /goes on at once/);
	await page.getByRole("heading", { name: /^Delayed|^Sending|^Queued/ }).waitFor();
	await page.getByRole("button", { name: "Withdraw silently" }).click();
	assert.match(await page.getByRole("dialog").innerText(), /cannot be undone/);
	await page.keyboard.press("Escape");
	await page.getByRole("dialog").waitFor({ state: "detached" });
}

export async function queue_tells_why_and_acts_on_many({ open }) {
	const page = await open("#/queue");
	const lane = page.getByRole("listitem").filter({ hasText: "recipient.example" }).first();
	await lane.waitFor();
	assert.match(await lane.innerText(), /452 4\.2\.2/);
	assert.match(await lane.innerText(), /Next try/);
	await lane.getByRole("checkbox").check();
	const bulk = page.getByRole("region", { name: "What to do with the chosen" });
	await bulk.getByRole("button", { name: "Try now" }).click();
	assert.match(await page.getByRole("dialog").innerText(), /tried at once/);
	await page.getByRole("dialog").getByRole("button", { name: "Leave it as it is" }).click();
	await lane.getByRole("link", { name: "Show the mail" }).click();
	await page.getByText("Invoice 2026-118").first().waitFor();
}

export async function who_gets_no_mail_is_seen_and_changed({ open }) {
	const page = await open("#/queue");
	await page.getByRole("link", { name: "Who gets no mail" }).click();
	await page.getByRole("button", { name: "Add an address" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Address").fill("letters@recipient.example");
	await dialog.getByLabel("Reason").fill("wants letters");
	await dialog.getByLabel("Until").fill("2999-01-31");
	await dialog.getByRole("button", { name: "Stop mail to it" }).click();
	await dialog.waitFor({ state: "detached" });
	const entry = page.getByRole("listitem").filter({ hasText: "letters@recipient.example" });
	assert.match(await entry.innerText(), /wants letters[^]*asked for by anna[^]*31 Jan 2999/);
	await page.getByRole("searchbox").fill("nobody-like-that");
	await page.getByText("Nobody like that").waitFor();
	await page.getByRole("searchbox").fill("LETTERS");
	await entry.getByRole("button", { name: "Remove" }).click();
	assert.match(await dialog.innerText(), /tried again/);
	await dialog.getByRole("button", { name: "Remove it from the list" }).click();
	await page.getByText("Nobody like that").waitFor();
}

export async function a_profile_is_checked_by_one_click({ open }) {
	const page = await open("#/check");
	await page.getByRole("button", { name: "Check it: acme" }).click();
	const verdict = page.getByRole("region", { name: "Verdict" });
	await verdict.waitFor();
	assert.match(await verdict.innerText(), /has run out/);
	await page.getByRole("button", { name: "Check again" }).click();
	await page.getByRole("region", { name: "Before and after" }).waitFor();
	const reader = await open("#/check", { user: "rita" });
	await reader.getByLabel("What shall be checked?").waitFor();
	assert.equal(await reader.getByRole("button", { name: "Check it: acme" }).count(), 0);
}

export async function check_lights_up_step_by_step({ open }) {
	const page = await open("#/check");
	await page.evaluate(() => {
		window.seen = [];
		new MutationObserver(() => {
			const n = document.querySelectorAll("[aria-busy] .step.pass").length;
			if (n && window.seen.at(-1) !== n)
				window.seen.push(n);
		}).observe(document.body, { childList: true, subtree: true, attributes: true });
	});
	await page.getByLabel("What shall be checked?").fill("mail.acme.example:587");
	await page.getByRole("button", { name: "Check", exact: true }).click();
	const verdict = page.getByRole("region", { name: "Verdict" });
	await verdict.waitFor();
	assert.match(await verdict.innerText(), /Failing[^]*has run out/);
	const seen = await page.evaluate(() => window.seen);
	assert.ok(seen.length > 0, "no step was seen while it ran");
	const steps = page.getByRole("region", { name: "Steps" });
	assert.match(await steps.innerText(), /Certificate\s+certificate has expired/);
	const cause = page.getByRole("region", { name: "The cause" });
	assert.match(await cause.innerText(), /Mail server's administrator[^]*Acts first[^]*certbot renew/);
	assert.match(await cause.innerText(), /Almost certain/);
	await page.getByText(/The dialogue \(\d+ lines\)/).click();
	assert.match(await page.getByRole("log").innerText(), /STARTTLS/);
	await page.getByRole("button", { name: "Check again" }).click();
	await page.getByRole("region", { name: "Before and after" }).waitFor();
	assert.match(await page.getByRole("region", { name: "Before and after" }).innerText(), /No step has changed/);
}

export async function check_gives_a_report_for_it({ open }) {
	const page = await open("#/check");
	await page.getByLabel("What shall be checked?").fill("recipient.example");
	await page.keyboard.press("Enter");
	await page.getByRole("region", { name: "Verdict" }).waitFor();
	await page.getByRole("button", { name: "Send this to IT" }).click();
	const saved = page.waitForEvent("download");
	await page.getByRole("button", { name: /HTML/ }).click();
	assert.match((await saved).suggestedFilename(), /^postrider-recipient\.example\.html$/);
	await page.getByRole("button", { name: "Show it here" }).click();
	await page.getByText(/^# /).waitFor();
}

export async function mail_gives_a_report_that_hides_people({ open, world }) {
	const page = await open(`#/messages/${world.ids[0]}`);
	await page.getByRole("button", { name: "Send this to IT" }).click();
	const dialog = page.getByRole("dialog");
	const show = dialog.getByRole("button", { name: "Show it here" });
	await show.click();
	const report = dialog.locator("pre");
	await report.waitFor();
	assert.match(await report.innerText(), /nobody@recipient\.example/);
	assert.doesNotMatch(await report.innerText(), /Invoice 2026-117/);
	await dialog.getByLabel(/person-1/).check();
	await dialog.getByLabel(/subject/).check();
	await show.click();
	await report.filter({ hasText: "Invoice 2026-117" }).waitFor();
	assert.doesNotMatch(await report.innerText(), /nobody@recipient\.example/);
}

export async function a_monitor_runs_when_told_and_shows_its_check({ open }) {
	const page = await open("#/health");
	await page.getByText("Times, and when it runs").click();
	await page.getByRole("button", { name: "Run it now" }).click();
	await page.getByRole("link", { name: "Show its last check" }).click({ timeout: 60000 });
	await page.getByRole("heading", { name: "office", level: 1 }).waitFor();
	assert.match(await page.getByRole("region", { name: "Verdict" }).innerText(), /has run out/);
	await page.getByRole("link", { name: "Health" }).first().click();
}

export async function check_says_what_to_mend({ open }) {
	const page = await open("#/check");
	await page.getByLabel("What shall be checked?").fill("not a server at all");
	await page.keyboard.press("Enter");
	const cause = page.getByRole("region", { name: "The cause" });
	await cause.waitFor();
	assert.match(await cause.innerText(), /You\s+Acts first/);
	const first = await page.evaluate(() => location.hash);
	await page.getByRole("button", { name: "Another check" }).click();
	await page.getByLabel("What shall be checked?").fill("recipient.example");
	await page.keyboard.press("Enter");
	await page.getByText(/recipient.example.*checked/).waitFor();
	await page.evaluate((to) => {
		location.hash = to;
	}, first);
	await page.getByText(/not a server at all.*checked/).waitFor();
	await page.getByRole("button", { name: "Check again" }).click();
	await page.waitForFunction((old) => location.hash !== old, first);
	await page.getByText(/not a server at all.*checked/).waitFor(); // that one, not the last that was typed
	await page.getByRole("button", { name: "Another check" }).click();
	await page.getByRole("link", { name: "not a server at all" }).first().waitFor(); // checked lately
}

export async function explain_takes_a_reply_and_a_bounce({ open }) {
	const page = await open("#/explain");
	await page.getByRole("button", { name: "A refused login" }).click();
	await page.getByRole("heading", { name: /switched off sending by programs/ }).waitFor();
	const bounce = ["From: MAILER-DAEMON@mx.example", "To: a@acme.example", "Subject: Undelivered", "MIME-Version: 1.0",
		'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b", "Content-Type: text/plain", "", "no", "",
		"--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; full@customer.example",
		"Action: failed", "Status: 5.2.2", "Diagnostic-Code: smtp; 552 5.2.2 mailbox is full", "", "--b--", ""].join("\n");
	await page.getByLabel("What the program or the mail said").fill(bounce);
	await page.getByRole("button", { name: "Explain", exact: true }).click();
	await page.getByText("full@customer.example").first().waitFor();
	assert.match(await textOf(page), /mailbox is full/);
	const card = page.locator(".card").filter({ hasText: "Mail server's administrator" });
	assert.match(await card.innerText(), /Dovecot\s+doveadm quota get[^;]*Exchange Online\s+Get-EXOMailboxStatistics/);
	await card.getByRole("button", { name: "Copy: the line for Exchange Online" }).waitFor();
	await card.getByRole("button", { name: "Copy: the line for Dovecot" }).waitFor();
	await page.getByLabel("What the program or the mail said").fill("a sunny day");
	await page.keyboard.press("Control+Enter");
	await page.getByText("Nothing in this text is an error of mail").waitFor();
}

export async function light_and_dark({ open, world }) {
	const sent = async (theme) => (await (await fetch(world.base, { headers: { Cookie: `theme=${theme}` } })).text()).match(/<html.*>/)[0];
	assert.deepEqual(await Promise.all(["dark", "light", '"><b>'].map(sent)),
		['<html data-theme="dark" lang="en">', '<html data-theme="light" lang="en">', '<html lang="en">']);
	const page = await open("", { scheme: "dark" });
	const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	await page.getByRole("heading", { name: "Messages" }).waitFor();
	const dark = await ground();
	await page.getByRole("button", { name: "Light" }).click();
	assert.notEqual(await ground(), dark);
	await page.reload();
	await page.getByRole("button", { name: "Dark" }).waitFor();
	assert.notEqual(await ground(), dark, "the choice is kept");
}

export async function phone_has_everything({ open, world }) {
	const page = await open("#/messages", { size: PHONE });
	for (const hash of ["#/messages", `#/messages/${world.ids[0]}`, "#/queue", "#/queue/stopped", "#/queue/batches", await batch(world), "#/check", "#/explain", "#/health"]) {
		await move(page, hash);
		await page.waitForTimeout(250);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		assert.ok(wide <= PHONE.width, `${hash} is ${wide} wide`);
		const small = await page.evaluate(() => [...document.querySelectorAll("button, nav a, .input")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 36)
			.map((e) => e.outerHTML.slice(0, 80)));
		assert.deepEqual(small, [], `${hash}: too small for a finger`);
		assert.ok(await page.getByRole("link", { name: "Queue" }).first().isVisible());
	}
}

export async function words_claim_no_more_than_is_known({ open, world }) {
	const page = await open("#/messages");
	for (const hash of ["#/messages", `#/messages/${world.ids[0]}?rcpt=0`, "#/queue", "#/health"]) {
		await move(page, hash);
		await page.waitForTimeout(250);
		const text = (await textOf(page)).replaceAll(/not delivered|delivery report|nothing is sent|postrider send/gi, "");
		assert.doesNotMatch(text, /\b(sent|delivered|success\w*)\b/i, hash);
	}
}

export async function times_are_the_readers_and_utc_stands_behind({ open }) {
	const page = await open("#/messages");
	const time = page.locator(".hit time").first();
	await time.waitFor();
	const at = new Date(await time.getAttribute("datetime"));
	assert.match(await time.getAttribute("title"), / UTC$/);
	const there = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" }).format(at);
	assert.equal(await time.innerText(), there);
}

export async function a_name_half_typed_finds_its_mail({ open }) {
	const page = await open("#/messages");
	await page.getByLabel("Search mail").fill("nobod");
	await allHits(page, "nobody@recipient.example");
}

export async function a_mail_that_is_not_there_is_said_so({ open, world }) {
	const page = await open(`#/messages/${world.ids[0].replace(/.$/, (c) => (c === "0" ? "1" : "0"))}`, { excuse: [/404/] });
	await page.getByRole("heading", { level: 1 }).waitFor();
	assert.match(await page.getByRole("alert").innerText(), /^There is no such message\.\s+What is past its time is dropped/);
	assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
}
