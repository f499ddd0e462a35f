/** How the page of the door looks: in the reader's own colors, light or dark. */
export const pageStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
fieldset { border: 1px solid GrayText; border-radius: .3rem; display: grid; gap: .5rem; }
label { display: grid; gap: .1rem; margin: .4rem 0; }
input, textarea { font: inherit; padding: .3rem; width: 100%; box-sizing: border-box; }
textarea, pre, code { font-family: ui-monospace, monospace; font-size: .9rem; }
textarea { min-height: 9rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; border: 1px solid GrayText; border-radius: .3rem; }
details { border-bottom: 1px solid GrayText; padding: .4rem 0; }
summary { cursor: pointer; }
summary code { font-weight: bold; }
button { font: inherit; padding: .3rem 1rem; }
`
