using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc jobs</c> and <c>wc failed</c>: the jobs of a queue, page by page.</summary>
internal static class JobListCommands
{
    public static Command CreateJobs(CommandRunner runner)
    {
        var queue = Arguments.Queue();
        var state = new Option<string?>("--state") { Description = "Only jobs in this state.", HelpName = "state" };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Enum.GetValues<JobState>().Select(Texts.Word)]);
        var type = new Option<string?>("--type") { Description = "Only jobs of this type.", HelpName = "type" };
        var priority = AddCommand.PriorityOption("Only jobs of this priority.");
        var text = new Option<string?>("--text") { Description = "Only jobs with this in their id or error.", HelpName = "text" };
        var from = Arguments.Time("--from", "Only jobs that ended, or were added, from this time on.");
        var to = Arguments.Time("--to", "Only jobs that ended, or were added, until this time.");
        var (limit, page) = (Arguments.Limit(), Arguments.Page());
        var command = new Command("jobs", "Lists the jobs of a queue, newest first.") { queue, state, type, priority, text, from, to, limit, page };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var filter = new JobFilter
            {
                State = Arguments.Word<JobState>(arguments.GetValue(state)),
                Type = arguments.GetValue(type),
                Priority = Arguments.Word<JobPriority>(arguments.GetValue(priority)),
                Text = arguments.GetValue(text),
                From = arguments.GetValue(from),
                To = arguments.GetValue(to),
            };
            var jobs = session.Queues.JobsAsync(arguments.GetValue(queue)!, filter, arguments.GetValue(limit), cancellationToken);
            await ShowAsync(session, jobs, arguments.GetValue(page), arguments.GetValue(limit), isFailed: false, cancellationToken);
            return ExitCodes.Ok;
        });
    }

    public static Command CreateFailed(CommandRunner runner)
    {
        var queue = Arguments.Queue();
        var error = new Option<string?>("--error") { Description = "Only jobs whose error has this text.", HelpName = "text" };
        var (limit, page) = (Arguments.Limit(), Arguments.Page());
        var command = new Command("failed", "Lists the failed jobs of a queue, its dead letters, newest first, with their errors.") { queue, error, limit, page };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var jobs = FailedAsync(session.Queues, arguments.GetValue(queue)!, arguments.GetValue(error), arguments.GetValue(limit), cancellationToken);
            await ShowAsync(session, jobs, arguments.GetValue(page), arguments.GetValue(limit), isFailed: true, cancellationToken);
            return ExitCodes.Ok;
        });
    }

    /// <summary>Failed jobs.</summary>
    /// <param name="queues">Where.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="error">What their error must hold; null: anything.</param>
    /// <param name="atOnce">How many to ask for at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<Answer<JobRecord>> FailedAsync(QueueRequests queues, string queue, string? error, int atOnce, CancellationToken cancellationToken) =>
        queues.JobsAsync(queue, new JobFilter { State = JobState.Failed, Text = error }, atOnce, cancellationToken)
            // The gateway looks for the text in ids too.
            .Where(job => error is null || job.Value.Error?.Message.Contains(error, StringComparison.OrdinalIgnoreCase) == true);

    private static async Task ShowAsync(Session session, IAsyncEnumerable<Answer<JobRecord>> all, int page, int limit, bool isFailed, CancellationToken cancellationToken)
    {
        // One more than is shown tells whether there is another page.
        var jobs = await all.Skip((page - 1) * limit).Take(limit + 1).ToListAsync(cancellationToken);
        var hasMore = jobs.Count > limit;
        jobs = [.. jobs.Take(limit)];
        if (session.Screen.IsJson)
        {
            session.Screen.WriteJson(new JsonObject { ["jobs"] = new JsonArray([.. jobs.Select(job => Content.Without(job.Document))]), ["page"] = page, ["hasMore"] = hasMore });
            return;
        }

        if (jobs.Count == 0)
        {
            session.Screen.Note(page == 1 ? "No jobs." : $"There is no page {page}.");
            return;
        }

        var records = jobs.Select(job => job.Value);
        session.Screen.Write(isFailed ? FailedTable(records, session.Now) : JobTable(records, session.Now));
        if (hasMore)
        {
            session.Screen.Note($"There are more: --page {page + 1}");
        }
    }

    private static Listing FailedTable(IEnumerable<JobRecord> jobs, DateTimeOffset now)
    {
        var table = Tables.Create("job", "?type", "failed", "?>attempts", "?kind", "error");
        foreach (var job in jobs)
        {
            table.AddRow(
                Tables.Cell(job.JobId),
                Tables.Cell(job.Type),
                Tables.Cell(Texts.Relative(job.FinishedAt, now)),
                Tables.Cell($"{job.AttemptsMade} of {job.MaxAttempts}"),
                Tables.Cell(job.Error?.Code ?? "–"),
                Tables.Cell(Texts.Line(job.Error?.Message ?? "–"), Tables.Bad));
        }

        return table;
    }

    private static Listing JobTable(IEnumerable<JobRecord> jobs, DateTimeOffset now)
    {
        var table = Tables.Create("job", "?type", "state", "?priority", ">attempts", "?>progress", "?added", "ended or due");
        foreach (var job in jobs)
        {
            table.AddRow(
                Tables.Cell(job.JobId),
                Tables.Cell(job.Type),
                Tables.Cell(job.State),
                Tables.Cell(job.Priority.ToString().ToUpperInvariant()),
                Tables.Cell($"{job.AttemptsMade} of {job.MaxAttempts}"),
                Tables.Cell(Texts.Percent(job.Progress.Percentage / 100)),
                Tables.Cell(Texts.Relative(job.CreatedAt, now)),
                Tables.Cell(Texts.Relative(job.FinishedAt ?? job.NextAttemptAt, now)));
        }

        return table;
    }
}
