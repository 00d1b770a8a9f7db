namespace WhiteCross.Cli.Gateway;

/// <summary>What operators did.</summary>
/// <param name="Entries">The newest first.</param>
internal sealed record AuditList(IReadOnlyList<AuditedChange> Entries);

/// <summary>Something that somebody did.</summary>
/// <param name="At">When.</param>
/// <param name="Who">Whose key it was.</param>
/// <param name="Action">What.</param>
/// <param name="Queue">In which queue.</param>
/// <param name="Target">To which job or schedule.</param>
/// <param name="Count">How many it changed.</param>
/// <param name="Reason">Why.</param>
internal sealed record AuditedChange(
    DateTimeOffset At, string Who, string Action, string? Queue = null, string? Target = null, long? Count = null, string? Reason = null);
