// Texts that stand out from their ground by less than 4.5 : 1 (WCAG 2.1, AA), at most five.
(() => {
  const canvas = document.createElement("canvas");
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const rgb = (colour, over) => {
    for (const style of [over, colour]) {
      paint.fillStyle = style;
      paint.fillRect(0, 0, 1, 1);
    }
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const css = (c) => `rgb(${c.join(",")})`;
  const ground = (element) => {
    const above = [];
    for (let e = element; e; e = e.parentElement) above.unshift(getComputedStyle(e).backgroundColor);
    return above.reduce((under, colour) => rgb(colour, css(under)), [255, 255, 255]);
  };
  const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const weak = [];
  for (const e of document.querySelectorAll("body *")) {
    const isText = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!isText || !e.offsetParent || e.disabled) continue;
    const under = ground(e);
    const both = [luminance(rgb(getComputedStyle(e).color, css(under))), luminance(under)];
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (ratio < 4.5) weak.push(`${e.className || e.tagName} ${e.innerText.slice(0, 20)} ${ratio}`);
  }
  return weak.slice(0, 5);
})()
