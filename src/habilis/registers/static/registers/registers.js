// Conveniences: unfold all the blocks of a section, bring the fiche read into view in its family. Pages work without.
(() => {
  for (const node of document.querySelectorAll(".reg-graph [data-focus]")) {
    const graph = node.closest(".reg-graph");
    graph.scrollLeft = Number(node.getAttribute("x")) - (graph.clientWidth - node.width.baseVal.value) / 2;
  }

  for (const section of document.querySelectorAll("[data-unfold]")) {
    const button = section.querySelector("[data-unfold-all]");
    const blocks = section.querySelectorAll("details");
    if (!button || blocks.length < 2) continue;
    const unfold = button.textContent;
    const label = () => {
      const all = [...blocks].every((block) => block.open);
      button.textContent = all ? button.dataset.foldLabel : unfold;
      return all;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = !label();
      for (const block of blocks) block.open = open;
      label();
    });
    for (const block of blocks) block.addEventListener("toggle", label);
  }

  // A list replaced by htmx takes the focus that went away with the link that was followed.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (document.activeElement !== document.body) return;
    const list = event.detail.elt.matches?.("[data-focus-after]") ? event.detail.elt : event.detail.elt.querySelector("[data-focus-after]");
    list?.focus({ preventScroll: true });
  });
})();
