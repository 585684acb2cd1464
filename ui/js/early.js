// SPDX-License-Identifier: Apache-2.0
// Who is signed in is asked while the rest of the page is still read; api.js takes the answer.
window.early = fetch("api/v1/session", { credentials: "same-origin", cache: "no-store" });
// A body is fetched when somebody reads it: that is done here too.  api.js tells what went wrong.
window.early.then((response) => response.clone().text()).catch(() => {});
