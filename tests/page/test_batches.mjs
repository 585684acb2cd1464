// SPDX-License-Identifier: Apache-2.0
// A table's rows as mails: seen by those who have no terminal.
import assert from "node:assert/strict";
import { textOf } from "./browser.mjs";
import { batch } from "./world.mjs";

export async function a_batch_and_what_became_of_each_row({ open, world }) {
	const place = await batch(world);
	const page = await open("#/queue");
	await page.getByRole("link", { name: "Batches" }).click();
	const row = page.getByRole("list", { name: "Batches" }).getByRole("listitem");
	await row.first().waitFor();
	assert.match(await row.first().innerText(), /quarter\.csv[^]*Handed in[^]*The relay took 2 of 3 rows/);
	await page.getByRole("link", { name: "quarter.csv" }).click();
	await page.getByRole("heading", { name: "quarter.csv" }).waitFor();
	assert.equal(await page.evaluate(() => decodeURIComponent(location.hash)), place);
	const wrong = page.getByRole("list", { name: "Rows that cannot be sent" });
	assert.match(await wrong.innerText(), /Row 4[^]*<img src=x/);
	const failed = page.getByRole("list", { name: "Recipients that are not well" });
	assert.match(await failed.innerText(), /nobody@recipient\.example[^]*Refused[^]*no such mailbox[^]*550 5\.1\.1/);
	assert.equal(await failed.getByRole("listitem").count(), 1, "what is wrong with a row is told once");
	assert.match(await textOf(page), /What became of 3 recipients[^]*Handed over/);
	const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Results as a table" }).click()]);
	assert.match(file.suggestedFilename(), /^[0-9a-f]{16}\.results\.csv$/);
	await failed.getByRole("link", { name: "nobody@recipient.example" }).click();
	await page.getByRole("heading", { name: "Quarter" }).waitFor();
	await page.goBack();
	await page.getByRole("heading", { name: "quarter.csv" }).waitFor();
}

export async function no_batch_says_how_one_is_sent({ open }) {
	const page = await open("#/queue/batches", { before: (p) => p.route("**/api/v1/batches", (r) => r.fulfill({ json: { schema: 1, batches: [] } })) });
	await page.getByText("No batch so far").waitFor();
	assert.match(await textOf(page), /postrider send --merge customers\.csv/);
}

export async function a_batch_under_way_shows_how_far_it_is({ open, world }) {
	await batch(world);
	let percent = 20;
	const page = await open("#/queue/batches", { before: (p) => p.route("**/api/v1/batches", async (r) => {
		const response = await r.fetch();
		const body = await response.json();
		Object.assign(body.batches[0], { phase: "sending", percent: percent += 20, says: "Sending: row 7" });
		await r.fulfill({ response, json: body });
	}) });
	const bar = page.getByRole("progressbar", { name: "How far quarter.csv is" });
	await bar.waitFor();
	const first = Number(await bar.getAttribute("value"));
	await page.waitForFunction((was) => Number(document.querySelector("progress").value) > was, first);
	assert.match(await textOf(page), /Being handed in[^]*Sending: row 7/);
}
