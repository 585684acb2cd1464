// SPDX-License-Identifier: Apache-2.0
// Before the first paint: who is signed in is asked while the rest is still read, and the reader's choice of light or dark
// holds, if one was made.
(() => {
	window.early = fetch("api/v1/session", { credentials: "same-origin", cache: "no-store" });
	window.early.catch(() => {}); // api.js takes it, and tells what went wrong
	try {
		const theme = localStorage.getItem("theme");
		if (theme === "light" || theme === "dark")
			document.documentElement.dataset.theme = theme;
	} catch {
		// No storage here: the system's preference holds.
	}
})();
