using Dapr.Workflow.Protocol;

namespace WhiteCross.Sidecar.Workflows.Engine;

/// <summary>
/// The patches that a workflow's code asked for, as daprd keeps and compares them: each turn's start has those that were new in it, and an answer has to name
/// all that the history has, in its order, before others.
/// </summary>
internal static class Patches
{
    /// <summary>What is wrong with an answer's patches; null when nothing is.</summary>
    public static string? MismatchOf(IEnumerable<HistoryEvent> history, WorkflowResponse response)
    {
        var (known, named) = (Of(history), response.Version?.Patches.ToList() ?? []);
        return known.SequenceEqual(named.Take(known.Count), StringComparer.Ordinal)
            ? null
            : $"Patch mismatch. History patches: [{string.Join(", ", known)}], current patches: [{string.Join(", ", named)}]. ";
    }

    /// <summary>The version of an answer without the patches that the history has already.</summary>
    public static WorkflowVersion WithoutKnown(IEnumerable<HistoryEvent> history, WorkflowVersion version)
    {
        var isNew = version.Clone();
        isNew.Patches.Clear();
        isNew.Patches.Add(version.Patches.Skip(Of(history).Count));
        return isNew;
    }

    private static List<string> Of(IEnumerable<HistoryEvent> history) =>
        [.. history.SelectMany(e => e.WorkflowStarted?.Version?.Patches ?? Enumerable.Empty<string>())];
}
