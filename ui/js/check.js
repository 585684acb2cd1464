// SPDX-License-Identifier: Apache-2.0
// A check: asked for, watched while it runs, told when it ends, and compared with the one before.
import { html, address, go, plural, useCallback, useEffect, useRef, useState } from "./lib.js";
import * as api from "./api.js";
import { Icon } from "./icons.js";
import { Choices, Head, Mark, Trouble, useLoad } from "./parts.js";
import { Steps } from "./steps.js";
import { Result } from "./result.js";
import { VERDICTS } from "./words.js";

const SECURITY = [["auto", "Find out"], ["starttls", "STARTTLS"], ["tls", "SSL/TLS"], ["none", "None"]];
const UNTIL = [
	["", "As far as possible"], ["connect", "Connection"], ["tls", "Encryption"], ["auth", "Login"], ["envelope", "Recipient"],
	["message", "Send a test mail"],
];
const TELLS = "Tests a mail set-up end to end, and says which step fails, why, and who has to act.";
const RECENT = 8;
const SLOW_S = 3; // then it is said that a server is waited for
const CERTAIN_MS = 1500; // without live events the document is asked for this often
const BLANK = { target: "", security: "auto", user: "", password: "", from: "", to: "", until: "" };

// What is typed here lives as long as the page: a second check begins with the first one's settings.
let typed = { ...BLANK };
let earlier = null; // the last document that ended, to compare with

const isProfile = (target) => /^profile:/i.test(target); // it says itself who logs in where

function orderOf(f) {
	const order = { target: f.target.trim() }, own = isProfile(order.target);
	for (const name of own ? ["until"] : ["user", "password", "from", "until"])
		if (f[name])
			order[name] = name === "password" ? f[name] : f[name].trim();
	if (f.security !== "auto" && !own)
		order.security = f.security;
	const to = f.to.split(/[\s,;]+/).filter(Boolean);
	if (to.length)
		order.to = to;
	return order;
}

// What an earlier check was asked, as far as its document tells: passwords are in none.
function formOf(doc) {
	const t = doc.facts?.find((f) => f.kind === "target") ?? {};
	return { ...BLANK, target: doc.target.input, security: t.security ?? "auto", user: t.user ?? "", from: t.from_given ? t.from : "",
		to: (t.to ?? []).join(" "), until: t.until === "auto" ? "" : t.until ?? "" };
}

function Field({ id, label, hint, value, onInput, ...more }) {
	return html`<div class="field"><label for=${id}>${label}</label>
		<input class="input" id=${id} value=${value} onInput=${(e) => onInput(e.target.value)} autocapitalize="none" spellcheck="false"
			autocomplete="off" aria-describedby=${hint ? `${id}-hint` : undefined} ...${more} />
		${hint && html`<span class="hint" id=${`${id}-hint`}>${hint}</span>`}</div>`;
}

function Form({ start, busy, target }) {
	const [form, setForm] = useState(target ? (typed = { ...BLANK, target }) : typed);
	const put = (name) => (value) => setForm((f) => (typed = { ...f, [name]: value }));
	const submit = (event) => {
		event.preventDefault();
		start(form);
	};
	return html`<form class="panel pad stack wide" onSubmit=${submit}>
		<div class="field"><label for="target">What shall be checked?</label>
			<div class="ask"><input class="input large" id="target" value=${form.target} onInput=${(e) => put("target")(e.target.value)} required
				placeholder="you@example.com" aria-describedby="target-hint" autocapitalize="none" spellcheck="false" autocomplete="off" />
				<button class="button first" disabled=${busy || !form.target.trim()}>${busy ? "Starting…" : "Check"}</button></div>
			<span class="hint" id="target-hint">An address, whose set-up is found for you; a server such as <code>mail.example.com:587</code>; or a
				domain, to see whether it can send and receive.</span></div>
		<details class="fold" open=${Boolean(form.user || form.password || form.from || form.to)}>
			<summary><${Icon} name="fold" size=${16} />Login, sender and more</summary>
			<div class="inside stack wide">
				<div class="fields two-wide">
					<${Field} id="check-user" label="User name" value=${form.user} onInput=${put("user")} required=${Boolean(form.password)}
						hint="Usually the whole mail address." />
					<${Field} id="check-password" label="Password" type="password" value=${form.password} onInput=${put("password")}
						autocomplete="new-password" hint="Goes only to a server whose certificate was proved. It is not kept." />
					<${Field} id="check-from" label="Sender" type="email" value=${form.from} onInput=${put("from")} placeholder="clerk@example.com" />
					<${Field} id="check-to" label="Recipients" value=${form.to} onInput=${put("to")} placeholder="customer@example.net"
						hint="Asked whether they would be taken. Nothing is sent to them unless you say so below." />
				</div>
				<div class="fields two-wide">
					<div class="field"><span class="label">Encryption</span>
						<${Choices} name="security" label="Encryption" value=${form.security} options=${SECURITY} onChange=${put("security")} /></div>
					<div class="field"><label for="check-until">How far</label>
						<select class="input" id="check-until" value=${form.until} onChange=${(e) => put("until")(e.target.value)}>
							${UNTIL.map(([v, word]) => html`<option key=${v} value=${v} selected=${v === form.until}>${word}</option>`)}</select>
						${form.until === "message" && html`<span class="hint">One short test mail goes from the sender to each recipient above.</span>`}</div>
				</div>
			</div>
		</details>
	</form>`;
}

const withStep = (steps, one) => (steps.some((s) => s.step === one.step)
	? steps.map((s) => (s.step === one.step ? { ...s, ...one } : s)) : [...steps, one]);

