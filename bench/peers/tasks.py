# Tasks of asyncio: ns for a switch by sleep(0), ns for an item through a queue of 64, or bytes
# resident for each that sleeps. Usage: tasks.py switch|queue|memory N
import asyncio
import resource
import sys
import time


async def switch(n):
    async def spin():
        for _ in range(n // 2):
            await asyncio.sleep(0)

    start = time.perf_counter()
    await asyncio.gather(spin(), spin())
    return (time.perf_counter() - start) * 1e9 / n


async def queue(n):
    items = asyncio.Queue(64)

    async def produce():
        for i in range(n):
            await items.put(i)

    async def consume():
        total = 0
        for _ in range(n):
            total = total * 3 + await items.get() & 0xffffffffffffffff

    start = time.perf_counter()
    await asyncio.gather(produce(), consume())
    return (time.perf_counter() - start) * 1e9 / n


def resident():
    with open("/proc/self/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


async def memory(n):
    before = resident()
    tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(n)]
    await asyncio.sleep(0)
    used = (resident() - before) / n
    for task in tasks:
        task.cancel()
    return used


what = {"switch": switch, "queue": queue, "memory": memory}
print("%.3f" % asyncio.run(what[sys.argv[1]](int(sys.argv[2]))))
