// SPDX-License-Identifier: Apache-2.0
// What a check rests on, folded away: the dialogue on the wire and the facts.
import { html, plural } from "./lib.js";
import { Fold } from "./parts.js";

const LINES_SHOWN = 400, FACTS_SHOWN = 300;
const SIDES = { ">": "we", "<": "server", "*": "note" };

function Line({ line }) {
	return html`<div class=${`line ${SIDES[line.dir] ?? ""}`}>
		<span class="line-ms">${line.t_ms} ms</span><span>${line.dir}</span><span class="break">${line.text}</span></div>`;
}

function Transcript({ lines }) {
	return html`<div class="raw transcript" tabindex="0" role="log" aria-label="The dialogue">
		${lines.slice(0, LINES_SHOWN).map((l) => html`<${Line} line=${l} />`)}
		${lines.length > LINES_SHOWN && html`<div>… ${lines.length - LINES_SHOWN} more; the report has them all</div>`}
	</div>`;
}

const DULL = new Set(["n", "t_ms", "kind", "session"]);
const isEmpty = (v) => v === "" || v === false || v === null || (Array.isArray(v) && !v.length);

function factText(fact) {
	return Object.entries(fact).filter(([k, v]) => !DULL.has(k) && !isEmpty(v))
		.map(([k, v]) => `${k.replaceAll("_", " ")}: ${typeof v === "object" ? JSON.stringify(v) : v}`).join("; ");
}

function Facts({ facts }) {
	return html`<ol class="fact-list" tabindex="0">${facts.slice(0, FACTS_SHOWN).map((f) => html`<li>
		<span class="dim numbers">#${f.n}</span>
		<div><strong>${f.kind}</strong> <span class="break">${factText(f)}</span></div></li>`)}</ol>`;
}

export function Evidence({ doc }) {
	const lines = doc.transcript ?? [], facts = doc.facts ?? [];
	return html`<section class="panel pad" aria-label="Evidence">
		${lines.length > 0 && html`<${Fold} title=${`The dialogue (${plural(lines.length, "line")})`}><${Transcript} lines=${lines} /><//>`}
		<${Fold} title=${`Facts (${facts.length})`}><${Facts} facts=${facts} /><//>
	</section>`;
}
