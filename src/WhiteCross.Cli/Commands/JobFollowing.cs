using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary>Following one job until it ends, and showing what happens.</summary>
internal static class JobFollowing
{
    /// <summary>Follows a job.</summary>
    /// <param name="session">What to work with.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="jobId">Its id.</param>
    /// <param name="show">Called for each event.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its last event; its kind is <c>removed</c> when the job has gone.</returns>
    public static async Task<JobEvent> FollowAsync(Session session, string queue, string jobId, Action<JobEvent> show, CancellationToken cancellationToken)
    {
        var events = new JobEvents(session.Gateway, session.Environment.Time, session.Screen.Note);
        await foreach (var change in events.WatchAsync(GatewayClient.PathOf("queue", queue, "jobs", jobId, "events"), cancellationToken))
        {
            show(change);
            if (change.IsEnd)
            {
                return change;
            }
        }

        throw new CliException(ExitCodes.Unavailable, "The gateway's stream has ended.");
    }

    /// <summary>Follows a job and shows each event; at the end why it failed.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ShowAsync(Session session, string queue, string jobId, CancellationToken cancellationToken)
    {
        var screen = session.Screen;
        var end = await FollowAsync(session, queue, jobId, change => Show(session, change), cancellationToken);
        if (end.Kind == "removed")
        {
            throw new CliException(ExitCodes.NotFound, $"Job '{jobId}' has been removed.");
        }

        if (end.Change.State != JobState.Failed)
        {
            return ExitCodes.Ok;
        }

        if (!screen.IsJson && await session.Gateway.FindAsync($"{GatewayClient.PathOf("queue", queue, "jobs", jobId)}?data=false", cancellationToken) is { } document)
        {
            var record = new FoundJob(queue, jobId, document).Record;
            screen.Write(new Text($"{Texts.Line(record.Error?.Message ?? "It failed.", 1000)} ({record.AttemptsMade} of {record.MaxAttempts} attempts)\n", Tables.Bad));
        }

        return ExitCodes.JobFailed;
    }

    /// <summary>Shows an event as a line.</summary>
    public static void Show(Session session, JobEvent change, bool withJob = false)
    {
        if (session.Screen.IsJson)
        {
            session.Screen.WriteJsonLine(change.Document);
            return;
        }

        var (said, style) = change.Kind switch
        {
            "progress" => (ProgressOf(change.Change.Progress), null),
            "log" => ($"  {Texts.Line(change.Change.Line ?? string.Empty, 1024)}", Tables.Quiet),
            "removed" => ("removed", Tables.Quiet),
            _ => (Texts.Word(change.Change.State), Tables.StyleOf(change.Change.State)),
        };
        var line = new Paragraph().Append($"{Texts.TimeOfDay(change.Change.At, session.Environment.Time)}  ", Tables.Quiet);
        if (withJob)
        {
            line.Append($"{change.Change.Queue,-22}  {Texts.Safe(change.Change.JobId)}  ");
        }

        session.Screen.Write(line.Append(said, style).Append("\n"));
    }

    /// <summary>How far a job is, in words.</summary>
    public static string ProgressOf(JobProgress? progress) =>
        progress is null ? "–" : Texts.Line($"{Texts.Percent(progress.Percentage / 100)}  {progress.Step}".TrimEnd());
}
