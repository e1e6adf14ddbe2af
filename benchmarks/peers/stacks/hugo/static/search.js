// Finds pages whose text holds all words typed.
const form = document.querySelector("form[data-index]");
const [input, list] = [form.querySelector("input"), form.querySelector("ol")];
let index;
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", async () => {
  index ??= fetch(form.dataset.index).then((answer) => answer.json());
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = (await index).filter((page) => words.every((word) => (page.title + page.text).toLowerCase().includes(word)));
  list.hidden = !words.length;
  list.replaceChildren(...found.slice(0, 20).map((page) => {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    [link.href, link.textContent] = [page.url, page.title];
    item.append(link);
    return item;
  }));
});
