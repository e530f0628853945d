"""QC: what is wrong with a mix or a master, as findings.

    Examination, Style -> mix.py -> one file a family of faults -> Findings, the worst first

A family says only what it can show: where, how much against what is normal, how sure, and one
sentence of advice in a mixer's words. What a person reads first is sorted by size times confidence.
"""

from burnish.qc.mix import findings_of_mix

__all__ = ["findings_of_mix"]
