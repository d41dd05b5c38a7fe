# Is never run.
async def f(x): return sorted(x)
