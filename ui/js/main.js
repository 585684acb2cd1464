// SPDX-License-Identifier: Apache-2.0
// The frame: places, who is signed in, light or dark; and the view that the address names.
import { html, render, placeNow, useCallback, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import * as api from "./api.js";
import { Icon } from "./icons.js";
import { Toasts, Trouble, Waiting } from "./parts.js";
import { Messages } from "./messages.js";

// All of them lie in the page's one script; what is not shown at first is made when it is asked for.
const PLACES = {
	messages: { word: "Messages", icon: "mail", view: Messages },
	queue: { word: "Queue", icon: "queue", load: async () => (await import("./queue.js")).Queue },
	check: { word: "Check", icon: "probe", load: async () => (await import("./check.js")).Check },
	explain: { word: "Explain", icon: "speech", load: async () => (await import("./explain.js")).Explain },
	health: { word: "Health", icon: "pulse", load: async () => (await import("./health.js")).Health },
};
const MESSAGE = { icon: "mail", load: async () => (await import("./message.js")).Message };
const STOPPED = { icon: "block", load: async () => (await import("./stopped.js")).Stopped };
const BATCHES = { icon: "file", load: async () => (await import("./batches.js")).Batches };
const BATCH = { icon: "file", load: async () => (await import("./batches.js")).Batch };
const LOGIN = { load: async () => (await import("./login.js")).Login };

const whenIdle = window.requestIdleCallback ?? setTimeout; // Safari has none

function useView(kind) {
	const [loaded, set] = useState({ kind: null, view: null, problem: null });
	useLayoutEffect(() => {
		if (kind.view)
			return;
		let wanted = true;
		kind.load().then((view) => {
			kind.view = view;
			if (wanted)
				set({ kind, view, problem: null });
		}, () => wanted && set({ kind, view: null, problem: new api.Problem(0, "This part of the page could not be loaded.",
			"Is the relay running? Reload the page.") }));
		return () => {
			wanted = false;
		};
	}, [kind]);
	return { view: kind.view, problem: loaded.kind === kind ? loaded.problem : null };
}

function Show({ kind, ...props }) {
	const { view, problem } = useView(kind);
	useLayoutEffect(() => {
		if (view && !performance.getEntriesByName("usable").length)
			performance.mark("usable"); // a view's fields and buttons stand there and answer: the tests and the bench read it
		if (view)
			whenIdle(() => {
				document.documentElement.dataset.letters = ""; // css/base.css
			});
	}, [view]);
	if (problem)
		return html`<${Trouble} problem=${problem} again=${() => location.reload()} />`;
	return view ? html`<${view} ...${props} />` : html`<${Waiting} what="the view" />`;
}

const THEME_S = 365 * 86400;
const THEMES = { "": "Light and dark as the system", light: "Light", dark: "Dark" };

function ThemeSwitch() {
	const root = document.documentElement;
	const [theme, set] = useState(root.dataset.theme ?? "");
	const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
	const turn = () => {
		const next = dark ? "light" : "dark";
		root.dataset.theme = next;
		// A cookie, for the server gives the page already in it: to read the browser's storage holds up the first view.
		document.cookie = `theme=${next}; path=${location.pathname}; max-age=${THEME_S}; samesite=lax`;
		set(next);
	};
	return html`<button type="button" class="button little bare" onClick=${turn} title=${THEMES[theme]}>
		<${Icon} name=${dark ? "sun" : "moon"} size=${16} />${dark ? "Light" : "Dark"}</button>`;
}

const Brand = () => html`<a class="brand" href="#/messages"><${Icon} name="horn" size=${24} />Postrider</a>`;

function Who({ session, leave }) {
	return html`<${ThemeSwitch} />${session.user && html`<div class="who"><span title=${`Role: ${session.role}`}>${session.user}</span>
		<button type="button" class="button little bare" onClick=${leave}>Sign out</button></div>`}`;
}

// On a phone, where there is no room beside the view.
const Top = (props) => html`<header class="top"><${Brand} /><${Who} ...${props} /></header>`;

function Side({ place, session, leave }) {
	return html`<nav class="side" aria-label="Places">
		<${Brand} />
		${Object.entries(PLACES).map(([id, { word, icon }]) => html`<a key=${id} class="place" href=${`#/${id}`}
			aria-current=${id === place ? "page" : undefined}><${Icon} name=${icon} />${word}</a>`)}
		<div class="side-foot"><${Who} session=${session} leave=${leave} /></div>
	</nav>`;
}

function usePlace() {
	const [at, set] = useState(placeNow);
	useEffect(() => {
		const moved = () => set(placeNow());
		addEventListener("hashchange", moved);
		return () => removeEventListener("hashchange", moved);
	}, []);
	return at;
}

// What is not in the row of places lies below one of them.
function kindOf(place, id) {
	if (place === "messages" && id)
		return MESSAGE;
	if (place !== "queue" || !id)
		return PLACES[place];
	return id === "stopped" ? STOPPED : id === "batches" ? BATCHES : id.startsWith("batches/") ? BATCH : PLACES[place];
}

function App() {
	const at = usePlace();
	const [session, setSession] = useState(null);
	const [problem, setProblem] = useState(null);
	const main = useRef();
	const ask = useCallback(() => {
		setProblem(null);
		api.session().then(setSession, setProblem);
	}, []);
	useLayoutEffect(() => { // not after the next frame, as an effect would
		api.whenSignedOut(ask);
		ask();
	}, []);
	const place = PLACES[at.place] ? at.place : "messages";
	const nobody = session !== null && !session.role;
	const moved = useRef(false);
	useEffect(() => {
		const name = nobody ? "Sign in" : PLACES[place].word;
		document.title = `${name} - Postrider`;
		if (moved.current)
			main.current?.focus({ preventScroll: true });
		moved.current = true;
		scrollTo(0, 0);
	}, [place, at.id, nobody]);

	if (problem)
		return html`<main class="view"><${Trouble} problem=${problem} again=${ask} /></main>`;
	if (nobody)
		return html`<${Show} kind=${LOGIN} signedIn=${setSession} possible=${session.logins} /><${Toasts} />`;
	const leave = () => api.logout().finally(() => location.reload()); // nothing of it stays in memory
	const kind = kindOf(place, at.id);
	const mayAct = ["operate", "admin"].includes(session?.role);
	return html`<a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); main.current.focus(); }}>To the content</a>
		<div class="frame">
			<${Top} session=${session ?? {}} leave=${leave} />
			<${Side} place=${place} session=${session ?? {}} leave=${leave} />
			<main class="view" id="main" tabindex="-1" ref=${main}>
				${session && html`<${Show} key=${place + (kind !== PLACES[place] || place === "health" ? at.id : "")} kind=${kind} at=${at} mayAct=${mayAct} />`}
			</main>
		</div><${Toasts} />`;
}

render(html`<${App} />`, document.getElementById("app"));
