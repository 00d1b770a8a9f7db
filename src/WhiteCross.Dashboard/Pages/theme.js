// Not a module: it must run before the first paint, or a dark page would flash white.
document.documentElement.dataset.theme = localStorage.getItem('theme') ?? 'auto';
