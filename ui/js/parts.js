// SPDX-License-Identifier: Apache-2.0
// Small things that every view is made of.
import { html, useCallback, useEffect, useRef, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { size, stateOf } from "./words.js";

const ROOM_TIGHT = 4; // times what is kept free

export function State({ name }) {
	const { word, tone, icon, tells } = stateOf(name);
	return html`<span class=${`chip ${tone}`} title=${tells}><${Icon} name=${icon} size=${14} />${word}</span>`;
}

export function Mark({ tone, icon, size = 16, label = "" }) {
	return html`<span class=${`mark ${tone}`}><${Icon} name=${icon} size=${size} label=${label} turns=${icon === "wait"} /></span>`;
}

// To where one came from, or to the list when one came by an address.
export function Back({ to, word }) {
	const back = (e) => {
		if (history.length > 1) {
			e.preventDefault();
			history.back();
		}
	};
	return html`<a class="back" href=${to} onClick=${back}><${Icon} name="back" size=${16} />${word}</a>`;
}

export function Head({ title, tells, children }) {
	return html`<header class="head">
		<div><h1>${title}</h1>${tells && html`<p>${tells}</p>`}</div>
		${children && html`<div class="head-side">${children}</div>`}
	</header>`;
}

export function Notice({ tone = "", icon, children }) {
	return html`<div class=${`notice ${tone}`}><${Icon} name=${icon} /><div class="grow">${children}</div></div>`;
}

// What went wrong, what to do, and a way to do it.
export function Trouble({ problem, again }) {
	return html`<div role="alert"><${Notice} tone="bad" icon="warn">
		<p><strong>${problem.title ?? String(problem)}</strong></p>
		<p>${problem.mend ?? "Reload the page, then try again."}</p>
		${again && html`<div class="buttons notice-act"><button type="button" class="button little" onClick=${again}>Try again</button></div>`}
	<//></div>`;
}

// Of the disk, when there is something to say.  store: {accepting, why, free_bytes, reserve_bytes}
export function Room({ store }) {
	if (!store || (store.accepting && store.free_bytes > store.reserve_bytes * ROOM_TIGHT))
		return null;
	const left = `${size(store.free_bytes)} are free on the disk of the relay's data; below ${size(store.reserve_bytes)} no new mail is taken.`;
	return html`<div class="gap-below" role="status"><${Notice} tone=${store.accepting ? "warn" : "bad"} icon="warn">
		<p><strong>${store.accepting ? "The disk gets full." : "No new mail is taken."}</strong></p>
		<p class="break">${store.accepting ? `${left} Free some space.`
			: `${store.why}. Programs are told to try again later. What is here already is not lost and goes on; new mail is taken by itself once this is mended.`}</p><//></div>`;
}

export function Empty({ icon, title, children }) {
	return html`<div class="empty"><${Icon} name=${icon} size=${34} /><h2>${title}</h2>${children}</div>`;
}

export function Waiting({ what }) {
	return html`<div class="panel waiting" role="status"><span class="away">Loading ${what}</span><i></i><i></i><i></i></div>`;
}

export function Fold({ title, open = false, children }) {
	return html`<details class="fold" open=${open}>
		<summary><${Icon} name="fold" size=${16} />${title}</summary>
		<div class="inside">${children}</div>
	</details>`;
}

async function toClipboard(text) {
	if (navigator.clipboard && isSecureContext)
		return navigator.clipboard.writeText(text);
	// Over plain HTTP there is no clipboard but this old way.
	const area = document.createElement("textarea");
	area.value = text;
	area.className = "away";
	document.body.append(area);
	area.select();
	const done = document.execCommand("copy");
	area.remove();
	if (!done)
		throw new Error("no clipboard");
}

export function Copy({ text, label = "Copy", what = "", plain = false, sign = false }) {
	const [said, say] = useState("");
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const copy = async () => {
		try {
			await toClipboard(typeof text === "function" ? text() : text);
			say("Copied");
		} catch {
			say("Select and copy by hand");
		}
		clearTimeout(timer.current);
		timer.current = setTimeout(() => say(""), 2200);
	};
	return html`<button type="button" class=${`button little ${plain ? "bare" : ""} ${said === "Copied" ? "copied" : ""}`}
		onClick=${copy} aria-label=${said || (what ? `${label}: ${what}` : label)}>
		<${Icon} name=${said === "Copied" ? "check" : "copy"} size=${16} />
		<span class=${sign && !said ? "away" : ""} aria-live="polite">${said || label}</span></button>`;
}

export function Code({ text, what, label = "" }) {
	return html`${label && html`<p class="code-label">${label}</p>`}
		<div class="code"><pre class="raw" tabindex="0">${text}</pre><${Copy} text=${text} what=${what} sign /></div>`;
}

let makeToast = () => {};
export const toast = (text) => makeToast(text);

export function Toasts() {
	const [list, set] = useState([]);
	makeToast = useCallback((text) => {
		const key = Math.random();
		set((l) => [...l.slice(-2), { key, text }]);
		setTimeout(() => set((l) => l.filter((t) => t.key !== key)), 4500);
	}, []);
	return html`<div class="toasts" role="status" aria-live="polite">
		${list.map((t) => html`<div class="toast" key=${t.key}>${t.text}</div>`)}</div>`;
}

// A question over the page.  The browser keeps the keyboard in it, and Escape closes it.
export function Dialog({ title, onClose, children }) {
	const box = useRef();
	useEffect(() => {
		const before = document.activeElement;
		box.current.showModal();
		return () => before?.focus?.();
	}, []);
	return html`<dialog ref=${box} aria-labelledby="dialog-title" onClose=${onClose}
		onClick=${(e) => e.target === box.current && onClose()}>
		<div class="stack"><h2 id="dialog-title">${title}</h2>${children}</div>
	</dialog>`;
}

export function Choices({ name, label, value, options, onChange }) {
	return html`<div class="choices" role="radiogroup" aria-label=${label}>
		${options.map(([v, word]) => html`<label key=${v}>
			<input type="radio" name=${name} value=${v} checked=${v === value} onChange=${() => onChange(v)} />
			<span>${word}</span></label>`)}
	</div>`;
}

// Loads something, again when `deps` change or `again` is called, and every `every` seconds while the page is looked at.
export function useLoad(load, deps, every = 0) {
	const [state, set] = useState({ data: null, problem: null });
	const run = useCallback((signal) => load(signal).then(
		(data) => set({ data, problem: null }),
		(problem) => problem.name !== "AbortError" && set((s) => ({ data: s.data, problem }))), deps);
	useEffect(() => {
		const stop = new AbortController();
		run(stop.signal);
		const timer = every ? setInterval(() => document.hidden || run(stop.signal), every * 1000) : 0;
		return () => {
			stop.abort();
			clearInterval(timer);
		};
	}, [run, every]);
	const again = useCallback(() => run(), [run]);
	return { ...state, again };
}
