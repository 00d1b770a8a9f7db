using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>Which jobs of a queue are wanted: those of which all holds that is said here.</summary>
public sealed record JobFilter
{
    /// <summary>Where they are in their life; null: anywhere.</summary>
    public JobState? State { get; init; }

    /// <summary>Their type, for example <c>send-message</c>; null: any.</summary>
    public string? Type { get; init; }

    /// <summary>How urgent they are; null: however.</summary>
    public JobPriority? Priority { get; init; }

    /// <summary>What their id, or the message of their error, must hold, in any case; null: anything.</summary>
    public string? Text { get; init; }

    /// <summary>From when on they ended, or were added where they have not; null: ever.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when; null: now.</summary>
    public DateTimeOffset? To { get; init; }
}
