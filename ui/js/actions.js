// SPDX-License-Identifier: Apache-2.0
// What an operator may do with mail that waits.  The effect is said before it happens.
import { html, plural, useState } from "./lib.js";
import { Dialog, Trouble, toast } from "./parts.js";

const ACTIONS = {
	retry: { word: "Try now", fits: ["queued", "delayed", "in-doubt"], done: "is tried now",
		effect: "It is tried at once instead of waiting. If the cause is still there, it is refused again and waits longer.",
		doubt: (n) => `${n === 1 ? "One is" : `${n.toLocaleString("en")} are`} in doubt: such a mail may have arrived already, and tried again it may arrive twice. Ask the recipient first, or look for its id and time in the provider's message trace.` },
	hold: { word: "Hold", fits: ["queued", "delayed", "in-doubt"], done: "is held",
		effect: "Nothing is sent until you release it. Nothing is lost; the sender is not told." },
	release: { word: "Release", fits: ["held"], done: "goes on",
		effect: "It goes on at once, in its turn." },
	bounce: { word: "Give up and tell the sender", fits: ["queued", "delayed", "in-doubt", "held"], done: "was given up", grave: true,
		effect: "It is not tried any more, and the sender gets a report that it did not arrive. This cannot be undone." },
	cancel: { word: "Withdraw silently", fits: ["queued", "delayed", "in-doubt", "held"], done: "was withdrawn", grave: true,
		effect: "It is not tried any more, and nobody is told. This cannot be undone." },
};

const fitting = (states) => Object.keys(ACTIONS).filter((a) => states.some((s) => ACTIONS[a].fits.includes(s)));

// "3 recipients: mail is held. 1 not: it is going out right now."
function outcome(answer, done) {
	const said = answer.done === 1 ? `One recipient's mail ${done}.` : `${plural(answer.done, "recipient")}: mail ${done}.`;
	return [said, ...answer.not_done.map((x) => `${plural(x.recipients, "recipient")} not: ${x.why}.`)].join(" ");
}

// counts: {state: recipients}.  act(action, reason) does it and answers {done, not_done: [{why, recipients}]}.
export function Confirm({ action, what, counts, act, onClose }) {
	const { word, effect, doubt, fits, done, grave } = ACTIONS[action];
	const [reason, setReason] = useState("");
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState(null);
	const n = fits.reduce((all, s) => all + (counts[s] ?? 0), 0);
	const others = Object.values(counts).reduce((a, b) => a + b, 0) - n;
	const run = async (event) => {
		event.preventDefault();
		setBusy(true);
		setProblem(null);
		try {
			const answer = await act(action, reason);
			toast(outcome(answer, done));
			onClose(true);
		} catch (error) {
			setProblem(error);
			setBusy(false);
		}
	};
	return html`<${Dialog} title=${`${word}: ${what}`} onClose=${() => onClose(false)}>
		<form class="stack" onSubmit=${run}>
			<p>${effect}</p>
			${doubt && counts["in-doubt"] > 0 && html`<p><strong>${doubt(counts["in-doubt"])}</strong></p>`}
			<p class="dim">This concerns ${plural(n, "recipient")}.
				${others > 0 && ` ${plural(others, "other")} cannot be treated so in their state and stay as they are.`}</p>
			<div class="field"><label for="reason">Reason, for the trail (optional)</label>
				<input id="reason" class="input" maxlength="200" value=${reason} onInput=${(e) => setReason(e.target.value)} /></div>
			${problem && html`<${Trouble} problem=${problem} />`}
			<div class="buttons">
				<button type="button" class="button" onClick=${() => onClose(false)}>Leave it as it is</button>
				<button class=${`button ${grave ? "danger" : "first"}`} disabled=${busy}>${word}</button>
			</div>
		</form><//>`;
}

export function ActionButtons({ states, mayAct, pick }) {
	const fit = mayAct ? fitting(states) : [];
	if (!fit.length)
		return null;
	return html`<div class="buttons actions">${fit.map((a) => html`<button key=${a} type="button"
		class=${`button little ${ACTIONS[a].grave ? "danger" : ""}`} onClick=${() => pick(a)}>${ACTIONS[a].word}</button>`)}</div>`;
}
