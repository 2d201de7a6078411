from epochsieve.running.in_process import InProcess


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert list(InProcess().map(lambda n: n * n, range(5))) == [0, 1, 4, 9, 16]


def test_no_task_is_taken_before_its_result_is_asked_for() -> None:
    taken = []

    def tasks():
        for n in range(3):
            taken.append(n)
            yield n

    results = InProcess().map(str, tasks())
    assert taken == []
    assert next(results) == "0"
    assert taken == [0]
