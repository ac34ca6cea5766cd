"""The yardstick and the load generator by themselves: what the other figures stand on."""

from benchmarks import measure, yardstick
from benchmarks.report import Figure
from benchmarks.run import Options, yardstick_sample

KINDS = {"yardstick_cold_32": (False, 32), "yardstick_hot_8": (True, 8), "yardstick_hot_32": (True, 32)}


def yardsticks(server: yardstick.Server, options: Options) -> list[Figure]:
    """Cold and hot, in turns, each `rounds` times; needs a server and no product."""
    yardstick.set_up(server)
    samples: dict[str, list[measure.Sample]] = {name: [] for name in KINDS}
    for _ in range(options.rounds):
        for name, (hot, clients) in KINDS.items():
            yardstick.checkpoint(server)
            samples[name].append(yardstick_sample(server, options.seconds, hot=hot, clients=clients))
    medians = {name: measure.median_of(found) for name, found in samples.items()}
    return [Figure(name, sample.per_second, "orders/s", cpu_us=sample.cpu_us) for name, sample in medians.items()]
