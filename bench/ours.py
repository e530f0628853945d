"""burnish's own limiter, as bench/limiters.py wants one."""

import numpy as np


def limiter(x, rate_hz, ceiling_dbtp, input_gain_db, **settings):
    """``x`` through burnish.processors.limiter, its delay taken out again."""
    from burnish.processors.limiter import Limiter

    processor = Limiter(input_gain_db=input_gain_db, ceiling_dbtp=ceiling_dbtp, **settings)
    runner = processor.start(rate_hz, x.shape[0])
    tail = np.zeros((x.shape[0], runner.latency))
    y = runner.process(np.concatenate((x, tail), axis=1))
    return np.ascontiguousarray(y[:, runner.latency :])
