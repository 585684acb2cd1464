// SPDX-License-Identifier: Apache-2.0
import { html, useState } from "./lib.js";
import { login } from "./api.js";
import { Icon } from "./icons.js";
import { Trouble } from "./parts.js";

const CONF = 'http {\n  login "anna" { password-hash = "$y$..."  role = "operate" }\n}';

function NoLogins() {
	return html`<main class="door"><div class="panel pad stack">
		<div class="door-head"><${Icon} name="horn" size=${34} /><h1>Postrider</h1></div>
		<p>Nobody may look here with a browser yet. Add a login to <code>postrider.conf</code> and reload the relay; <code>mkpasswd -m yescrypt</code> makes the hash:</p>
		<pre class="raw" tabindex="0">${CONF}</pre></div></main>`;
}

export function Login({ signedIn, possible }) {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState(null);
	if (!possible)
		return html`<${NoLogins} />`;
	const enter = async (event) => {
		event.preventDefault();
		const { user, password } = event.target.elements;
		setBusy(true);
		setProblem(null);
		try {
			signedIn(await login(user.value, password.value));
		} catch (error) {
			setProblem(error);
			setBusy(false);
			password.value = "";
			password.focus();
		}
	};
	return html`<main class="door">
		<form class="panel pad stack" onSubmit=${enter}>
			<div class="door-head"><${Icon} name="horn" size=${34} /><h1>Postrider</h1>
				<p class="dim">Sign in to see what became of your mail.</p></div>
			<div class="field"><label for="user">Name</label>
				<input class="input" id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus /></div>
			<div class="field"><label for="password">Password</label>
				<input class="input" id="password" name="password" type="password" autocomplete="current-password" required /></div>
			${problem && html`<${Trouble} problem=${problem} />`}
			<button class="button first wide" disabled=${busy}>${busy ? "Signing in…" : "Sign in"}</button>
		</form>
	</main>`;
}
