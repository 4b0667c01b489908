/*
 * The camera and what it reads: frame after frame into zxing's WebAssembly, which this site serves itself. A code is told
 * once and again only after it has left the picture, so that a card held still is one scan.
 */
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

const WANTED = { video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false }
const READING = { formats: ['QRCode'], tryHarder: true, tryRotate: false, tryInvert: false, tryDownscale: true, maxNumberOfSymbols: 1 }
const SIDE_MAX = 800
const GONE_MS = 1_500

prepareZXingModule({ overrides: { locateFile: () => new URL(wasmUrl, import.meta.url).href } })

/* Loads the reader now rather than with the first card. */
export const warmUp = () => readBarcodes(new ImageData(8, 8), READING)

export class Camera {
  constructor(onCode) {
    this.onCode = onCode
    this.canvas = document.createElement('canvas')
    this.pen = this.canvas.getContext('2d', { willReadFrequently: true })
    this.video = null
    this.isPaused = true
    this.last = { text: '', atMs: 0 }
  }

  /* Shows the picture in `video`; 'on', or why not: 'refused', 'none'. */
  async start(video) {
    this.stop()
    if (!navigator.mediaDevices) return 'none'
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(WANTED)
    } catch (error) {
      if (error instanceof DOMException) return error.name === 'NotAllowedError' ? 'refused' : 'none'
      throw error
    }
    this.video = video
    video.srcObject = this.stream
    await video.play()
    this.isPaused = false
    this.#next()
    return 'on'
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop())
    this.stream = null
    this.video = null
    this.isPaused = true
  }

  get hasTorch() {
    return this.#track?.getCapabilities?.().torch === true
  }

  async light(isOn) {
    await this.#track.applyConstraints({ advanced: [{ torch: isOn }] })
  }

  get #track() {
    return this.stream?.getVideoTracks()[0]
  }

  #next() {
    const { video } = this
    video?.requestVideoFrameCallback(async (now, { captureTime }) => {
      if (this.video !== video) return
      if (!this.isPaused) await this.#read(video, captureTime ?? now)
      this.#next()
    })
  }

  async #read(video, frameMs) {
    const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight))
    this.canvas.width = Math.round(video.videoWidth * scale)
    this.canvas.height = Math.round(video.videoHeight * scale)
    this.pen.drawImage(video, 0, 0, this.canvas.width, this.canvas.height)
    const picture = this.pen.getImageData(0, 0, this.canvas.width, this.canvas.height)
    const [code] = await readBarcodes(picture, READING)
    if (!code?.isValid) return
    const isStill = code.text === this.last.text && frameMs - this.last.atMs < GONE_MS
    this.last = { text: code.text, atMs: frameMs }
    if (!isStill && !this.isPaused) this.onCode(code.text, frameMs)
  }
}
