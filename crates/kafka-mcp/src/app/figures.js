// The numbers at the top of a view.

/**
 * @typedef {{ label: string, value: string, note?: string, tone?: "warning" | "critical" }} Figure
 */

class Figures {
  /** @type {Rows<Figure>} */
  #rows;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#rows = new Rows(
      list,
      ({ label }) => label,
      ({ label }) => {
        const value = element("dd", { class: "value" });
        const note = element("dd", { class: "soft" });
        const node = element("div", {}, element("dt", { class: "soft" }, label), value, note);
        return {
          node,
          update: (figure) => {
            say(value, figure.value);
            sayOrHide(note, figure.note);
            setAttributes(node, { "data-tone": figure.tone });
          },
        };
      },
    );
  }

  /** @param {Figure[]} figures */
  show(figures) {
    this.#rows.show(figures);
  }
}
