/*
 * What time it is, as well as the phone can know: its own clock and the offset measured at the last sync. It never runs
 * back behind what was recorded, so a clock set back makes no pass young again; a sync that says otherwise is believed.
 * Days and minutes are those of Asia/Shanghai, which has no summer time.
 */
const EAST_MS = 8 * 3_600_000
const ROUND_TRIP_MAX_MS = 10_000

export class Clock {
  constructor({ offsetMs = 0, measuredAtMs = null, latestMs = 0 } = {}, bareNow = Date.now) {
    Object.assign(this, { offsetMs, measuredAtMs, latestMs, bareNow })
  }

  /* Milliseconds since 1970. */
  now() {
    this.latestMs = Math.max(this.latestMs, this.bareNow() + this.offsetMs)
    return this.latestMs
  }

  /* From the server's time in an answer: it was read about half way between asking and hearing. */
  measure(serverMs, askedMs, heardMs) {
    if (!Number.isFinite(serverMs) || heardMs - askedMs > ROUND_TRIP_MAX_MS || heardMs < askedMs) return false
    this.offsetMs = Math.round(serverMs - (askedMs + heardMs) / 2)
    this.latestMs = this.bareNow() + this.offsetMs
    this.measuredAtMs = this.latestMs
    return true
  }

  get state() {
    const { offsetMs, measuredAtMs, latestMs } = this
    return { offsetMs, measuredAtMs, latestMs }
  }
}

export const dayOf = (ms) => new Date(ms + EAST_MS).toISOString().slice(0, 10)

export const timeOf = (ms) => new Date(ms + EAST_MS).toISOString().slice(11, 16)

export const minuteOf = (ms) => Math.floor((ms + EAST_MS) / 60_000) % 1440

/* The first day of a window of so many days that ends with `day`. */
export const windowStart = (day, days) => new Date(Date.parse(day) - (days - 1) * 86_400_000).toISOString().slice(0, 10)
