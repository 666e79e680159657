// One key for the entry screen: Ctrl+Enter (or ⌘+Enter) registers and opens the next letter. It does
// what the button does; it rests while an input method composes.
(() => {
  "use strict";

  const form = document.querySelector("form[data-entry]");
  const next = form?.querySelector("[data-next]");
  if (!next) return;
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      next.click();
    }
  });
})();
