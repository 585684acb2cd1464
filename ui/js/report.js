// SPDX-License-Identifier: Apache-2.0
// A case packed for somebody else: of a check or of a mail, as `postrider report` makes it.
import { html, useState } from "./lib.js";
import * as api from "./api.js";
import { Copy, Dialog, Trouble, toast } from "./parts.js";

function save(name, type, text) {
	const a = document.createElement("a");
	a.href = URL.createObjectURL(new Blob([text], { type }));
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

function Tick({ checked, onChange, children }) {
	return html`<label class="tick-line"><input type="checkbox" class="tick" checked=${checked} onChange=${() => onChange(!checked)} />
		<span>${children}</span></label>`;
}

// of: {check: ID} or {message: ID, rcpt}; about: what the file is named after
export function Send({ of, about, onClose }) {
	const [mask, setMask] = useState(false);
	const [subject, setSubject] = useState(false);
	const [text, setText] = useState("");
	const [problem, setProblem] = useState(null);
	const name = `postrider-${about.replace(/[^\w.@-]/g, "_")}`;
	const take = (format, act) => () => {
		setProblem(null);
		api.report(of, { format, mask: mask ? "1" : "", subject: subject ? "1" : "" }).then(act, setProblem);
	};
	const keep = (ending, type) => (report) => {
		save(`${name}.${ending}`, type, report);
		toast("Saved. Attach the file to a mail.");
	};
	return html`<${Dialog} title="Send this to IT" onClose=${onClose}>
		<p>One file with two paragraphs ready to send, the finding, the proof, a help desk's checklist filled in, and the dialogue.
			Passwords, tokens and the text of mails are never in it; addresses and names of servers are.</p>
		<${Tick} checked=${mask} onChange=${setMask}>Hide people’s addresses: they become “person-1”, “person-2”…<//>
		${of.message && html`<${Tick} checked=${subject} onChange=${setSubject}>Keep the subject of the mail<//>`}
		<div class="buttons left">
			<button type="button" class="button first" onClick=${take("html", keep("html", "text/html"))}>Save as a page (HTML)</button>
			<button type="button" class="button" onClick=${take("markdown", keep("md", "text/markdown"))}>Save as Markdown</button>
			<button type="button" class="button" onClick=${take("markdown", setText)}>Show it here</button>
		</div>
		${text && html`<div class="stack tight"><pre class="raw report" tabindex="0">${text}</pre>
			<div class="buttons left"><${Copy} text=${text} label="Copy the report" /></div></div>`}
		${problem && html`<${Trouble} problem=${problem} />`}
		<div class="buttons"><button type="button" class="button" onClick=${onClose}>Close</button></div><//>`;
}
