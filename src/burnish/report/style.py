"""How the report page looks: ink on paper, or light on dark where the reader's system is dark."""

CSS = """
:root{--paper:#fbfaf7;--ink:#22211f;--quiet:#77736b;--rule:#e2ded5;--before:#a39c8f;
--after:#a8421f;--aim:#4a6d7c;--corridor:#e9dfc9}
@media (prefers-color-scheme:dark){:root{--paper:#191817;--ink:#e8e4dc;--quiet:#948e83;
--rule:#34312d;--before:#7d776c;--after:#e58a5f;--aim:#84adbd;--corridor:#453c22}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 Charter,"Bitstream Charter","Iowan Old Style",Georgia,serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 3rem}
h1{font-size:1.75rem;line-height:1.2;margin:0;overflow-wrap:anywhere;font-weight:600}
h2{font-size:1.05rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--rule);
font-weight:600}
h3{font-size:1rem;margin:0;font-weight:600}
header p,.moves,.legend,footer,summary,.unit,.aim{color:var(--quiet)}
header p{margin:.25rem 0 1.75rem}
p{margin:.15rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums lining-nums}
th,td{text-align:left;padding:.16rem .9rem .16rem 0;font-weight:400;vertical-align:baseline}
.figures{width:100%}
.figures td:nth-child(2),.figures td:nth-child(3),.figures th:nth-child(2),
.figures th:nth-child(3){text-align:right}
.figures tr+tr{border-top:1px solid var(--rule)}
.figures tr:first-child th{color:var(--quiet)}
.figures td:nth-child(2){color:var(--quiet)}
.finding{border-left:3px solid var(--aim);padding:.1rem 0 .1rem .8rem;margin:1.25rem 0 0}
.finding.warn,.finding.fail{border-color:var(--after)}
svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--quiet)}
.grid,.tick{stroke:var(--rule);fill:none}
.ytick{text-anchor:end;dominant-baseline:middle}.xtick{text-anchor:middle}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}
.line.before{stroke:var(--before)}.line.after{stroke:var(--after)}
.line.aim{stroke:var(--aim);stroke-dasharray:5 4;stroke-width:1.2}
path.corridor{fill:var(--corridor);stroke:none}
.legend{font-size:.85rem;margin:.3rem 0 0}.key{margin-right:1.4rem;white-space:nowrap}
.key::before{content:"";display:inline-block;width:1.3em;height:0;margin-right:.45em;
vertical-align:.28em;border-top:2px solid var(--before)}
.key.after::before{border-color:var(--after)}
.key.aim::before{border-top:2px dashed var(--aim)}
.key.corridor::before{border-top:.7em solid var(--corridor);vertical-align:0}
ol{padding-left:1.6rem;margin:0}ol li{margin:0 0 1.1rem}ol li::marker{color:var(--quiet)}
ul{padding-left:1.2rem;margin:0}
.out{opacity:.55}.out h3::after{content:" (left out)";font-weight:400}
details{font-size:.9rem}summary{cursor:pointer}details th,.files th{color:var(--quiet)}
.files{font-size:.9rem}.files td{overflow-wrap:anywhere}.files th{white-space:nowrap}
.option{white-space:nowrap}footer{margin-top:2.5rem;font-size:.85rem}
@media print{body{background:#fff;font-size:11pt}main{max-width:none;padding:0}
section{break-inside:avoid}details{display:none}}
""".strip().replace("\n", "")
