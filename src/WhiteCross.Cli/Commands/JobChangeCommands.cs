using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc promote</c>, <c>wc cancel</c>, <c>wc remove</c>: changing one job.</summary>
internal static class JobChangeCommands
{
    public static Command CreatePromote(CommandRunner runner)
    {
        var (id, queue) = (Arguments.JobId(), Arguments.QueueOption());
        var command = new Command("promote", "Makes a delayed job due now.") { id, queue };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
            await ChangeAsync(session, await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken), "promote", cancellationToken));
    }

    public static Command CreateCancel(CommandRunner runner)
    {
        var (id, queue, yes) = (Arguments.JobId(), Arguments.QueueOption(), Arguments.Yes());
        var command = new Command("cancel", "Stops a job that waits or runs: it fails as cancelled. Asks first.") { id, queue, yes };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var job = await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            await session.ConfirmAsync(arguments.GetValue(yes), $"Cancel job {job.JobId} of {job.Queue}?", cancellationToken);
            return await ChangeAsync(session, job, "cancel", cancellationToken);
        });
    }

    public static Command CreateRemove(CommandRunner runner)
    {
        var (id, queue, yes) = (Arguments.JobId(), Arguments.QueueOption(), Arguments.Yes());
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log: at most 200 characters.", HelpName = "text" };
        var command = new Command("remove", "Removes a job's record for good. Asks first. Takes an admin's key.") { id, queue, reason, yes };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var job = await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            await session.ConfirmAsync(arguments.GetValue(yes), $"Remove job {job.JobId} of {job.Queue}, which is {Texts.Word(job.Record.State)}, for good?", cancellationToken);
            await session.Gateway.SendAsync(HttpMethod.Delete, arguments.GetValue(reason) is { } why ? $"{job.Path}?reason={Uri.EscapeDataString(why)}" : job.Path, null, cancellationToken);
            session.Screen.Answer(new JsonObject { ["jobId"] = job.JobId, ["queue"] = job.Queue, ["removed"] = true }, () => $"{job.JobId} is removed.");
            return ExitCodes.Ok;
        });
    }

    /// <summary>Changes a job and says what it is now, or what was asked of it.</summary>
    public static async Task<int> ChangeAsync(Session session, FoundJob job, string action, CancellationToken cancellationToken, string? result = null)
    {
        var changed = job with { Document = Content.Without(await session.Gateway.SendAsync(HttpMethod.Post, $"{job.Path}/{action}", null, cancellationToken)) };
        // A run ends when its handler does, or its lease.
        var isStopping = action == "cancel" && changed.Record.State == JobState.Active;
        session.Screen.Answer(changed.Document, () => $"{changed.JobId} {result ?? (isStopping ? "is told to stop" : $"is {Texts.Word(changed.Record.State)}")}.");
        return ExitCodes.Ok;
    }
}
