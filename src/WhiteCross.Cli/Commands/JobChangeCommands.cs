using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc promote</c>, <c>wc cancel</c>, <c>wc remove</c>: changing one job, or many.</summary>
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
        var (choice, yes) = (new JobChoice(), Arguments.Yes());
        var command = new Command("cancel", "Stops jobs that wait or run: they fail as cancelled. Asks first.") { yes };
        choice.AddTo(command);
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var jobs = await choice.FindAsync(session, arguments, cancellationToken);
            // Those that have ended are no part of "all"; one that is named is told.
            var isAll = arguments.GetResult("--all") is not null;
            jobs = isAll ? [.. jobs.Where(job => job.Record.State is not (JobState.Completed or JobState.Failed))] : jobs;
            if (jobs is [var only] && !isAll)
            {
                await session.ConfirmAsync(arguments.GetValue(yes), $"Cancel job {only.JobId} of {only.Queue}?", cancellationToken);
                return await ChangeAsync(session, only, "cancel", cancellationToken);
            }

            if (jobs.Count > 0)
            {
                await session.ConfirmAsync(arguments.GetValue(yes), $"Cancel {Texts.Jobs(jobs.Count)} of {QueuesOf(jobs)}?", cancellationToken);
            }

            return await BulkChange.RunAsync(session, jobs, "cancelled", job => session.Queues.ChangeAsync(job.Queue, job.JobId, "cancel", cancellationToken), cancellationToken);
        });
    }

    public static Command CreateRemove(CommandRunner runner)
    {
        var (choice, yes) = (new JobChoice(), Arguments.Yes());
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log: at most 200 characters.", HelpName = "text" };
        var command = new Command("remove", "Removes jobs' records for good. Asks first. Takes an admin's key.") { reason, yes };
        choice.AddTo(command);
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var jobs = await choice.FindAsync(session, arguments, cancellationToken);
            var isAll = arguments.GetResult("--all") is not null;
            Task RemoveAsync(FoundJob job) => session.Queues.RemoveAsync(job.Queue, job.JobId, arguments.GetValue(reason), cancellationToken);
            if (jobs is [var only] && !isAll)
            {
                await session.ConfirmAsync(arguments.GetValue(yes), $"Remove job {only.JobId} of {only.Queue}, which is {Texts.Word(only.Record.State)}, for good?", cancellationToken);
                await RemoveAsync(only);
                session.Screen.Answer(new JsonObject { ["jobId"] = only.JobId, ["queue"] = only.Queue, ["removed"] = true }, () => $"{only.JobId} is removed.");
                return ExitCodes.Ok;
            }

            if (jobs.Count > 0)
            {
                await session.ConfirmAsync(arguments.GetValue(yes), $"Remove {Texts.Jobs(jobs.Count)} of {QueuesOf(jobs)} for good?", cancellationToken);
            }

            return await BulkChange.RunAsync(session, jobs, "removed", RemoveAsync, cancellationToken);
        });
    }

    /// <summary>Changes a job and says what it is now, or what was asked of it.</summary>
    public static async Task<int> ChangeAsync(Session session, FoundJob job, string action, CancellationToken cancellationToken, string? result = null)
    {
        var changed = job with { Document = Content.Without((await session.Queues.ChangeAsync(job.Queue, job.JobId, action, cancellationToken)).Document) };
        // A run ends when its handler does, or its lease.
        var isStopping = action == "cancel" && changed.Record.State == JobState.Active;
        session.Screen.Answer(changed.Document, () => $"{changed.JobId} {result ?? (isStopping ? "is told to stop" : $"is {Texts.Word(changed.Record.State)}")}.");
        return ExitCodes.Ok;
    }

    private static string QueuesOf(IReadOnlyList<FoundJob> jobs) => string.Join(", ", jobs.Select(job => job.Queue).Distinct(StringComparer.Ordinal));
}
