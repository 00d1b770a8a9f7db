namespace WhiteCross.Gateway;

/// <summary>The present or the last alert of one kind about one queue, and what is still to be told of it.</summary>
internal sealed record StoredAlert
{
    // All alerts are listed together.
    internal const string Group = "alerts";

    /// <summary>The queue's name.</summary>
    public required string Queue { get; init; }

    /// <summary>What it is about, for example <c>failureRate</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its id: another one each time that it is raised.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it holds; else it has been resolved.</summary>
    public required bool IsRaised { get; init; }

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Since when its cause is gone, while it still holds; null when the cause is there.</summary>
    public DateTimeOffset? ClearSince { get; init; }

    /// <summary>What is still to be posted, in the order in which it came about.</summary>
    public IReadOnlyList<AlertDelivery> Deliveries { get; init; } = [];

    /// <summary>Changes with every change; 0 before it is stored.</summary>
    public long Version { get; init; }

    // Its place among all alerts: there is one for each queue and kind.
    internal static string NameOf(string queue, string kind) => $"{queue}/{kind}";
}

/// <summary>One post to one webhook.</summary>
/// <param name="Id">The same for every attempt, so that a receiver can drop doubles.</param>
/// <param name="Webhook">To which one: its key, which does not give its address away.</param>
/// <param name="Body">What is posted, JSON.</param>
/// <param name="Attempts">How often it has been tried.</param>
/// <param name="NextAttemptAt">When it is to be tried next; while it is being tried, when another may take over.</param>
internal sealed record AlertDelivery(string Id, string Webhook, string Body, int Attempts, DateTimeOffset NextAttemptAt);
