// SPDX-License-Identifier: Apache-2.0
// What a check found: the verdict, where it breaks, who does what; folded below, what it rests on.
import { html, useState } from "./lib.js";
import { Cause } from "./cause.js";
import { Evidence } from "./evidence.js";
import { Icon } from "./icons.js";
import { Fold, Mark } from "./parts.js";
import { Send } from "./report.js";
import { Steps } from "./steps.js";
import { Time, took } from "./time.js";
import { STATUS, STEPS, VERDICTS, provider } from "./words.js";

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
			<p class="dim small">${targetOf(doc.target)} · checked <${Time} at=${doc.started} /> in ${took(doc.elapsed_ms)}</p>
		</div>
		<div class="buttons actions">
			${again && html`<button type="button" class="button first" disabled=${busy} onClick=${again}>
				<${Icon} name="again" size=${16} />Check again</button>`}
			${send && html`<button type="button" class="button" onClick=${send}><${Icon} name="file" size=${16} />Send this to IT</button>`}
		</div>
	</section>`;
}

function Was({ when, doc }) {
	const { word, tone, icon } = VERDICTS[doc.verdict] ?? VERDICTS.unknown;
	return html`<div><p class="small dim">${when}</p>
		<p><span class=${`chip ${tone}`}><${Icon} name=${icon} size=${14} />${word}</span></p>
		<p class="small">${doc.summary}</p></div>`;
}

function Compare({ before, now }) {
	const old = new Map(before.steps.map((s) => [s.step, s.status]));
	const changed = now.steps.filter((s) => old.has(s.step) && old.get(s.step) !== s.status);
	const word = (status) => STATUS[status]?.word ?? status;
	return html`<section class="panel pad stack" aria-label="Before and after">
		<h2>Before and after</h2>
		<div class="compare">
			<${Was} when=${html`Before, <${Time} at=${before.started} form="clock" />`} doc=${before} />
			<${Icon} name="right" />
			<${Was} when=${html`Now, <${Time} at=${now.started} form="clock" />`} doc=${now} />
		</div>
		${changed.length > 0 ? html`<ul class="less">${changed.map((s) => html`<li key=${s.step}>
				<strong>${STEPS[s.step]}</strong>: ${word(old.get(s.step))} → ${word(s.status)}</li>`)}</ul>`
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
		<ul class="less">${list.map((x) => html`<li>${x.asked}
			${x.changed && html` <span class="dim">Changed: ${x.changed}.</span>`}
			${" "}<strong>${x.result}</strong></li>`)}</ul></section>`;
}

// id: of a check that the relay still holds; without one there is no report of it.
export function Result({ id, doc, before, again, busy }) {
	const [sending, send] = useState(false);
	const root = doc.findings[0]?.severity !== "note" ? doc.findings[0] : null;
	const rest = root ? doc.findings.slice(1) : doc.findings;
	return html`<div class="stack result">
		<${Verdict} doc=${doc} again=${again && (() => again(doc))} send=${id && (() => send(true))} busy=${busy} />
		${before && html`<${Compare} before=${before} now=${doc} />`}
		<div class="result-parts">
			<section class="panel pad stack" aria-label="Steps">
				<h2>Where it ${root?.severity === "failure" ? "breaks" : "went"}</h2><${Steps} steps=${doc.steps} /></section>
			${root && html`<section class="panel pad" aria-label="The cause">
				<${Cause} cause=${root} heading=${root.title !== doc.summary.replace(/\.$/, "")} /></section>`}
		</div>
		${rest.length > 0 && html`<${Further} findings=${rest} />`}
		${doc.experiments?.length > 0 && html`<${Experiments} list=${doc.experiments} />`}
		<${Evidence} doc=${doc} />
		${sending && html`<${Send} of=${{ check: id }} about=${doc.target.host || doc.target.domain || doc.target.input} onClose=${() => send(false)} />`}
	</div>`;
}
