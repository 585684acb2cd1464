// SPDX-License-Identifier: Apache-2.0
// Where the reader is in a list, while its rows come, go and change by themselves.

// What was typed comes into the address a moment later; a row may have been opened before.
export async function an_opened_mail_is_not_left_for_what_was_typed({ open, world }) {
	const page = await open("#/messages");
	await page.locator(".hit").first().waitFor();
	await page.evaluate((id) => {
		const box = document.querySelector("input[type=search]"), said = document.querySelector("[role=status][data-answers]");
		// Behind the drawing, but before what is done after it.
		new MutationObserver((_, drawn) => {
			if (!said.textContent)
				return;
			drawn.disconnect();
			requestAnimationFrame(() => document.querySelector(`.hit a[href*="${id}"]`).click());
		}).observe(said, { childList: true, characterData: true, subtree: true });
		box.value = "nobody@recipient.example";
		box.dispatchEvent(new InputEvent("input", { bubbles: true }));
	}, world.ids[0]);
	await page.getByRole("heading", { name: "Invoice 2026-117" }).waitFor();
}
