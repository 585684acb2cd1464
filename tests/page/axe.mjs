// SPDX-License-Identifier: Apache-2.0
// axe-core over the page as it stands: no violation at all.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function judged(page, where) {
	if (!(await page.evaluate(() => Boolean(window.axe))))
		await page.evaluate(AXE); // by the debugger: the page's own policy lets no foreign script in
	const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
	const told = violations.map((v) => `${v.impact} ${v.id}: ${v.help}\n    ${v.nodes.slice(0, 3).map((n) => `${n.html}  ${n.any[0]?.message ?? ""}`).join("\n    ")}`);
	assert.deepEqual(told, [], where);
}
