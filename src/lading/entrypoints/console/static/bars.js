// Bar codes in a picture, where the browser itself reads none: Code 128 and EAN-13 (UPC-A, EAN-8 too), on a dozen lines across it.
const CODE_128 = (
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212" +
  "223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331" +
  "132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124" +
  "121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112" +
  "421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
).match(/.{6}/g).map((each) => [...each].map(Number));
const STOP = [2, 3, 3, 1, 1, 1, 2];
const EAN = ["3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112"].map((each) => [...each].map(Number));
const FIRST = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"];
const LINES = 13;

// Lengths of light and dark along a line, the first one light; dark is what is darker than its surroundings.
function runs(light) {
  const wide = Math.max(16, light.length >> 4), lengths = [];
  let sum = 0, dark = false, from = 0;
  for (let at = 0; at < Math.min(wide, light.length); at++) sum += light[at];
  for (let at = 0, low = 0, high = Math.min(wide, light.length); at < light.length; at++) {
    while (high < Math.min(light.length, at + wide)) sum += light[high++];
    while (low < at - wide) sum -= light[low++];
    const now = light[at] * (high - low) < sum * 0.93;
    if (now !== dark) { lengths.push(at - from); from = at; dark = now; }
  }
  lengths.push(light.length - from);
  return lengths;
}

// How far runs are from a pattern, in modules; too far where one of them alone is.
function distance(found, from, pattern, modules) {
  let sum = 0, off = 0;
  for (let index = 0; index < pattern.length; index++) sum += found[from + index];
  const module = sum / modules;
  for (let index = 0; index < pattern.length; index++) {
    const by = Math.abs(found[from + index] / module - pattern[index]);
    if (by > 0.75) return Infinity;
    off += by;
  }
  return off;
}

function nearest(found, from, patterns, modules) {
  let best = -1, least = 1.9;
  patterns.forEach((pattern, index) => {
    const off = distance(found, from, pattern, modules);
    if (off < least) { least = off; best = index; }
  });
  return best;
}

function code128(found, from) {
  const start = nearest(found, from, CODE_128.slice(103), 11);
  if (start < 0 || found[from - 1] < found[from] * 1.5) return "";
  const values = [];
  for (let at = from + 6; at + 6 < found.length; at += 6) {
    if (distance(found, at, STOP, 13) < 1.9) {
      const check = values.pop();
      const sum = values.reduce((all, value, index) => all + value * (index + 1), 103 + start);
      return values.length && sum % 103 === check ? spelled(start, values) : "";
    }
    const value = nearest(found, at, CODE_128, 11);
    if (value < 0) return "";
    values.push(value);
  }
  return "";
}

// Values as text; set is 0 (A), 1 (B) or 2 (C). FNC1 begins GS1 data, and divides them further on.
function spelled(start, values) {
  let set = start, shifted = false, text = "";
  values.forEach((value, index) => {
    const now = shifted ? 1 - set : set;
    shifted = false;
    if (value === 102) { if (index) text += "\x1d"; }
    else if (set === 2) { if (value < 100) text += String(value).padStart(2, "0"); else set = value === 100 ? 1 : 0; }
    else if (value === 99) set = 2;
    else if (value === 98) shifted = true;
    else if (value === 100 && set === 0) set = 1;
    else if (value === 101 && set === 1) set = 0;
    else if (value < 96) text += String.fromCharCode(now === 0 && value >= 64 ? value - 64 : value + 32);
  });
  return text;
}

function digits(found, from, count, both) {
  let text = "", sides = "";
  for (let at = from; text.length < count; at += 4) {
    if (at + 4 > found.length) return null;
    let digit = nearest(found, at, EAN, 7), side = "L";
    if (both) {
      const other = nearest(found, at, EAN.map((each) => [...each].reverse()), 7);
      const worse = digit >= 0 && other >= 0 && distance(found, at, EAN[digit], 7) > distance(found, at, [...EAN[other]].reverse(), 7);
      if (digit < 0 || worse) { digit = other; side = "G"; }
    }
    if (digit < 0) return null;
    text += digit;
    sides += side;
  }
  return { text, sides };
}

function ean(found, from) {
  for (const half of [6, 4]) {
    const length = 3 + half * 4 + 5 + half * 4 + 3;
    if (from + length > found.length || distance(found, from, [1, 1, 1], 3) > 0.9) continue;
    if (distance(found, from + 3 + half * 4, [1, 1, 1, 1, 1], 5) > 1.5 || distance(found, from + length - 3, [1, 1, 1], 3) > 0.9) continue;
    const left = digits(found, from + 3, half, half === 6), right = left && digits(found, from + 8 + half * 4, half, false);
    if (!right) continue;
    const first = half === 6 ? FIRST.indexOf(left.sides) : 0;
    if (first < 0) continue;
    const text = (half === 6 ? String(first) : "") + left.text + right.text;
    const sum = [...text].reverse().reduce((all, digit, index) => all + Number(digit) * (index % 2 ? 3 : 1), 0);
    if (sum % 10 === 0) return text;
  }
  return "";
}

function along(light) {
  const found = runs(light);
  for (let from = 1; from < found.length - 20; from += 2) {
    const text = code128(found, from) || ean(found, from);
    if (text) return text;
  }
  return "";
}

/** The first bar code in these pixels (of a canvas); empty where there is none. */
export function read({ data, width, height }) {
  for (let line = 0; line < LINES; line++) {
    const y = Math.floor(height * (0.5 + (line % 2 ? 1 : -1) * Math.ceil(line / 2) / (LINES + 3)));
    const light = new Float32Array(width);
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      light[x] = data[at] * 0.3 + data[at + 1] * 0.59 + data[at + 2] * 0.11;
    }
    const text = along(light) || along(light.slice().reverse());
    if (text) return text;
  }
  return "";
}

/** As the browser's own detector. */
export class Detector {
  #canvas = document.createElement("canvas");
  async detect(video) {
    const width = Math.min(1000, video.videoWidth), height = Math.round(video.videoHeight * width / video.videoWidth);
    if (!width) return [];
    Object.assign(this.#canvas, { width, height });
    const paper = this.#canvas.getContext("2d", { willReadFrequently: true });
    paper.drawImage(video, 0, 0, width, height);
    const rawValue = read(paper.getImageData(0, 0, width, height));
    return rawValue ? [{ rawValue }] : [];
  }
}
