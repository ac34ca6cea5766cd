// Dark or light as the system wishes, before the first paint.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", set);
  set();
})();
