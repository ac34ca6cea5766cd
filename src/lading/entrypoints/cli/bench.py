"""`lading bench`: what the parts that compute are worth, on data that others publish."""

import cyclopts

from lading.entrypoints.cli import bench_packing, bench_waves

benches = cyclopts.App(name="bench", result_action="return_value")
bench_waves.add_to(benches)
bench_packing.add_to(benches)
