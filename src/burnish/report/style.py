"""How the pages look: ink on paper, or light on dark where the reader's system is dark.

Every colour of text, and of lines that must be seen, keeps 4.5 to 1 against the paper (WCAG 2.2,
1.4.3) in both; a test holds that. Paper and ink are those of light in print.
"""

LIGHT = {
    "paper": "#fbfaf7",
    "ink": "#22211f",
    "quiet": "#6b675f",
    "rule": "#e2ded5",
    "before": "#716d65",
    "after": "#a8421f",
    "aim": "#3f6373",
    "corridor": "#f0e7d2",
    "edge": "#b9a878",
}
DARK = {
    "paper": "#191817",
    "ink": "#e8e4dc",
    "quiet": "#a09a8e",
    "rule": "#34312d",
    "before": "#a09a8e",
    "after": "#f0976b",
    "aim": "#84adbd",
    "corridor": "#37301e",
    "edge": "#7d6f45",
}


def _declared(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 Charter,"Bitstream Charter","Iowan Old Style",Georgia,serif}
main{max-width:47rem;margin:0 auto;padding:3rem 1.25rem 3rem}
h1{font-size:2rem;line-height:1.15;margin:0;overflow-wrap:anywhere;font-weight:600;
letter-spacing:-.01em}
h2{font-size:1.15rem;margin:2.75rem 0 .9rem;padding-top:.8rem;border-top:1px solid var(--rule);
font-weight:600}
h3{font-size:1rem;margin:0;font-weight:600}
header p,.moves,.legend,footer,summary,.unit,.aim{color:var(--quiet)}
header p{margin:.3rem 0 1.75rem}
header p.kind{margin:0 0 .35rem;font:600 .72rem/1.4 system-ui,sans-serif;letter-spacing:.12em;
text-transform:uppercase}
p{margin:.15rem 0}
.keys{display:grid;grid-template-columns:repeat(4,1fr);gap:1rem 1.5rem;margin:0 0 1.75rem;
padding:1rem 0;border:solid var(--rule);border-width:1px 0;font-variant-numeric:tabular-nums
lining-nums}
.keys dt{font-size:.85rem;color:var(--quiet)}.keys dd{margin:0;white-space:nowrap}
.keys b{font-size:1.75rem;line-height:1.25;font-weight:600;letter-spacing:-.01em}
.keys .was{font-size:.85rem;color:var(--quiet)}
.players{display:grid;grid-template-columns:1fr 1fr;gap:1rem 1.5rem;margin:0 0 .6rem}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.25rem}
audio{width:100%;height:2.5rem;display:block}
table{border-collapse:collapse;font-variant-numeric:tabular-nums lining-nums}
th,td{text-align:left;padding:.16rem .9rem .16rem 0;font-weight:400;vertical-align:baseline}
.figures{width:100%}
.figures td:nth-child(2),.figures td:nth-child(3),.figures th:nth-child(2),
.figures th:nth-child(3){text-align:right}
.figures tr+tr,.rows tr+tr{border-top:1px solid var(--rule)}
.figures tr:first-child th,.rows tr:first-child th{color:var(--quiet)}
.figures td:nth-child(2){color:var(--quiet)}
.rows{width:100%;margin-bottom:.75rem}p+.rows{margin-top:1.4rem}.rows th{white-space:nowrap}
.rows td,.rows tr:first-child th{text-align:right;
white-space:nowrap}.rows td.said{text-align:left;white-space:normal;padding:.16rem 0 .16rem .5rem}
.finding{border-left:3px solid var(--aim);padding:.1rem 0 .1rem .8rem;margin:1.25rem 0 0}
.finding.warn,.finding.fail{border-color:var(--after)}.finding.fail{border-left-style:double;
border-left-width:6px}
.part{margin:0 0 1.5rem}.part h3{margin:0 0 .4rem}
svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--quiet);
overflow:visible;margin-top:.35rem}
.grid,.tick{stroke:var(--rule);fill:none}
.ytick{text-anchor:end;dominant-baseline:middle}.xtick{text-anchor:middle}
.lane{fill:var(--ink);stroke:var(--paper);stroke-width:3px;paint-order:stroke}
.line{fill:none;stroke-width:1.4;stroke-linejoin:round}
.line.before{stroke:var(--before);stroke-dasharray:5 2.5}
.line.after{stroke:var(--after);stroke-width:2.1}
.line.aim{stroke:var(--aim);stroke-dasharray:1.5 3;stroke-width:1.6}
.line.dot{stroke:var(--after);stroke-width:9;stroke-linecap:round}
path.corridor{fill:var(--corridor);stroke:var(--edge);stroke-width:.6}
.peaks.before,.body.before{fill:var(--before)}.peaks.after,.body.after{fill:var(--after)}
.peaks{fill-opacity:.4}
.took{fill:var(--after);fill-opacity:.3;stroke:var(--after);stroke-width:.8}
.took.level{fill:var(--aim);stroke:var(--aim)}
.place{fill:var(--aim)}.place.warn,.place.fail{fill:var(--after)}
.legend{font-size:.85rem;margin:.4rem 0 1.1rem}.legend+.moves,.players+.moves{font-size:.9rem}
.key{margin-right:1.4rem;white-space:nowrap}
.key::before{content:"";display:inline-block;width:1.7em;height:0;margin-right:.45em;
vertical-align:.28em;border-top:1.5px dashed var(--before)}
.key.after::before{border-top:2.5px solid var(--after)}
.key.aim::before{border-top:2px dotted var(--aim)}
.key.corridor::before{border:.6px solid var(--edge);background:var(--corridor);height:.7em;
vertical-align:0}
ol{padding-left:1.6rem;margin:0}ol li{margin:0 0 1.1rem}ol li::marker{color:var(--quiet)}
ul{padding-left:1.2rem;margin:0}
.out{opacity:.75}.out h3::after{content:" (left out)";font-weight:400}
details{font-size:.9rem}summary{cursor:pointer}details th,.files th{color:var(--quiet)}
.files{font-size:.9rem}.files td{overflow-wrap:anywhere}.files th{white-space:nowrap}
.option{white-space:nowrap}footer{margin-top:2.5rem;font-size:.85rem}
@media (max-width:600px){main{padding:1.75rem 1rem 2rem}h1{font-size:1.5rem}
.keys{grid-template-columns:1fr 1fr}.players{grid-template-columns:1fr}
svg{font-size:19px;margin:.6rem 0 .5rem}.xtick{transform:translateY(7px)}
.name{transform:translateY(-5px)}.figures .aim,.files th,.rows th{white-space:normal}
.line,.took,path.corridor{vector-effect:non-scaling-stroke}
th,td{padding-right:.6rem}}
@page{margin:16mm 14mm}
@media print{:root{--paper:#fff}body{font-size:10.5pt}main{max-width:none;padding:0}
h2,h3{break-after:avoid}footer{break-before:avoid}
svg,.part,li,tr,.finding,.keys{break-inside:avoid}details,.hear{display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""

CSS = (
    f":root{{color-scheme:light dark;{_declared(LIGHT)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_declared(DARK)}}}}}" + _RULES
).replace("\n", "")
