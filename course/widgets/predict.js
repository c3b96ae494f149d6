// The form of a question to predict: see predict.py, which names what the model holds.

function render({ model, el }) {
  const form = document.createElement("form");
  form.className = "lesson-predict";
  const keys = 'data-lm-suppress-shortcuts="true"'; // arrow keys choose here: JupyterLab would go to another cell
  const choices = model.get("choices").map(
    (choice, index) =>
      `<label><input type="radio" name="choice" value="${index}" ${keys}><span>${choice}</span></label>`,
  );
  form.innerHTML =
    `<fieldset><legend>${model.get("question")}</legend>${choices.join("")}</fieldset>` +
    `<button type="button" disabled>${model.get("button")}</button>`;
  const [fieldset, button] = form.children;
  form.addEventListener("submit", (event) => event.preventDefault()); // Enter on a choice must not leave the page
  fieldset.addEventListener("change", () => (button.disabled = false));
  button.addEventListener("click", () => {
    model.set("chosen", Number(new FormData(form).get("choice")));
    model.save_changes();
    fieldset.disabled = button.disabled = true;
    focusWhatFollows(el.closest(".jp-OutputArea"));
  });
  el.append(form);
}

/** Once the locked prediction has taken the form's place in JupyterLab's output area, move the focus to it. */
function focusWhatFollows(area) {
  if (!area) return;
  const before = new Set(area.querySelectorAll(".lesson"));
  const observer = new MutationObserver(() => {
    const page = [...area.querySelectorAll(".lesson")].find((found) => !before.has(found));
    if (!page) return;
    observer.disconnect();
    page.tabIndex = -1;
    page.focus();
  });
  observer.observe(area, { childList: true, subtree: true });
}

export default { render };
