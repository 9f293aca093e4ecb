"""The job framework docket carries out jobs that do nothing; run in an environment of its own.

Arguments: the address of a Redis, the number of jobs, how many at a light load, and how many a second those are.
Prints one line of JSON: jobs a second, and milliseconds from enqueued to begun at the light load, p99.
"""

import asyncio
import json
import logging
import sys
import time
from datetime import timedelta

from docket import Docket, Worker

_begun: dict[int, float] = {}


async def nothing(number: int) -> None:
    """One job."""
    _begun[number] = time.perf_counter()


async def _main(url: str, jobs: int, light: int, a_second: float) -> dict[str, float]:
    async with Docket(name="bench", url=url) as docket:
        docket.register(nothing)
        for start in range(0, jobs, 32):
            some = range(start, min(start + 32, jobs))
            await asyncio.gather(*(docket.add(nothing, key=str(number))(number) for number in some))
        async with Worker(docket, concurrency=32, minimum_check_interval=timedelta(milliseconds=5)) as worker:
            since = time.perf_counter()
            await worker.run_until_finished()
            rate = jobs / (time.perf_counter() - since)
        async with Worker(docket, concurrency=32, minimum_check_interval=timedelta(milliseconds=5)) as worker:
            running = asyncio.create_task(worker.run_forever())
            queued = {}
            since = time.perf_counter()
            for number in range(jobs, jobs + light):
                await asyncio.sleep(max(since + (number - jobs) / a_second - time.perf_counter(), 0))
                queued[number] = time.perf_counter()
                await docket.add(nothing, key=str(number))(number)
            while not _begun.keys() >= queued.keys():  # noqa: ASYNC110 - the framework has no such event
                await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    waits = sorted(_begun[number] - at for number, at in queued.items())
    return {"rate": rate, "p99_ms": waits[int(0.99 * len(waits))] * 1_000}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    found = asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    sys.stdout.write(json.dumps(found) + "\n")
