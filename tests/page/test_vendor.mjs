// SPDX-License-Identifier: Apache-2.0
// What ui/vendor holds is what the packages hold, but for the changes that its README names.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url)), vendor = path.join(here, "../../ui/vendor");
const theirs = (file) => fs.readFileSync(path.join(here, "node_modules", file));
const ours = (file) => fs.readFileSync(path.join(vendor, file));
const noMap = (text) => text.toString().replace(/^\/\/# sourceMappingURL.*\n?/m, "");

export async function vendor_is_as_published() {
	assert.equal(ours("preact.mjs").toString(), noMap(theirs("preact/dist/preact.mjs")));
	assert.equal(ours("hooks.mjs").toString(), noMap(theirs("preact/hooks/dist/hooks.mjs")).replace('from"preact"', 'from"./preact.mjs"'));
	assert.deepEqual(ours("htm.mjs"), theirs("htm/dist/htm.module.js"));
	assert.deepEqual(ours("inter.woff2"), theirs("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"));
	const said = ours("README.md").toString();
	for (const file of ["preact.mjs", "hooks.mjs", "htm.mjs", "inter.woff2"])
		assert.ok(said.includes(createHash("sha256").update(ours(file)).digest("hex")), `README.md: checksum of ${file}`);
}
