// SPDX-License-Identifier: Apache-2.0
// What a check found: the verdict, where it breaks, who does what; folded below, what it rests on.
import { html, useState } from "./lib.js";
import * as api from "./api.js";
import { Cause } from "./cause.js";
import { Icon } from "./icons.js";
import { Copy, Dialog, Fold, Mark, Trouble, toast } from "./parts.js";
import { Steps } from "./steps.js";
import { Time } from "./time.js";
import { STATUS, STEPS, VERDICTS, provider } from "./words.js";

const TRANSCRIPT_SHOWN = 400, FACTS_SHOWN = 300;

function targetOf(t) {
	const name = t.host || t.domain || t.input;
	return `${name}${t.host && t.port ? `, port ${t.port}` : ""}${t.provider ? ` (${provider(t.provider)})` : ""}`;
}

function Verdict({ doc, again, send, busy }) {
	const { word, tone, icon } = VERDICTS[doc.verdict] ?? VERDICTS.unknown;
	return html`<section class=${`panel verdict ${tone}`} aria-label="Verdict">
		<${Mark} tone=${tone} icon=${icon} size=${24} label="" />
		<div class="grow">
			<p class="verdict-word">${word}</p>
			<h2 class="verdict-says">${doc.summary}</h2>
			<p class="dim small">${targetOf(doc.target)} · checked <${Time} at=${doc.started} /> in ${(doc.elapsed_ms / 1000).toFixed(1)} s</p>
		</div>
		<div class="buttons actions">
			<button type="button" class="button first" disabled=${busy} onClick=${again}><${Icon} name="again" size=${16} />Check again</button>
			<button type="button" class="button" onClick=${send}><${Icon} name="file" size=${16} />Send this to IT</button>
		</div>
	</section>`;
}

function Compare({ before, now }) {
	const old = new Map(before.steps.map((s) => [s.step, s]));
	const changed = now.steps.filter((s) => old.get(s.step) && old.get(s.step).status !== s.status);
	const was = VERDICTS[before.verdict] ?? VERDICTS.unknown, is = VERDICTS[now.verdict] ?? VERDICTS.unknown;
	return html`<section class="panel pad stack" aria-label="Before and after">
		<h2>Before and after</h2>
		<div class="compare">
			<div><p class="small dim">Before, <${Time} at=${before.started} /></p><p><span class=${`chip ${was.tone}`}><${Icon} name=${was.icon} size=${14} />${was.word}</span></p><p class="small">${before.summary}</p></div>
			<${Icon} name="right" />
			<div><p class="small dim">Now</p><p><span class=${`chip ${is.tone}`}><${Icon} name=${is.icon} size=${14} />${is.word}</span></p><p class="small">${now.summary}</p></div>
		</div>
		${changed.length ? html`<ul class="less">${changed.map((s) => html`<li><strong>${STEPS[s.step]}</strong>: ${STATUS[old.get(s.step).status]?.word} → ${STATUS[s.status]?.word}</li>`)}</ul>`
			: html`<p class="dim">No step has changed: what was done so far did not reach the cause.</p>`}
	</section>`;
}

const WEIGHT = { failure: ["bad", "cross"], warning: ["warn", "warn"], note: ["", "dot"] };

