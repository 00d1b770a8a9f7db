namespace WhiteCross.Jobs.Contracts;

/// <summary>A queue's name and the types of job it takes. What can be configured is in <see cref="QueueOptions"/>.</summary>
/// <param name="Name">The queue's name: also its NORMAL topic, and the app id of the service that works on it.</param>
/// <param name="JobTypes">The types of job it takes. Where there is one only, an envelope need not name it.</param>
public sealed record QueueDefinition(string Name, IReadOnlyList<string> JobTypes)
{
    /// <summary>The topic that jobs of the queue end in when they failed for good.</summary>
    public string DeadLetterTopic => Name + ".dead-letter";

    /// <summary>The type that an envelope without one means; null where the queue has several.</summary>
    public string? DefaultJobType => JobTypes.Count == 1 ? JobTypes[0] : null;

    /// <summary>Whether the queue takes jobs of this type.</summary>
    /// <param name="jobType">The name on the wire; exact.</param>
    public bool Takes(string jobType) => JobTypes.Contains(jobType, StringComparer.Ordinal);
}
