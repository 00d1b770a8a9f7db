using System.CommandLine;
using WhiteCross.Cli.Gateway;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc retry</c>: failed jobs run again, one or all.</summary>
internal static class RetryCommand
{
    private static readonly TimeSpan LongestUndo = TimeSpan.FromMinutes(5);

    public static Command Create(CommandRunner runner)
    {
        var id = new Argument<string?>("id") { Description = "The failed job's id.", Arity = ArgumentArity.ZeroOrOne };
        var queue = Arguments.QueueOption();
        var failed = new Option<string?>("--failed") { Description = "Retry all failed jobs of this queue. Asks first.", HelpName = "queue" };
        var error = new Option<string?>("--error") { Description = "With --failed: only jobs whose error has this text.", HelpName = "text" };
        var undo = Arguments.Span("--undo", "With --failed: hold it back for so long, 1s to 5m, in which `wc undo` can take it back. Default: it runs at once.");
        var yes = Arguments.Yes();
        var command = new Command("retry", "Makes failed jobs wait again, with all their attempts before them; finished steps are not repeated.") { id, queue, failed, error, undo, yes };
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == result.GetValue(failed) is null)
            {
                result.AddError("Say either a job's id or --failed with a queue.");
            }
            else if (result.GetValue(failed) is null && (result.GetValue(error) is not null || result.GetResult(undo) is not null))
            {
                result.AddError("--error and --undo go with --failed.");
            }
            else if (result.GetValue(undo) is { } window && (window < TimeSpan.FromSeconds(1) || window > LongestUndo))
            {
                result.AddError("--undo must be between 1s and 5m.");
            }
        });
        return runner.Handle(command, async (session, arguments, cancellationToken) => arguments.GetValue(failed) is { } name
            ? await new BulkRetry(name, arguments.GetValue(error), (int)Math.Ceiling(arguments.GetValue(undo)?.TotalSeconds ?? 0))
                .RunAsync(session, arguments.GetValue(yes), cancellationToken)
            : await JobChangeCommands.ChangeAsync(
                session, await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken), "retry", cancellationToken));
    }
}
