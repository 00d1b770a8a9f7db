namespace WhiteCross.ServiceDefaults;

/// <summary>What one may do who operates the queues.</summary>
public static class AccessRoles
{
    /// <summary>Read metrics and nothing else: the autoscaler.</summary>
    public const string Metrics = "metrics";

    /// <summary>Add jobs to the queues that the key or token names, and read what became of one's own.</summary>
    public const string Publisher = "publisher";

    /// <summary>Look at states and numbers; content is not shown.</summary>
    public const string Viewer = "viewer";

    /// <summary>Add jobs, pause, resume, retry, cancel, promote, schedule; reveal content, with a reason.</summary>
    public const string Operator = "operator";

    /// <summary>Remove and clean, run clean-ups that delete, and read the audit log.</summary>
    public const string Admin = "admin";

    /// <summary>All roles.</summary>
    public static IReadOnlyList<string> All { get; } = [Metrics, Publisher, Viewer, Operator, Admin];

    // Each may do what those before it may. A publisher is none of them: it sees its own jobs, not everybody's.
    private static readonly string[] Ladder = [Viewer, Operator, Admin];

    /// <summary>The roles that may do what this one may.</summary>
    /// <param name="role">The role.</param>
    public static IEnumerable<string> AtLeast(string role) => Ladder.Contains(role) ? Ladder.SkipWhile(known => known != role) : [role];
}
