import asyncio

import pytest

from nextedit_lsp.engine.interface import Engine, EngineError, EngineState
from nextedit_lsp.engine.scripted import SCRIPTED_INFO, ScriptedEngine


async def test_it_loads_in_the_steps_given():
    engine: Engine = ScriptedEngine(progress=[0.25, 1.0])
    assert engine.state is EngineState.ABSENT
    shares: list[float] = []
    await engine.load(shares.append)
    assert shares == [0.25, 1.0]
    assert (engine.state, engine.info, engine.reason) == (EngineState.READY, SCRIPTED_INFO, None)
    assert (await engine.measure()).token_ms == 2.0
    await engine.close()
    assert (engine.state, engine.info) == (EngineState.CLOSED, None)
    await engine.load(shares.append)
    assert engine.state is EngineState.CLOSED


async def test_it_fails_when_told_to():
    engine = ScriptedEngine(failure="no such file: check the path")
    await engine.load(lambda _: None)
    assert (engine.state, engine.info, engine.reason) == (EngineState.FAILED, None, "no such file: check the path")
    with pytest.raises(EngineError, match="check the path"):
        await engine.measure()


async def test_it_may_be_closed_while_loading():
    engine = ScriptedEngine(progress=[0.1] * 100)
    loading = asyncio.create_task(engine.load(lambda _: None))
    await asyncio.sleep(0)
    assert engine.state is EngineState.LOADING
    await engine.close()
    await loading
    assert engine.state is EngineState.CLOSED
