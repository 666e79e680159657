// Keys for correcting an outline. The buttons they press stand on the page and work without them.
"use strict";

(() => {
  const sections = [...document.querySelectorAll(".review-section")];
  if (!sections.length) return;
  const actions = { ArrowLeft: "promote", ArrowRight: "demote", m: "not-a-heading" };

  const current = () => sections.indexOf(document.activeElement.closest(".review-section"));

  const go = (at) => {
    const next = sections[Math.max(0, Math.min(sections.length - 1, at))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const press = (section, action) => {
    section.querySelector(`button[name=action][value=${action}]`)?.click();
  };

  const rename = (section) => {
    const fold = section.querySelector(".review-details");
    if (!fold) return;
    fold.open = true;
    fold.querySelector("[name=title]").select();
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, summary")) return;
    const at = current();
    if (event.key === "j" || event.key === "k") go(at + (event.key === "j" ? 1 : -1));
    else if (at < 0) return;
    else if (event.key === "r") rename(sections[at]);
    else if (event.key in actions) press(sections[at], actions[event.key]);
    else return;
    event.preventDefault();
  });

  const target = document.getElementById(location.hash.slice(1));
  if (target?.matches(".review-section")) target.focus();
})();
