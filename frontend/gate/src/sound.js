/* A sound a verdict, made here: two high for pass, one middle after entry, low for turned back, three for the clinic. */
import { VERDICT } from './states.js'

const TUNES = {
  [VERDICT.ADMIT]: [[880, 0.09], [1320, 0.12]],
  [VERDICT.ADMIT_AFTER_ENTRY]: [[660, 0.22]],
  [VERDICT.TURN_BACK]: [[220, 0.45]],
  [VERDICT.FEVER_CLINIC]: [[520, 0.16], [400, 0.16], [520, 0.16]],
}
const TAPS = { [VERDICT.ADMIT]: 40, [VERDICT.ADMIT_AFTER_ENTRY]: [60, 60, 60], [VERDICT.TURN_BACK]: 300, [VERDICT.FEVER_CLINIC]: [150, 80, 150, 80, 150] }
const PAUSE_S = 0.04
let audio = null

/* Browsers allow sound after a touch only: called by the button that begins the shift. */
export function allowSound() {
  audio ??= new AudioContext()
  if (audio.state === 'suspended') audio.resume()
}

export function play(verdict) {
  navigator.vibrate?.(TAPS[verdict])
  if (!audio) return
  let at = audio.currentTime
  for (const [hertz, seconds] of TUNES[verdict]) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()]
    tone.frequency.value = hertz
    volume.gain.value = 0.3
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + seconds)
    at += seconds + PAUSE_S
  }
}
