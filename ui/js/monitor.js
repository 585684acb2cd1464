// SPDX-License-Identifier: Apache-2.0
// One monitored set-up: how it is, how its last runs went, and the time its steps took.
import { html, address, plural } from "./lib.js";
import * as api from "./api.js";
import { Lines, Strip } from "./plot.js";
import { Back, Fold, Head, Mark, Trouble, Waiting, toast, useLoad } from "./parts.js";
import { Result } from "./result.js";
import { Time, shortTime, span } from "./time.js";
import { STEPS } from "./words.js";

const LOOK_AGAIN_MS = 2500;
const RUNS_SHOWN = 60, STEPS_SHOWN = 5;
export const POINTS_LEAST = 4; // of a line; fewer tell nothing

const CONDITIONS = {
	well: { word: "Well", tone: "good", icon: "check" },
	warning: { word: "Warning", tone: "warn", icon: "warn" },
	bad: { word: "Bad", tone: "bad", icon: "cross" },
	unknown: { word: "Not known yet", tone: "", icon: "question" },
};
const VERDICT_TONES = { ok: "good", warning: "warn", failing: "bad" };

export const timeOf = (ms) => shortTime(new Date(ms));

// The steps that take longest, in the order of a check.
function stepTimes(runs) {
	const took = (step) => runs.reduce((n, r) => n + (r.steps?.[step] ?? 0), 0);
	const slow = Object.keys(STEPS).filter((s) => took(s) > 0).sort((a, b) => took(b) - took(a)).slice(0, STEPS_SHOWN);
	const points = (step) => runs.filter((r) => r.steps?.[step] !== undefined).map((r) => [Date.parse(r.at), r.steps[step]]);
	return Object.keys(STEPS).filter((s) => slow.includes(s)).map((s) => ({ name: STEPS[s], points: points(s) }))
		.filter((s) => s.points.length >= POINTS_LEAST);
}

function resultOf(run) {
	const what = run.finding ? `${run.verdict} (${run.finding})` : run.verdict;
	const many = run.runs > 1 ? `, ${run.bad} of ${run.runs} runs bad` : "";
	return { tone: (!run.away && VERDICT_TONES[run.verdict]) || "none", says: `${shortTime(new Date(run.at))}: ${what}${many}` };
}

function Side({ monitor: m, tone, word }) {
	const share = typeof m.well_share === "number" ? `well ${Number((m.well_share * 100).toFixed(1))} % of the time` : "";
	return html`<div class="monitor-side small">
		<strong class=${tone}>${word}</strong>
		${m.since && html`<span class="dim">since <${Time} at=${m.since} /></span>`}
		<span class="dim">${share}</span>
	</div>`;
}

function More({ monitor: m, mayAct, again }) {
	const run = () => api.runMonitor(m.name).then(() => {
		toast("It runs now; this page shows it when it has ended.");
		setTimeout(again, LOOK_AGAIN_MS);
	}, (problem) => toast(`${problem.title} ${problem.mend}`));
	const series = stepTimes(m.history);
	return html`<div class="stack">
		${series.length > 0 && html`<${Lines} title="Time per step, ms" series=${series} ends=${timeOf} />`}
		<p class="small dim">Every ${span(m.every_ms)}, ${plural(m.runs, "run")} so far.
			${m.last && html` Last <${Time} at=${m.last} form="relative" />, next <${Time} at=${m.next} form="relative" />.`}
			${m.finding && html` The cause: <strong>${m.finding.title}</strong>.`}
		</p>
		<div class="buttons actions">
			${m.last && html`<a class="button little" href=${address("health", m.name)}>Show its last check</a>`}
			${mayAct && html`<button type="button" class="button little" onClick=${run}>Run it now</button>`}
		</div>
	</div>`;
}

export function Monitor({ monitor: m, mayAct, again }) {
	const { word, tone, icon } = CONDITIONS[m.state] ?? CONDITIONS.unknown;
	return html`<li class="monitor-box">
		<div class="monitor">
			<${Mark} tone=${tone} icon=${icon} label=${word} />
			<div>
				<h3 class="break">${m.name} <span class="dim lane-by">${m.target}</span></h3>
				<p class="monitor-says">${m.summary}</p>
				${m.last && tone !== "good" && tone && html`<p class="monitor-says"><a href=${address("health", m.name)}>Where it breaks, and who acts</a></p>`}
				${m.open && html`<p class="monitor-says">The last run says otherwise than those before; it is looked at again soon.</p>`}
				${m.late && html`<p class="monitor-says"><strong class="warn">It should have run by now.</strong> See the relay's log.</p>`}
			</div>
			<${Strip} title=${`${m.name}: the last runs`} results=${m.history.slice(-RUNS_SHOWN).map(resultOf)} />
			<${Side} monitor=${m} tone=${tone} word=${word} />
		</div>
		<div class="monitor-more"><${Fold} title="Times, and when it runs"><${More} monitor=${m} mayAct=${mayAct} again=${again} /><//></div>
	</li>`;
}

// What its last run saw, whole.
export function LastCheck({ name }) {
	const { data: doc, problem, again } = useLoad((signal) => api.monitorCheck(name, signal), [name]);
	return html`<${Back} to="#/health" word="Health" /><${Head} title=${name} />
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${!doc && !problem && html`<${Waiting} what="the check" />`}
		${doc && html`<${Result} doc=${doc} />`}`;
}
