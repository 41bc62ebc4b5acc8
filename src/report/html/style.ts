/**
 * The style sheet of the pages. Colours are variables, for light and for dark, and charts use the same; those of text have a contrast of 4.5 to 1 and
 * more against what is behind them (WCAG 2.2, 1.4.3). Paper is always light.
 */
export const STYLE = `
:root{color-scheme:light;
--page:#f6f7f8;--surface:#fff;--ink:#1a1d21;--dim:#59616c;--line:#e4e7eb;--axis:#b4bac3;--link:#0b57a4;--code:#eef1f4;
--band:#eceff3;--good:#17693f;--good-bg:#e5f4ea;--bad:#a8261c;--bad-bg:#fcebe8;--doubtful:#7c5200;--doubtful-bg:#fdf2d8;
--s1:#0b62ab;--s2:#c4511d;--s3:#0b7d60;--s4:#98398d;--s5:#8b6c00;--s6:#2187b8;--s7:#5a5f6b;--s8:#c42e64;
--t1:#cfe2f5;--t2:#fbdcc8;--t3:#cdebdd;--t4:#ecd8ea;--t5:#f5e8b8;--t6:#d3eef7;--t7:#e3e5e9}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;
--page:#111418;--surface:#191d22;--ink:#e7e9ec;--dim:#a3abb6;--line:#2c323a;--axis:#555e6a;--link:#7fbcff;--code:#242a31;
--band:#262c34;--good:#7fd9a2;--good-bg:#143322;--bad:#ff9d92;--bad-bg:#40201d;--doubtful:#f2c665;--doubtful-bg:#382c10;
--s1:#6fb5ff;--s2:#ff9b62;--s3:#52d3a8;--s4:#e09bd7;--s5:#e2c44c;--s6:#8fd8f7;--s7:#b4bac6;--s8:#ff8fb0;
--t1:#1f4569;--t2:#66391f;--t3:#1c5242;--t4:#56305a;--t5:#54460f;--t6:#17495b;--t7:#3a4049}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:3.2rem}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
.wide{max-width:1200px;margin-inline:auto;padding-inline:24px}
a{color:var(--link);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:12px;top:8px;z-index:3;background:var(--surface);padding:6px 12px;border-radius:6px}
.sprite{position:absolute;width:0;height:0}
.aloud{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.9em}
code{overflow-wrap:anywhere}
.banner{background:var(--surface);border-bottom:1px solid var(--line);border-top:5px solid var(--axis);padding:28px 0 24px}
.banner.good{border-top-color:var(--good)}.banner.bad{border-top-color:var(--bad)}.banner.doubtful{border-top-color:var(--doubtful)}
.kicker{margin:0 0 6px;color:var(--dim);font-size:14px}
h1{margin:0;font-size:clamp(1.5rem,1.1rem + 1.8vw,2.15rem);line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
.lead{margin:10px 0 0;max-width:76ch}
.tally{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 0;padding:0;list-style:none}
.tally+.facts,.lead+.facts{margin-top:18px}
.contents{background:var(--surface);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:2;overflow-x:auto}
.contents ul{display:flex;gap:20px;margin-block:0;list-style:none;white-space:nowrap}
.contents a{display:block;padding:10px 0;color:var(--dim);text-decoration:none;font-size:14px}
.contents a:hover{color:var(--ink);text-decoration:underline}
main{padding-block:8px 32px}
section{margin-top:28px}
section section,article{margin-top:20px}
h2{margin:0 0 12px;font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;overflow-wrap:anywhere}
h3{margin:0 0 8px;font-size:1.05rem;line-height:1.35}
h4{margin:16px 0 6px;font-size:.95rem}
p{margin:0 0 10px}
.card{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:20px 22px;margin-top:14px}
.card>:last-child{margin-bottom:0}
.card>h3:first-child{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px}
.claim{font-size:1.05rem;margin-bottom:14px;max-width:76ch}
.dim,.rest{color:var(--dim)}
.rest{font-size:14px;margin:8px 0 0}
.badge{display:inline-flex;align-items:center;gap:5px;padding:1px 9px 1px 7px;border-radius:99px;font-size:13px;font-weight:600;line-height:1.6;white-space:nowrap;background:var(--code);color:var(--dim)}
.badge.good{color:var(--good);background:var(--good-bg)}.badge.bad{color:var(--bad);background:var(--bad-bg)}.badge.doubtful{color:var(--doubtful);background:var(--doubtful-bg)}
td .badge{white-space:normal}
.icon{width:13px;height:13px;flex:none;vertical-align:-1.5px}
.good>.icon{color:var(--good)}.bad>.icon{color:var(--bad)}.doubtful>.icon{color:var(--doubtful)}
.scroll{overflow-x:auto;margin-inline:-6px;padding-inline:6px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{padding:7px 12px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead th{color:var(--dim);font-weight:500;font-size:13px;white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:500;min-width:14.5rem}
tbody tr:last-child>*{border-bottom:0}
.num{text-align:right;white-space:nowrap}
td .icon{margin-right:4px}
.bar,.range{display:block;width:100%;min-width:90px;height:10px;margin-top:6px;overflow:visible}
.track{fill:var(--code)}
.plot{min-width:110px;width:18%}
.swatch{width:26px;height:10px;margin-right:8px;flex:none}
th>.swatch{vertical-align:0}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:18px 0 4px;padding:0;list-style:none;font-size:14px}
.tint{width:14px;height:14px;margin-right:7px}
.legend li{display:flex;align-items:center}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:14px 26px;margin-top:10px}
.charts.two{grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr))}
.chart{margin:0;min-width:0}
.chart figcaption{font-weight:600;font-size:14px;margin-bottom:4px}
.chart>svg{display:block;width:100%;height:auto;max-width:560px;font-size:12px;font-family:inherit;overflow:visible}
.chart.full>svg{max-width:none}
.narrow{display:none}
details{margin-top:8px;font-size:14px}
summary{cursor:pointer;color:var(--dim);width:fit-content;padding:2px 4px 2px 0}
summary:hover{color:var(--ink)}
details[open]>summary{margin-bottom:6px}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,210px),1fr));gap:12px 24px;margin:0}
.facts dt{color:var(--dim);font-size:13px}
.facts dd{margin:0;overflow-wrap:anywhere}
.lines{margin:0;padding:0;list-style:none}
.lines>li{display:flex;gap:10px;align-items:baseline;padding:4px 0}
.lines>li>.badge{flex:none}
.copy{background:var(--code);border-radius:7px;padding:9px 12px;margin:10px 0 0;overflow-x:auto;line-height:1.6}
.copy code{display:block;user-select:all;white-space:pre-wrap}
.remedy{margin:12px 0 0;max-width:80ch}
.remedy b{font-weight:600;margin-right:.35em}
.found{margin:0;padding:0;list-style:none}
.found>li{padding:7px 0;border-top:1px solid var(--line)}
.found>li:first-child{border-top:0;padding-top:0}
.found code{font-weight:600}.found .sub code{font-weight:400}
.sub{color:var(--dim);font-size:13.5px}
.forest{margin:0;padding:0;list-style:none}
.forest>li{padding:14px 0;border-top:1px solid var(--line);display:grid;grid-template-columns:minmax(0,1fr) minmax(0,360px);gap:4px 28px;align-items:center}
.forest>li:first-child{border-top:0}
.forest p{margin:0}
.forest .of{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline}
.interval{display:block;width:100%;height:26px;overflow:visible}
.scale{display:block;width:100%;height:30px;overflow:visible}
.scale text{font-size:12px;fill:var(--dim)}
.ratios{margin:6px 0 0;padding:0;list-style:none}
.ratios>li{display:grid;grid-template-columns:minmax(0,1fr) 9.5rem 12rem minmax(0,340px);gap:0 22px;align-items:center;border-top:1px solid var(--line)}
.ratios>.head{border-top:0;align-items:end}
.ratios p{margin:0;padding:7px 0}
.ratios .head p{padding:0 0 4px}
.plotted{position:relative;align-self:stretch;min-height:38px}
.plotted>.interval{position:absolute;inset:0;height:100%}
.facts+h3,.found+h3,.scroll+h3{margin-top:18px}
.doubt+.doubt{margin-top:22px}
.doubt>.remedy{margin:0 0 10px}
.legendary{margin:12px 2px 0;max-width:90ch}
footer{color:var(--dim);font-size:13.5px;padding-block:18px 36px;border-top:1px solid var(--line)}
@media (max-width:720px){
.wide{padding-inline:16px}
.card{padding:16px;border-radius:8px}
.forest>li{grid-template-columns:minmax(0,1fr)}
.ratios>li{grid-template-columns:minmax(0,auto) minmax(0,1fr);gap:0 12px;padding:6px 0}
.ratios p{padding:2px 0}.ratios .num{white-space:normal}
.ratios .what,.ratios .plotted{grid-column:1/-1}
.ratios .what+.num{text-align:left}
.ratios>.broad{display:none}
tbody th{min-width:7rem}
.minor,.broad{display:none}
.narrow{display:block}
th,td{padding:6px 8px}
}
@media print{
body{background:#fff;font-size:10.5pt}
.contents,.skip,details:not([open]){display:none}
.wide{max-width:none;padding-inline:0}
.card,.banner{border-color:#ccc}
.card{padding:10px 12px}
h1,h2,h3,figcaption{break-after:avoid}
figure,tr,.found>li,.forest>li,.ratios>li{break-inside:avoid}
.scroll{overflow:visible}
.charts{grid-template-columns:repeat(2,1fr)}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@media (prefers-contrast:more){:root{--dim:var(--ink);--line:var(--axis)}}
`
