namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// One of the four ways that events take: a pub/sub component of its own, so that a backlog in one never fills the workers of another.
/// </summary>
/// <param name="Priority">The priority whose events take it.</param>
/// <param name="PubSub">The name of its pub/sub component.</param>
/// <param name="TopicSuffix">What its topics add to the queue's name.</param>
public sealed record JobLane(JobPriority Priority, string PubSub, string TopicSuffix)
{
    /// <summary>The topic of a queue in this lane.</summary>
    /// <param name="queue">The queue's name.</param>
    public string TopicOf(string queue) => queue + TopicSuffix;
}

/// <summary>The four lanes.</summary>
public static class JobLanes
{
    /// <summary>The component of the NORMAL lane, and of the dead letters that services publish.</summary>
    public const string NormalPubSub = "jobs";

    /// <summary>All lanes, the most urgent first.</summary>
    public static IReadOnlyList<JobLane> All { get; } =
    [
        new(JobPriority.Critical, "jobs-critical", ".critical"),
        new(JobPriority.High, "jobs-high", ".high"),
        new(JobPriority.Normal, NormalPubSub, string.Empty),
        new(JobPriority.Low, "jobs-low", ".low"),
    ];

    /// <summary>The lane of a priority.</summary>
    /// <param name="priority">The priority.</param>
    public static JobLane Of(JobPriority priority) => priority switch
    {
        JobPriority.Critical => All[0],
        JobPriority.High => All[1],
        JobPriority.Low => All[3],
        _ => All[2],
    };
}
