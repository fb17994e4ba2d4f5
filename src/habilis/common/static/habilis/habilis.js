// The few things HTML cannot do alone. Every page also works without this file.
(() => {
  const on = (name, selector, act) =>
    document.addEventListener(name, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) act(target, event);
    });

  // htmx sends Django's CSRF token, read from the form that every page carries (the language switch).
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
  });

  const toggleMenu = (button, open) => {
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.getAttribute("aria-controls")).classList.toggle("is-open", open);
  };
  on("click", "[data-menu-toggle]", (button) => toggleMenu(button, button.getAttribute("aria-expanded") !== "true"));

  // Theme: three radio-like buttons; the pressed one is the choice, "auto" being the system's.
  const showTheme = () => {
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === window.habilisTheme.read()));
    }
  };
  on("click", "[data-theme-set]", (button) => {
    window.habilisTheme.set(button.dataset.themeSet);
    showTheme();
  });

  on("click", "[data-copy]", async (button) => {
    const status = button.parentElement.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      status.textContent = button.dataset.copied;
    } catch {
      status.textContent = button.dataset.copyFailed;
    }
    setTimeout(() => { status.textContent = ""; }, 3000);
  });

  // Menus made of <details>: Escape closes and gives the focus back, a click outside closes.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.hab-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const button = document.querySelector("[data-menu-toggle][aria-expanded=true]");
    if (button) {
      toggleMenu(button, false);
      button.focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.hab-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // Filters stand beside a list on a wide screen, and fold above it on a narrow one (after each swap too).
  const wide = matchMedia("(min-width: 992px)");
  const fold = (root) => {
    for (const part of root.querySelectorAll("details[data-fold-narrow]")) part.open = wide.matches;
  };
  wide.addEventListener("change", () => fold(document));
  document.addEventListener("htmx:load", (event) => fold(event.detail.elt));

  showTheme();
  fold(document);
})();
