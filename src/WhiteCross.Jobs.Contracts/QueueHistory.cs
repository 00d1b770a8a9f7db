namespace WhiteCross.Jobs.Contracts;

/// <summary>What happened to a queue's jobs within one minute.</summary>
/// <param name="Minute">When the minute began.</param>
/// <param name="Added">Jobs that were added.</param>
/// <param name="Completed">Jobs that completed.</param>
/// <param name="Failed">Jobs that failed for good.</param>
/// <param name="Stalled">Attempts whose lease ran out.</param>
/// <param name="P50">Half of the attempts that ended took no longer, in milliseconds, near enough; null when none ended.</param>
/// <param name="P95">95 % of them took no longer.</param>
public sealed record QueueMinute(DateTimeOffset Minute, long Added, long Completed, long Failed, long Stalled, double? P50, double? P95);

/// <summary>The last minutes of a queue.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Minutes">Oldest first, the present one last, without gaps.</param>
/// <param name="P50">Half of all attempts that ended took no longer, in milliseconds, near enough; null when none ended.</param>
/// <param name="P95">95 % of them took no longer.</param>
public sealed record QueueHistory(string Name, IReadOnlyList<QueueMinute> Minutes, double? P50, double? P95);

/// <summary>The last minutes of all queues.</summary>
/// <param name="Queues">By the queue's name.</param>
/// <param name="Timestamp">When they were read.</param>
public sealed record HistoryReport(IReadOnlyDictionary<string, QueueHistory> Queues, DateTimeOffset Timestamp);
