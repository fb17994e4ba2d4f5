// Runs in <head> before anything is painted: applies the theme the reader chose, else leaves the system's choice to CSS.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try {
      return localStorage.getItem("habilis-theme") || "auto";
    } catch {
      return "auto"; // storage refused by the browser: the system decides
    }
  };
  const apply = () => {
    const choice = read();
    root.dataset.bsTheme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    root.dataset.themeChoice = choice;
  };
  root.classList.add("js");
  system.addEventListener("change", apply);
  window.habilisTheme = {
    read,
    set(choice) {
      try {
        localStorage.setItem("habilis-theme", choice);
      } catch {
        // not kept: the choice lasts as long as the page
      }
      apply();
    },
  };
  apply();
})();
