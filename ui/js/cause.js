// SPDX-License-Identifier: Apache-2.0
// A finding for people: what it means, who does what, what it is not, how sure, and what it rests on.
import { html } from "./lib.js";
import { Icon } from "./icons.js";
import { Code, Copy, Fold } from "./parts.js";
import { ACTORS, RETRY, percent, sure } from "./words.js";

const WORTH_TELLING = 0.01, ROUNDED = 0.005;
const ALWAYS = ["user", "it-provider", "mail-admin"];

const commandsOf = (fix) => fix.commands ?? (fix.command ? [{ line: fix.command }] : []);

function asText(cause, actor, fixes) {
	const lines = [cause.title, "", cause.why, "", `${ACTORS[actor]?.word ?? actor}:`];
	for (const fix of fixes)
		lines.push(fix.text, ...commandsOf(fix).flatMap((c) => ["", ...(c.system ? [`${c.system}:`] : []), "    " + c.line]));
	if (cause.evidence?.length)
		lines.push("", "Proof:", ...cause.evidence.map((e) => `- ${e.text}`));
	if (cause.id)
		lines.push("", `Finding ${cause.id}, by Postrider`);
	return lines.join("\n");
}

function Card({ cause, actor, acts }) {
	const fixes = (cause.fixes ?? []).filter((f) => f.actor === actor);
	const who = actor === "nobody" && cause.failure === false ? "user" : actor; // nothing is wrong: this is what may be done all the same
	const { word, icon, nothing } = ACTORS[who] ?? { word: actor, icon: "person", nothing: "" };
	return html`<section class=${`card ${acts ? "acts" : ""} ${fixes.length ? "" : "none"}`}>
		<div class="card-head"><h3><${Icon} name=${icon} size=${18} />${word}</h3>
			${acts && html`<span class="turn">Acts first</span>`}</div>
		${fixes.map((f) => html`<p>${f.text}</p>${commandsOf(f).map((c) => html`<${Code} text=${c.line}
			label=${c.system} what=${c.system ? `the line for ${c.system}` : "the command"} />`)}`)}
		${!fixes.length && html`<p class="small">${nothing}</p>`}
		${fixes.length > 0 && html`<div class="card-foot"><${Copy} label="Copy all" what=${`what ${word} should do`}
			text=${() => asText(cause, actor, fixes)} /></div>`}
	</section>`;
}

function Cards({ cause }) {
	const named = [cause.actor, ...(cause.fixes ?? []).map((f) => f.actor)];
	const has = (a) => (cause.fixes ?? []).some((f) => f.actor === a);
	const cleared = cause.actor !== "nobody" && cause.class !== "unknown"; // who has nothing to do is told so
	const order = [...new Set([...named, ...ALWAYS])].filter((a) => has(a) || (ALWAYS.includes(a) && cleared));
	const acts = (a) => a === cause.actor && a !== "nobody";
	return html`<div class="cards">${order.map((a) => html`<${Card} key=${a} cause=${cause} actor=${a} acts=${acts(a)} />`)}</div>`;
}

function Link({ to }) {
	return /^https:\/\//.test(to)
		? html`<a href=${to} target="_blank" rel="noreferrer noopener">${to.replace(/^https:\/\//, "")}</a>`
		: html`${to}`;
}

function Sure({ cause }) {
	const instead = (cause.instead ?? []).filter((i) => i.confidence >= WORTH_TELLING);
	const left = 1 - cause.confidence + ROUNDED; // what weighs more was weighed by itself, without the others
	return html`<div class="stack tight">
		<p><strong>${sure(cause.confidence)}</strong> (${percent(cause.confidence)}).
			${cause.tell && html` <span class="dim">Told from its look-alikes so: ${cause.tell}</span>`}</p>
		${instead.length > 0 && html`<div><p class="dim">What it is less likely to be:</p>
			<ul class="less">${instead.map((i) => html`<li key=${i.id}>${i.title}
				${i.confidence <= left && html`${" "}<span class="dim numbers">${percent(i.confidence)}</span>`}</li>`)}</ul></div>`}
	</div>`;
}

export function Cause({ cause, heading = true, short = false }) {
	const evidence = cause.evidence ?? [], refs = cause.refs ?? [];
	return html`<div class="stack">
		<div class="meaning">
			${heading && html`<h2>${cause.title}</h2>`}
			<p>${cause.why}</p>
			${cause.retry && cause.failure !== false && cause.id !== "text-unknown" && html`<p class="dim">${RETRY[cause.retry] ?? ""}</p>`}
		</div>
		<${Cards} cause=${cause} />
		<div class=${short ? "" : "below"}>
			${cause.class !== "not-a-bounce" && html`<${Fold} title="How sure, and what it is not" open=${!short}><${Sure} cause=${cause} /><//>`}
			${evidence.length > 0 && html`<${Fold} title=${`Proof (${evidence.length})`}>
				<ul class="proof">${evidence.map((e) => html`<li><span class="dim numbers">#${e.fact}</span> ${e.text}</li>`)}</ul><//>`}
			${refs.length > 0 && html`<${Fold} title="Where this is written">
				<ul class="less">${refs.map((r) => html`<li class="break"><${Link} to=${r} /></li>`)}</ul><//>`}
			${cause.id && html`<p class="small dim mono-id">Finding <code>${cause.id}</code>, class <code>${cause.class}</code></p>`}
		</div>
	</div>`;
}
