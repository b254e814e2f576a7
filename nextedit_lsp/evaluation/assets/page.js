"use strict";
// The rounds of the page: filters above, one <details> a round, its body made when it is first opened.
// Everything from the data becomes text, never markup.
(() => {
  const rounds = JSON.parse(document.getElementById("rounds-data").textContent);
  const list = document.getElementById("rounds");
  const count = document.getElementById("n-rounds");
  const words = document.getElementById("words");
  const selects = ["outcome", "changed", "language", "kinds", "source"].map((name) => ({
    name,
    element: document.getElementById("filter-" + name),
  }));

  const valuesOf = (round, name) => {
    if (name === "source") {
      return [round.shown, round.withheld].filter(Boolean).map((one) => one.source);
    }
    return [].concat(round[name]);
  };

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const diff = (text) => {
    const block = make("pre");
    for (const line of text.split("\n")) {
      const kinds = { "+": "add", "-": "del", "@": "at" };
      block.append(make("div", kinds[line[0]] || "", line));
    }
    return block;
  };

  const section = (title, ...children) => {
    const element = make("section");
    element.append(make("h3", "", title), ...children);
    return element;
  };

  const suggested = (title, one) => {
    const facts = one.facts.length ? " (" + one.facts.join(", ") + ")" : "";
    const why = `${one.source}, chance ${(100 * one.chance).toFixed(0)} %: ${one.reason}${facts}`;
    return section(title, make("p", "", one.title), make("p", "soft", why), diff(one.diff));
  };

  const body = (round) => {
    const element = make("div", "body");
    element.append(section("done, the newest first", diff(round.done)));
    element.append(
      round.expected ? section("expected", diff(round.expected)) : section("expected", make("p", "", "nothing more"))
    );
    if (round.shown) element.append(suggested("suggested", round.shown));
    else element.append(section("suggested", make("p", "", "nothing: " + round.why)));
    if (round.withheld) element.append(suggested("withheld as too unlikely", round.withheld));
    if (round.changed.length) {
      element.append(
        round.before ? suggested("suggested before", round.before) : section("suggested before", make("p", "", "nothing"))
      );
    }
    if (round.place) {
      const rank = round.rank ? `, the first that is right is number ${round.rank}` : ", none of the first is right";
      element.append(section("first place of the ranking" + rank, make("p", "", round.place)));
    }
    return element;
  };

  const entry = (round) => {
    const element = make("details");
    const head = make("summary");
    const kind = { right: "right", "rightly silent": "right", wrong: "wrong", missed: "wrong" }[round.outcome] || "";
    head.append(make("span", "tag " + kind, round.outcome));
    for (const change of round.changed) head.append(make("span", "tag changed", change));
    head.append(make("span", "", round.shown ? round.shown.title : round.withheld ? round.withheld.title : "–"));
    const place = `${round.episode} · ${round.k}/${round.n} · ${round.language} · ${round.kinds.join(", ")}`;
    head.append(make("span", "soft", place + ` · ${round.ms.toFixed(1)} ms`));
    element.append(head);
    element.addEventListener("toggle", () => {
      if (element.open && element.children.length === 1) element.append(body(round));
    });
    return element;
  };

  const show = () => {
    const wanted = words.value.toLowerCase();
    const found = rounds.filter(
      (round) =>
        selects.every(({ name, element }) => !element.value || valuesOf(round, name).includes(element.value)) &&
        (!wanted || JSON.stringify(round).toLowerCase().includes(wanted))
    );
    count.textContent = `${found.length} of ${rounds.length} rounds`;
    list.replaceChildren(...found.map(entry));
  };

  for (const { name, element } of selects) {
    const values = [...new Set(rounds.flatMap((round) => valuesOf(round, name)))].sort();
    for (const value of values) element.append(new Option(value, value));
    element.addEventListener("change", show);
  }
  words.addEventListener("input", show);
  show();
})();
