// SPDX-License-Identifier: Apache-2.0
// The HTTP API as the page uses it.  Addresses are relative, so that the page works below any path.
const BASE = "api/v1/";
let csrf = "";
let onSignedOut = () => {};

export function whenSignedOut(f) {
	onSignedOut = f;
}

// A problem document (RFC 9457), or what went wrong before there was one: `title` says what, `mend` what to do.
export class Problem extends Error {
	constructor(status, title, mend, more = {}) {
		super(title);
		Object.assign(this, { status, title, mend, more });
	}
}

const MENDS = {
	400: "Correct what was entered and try again.",
	401: "Sign in, then try again.",
	403: "Your account may not do that. Ask the administrator of this Postrider.",
	404: "It may have been removed since. Go back to the list and search for it.",
	409: "It changed meanwhile. Look at it again before you act.",
	413: "That is too large for this page. Use the command: postrider explain FILE",
	429: "Wait a moment, then try again.",
	503: "The relay is busy or going down. Try again in a few seconds.",
};

async function problemOf(response) {
	let body = {};
	try {
		body = await response.json();
	} catch {
		// no problem document: the status has to do
	}
	const title = (body.title || `The relay answered ${response.status}`).replace(/[^.!?]$/, "$&.");
	return new Problem(response.status, title, body.detail || MENDS[response.status] || "Look at the relay's log.", body);
}

// The first question was asked before this script was read (start.js).
function takeEarly(method, path) {
	const early = method === "GET" && path === "session" ? window.early : null;
	if (early)
		window.early = null;
	return early;
}

async function call(method, path, { body, signal, as = "json" } = {}) {
	const headers = {};
	if (body !== undefined)
		headers["Content-Type"] = "application/json";
	if (method !== "GET" && csrf)
		headers["X-CSRF-Token"] = csrf;
	let response;
	try {
		response = await (takeEarly(method, path) ?? fetch(BASE + path, { method, headers, signal, credentials: "same-origin",
			cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) }));
	} catch (error) {
		if (error.name === "AbortError")
			throw error;
		throw new Problem(0, "The relay does not answer.", "Is it running, and is the network up? Then try again.");
	}
	if (!response.ok) {
		const problem = await problemOf(response);
		if (problem.status === 401 && path !== "session")
			onSignedOut();
		throw problem;
	}
	if (as === "text")
		return response.text();
	return response.status === 204 ? null : response.json();
}

// What was pasted may hold tabs: the API refuses control characters.
const query = (params) => new URLSearchParams(Object.entries(params).filter(([, v]) => v !== "" && v !== undefined && v !== null)
	.map(([name, v]) => [name, String(v).replace(/\p{Cc}+/gu, " ")]));
const id = encodeURIComponent;

async function take(promise) {
	const session = await promise;
	csrf = session?.csrf ?? "";
	return session;
}

// {user, role, csrf, logins}; role null: nobody is signed in
export const session = () => take(call("GET", "session"));
export const login = (user, password) => take(call("POST", "session", { body: { user, password } }));
export const logout = () => call("DELETE", "session");

export const messages = (params, signal) => call("GET", `messages?${query(params)}`, { signal });
export const message = (which, signal) => call("GET", `messages/${id(which)}`, { signal });
export const steer = (which, action, body = {}) => call("POST", `messages/${id(which)}/${action}`, { body });
export const queue = (signal) => call("GET", "queue", { signal });
export const steerQueue = (action, body) => call("POST", `queue/${action}`, { body });
export const stopped = (params, signal) => call("GET", `suppressions?${query(params)}`, { signal });
export const stopMail = (body) => call("POST", "suppressions", { body });
export const allowMail = (whom) => call("DELETE", `suppressions?${query({ address: whom })}`);
export const explain = (text, signal) => call("POST", "explain", { body: { text }, signal });
export const health = (since, signal) => call("GET", `health?${query({ since })}`, { signal });

export const startCheck = (options) => call("POST", "check", { body: options });
export const batches = (signal) => call("GET", "batches", { signal });
export const batch = (which, signal) => call("GET", `batches/${id(which)}`, { signal });
export const batchResults = (which) => `${BASE}batches/${id(which)}/results`;
export const profiles = (signal) => call("GET", "profiles", { signal });
export const checks = (signal) => call("GET", "check", { signal });
export const stopCheck = (which) => call("DELETE", `check/${id(which)}`);
export const check = (which, signal) => call("GET", `check/${id(which)}`, { signal });
// of: {check: ID} or {message: ID, rcpt}
export function report(of, form) {
	const whose = of.check ? `check/${id(of.check)}` : `messages/${id(of.message)}`;
	return call("GET", `${whose}/report?${query({ rcpt: of.rcpt, ...form })}`, { as: "text" });
}
export const monitorCheck = (name, signal) => call("GET", `monitors/${id(name)}/last`, { signal });
export const runMonitor = (name) => call("POST", `monitors/${id(name)}/run`);

// Server-sent events; returns a function that stops listening.  The browser comes back by itself after a break.
function listen(path, on) {
	const source = new EventSource(BASE + path);
	for (const [name, act] of Object.entries(on))
		source.addEventListener(name, (event) => {
			let data = null;
			try {
				data = event.data ? JSON.parse(event.data) : null;
			} catch {
				return; // cut off in the middle: the document at the end has it all
			}
			act(data);
		});
	return () => source.close();
}

export const watchCheck = (which, on) => listen(`check/${id(which)}/events`, on);
export const watchNews = (on) => listen("events", on);
