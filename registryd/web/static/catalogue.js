// SPDX-License-Identifier: MIT
// What makes the pages better, and nothing they need: addresses fit for bookmarks, copying snippets, "/" to search,
// the form that sends itself when a choice is made.

// After a change the server sends the browser on with the number of the change, so that the page shows it. A
// bookmark needs no number.
const address = new URL(location);
if (address.searchParams.has("min_serial")) {
  address.searchParams.delete("min_serial");
  history.replaceState(null, "", address);
}

const copyText = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C";
    const range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
};

for (const snippet of document.querySelectorAll(".snippet")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  const label = snippet.querySelector("pre").getAttribute("aria-label");
  button.setAttribute("aria-label", `Copy: ${label}`);
  button.addEventListener("click", () => copyText(button, snippet.querySelector("code").textContent));
  snippet.append(button);
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    (document.querySelector("main input[type=search]") ?? document.querySelector("header input")).focus();
  }
});

for (const select of document.querySelectorAll("form.filters:not([method=post]) select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
