const themes = { auto: 'as the system', light: 'light', dark: 'dark' };
const button = document.getElementById('theme');

function show(theme) {
  document.documentElement.dataset.theme = theme;
  button.setAttribute('aria-label', `Colours: ${themes[theme]}`);
  button.title = `Colours: ${themes[theme]}`;
}

export function setUpTheme() {
  show(document.documentElement.dataset.theme in themes ? document.documentElement.dataset.theme : 'auto');
  button.onclick = () => {
    const names = Object.keys(themes);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    localStorage.setItem('theme', next);
    show(next);
  };
}
