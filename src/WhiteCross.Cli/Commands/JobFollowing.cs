using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Client.Transport;
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
    /// <returns>Its last event; it is of the kind <see cref="JobEventKind.Removed"/> when the job has gone.</returns>
    public static async Task<ReceivedEvent> FollowAsync(Session session, string queue, string jobId, Action<ReceivedEvent> show, CancellationToken cancellationToken) =>
        await session.Queues.WatchJobAsync(queue, jobId, () => TellLost(session), cancellationToken).Select(received =>
        {
            show(received);
            return received;
        }).LastAsync(cancellationToken);

    /// <summary>Says that a connection is lost.</summary>
    public static void TellLost(Session session) => session.Screen.Note("The connection to the gateway is lost; connecting again …");

    /// <summary>Follows a job and shows each event; at the end why it failed.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ShowAsync(Session session, string queue, string jobId, CancellationToken cancellationToken)
    {
        var screen = session.Screen;
        var end = await FollowAsync(session, queue, jobId, change => Show(session, change), cancellationToken);
        if (end.Event.Kind == JobEventKind.Removed)
        {
            throw new CliException(ExitCodes.NotFound, $"Job '{jobId}' has been removed.");
        }

        if (end.Event.State != JobState.Failed)
        {
            return ExitCodes.Ok;
        }

        if (!screen.IsJson && await session.Queues.FindAsync(queue, jobId, cancellationToken) is { Value: var record })
        {
            screen.Write(new Text($"{Texts.Line(record.Error?.Message ?? "It failed.", 1000)} ({record.AttemptsMade} of {record.MaxAttempts} attempts)\n", Tables.Bad));
        }

        return ExitCodes.JobFailed;
    }

    /// <summary>Shows an event as a line.</summary>
    public static void Show(Session session, ReceivedEvent received, bool withJob = false)
    {
        if (session.Screen.IsJson)
        {
            session.Screen.WriteJsonLine(DocumentOf(received));
            return;
        }

        var change = received.Event;
        var (said, style) = change.Kind switch
        {
            JobEventKind.Progress => (ProgressOf(change.Progress), null),
            JobEventKind.Log => ($"  {Texts.Line(change.Line ?? string.Empty, 1024)}", Tables.Quiet),
            JobEventKind.Removed => ("removed", Tables.Quiet),
            _ => (Texts.Word(change.State), Tables.StyleOf(change.State)),
        };
        var line = new Paragraph().Append($"{Texts.TimeOfDay(change.At, session.Environment.Time)}  ", Tables.Quiet);
        if (withJob)
        {
            line.Append($"{change.Queue,-22}  {Texts.Safe(change.JobId)}  ");
        }

        session.Screen.Write(line.Append(said, style).Append("\n"));
    }

    /// <summary>An event as it came, with its kind, and without what the job is about.</summary>
    public static JsonNode DocumentOf(ReceivedEvent received)
    {
        var document = Answer.NodeOf(received.Json).AsObject();
        document.Insert(0, "event", received.Name);
        return Content.Without(document);
    }

    /// <summary>How far a job is, in words.</summary>
    public static string ProgressOf(JobProgress? progress) =>
        progress is null ? "–" : Texts.Line($"{Texts.Percent(progress.Percentage / 100)}  {progress.Step}".TrimEnd());
}
