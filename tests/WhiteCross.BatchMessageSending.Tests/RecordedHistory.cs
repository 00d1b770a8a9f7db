using System.Runtime.CompilerServices;
using System.Text;
using Dapr.Workflow.Protocol;
using Google.Protobuf;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>A workflow instance's history, as a sidecar keeps it: one event a line, as protocol JSON.</summary>
internal static class RecordedHistory
{
    public static IReadOnlyList<HistoryEvent> Load(string name) =>
        [.. File.ReadLines(PathOf(name)).Where(line => line.StartsWith('{')).Select(line => HistoryEvent.Parser.ParseJson(line.TrimEnd(',')))];

    public static void Save(string name, IEnumerable<HistoryEvent> history) =>
        File.WriteAllText(PathOf(name), new StringBuilder("[\n").AppendJoin(",\n", history.Select(e => JsonFormatter.Default.Format(WithoutStack(e)))).Append("\n]\n").ToString());

    // A stack names the folders of the machine on which it was recorded, and nothing is decided by it.
    private static HistoryEvent WithoutStack(HistoryEvent e)
    {
        var copy = e.Clone();
        if (copy.TaskFailed is { FailureDetails: { } details })
        {
            details.StackTrace = null;
        }

        return copy;
    }

    /// <summary>Its turns: what had happened before, what was new, and what was decided.</summary>
    public static IEnumerable<RecordedTurn> TurnsOf(IReadOnlyList<HistoryEvent> history)
    {
        for (var start = 0; start < history.Count;)
        {
            var end = start + 1;
            while (end < history.Count && history[end].WorkflowStarted is null)
            {
                end++;
            }

            var turn = history.Skip(start).Take(end - start).ToList();
            yield return new RecordedTurn([.. history.Take(start)], [.. turn.Where(e => e.EventId < 0)], [.. turn.Where(e => e.EventId >= 0).Select(Text).Order(StringComparer.Ordinal)]);
            start = end;
        }
    }

    /// <summary>What a worker decided, in the words of a recorded turn.</summary>
    public static IReadOnlyList<string> Text(WorkflowResponse response) => [.. response.Actions.Select(Text).Order(StringComparer.Ordinal)];

    private static string Text(HistoryEvent e) => e switch
    {
        { TaskScheduled: { } task } => $"{e.EventId} {task.Name} {task.Input}",
        { TimerCreated: { } timer } => $"{e.EventId} timer {timer.FireAt}",
        { ExecutionCompleted: { } end } => $"{end.WorkflowStatus} {end.Result}",
        _ => throw new InvalidOperationException($"The histories have no {e.EventTypeCase}."),
    };

    private static string Text(WorkflowAction action) => action switch
    {
        { ScheduleTask: { } task } => $"{action.Id} {task.Name} {task.Input}",
        { CreateTimer: { } timer } => $"{action.Id} timer {timer.FireAt}",
        { CompleteWorkflow: { } end } => $"{end.WorkflowStatus} {end.Result}{end.FailureDetails?.ErrorMessage}{end.Details}",
        _ => $"{action.Id} {action.WorkflowActionTypeCase}",
    };

    private static string PathOf(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Histories", name + ".json");
}

/// <summary>A turn of a recorded history.</summary>
internal sealed record RecordedTurn(IReadOnlyList<HistoryEvent> Past, IReadOnlyList<HistoryEvent> Happened, IReadOnlyList<string> Decided);
