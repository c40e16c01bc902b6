"""A strict stand-in for the vendor: for the demo, for tests, and for teams' own staging."""

from bridge.simulator import faults
from bridge.simulator.config import BrandConfig, GeneratorConfig, SimulatorConfig, load_simulator_config
from bridge.simulator.executions import ExecutionRecord
from bridge.simulator.process import serve
from bridge.simulator.report import Report
from bridge.simulator.server import Simulator

__all__ = [
    "BrandConfig",
    "ExecutionRecord",
    "GeneratorConfig",
    "Report",
    "Simulator",
    "SimulatorConfig",
    "faults",
    "load_simulator_config",
    "serve",
]
