/* The shell's one entry. Every behaviour hangs on a data attribute and leaves a page that works without it. */
import './styles/tabler.scss'
import './styles/theme.css'
import './styles/forms.css'
import './styles/tables.css'
import './styles/tiles.css'
import './styles/print.css'

import * as areaPicker from './behaviours/area-picker.js'
import * as confirmation from './behaviours/confirm.js'
import * as dialogs from './behaviours/dialogs.js'
import * as drawer from './behaviours/drawer.js'
import * as fileDrop from './behaviours/file-drop.js'
import * as menus from './behaviours/menus.js'
import * as partials from './behaviours/partials.js'
import * as printing from './behaviours/print.js'
import * as submitOnce from './behaviours/submit-once.js'
import * as tables from './behaviours/tables.js'
import * as toasts from './behaviours/toasts.js'

// Listeners sit on the document, once; `enhance` is repeated for what a partial update brings in.
for (const behaviour of [confirmation, dialogs, drawer, menus, partials, printing, submitOnce, toasts]) behaviour.start()

const enhancers = [areaPicker, fileDrop, tables]
const enhanceAll = () => enhancers.forEach(({ enhance }) => enhance(document))
enhanceAll()
document.addEventListener('htmx:after:swap', enhanceAll)