// Live events while it runs; the whole document once it has ended.
function useCheck(id) {
	const [state, set] = useState({ steps: [], facts: 0, about: "", doc: null, problem: null });
	const fetchDoc = useCallback(async () => {
		try {
			const doc = await api.check(id);
			if (doc.verdict)
				set((s) => ({ ...s, doc, problem: null }));
			return Boolean(doc.verdict);
		} catch (problem) {
			set((s) => ({ ...s, problem }));
			return true;
		}
	}, [id]);
	useEffect(() => {
		set({ steps: [], facts: 0, about: "", doc: null, problem: null });
		let timer = 0, over = false;
		const ask = async () => {
			over = over || (await fetchDoc());
			if (!over)
				timer = setTimeout(ask, CERTAIN_MS);
		};
		const ended = (end) => {
			over = true;
			stop();
			if (end?.error)
				set((s) => ({ ...s, problem: new api.Problem(0, end.error, "Correct what was asked for, then check again.") }));
			else
				fetchDoc();
		};
		const stop = api.watchCheck(id, {
			step: (step) => step && set((s) => ({ ...s, steps: withStep(s.steps, step) })),
			fact: (fact) => set((s) => ({ ...s, facts: s.facts + 1, about: s.about || (fact?.kind === "target" ? fact.input : "") })),
			end: ended,
		});
		timer = setTimeout(ask, CERTAIN_MS);
		return () => {
			over = true;
			clearTimeout(timer);
			stop();
		};
	}, [id, fetchDoc]);
	return state;
}

function Running({ id, steps, facts, about }) {
	const [s, tick] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => tick((n) => n + 1), 1000);
		return () => clearInterval(timer);
	}, []);
	return html`<div class="panel pad stack" aria-busy="true">
		<div class="between"><div role="status"><h2 class="break">Checking ${about}…</h2></div><div class="row">
			<span class="dim small numbers">${facts ? `${plural(facts, "fact")} so far` : ""}</span>
			<button type="button" class="button little" onClick=${() => api.stopCheck(id).catch(() => {})}>Stop</button></div></div>
		<${Steps} steps=${steps} live patience=${s >= SLOW_S ? `no answer yet; it is waited for, ${s} s so far` : ""} />
	</div>`;
}

function Run({ id, again, renew, busy }) {
	const { steps, facts, about, doc, problem } = useCheck(id);
	const before = useRef(earlier);
	useEffect(() => {
		if (doc)
			earlier = { id, doc };
	}, [doc]);
	if (problem)
		return html`<${Trouble} problem=${problem} again=${renew} />`;
	if (!doc)
		return html`<${Running} id=${id} steps=${steps} facts=${facts} about=${about} />`;
	const old = before.current;
	const same = old && old.id !== id && old.doc.target?.input === doc.target?.input;
	return html`<${Result} id=${id} doc=${doc} before=${same ? old.doc : null} again=${again} renew=${renew} busy=${busy} />`;
}

// Set-ups that the relay's configuration knows, with their logins: one click.
function Profiles({ start, busy }) {
	const { data } = useLoad(api.profiles, []);
	if (!data?.profiles.length)
		return null;
	return html`<section class="section"><h2>This relay's own set-ups</h2>
		<p class="small dim">Checked with the login that the configuration keeps.</p>
		<ul class="panel">${data.profiles.map((p) => html`<li class="due" key=${p.name}><${Mark} tone="" icon="server" size=${15} />
			<span class="break">${p.name} <span class="small dim">${p.host}${p.port ? `:${p.port}` : ""}</span></span>
			<button type="button" class="button little" disabled=${busy} aria-label=${`Check it: ${p.name}`}
				onClick=${() => start({ ...BLANK, target: `profile:${p.name}` })}>Check it</button></li>`)}</ul></section>`;
}

const ENDS = { failed: ["bad", "cross", "could not be done"], cancelled: ["", "block", "stopped"] };

function Recent() {
	const { data } = useLoad(api.checks, []);
	if (!data?.checks.length)
		return null;
	return html`<section class="section"><h2>Checked lately</h2><ul class="panel">${data.checks.slice(0, RECENT).map((c) => {
		const { tone, icon, word } = VERDICTS[c.verdict] ?? {};
		const [t, i, w] = word ? [tone, icon, word] : ENDS[c.state] ?? ["busy", "wait", "under way"];
		return html`<li class="due"><${Mark} tone=${t} icon=${i} size=${15} /><a class="break" href=${address("check", c.id)}>${c.input}</a>
			<span class="small dim">${w}</span></li>`;
	})}</ul></section>`;
}

export function Check({ at, mayAct }) {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState(null);
	const start = async (form) => {
		setBusy(true);
		setProblem(null);
		try {
			const { id } = await api.startCheck(orderOf(form));
			go(address("check", id));
		} catch (p) {
			setProblem(p);
		}
		setBusy(false);
	};
	const renew = () => go("#/check");
	const again = (doc) => {
		if (typed.target.trim() !== doc.target.input)
			typed = formOf(doc);
		if (typed.user && !typed.password && !isProfile(typed.target))
			renew(); // the password has to be typed anew
		else
			start(typed);
	};
	return html`<${Head} title="Check" tells=${at.id ? "" : TELLS}>
			${at.id && html`<button type="button" class="button" onClick=${renew}><${Icon} name="plus" size=${16} />Another check</button>`}<//>
		${problem && html`<div class="stack gap-below"><${Trouble} problem=${problem} /></div>`}
		${at.id ? html`<${Run} key=${at.id} id=${at.id} again=${again} renew=${renew} busy=${busy} />`
			: html`<${Form} start=${start} busy=${busy} target=${at.params.get("target")} />${mayAct && html`<${Profiles} start=${start} busy=${busy} />`}<${Recent} />`}`;
}
