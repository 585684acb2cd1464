// SPDX-License-Identifier: Apache-2.0
// What a check rests on, folded away: the dialogue on the wire and the facts; and the report that takes it to IT.
import { html, useState } from "./lib.js";
import * as api from "./api.js";
import { Copy, Dialog, Fold, Trouble, toast } from "./parts.js";

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
		<${Fold} title=${`The dialogue (${lines.length} lines)`}><${Transcript} lines=${lines} /><//>
		<${Fold} title=${`Facts (${facts.length})`}><${Facts} facts=${facts} /><//>
	</section>`;
}

function save(name, type, text) {
	const a = document.createElement("a");
	a.href = URL.createObjectURL(new Blob([text], { type }));
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

function useReport(id, name) {
	const [text, setText] = useState("");
	const [problem, setProblem] = useState(null);
	const take = (format, act) => () => {
		setProblem(null);
		api.checkReport(id, format).then(act, setProblem);
	};
	const keep = (ending, type) => (report) => {
		save(`${name}.${ending}`, type, report);
		toast("Saved. Attach the file to a mail.");
	};
	return { text, problem, page: take("html", keep("html", "text/html")),
		markdown: take("markdown", keep("md", "text/markdown")), show: take("markdown", setText) };
}

export function Send({ id, doc, onClose }) {
	const { host, domain, input } = doc.target;
	const report = useReport(id, `postrider-${(host || domain || input).replace(/[^\w.@-]/g, "_")}`);
	return html`<${Dialog} title="Send this to IT" onClose=${onClose}>
		<p>A report with the finding, the proof and the dialogue. Passwords and tokens are not in it;
			names of servers and addresses are.</p>
		<div class="buttons left">
			<button type="button" class="button first" onClick=${report.page}>Save as a page (HTML)</button>
			<button type="button" class="button" onClick=${report.markdown}>Save as Markdown</button>
			<button type="button" class="button" onClick=${report.show}>Show it here</button>
		</div>
		${report.text && html`<div class="stack tight"><pre class="raw report" tabindex="0">${report.text}</pre>
			<${Copy} text=${report.text} label="Copy the report" /></div>`}
		${report.problem && html`<${Trouble} problem=${report.problem} />`}
		<div class="buttons"><button type="button" class="button" onClick=${onClose}>Close</button></div><//>`;
}
