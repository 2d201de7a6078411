from epochsieve.running.in_process import InProcess


class Tell:
    """Gives tasks back."""

    def __call__(self, task):
        return task

    def join(self, results):
        return results


def test_no_chunk_is_taken_before_its_parcel_is_asked_for() -> None:
    taken = []

    def chunks():
        for n in range(3):
            taken.append(n)
            yield [n]

    parcels = InProcess().map(Tell(), chunks())
    assert taken == []
    assert next(parcels) == [0]
    assert taken == [0]
