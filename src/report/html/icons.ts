/** Signs that stand beside words: severity and verdicts are never told by colour alone. Drawn once on a page, and used by their names. */
export const ICONS = `<svg class="sprite" aria-hidden="true" focusable="false"><defs>
<symbol id="i-good" viewBox="0 0 16 16"><path fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" d="M3 8.5l3.5 3.5L13 4.5"/></symbol>
<symbol id="i-bad" viewBox="0 0 16 16"><path fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" d="M4 4l8 8M12 4l-8 8"/></symbol>
<symbol id="i-doubtful" viewBox="0 0 16 16"><path fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" d="M8 2.2L14.6 13.6H1.4Z"/><path fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" d="M8 6.8v2.8M8 11.6v.1"/></symbol>
<symbol id="i-open" viewBox="0 0 16 16"><path fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" d="M5 6a3 3 0 1 1 4.4 2.6C8.4 9.2 8 9.7 8 10.4M8 13.3v.1"/></symbol>
<symbol id="i-note" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.8"/><path fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" d="M8 7.4v3.8M8 4.9v.1"/></symbol>
</defs></svg>`

/** Names of the signs. */
export type Icon = 'good' | 'bad' | 'doubtful' | 'open' | 'note'
