"""The `bridge` command: one file a verb, no logic of its own."""

import typer

from bridge.cli.auditing import check_span
from bridge.cli.check import check
from bridge.cli.config import config
from bridge.cli.contract import contract
from bridge.cli.demo import demo
from bridge.cli.diff import diff
from bridge.cli.doctor import doctor
from bridge.cli.explain import explain
from bridge.cli.holding import hold, holds, release
from bridge.cli.init import init
from bridge.cli.kafka import kafka
from bridge.cli.outcomes import outcomes
from bridge.cli.redrive import redrive
from bridge.cli.resend import resend
from bridge.cli.rights import rights
from bridge.cli.run import run
from bridge.cli.send import send
from bridge.cli.simulate import simulate
from bridge.cli.testing import run_tests

app = typer.Typer(
    name="bridge",
    help="Turns events on Kafka topics into API-triggered marketing campaigns: each one once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(init)
app.command()(run)
app.command()(check)
app.add_typer(config)
app.command()(doctor)
app.command("test")(run_tests)
app.command()(explain)
app.command()(diff)
app.command()(contract)
app.command()(holds)
app.command()(hold)
app.command()(release)
app.command()(outcomes)
app.command("audit")(check_span)
app.command()(resend)
app.command()(redrive)
app.command()(send)
app.command()(rights)
app.command()(simulate)
app.command()(kafka)
app.command()(demo)


def main() -> None:
    """Run the verb that the command line names. Exit codes: 0 fine, 1 errors found or failed, 2 usage or configuration."""
    app()
