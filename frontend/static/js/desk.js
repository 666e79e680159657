// Keys for the desk: every one presses a button or follows a link that is on the page anyway.
// They rest in fields, with Ctrl, Alt or Meta, while an input method composes, and when the officer
// has switched them off.
(() => {
  "use strict";

  const help = document.getElementById("shortcuts");
  const reading = document.getElementById("reading");
  const queue = document.querySelector("[data-queue]");
  const rows = queue ? [...queue.querySelectorAll("[data-row]")] : [];
  let selected = rows.findIndex((row) => row.hasAttribute("data-current"));
  let tagging = false;

  function say(text) {
    const status = document.getElementById("status");
    if (status) status.textContent = text;
  }

  // --- Moving ------------------------------------------------------------------------------------

  function select(index) {
    if (index < 0 || index >= rows.length) {
      say(index < 0 ? "已经是这一页的第一条。" : "已经是这一页的最后一条。");
      return;
    }
    rows[selected]?.classList.remove("is-selected");
    selected = index;
    const link = rows[index].querySelector("a");
    if (reading) {
      location.assign(link.href);
      return;
    }
    rows[index].classList.add("is-selected");
    link.focus({ preventScroll: true });
    rows[index].scrollIntoView({ block: "nearest" });
  }

  // --- Acting ------------------------------------------------------------------------------------

  function press(name) {
    const target = document.querySelector(`[data-key="${name}"]`);
    if (!target) return false;
    target.click();
    return true;
  }

  function focusOn(target) {
    if (!target) return false;
    target.closest("details")?.setAttribute("open", "");
    target.focus();
    return true;
  }

  function chooseOutcome(number) {
    const radio = document.querySelector(`[data-outcome="${number}"]`);
    if (!radio) return false;
    radio.checked = true;
    const needsPlace = radio.value === "adopted" || radio.value === "already_covered";
    return focusOn(document.getElementById(needsPlace ? "change_place" : "reason"));
  }

  function setTagging(on) {
    tagging = on;
    document.body.classList.toggle("is-tagging", on);
    if (on) {
      document.querySelector("[data-review]").scrollIntoView({ block: "center" });
      say("正在改标签：按数字勾选或取消，按 s 保存。");
    }
  }

  function tagKey(key) {
    const form = document.querySelector("[data-review]");
    if (key === "s" || key === "Enter") form.requestSubmit();
    else if (key === "Escape" || key === "t") setTagging(false);
    else if (key === "+" || key === "=") focusOn(document.getElementById("add_item"));
    else {
      const box = form.querySelector(`[data-digit="${CSS.escape(key)}"]`);
      if (!box) return false;
      box.click();
    }
    return true;
  }

  const keys = {
    j: () => select(selected + 1),
    k: () => select(selected - 1),
    u: () => press("u"),
    y: () => press("y"),
    p: () => press("p"),
    c: () => press("c"),
    t: () => document.querySelector("[data-review] fieldset:enabled") && setTagging(true),
    r: () => focusOn(document.getElementById("reason")),
    a: () => focusOn(document.querySelector('[data-focus="a"]')),
    n: () => focusOn(document.getElementById("text")),
    "/": () => focusOn(document.getElementById("q")) || press("u"),
    "?": () => help.showModal(),
  };

  function onKey(event) {
    const field = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.isComposing || event.keyCode === 229) return;
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || help.open) return;
    const done = tagging
      ? tagKey(event.key)
      : /^[1-6]$/.test(event.key) ? chooseOutcome(event.key) : Object.hasOwn(keys, event.key) && keys[event.key]() !== false;
    if (done) event.preventDefault();
  }

  // --- Small helps -------------------------------------------------------------------------------

  function wireTemplates() {
    for (const button of document.querySelectorAll("[data-insert]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const area = document.getElementById(button.dataset.insert);
        const words = button.closest("[data-template]").querySelector("p").textContent;
        area.value = area.value.trim() ? `${area.value.trim()}\n\n${words}` : words;
        area.focus();
      });
    }
  }

  // Read after two seconds on the page, as mail programs do.
  function markRead() {
    const token = document.querySelector('input[name="csrf_token"]');
    if (!reading?.dataset.read || !token) return;
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      const answer = await fetch(reading.dataset.read, {
        method: "POST",
        headers: { "X-CSRF-Token": token.value },
      });
      // Who else looks: a line of our own server's, put where the page had it.
      if (answer.ok && !answer.redirected) {
        document.getElementById("presence").innerHTML = await answer.text();
      }
    };
    setTimeout(look, 2000);
    setInterval(look, 60000);
  }

  rows[selected]?.scrollIntoView({ block: "center" });
  if (reading) window.scrollTo(0, 0);
  wireTemplates();
  markRead();
  if (help?.hasAttribute("data-shortcuts")) document.addEventListener("keydown", onKey);
})();
