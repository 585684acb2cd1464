// SPDX-License-Identifier: Apache-2.0
// The page in a real browser:  run.mjs PROGRAM RESOLVER CA [PATTERN...] [--verbose]
//
// Runs inside the lab (tests/page/run.sh).  Each exported function of test_*.mjs is a case; it gets
// {world, browser, open}.  Ends with `N passed, N failed`.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { opener } from "./browser.mjs";
import { start } from "./world.mjs";

const CASE_MS = 90000, AT_ONCE = 2;
const here = path.dirname(fileURLToPath(import.meta.url));
const [program, resolver, ca, ...rest] = process.argv.slice(2);
const verbose = rest.includes("--verbose");
const patterns = rest.filter((r) => !r.startsWith("--"));

async function cases() {
	const found = [];
	for (const file of fs.readdirSync(here).filter((f) => /^test_.*\.mjs$/.test(f)).sort())
		for (const [name, run] of Object.entries(await import(path.join(here, file))))
			if (typeof run === "function" && (!patterns.length || patterns.some((p) => `${file}/${name}`.includes(p))))
				found.push({ name: `${file.slice(5, -4)}/${name}`, run });
	return found;
}

function within(promise, ms) {
	let timer;
	const late = new Promise((_, no) => {
		timer = setTimeout(() => no(new Error(`not done after ${ms} ms`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function one(test, world, browser) {
	const began = Date.now();
	const kit = opener(browser, world);
	try {
		await within(test.run({ world, browser, ...kit }), CASE_MS);
		kit.judge();
		if (verbose)
			console.log(`passed  ${test.name}  ${Date.now() - began} ms`);
		return true;
	} catch (error) {
		console.log(`FAILED  ${test.name}\n${error.stack ?? error}\n`);
		return false;
	} finally {
		await kit.close();
	}
}

const world = await start({ program: path.resolve(program), resolver, ca });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
let passed = 0, failed = 0;
const waiting = await cases();
const worker = async () => {
	for (let test; (test = waiting.shift());)
		(await one(test, world, browser)) ? passed++ : failed++;
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
await browser.close();
if (failed)
	console.log(world.log().slice(-3000));
await world.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
