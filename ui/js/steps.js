// SPDX-License-Identifier: Apache-2.0
// The chain of steps: each with its mark, lit as it is reached.
import { html } from "./lib.js";
import { Mark } from "./parts.js";
import { took } from "./time.js";
import { CHAIN, STATUS, STEPS } from "./words.js";

const ORDER = Object.keys(STEPS);

// While it runs: the usual chain, what was said so far, and the first step without an answer under way.
function whole(steps) {
	const known = new Map(steps.filter((s) => s.status !== "not-reached").map((s) => [s.step, s]));
	const names = ORDER.filter((s) => known.has(s) || CHAIN.includes(s));
	const last = names.findLastIndex((s) => known.has(s));
	const unknown = (i) => (i === last + 1 ? "running" : i <= last ? "skipped" : "waiting");
	return names.map((step, i) => known.get(step) ?? { step, status: unknown(i), says: "" });
}

function Step({ step, live, patience }) {
	const { word, tone, icon } = STATUS[step.status] ?? STATUS.waiting;
	const said = step.says || (step.status === "running" ? patience || "…" : "");
	return html`<li class=${`step ${tone} ${step.status}`}>
		<${Mark} tone=${tone} icon=${icon} size=${15} label=${word} />
		<span class="step-name">${STEPS[step.step] ?? step.step}</span>
		<span class="step-says break" aria-live=${step.status === "running" ? "off" : undefined}>${said}</span>
		${!live && step.elapsed_ms >= 20 && html`<span class="step-ms dim small numbers">${took(step.elapsed_ms)}</span>`}
	</li>`;
}

export function Steps({ steps, live = false, patience = "" }) {
	const shown = live ? whole(steps) : steps.filter((s) => s.status !== "not-reached" && (s.says || s.status !== "skipped"));
	const left = live ? [] : steps.filter((s) => s.status === "not-reached" && CHAIN.concat("mail-from", "rcpt", "data").includes(s.step));
	return html`<ol class="steps" aria-label="Steps" aria-live=${live ? "polite" : undefined}>
		${shown.map((s) => html`<${Step} key=${s.step} step=${s} live=${live} patience=${patience} />`)}
		${left.length > 0 && html`<li class="step rest"><${Mark} tone="" icon="dot" size=${15} /><span class="step-name dim">Not reached</span>
			<span class="step-says dim">${left.map((s) => STEPS[s.step]).join(", ")}</span></li>`}
	</ol>`;
}
