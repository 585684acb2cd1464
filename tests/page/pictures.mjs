// SPDX-License-Identifier: Apache-2.0
// The README's pictures, of the page that `tools/tour-page.sh` shows:  pictures.mjs URL FOLDER
// Pack them afterwards: pngquant --ext .png --force FOLDER/page-*.png
import path from "node:path";
import { chromium } from "playwright-core";
import { DESK, PHONE } from "./browser.mjs";

const [base, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function look(hash, { size = DESK, scheme = "light", act = async () => {}, ...options } = {}) {
	const context = await browser.newContext({ viewport: size, colorScheme: scheme, deviceScaleFactor: 1.25, reducedMotion: "reduce" });
	const page = await context.newPage();
	await page.goto(base + hash);
	await page.locator("h1").waitFor();
	await act(page);
	await page.waitForTimeout(500);
	const picture = await page.screenshot(options);
	await context.close();
	return picture;
}

const refused = (page) => page.getByRole("link", { name: /Invoice 2026-117/ }).first().click();

async function check(page) {
	await page.getByLabel("What shall be checked?").fill("mail.acme.example:587");
	await page.keyboard.press("Enter");
	await page.getByRole("region", { name: "Verdict" }).waitFor();
}

// Several telephones beside each other.
async function row(pictures, file) {
	const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
	await page.setContent(`<body style="margin:0;background:#e9e6df"><div style="display:flex;gap:28px;justify-content:center;padding:28px;width:1224px">
		${pictures.map((p) => `<img style="width:380px;border-radius:22px;box-shadow:0 6px 30px #0003" src="data:image/png;base64,${p.toString("base64")}">`).join("")}</div>`);
	await page.locator("div").screenshot({ path: path.join(folder, file) });
	await page.close();
}

await look("#/messages", { path: path.join(folder, "page-messages.png") });
await look("#/messages", { act: refused, size: { width: 1280, height: 940 }, path: path.join(folder, "page-message.png") });
await look("#/check", { act: check, size: { width: 1280, height: 1100 }, path: path.join(folder, "page-check.png") });
await look("#/health", { scheme: "dark", size: { width: 1280, height: 900 }, path: path.join(folder, "page-health.png") });
await row([await look("#/messages", { size: PHONE }), await look("#/messages", { size: PHONE, act: refused, scheme: "dark" }),
	await look("#/check", { size: PHONE, act: check })], "page-phone.png");
await browser.close();
