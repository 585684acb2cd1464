// SPDX-License-Identifier: Apache-2.0
// Before the first paint: the reader's choice of light or dark, if one was made.
(() => {
	try {
		const theme = localStorage.getItem("theme");
		if (theme === "light" || theme === "dark")
			document.documentElement.dataset.theme = theme;
	} catch {
		// No storage here: the system's preference holds.
	}
})();