function Further({ findings }) {
	return html`<section class="panel pad stack"><h2>Found besides</h2>
		<ul class="stack tight">${findings.map((f) => {
			const [tone, icon] = WEIGHT[f.severity] ?? WEIGHT.note;
			return html`<li class="further"><${Mark} tone=${tone} icon=${icon} size=${14} label=${f.severity} />
				<${Fold} title=${f.title}><${Cause} cause=${f} heading=${false} short /><//></li>`;
		})}</ul></section>`;
}

function Experiments({ list }) {
	return html`<section class="panel pad stack"><h2>Tried, to be sure</h2>
		<ul class="less">${list.map((x) => html`<li>${x.asked}${x.changed && html` <span class="dim">Changed: ${x.changed}.</span>`} <strong>${x.result}</strong></li>`)}</ul></section>`;
}

const SIDES = { ">": "we", "<": "server", "*": "note" };

function Transcript({ lines }) {
	return html`<div class="raw transcript" tabindex="0" role="log" aria-label="The dialogue">${lines.slice(0, TRANSCRIPT_SHOWN).map((l) =>
		html`<div class=${`line ${SIDES[l.dir] ?? ""}`}><span class="line-ms">${l.t_ms} ms</span><span class="line-dir">${l.dir}</span><span class="break">${l.text}</span></div>`)}
		${lines.length > TRANSCRIPT_SHOWN && html`<div class="line">… ${lines.length - TRANSCRIPT_SHOWN} more; the report has them all</div>`}</div>`;
}

const DULL = new Set(["n", "t_ms", "kind", "session"]);

function factText(fact) {
	return Object.entries(fact).filter(([k, v]) => !DULL.has(k) && v !== "" && v !== false && v !== null && !(Array.isArray(v) && !v.length))
		.map(([k, v]) => `${k.replaceAll("_", " ")}: ${typeof v === "object" ? JSON.stringify(v) : v}`).join("; ");
}

function Facts({ facts }) {
	return html`<ol class="fact-list">${facts.slice(0, FACTS_SHOWN).map((f) => html`<li><span class="dim numbers">#${f.n}</span>
		<div><strong>${f.kind}</strong> <span class="break">${factText(f)}</span></div></li>`)}</ol>`;
}

function save(name, type, text) {
	const a = document.createElement("a");
	a.href = URL.createObjectURL(new Blob([text], { type }));
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

function Send({ id, doc, onClose }) {
	const [text, setText] = useState("");
	const [problem, setProblem] = useState(null);
	const name = `postrider-${(doc.target.host || doc.target.domain || doc.target.input).replace(/[^\w.@-]/g, "_")}`;
	const take = (format, act) => async () => {
		setProblem(null);
		try {
			act(await api.checkReport(id, format));
		} catch (p) {
			setProblem(p);
		}
	};
	return html`<${Dialog} title="Send this to IT" onClose=${onClose}>
		<p>A report with the finding, the proof and the dialogue. Passwords and tokens are not in it; names of servers and addresses are.</p>
		<div class="buttons left">
			<button type="button" class="button first" onClick=${take("html", (t) => { save(`${name}.html`, "text/html", t); toast("Saved. Attach the file to a mail."); })}>Save as a page (HTML)</button>
			<button type="button" class="button" onClick=${take("markdown", (t) => { save(`${name}.md`, "text/markdown", t); toast("Saved."); })}>Save as Markdown</button>
			<button type="button" class="button" onClick=${take("markdown", setText)}>Show it here</button>
		</div>
		${text && html`<div class="stack tight"><pre class="raw report" tabindex="0">${text}</pre><${Copy} text=${text} label="Copy the report" /></div>`}
		${problem && html`<${Trouble} problem=${problem} />`}
		<div class="buttons"><button type="button" class="button" onClick=${onClose}>Close</button></div><//>`;
}

export function Result({ id, doc, before, again, busy }) {
	const [sending, send] = useState(false);
	const root = doc.findings[0]?.severity !== "note" ? doc.findings[0] : null;
	const rest = root ? doc.findings.slice(1) : doc.findings;
	return html`<div class="stack result">
		<${Verdict} doc=${doc} again=${() => again(doc)} send=${() => send(true)} busy=${busy} />
		${before && html`<${Compare} before=${before} now=${doc} />`}
		<div class="result-parts">
			<section class="panel pad stack" aria-label="Steps"><h2>Where it ${root?.severity === "failure" ? "breaks" : "went"}</h2><${Steps} steps=${doc.steps} /></section>
			${root && html`<section class="panel pad" aria-label="The cause"><${Cause} cause=${root} heading=${root.title !== doc.summary.replace(/\.$/, "")} /></section>`}
		</div>
		${rest.length > 0 && html`<${Further} findings=${rest} />`}
		${doc.experiments?.length > 0 && html`<${Experiments} list=${doc.experiments} />`}
		<section class="panel pad" aria-label="Evidence">
			<${Fold} title=${`The dialogue (${doc.transcript?.length ?? 0} lines)`}><${Transcript} lines=${doc.transcript ?? []} /><//>
			<${Fold} title=${`Facts (${doc.facts?.length ?? 0})`}><${Facts} facts=${doc.facts ?? []} /><//>
		</section>
		${sending && html`<${Send} id=${id} doc=${doc} onClose=${() => send(false)} />`}
	</div>`;
}
