/** An image as numbers, and the form in which functions here take one. */

/** One picture in memory: rows from the top, pixels from the left, a pixel's channels side by side. */
export interface Pixels {
  width: number;
  height: number;
  /** 0 to 255. Its length says the channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  data: Uint8Array;
}

/** As `Pixels`; floating-point values are taken as 0 (black) to 1 (white), and cut to that range. */
export interface PixelsLike {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray | Float32Array | Float64Array | readonly number[];
}

/** @throws TypeError when the length of `data` fits no number of channels */
export function channelsOf({ width, height, data }: PixelsLike): 1 | 2 | 3 | 4 {
  const channels = data.length / (width * height);
  if (channels === 1 || channels === 2 || channels === 3 || channels === 4) return channels;
  throw new TypeError(
    `${data.length} values are no picture of ${width} × ${height} pixels: ` +
      `it has ${width * height} (grey), ${width * height * 3} (RGB) or ${width * height * 4} (RGBA).`,
  );
}

/** The same as bytes. */
export function bytePixels(image: PixelsLike): Pixels {
  channelsOf(image);
  const { width, height, data } = image;
  if (data instanceof Uint8Array) return { width, height, data };
  if (data instanceof Uint8ClampedArray)
    return {
      width,
      height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  return { width, height, data: Uint8Array.from(data, (value) => byteOf(value)) };
}

function byteOf(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

/** Made smaller so that neither side exceeds `side`, each new pixel the mean of those it covers; never larger. */
export function fitInto(image: Pixels, side: number): Pixels {
  const scale = side / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const channels = channelsOf(image);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [edge(y, height, image.height), edge(y + 1, height, image.height)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [edge(x, width, image.width), edge(x + 1, width, image.width)];
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++)
            sum += image.data[(row * image.width + column) * channels + channel] ?? 0;
        const mean = sum / ((bottom - top) * (right - left));
        data[(y * width + x) * channels + channel] = Math.round(mean);
      }
    }
  }
  return { width, height, data };
}

function edge(index: number, count: number, length: number): number {
  return Math.floor((index * length) / count);
}
