// SPDX-License-Identifier: Apache-2.0
// Put into the page (tools/embed_ui.py).  What the page holds as markup is drawn first, with the place marked that the
// address names; then come who is signed in (api.js takes the answer) and the rest of the script.  Asked for earlier, they
// made the first paint some 20 ms later and the page usable no sooner.
{
	const rest = "./main.js";
	const place = location.hash.replace(/^#\/?/, "").split(/[/?]/)[0] || "messages";
	document.querySelector(`.side [href="#/${CSS.escape(place)}"]`)?.setAttribute("aria-current", "page");
	const go = () => {
		window.early = fetch("api/v1/session", { credentials: "same-origin", cache: "no-store" });
		// A body is fetched when somebody reads it: that is done here too.  api.js tells what went wrong.
		window.early.then((response) => response.clone().text()).catch(() => {});
		import(rest).catch(() => {
			document.getElementById("main").textContent = "The rest of this page did not come. Is the relay running? Then load the page again.";
		});
	};
	if (document.hidden) // nothing is drawn, nothing waits for it
		go();
	else
		requestAnimationFrame(() => setTimeout(go));
}
