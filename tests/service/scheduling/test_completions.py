import asyncio
import threading

from burnish.service.scheduling.completions import Completions


def test_outcomes_of_many_threads_all_arrive():
    async def main() -> list:
        loop = asyncio.get_running_loop()
        completions = Completions()
        futures: list[asyncio.Future] = [loop.create_future() for _ in range(2000)]
        tellers = [completions.teller(loop, future) for future in futures]

        def tell(part: int) -> None:
            for number in range(part, 2000, 4):
                tellers[number]([number])  # type: ignore[list-item]

        threads = [threading.Thread(target=tell, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        return await asyncio.wait_for(asyncio.gather(*futures), 20)

    assert asyncio.run(main()) == [[number] for number in range(2000)]


def test_an_error_is_raised_and_a_cancelled_request_is_passed_over():
    async def main() -> None:
        loop = asyncio.get_running_loop()
        completions = Completions()
        gone, failed = loop.create_future(), loop.create_future()
        gone.cancel()
        completions.teller(loop, gone)([])
        completions.teller(loop, failed)(ZeroDivisionError())
        try:
            await asyncio.wait_for(failed, 5)
        except ZeroDivisionError:
            return
        raise AssertionError

    asyncio.run(main())


def test_a_closed_loop_is_left_alone():
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    loop.close()
    Completions().teller(loop, future)([])
    assert not future.done()
