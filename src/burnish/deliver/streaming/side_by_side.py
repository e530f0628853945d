"""Several pieces of work at the same time, told as one stage."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from burnish.chain import Teller
from burnish.chain.progress import Together

Work = Callable[[Teller], None]


def side_by_side(
    tell: Teller,
    stage: str,
    jobs: Sequence[tuple[float, Work]],
    shares: Mapping[str, tuple[float, float]],
    at_once: int = 2,
) -> None:
    """Do all jobs, given as (cost in seconds, work), the dearest first, ``at_once`` of them.

    Each tells its own stages, whose ``shares`` of it are given as (begin, end) of 0 to 1. An error
    in one, or an interruption, ends the others as soon as they tell anything, and is raised.
    """
    if not jobs:
        return
    ordered = sorted(jobs, key=lambda job: -job[0])
    together = Together(tell, stage, [max(1e-3, cost) for cost, _ in ordered], shares)

    def run(number: int, work: Work) -> None:
        work(together.of(number))
        together.finish(number)

    with ThreadPoolExecutor(at_once) as pool:
        futures: list[Future[None]] = [
            pool.submit(run, number, work) for number, (_, work) in enumerate(ordered)
        ]
        try:
            for done in as_completed(futures):
                done.result()
        except BaseException:
            together.stop()
            for future in futures:
                future.cancel()
            raise
